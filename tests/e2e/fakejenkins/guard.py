"""Starts the controller, tells when it has ended, and takes everything with it at the end.

Its standard input is a line for each order: "start", or the number of a signal for the controller. Whatever a killed
controller leaves becomes a child of the guard, which reaps it; at the end of input nothing of it is left.
"""

import ctypes
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36


def children():
    found = []
    for path in pathlib.Path("/proc/self/task").glob("*/children"):
        found += [int(child) for child in path.read_text().split()]
    return found


def reserve(port):
    """The port stays this controller's while none listens: a client is refused, nobody else gets it."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", port))
    return held


def listens(address):
    """Does anybody still? What is just being started holds a dead controller's socket until its exec."""
    with socket.socket() as probe:
        return probe.connect_ex(address) == 0


def end(process):
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass


def main(home, port):
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps what is adopted
    held = reserve(int(port))
    print(held.getsockname()[1], flush=True)
    controller = None
    for order in sys.stdin:
        if order.strip() == "start":
            controller = subprocess.Popen([sys.executable, "-m", "fakejenkins", home], stdin=subprocess.DEVNULL)
        else:
            os.kill(controller.pid, int(order))
            while os.path.exists(f"/proc/{controller.pid}") or listens(held.getsockname()):
                time.sleep(0.005)
            print("ended", flush=True)
    while children():
        for child in children():
            end(child)
        time.sleep(0.005)


main(*sys.argv[1:])
