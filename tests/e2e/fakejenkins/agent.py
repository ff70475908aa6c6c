"""An agent: a process of its own, which starts what its controller orders and is the parent of it.

An order is a JSON line on standard input: {"id", "argv", "cwd", "env", "log"}; the answers are lines on standard
output: {"id", "pid"}, and {"id", "code"} once it has ended, or {"id", "error"} when it cannot be started. At the end of
input, which is the death of its controller, the agent ends; what it has started lives on.
"""

import json
import os
import subprocess
import sys
import threading


def tell(order, **what):
    os.write(1, json.dumps({"id": order["id"], **what}).encode() + b"\n")


def run(order):
    try:
        with open(order["log"], "ab") as log:
            shell = subprocess.Popen(order["argv"], cwd=order["cwd"], env=order["env"], stdin=subprocess.DEVNULL,
                                     stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    except OSError as error:
        tell(order, error=str(error))
        return
    tell(order, pid=shell.pid)
    tell(order, code=shell.wait())


class Channel:
    """The controller's end. `on_lost` is called when the agent is gone without being told to."""

    def __init__(self, on_lost):
        self.on_lost = on_lost
        self.lock = threading.Condition()
        self.answers, self.starts, self.number, self.open = {}, {}, 0, True
        self.process = subprocess.Popen([sys.executable, "-I", "-S", __file__], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            told = json.loads(line)
            if "pid" in told:
                self.starts.pop(told["id"])(told["pid"])
                continue
            with self.lock:
                self.answers[told["id"]] = told
                self.lock.notify_all()
        self.process.wait()
        self.on_lost()  # before those who wait hear of it
        with self.lock:
            self.open = False
            self.lock.notify_all()

    def run(self, on_started, **order):
        """Its exit code, or None when the agent was lost; OSError when it could not be started."""
        with self.lock:
            self.number += 1
            number = self.number
            self.starts[number] = on_started
            try:
                self.process.stdin.write(json.dumps({"id": number, **order}).encode() + b"\n")
                self.process.stdin.flush()
            except BrokenPipeError:
                self.open = False
            self.lock.wait_for(lambda: number in self.answers or not self.open)
            told = self.answers.pop(number, {"code": None})
        if "error" in told:
            raise OSError(told["error"])
        return told["code"]


if __name__ == "__main__":
    for text in sys.stdin:
        threading.Thread(target=run, args=(json.loads(text),), daemon=True).start()
