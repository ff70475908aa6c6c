"""The machines: the built-in node and agents, each with executors, labels and reasons to be offline."""

import threading
import time

from fakejenkins.agent import Channel

TERMINATED = """Connection was broken: java.io.EOFException
\tat java.base/java.io.ObjectInputStream$PeekInputStream.readFully(ObjectInputStream.java)
\tat hudson.remoting.SynchronousCommandTransport$ReaderThread.run(SynchronousCommandTransport.java)
Caused: java.io.IOException: Unexpected termination of the channel
"""


class Executor:
    def __init__(self, node, number):
        self.node, self.number = node, number
        self.build = None  # set while it runs one, or is about to


class Node:
    """`name` is "" for the built-in node: `called` is its label and NODE_NAME, `shown` its name on pages."""

    def __init__(self, name, root, executors=2, labels="", called=None, shown=None, exclusive=False):
        self.name, self.root, self.called, self.shown = name, root, called or name, shown or name
        self.label_text = labels
        self.labels = {*labels.split(), self.called}
        self.exclusive = exclusive
        self.executors = [Executor(self, number) for number in range(executors)]
        self.temporarily_offline = False
        self.offline_message = ""
        self.lost_at_ms = None  # the connection to its agent is gone
        self.channel, self.starting = None, threading.Lock()
        self.on_lost = lambda: None

    @property
    def is_builtin(self):
        return self.name == ""

    @property
    def offline(self):
        return self.temporarily_offline or self.lost_at_ms is not None

    def reason(self):
        return self.offline_message if self.temporarily_offline else TERMINATED if self.lost_at_ms else ""

    def free(self):
        return [] if self.offline else [executor for executor in self.executors if executor.build is None]

    def busy(self):
        return [executor for executor in self.executors if executor.build is not None]

    def takes(self, label):
        """May it run what asks for `label` (None: anything)?"""
        return label.matches(self.labels) if label else not self.exclusive

    def run(self, **order):
        """See Channel.run; its agent is started with the first order."""
        with self.starting:
            if self.channel is None or not self.channel.open:
                self.channel = Channel(self.on_lost)
        return self.channel.run(**order)

    def lose(self):
        self.lost_at_ms = self.lost_at_ms or int(time.time() * 1000)
        if self.channel:
            self.channel.process.kill()

    def reconnect(self):
        self.lost_at_ms = None

    def toggle(self, message):
        self.temporarily_offline = not self.temporarily_offline
        self.offline_message = message if self.temporarily_offline else ""
