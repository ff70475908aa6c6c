"""The processes of a build, found by the cookie in their environment, as Jenkins finds them."""

import os
import signal
import time


def of(cookie):
    """Every living process that carries this build's cookie."""
    wanted, found = f"HUDSON_COOKIE={cookie}".encode(), []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/environ", "rb") as environ:
                    if wanted in environ.read().split(b"\0"):
                        found.append(int(name))
            except OSError:
                pass  # it ended meanwhile, or is another user's
    return found


def end(cookie, number, leader=None):
    """Signal all of a build's processes; `leader` is its shell, whose environment may not show yet while it starts."""
    for process in {*of(cookie), *([leader] if leader else [])}:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            pass


def end_all(cookie):
    """Until none is left."""
    while of(cookie):
        end(cookie, signal.SIGKILL)
        time.sleep(0.002)
