"""What pytest is about to run, a line each for tanda: see "progress" in docs/frameworks.md.

Loaded by PYTEST_PLUGINS. It changes nothing about the run, and takes itself out of the environment, so that
a pytest that the tests themselves start knows nothing of it.
"""

import os
import time


def take_out(variable, mine, joint):
    rest = [item for item in os.environ.get(variable, "").split(joint) if item not in ("", mine)]
    if rest:
        os.environ[variable] = joint.join(rest)
    else:
        os.environ.pop(variable, None)


def tell(word, nodeid):
    line = f"{word}\t{time.monotonic_ns()}\t{nodeid}\n".encode("utf-8", "backslashreplace")
    try:
        os.write(channel, line)
    except OSError:
        pass  # tanda does without


def pytest_runtest_logstart(nodeid, location):
    tell("started", nodeid)


def pytest_runtest_logfinish(nodeid, location):
    tell("done", nodeid)


try:
    channel = os.open(os.environ.pop("TANDA_PROGRESS"), os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
except (KeyError, OSError):
    channel = -1
take_out("PYTEST_PLUGINS", "tanda_pytest", ",")
take_out("PYTHONPATH", os.path.dirname(os.path.abspath(__file__)), os.pathsep)
