"""A terminal to look at: a program in tmux, its keys, its size, and what stands on the screen."""

import shutil
import subprocess
import time
import uuid

import pytest


class Screen:
    """One tmux server with one window, with this environment and no other; `close` ends all that runs in it."""

    def __init__(self, folder, command, env, width=100, height=30):
        if shutil.which("tmux") is None:
            pytest.skip("no tmux here")
        self.server = f"tanda-{uuid.uuid4().hex}"
        environment = {key: value for key, value in env.items() if not key.startswith("TMUX")}
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height), "-c", str(folder),
                  command, ";", "set", "-g", "remain-on-exit", "on", ";", "set", "-g", "history-limit", "100000",
                  env=environment)

    def tmux(self, *args, env=None):
        done = subprocess.run(["tmux", "-u", "-L", self.server, *args], capture_output=True, text=True, env=env, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def keys(self, *keys):
        """tmux' names: Enter, C-c, C-u; anything else is typed."""
        self.tmux("send-keys", *keys)

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def shows(self, history=False):
        """The lines on the screen, without trailing blanks; `history`: what scrolled away as well."""
        lines = self.tmux("capture-pane", "-p", *(["-S", "-"] if history else [])).split("\n")
        while lines and not lines[-1].strip():
            lines.pop()
        return [line.rstrip() for line in lines]

    def value(self, name):
        """Of a tmux format: cursor_flag, pane_dead_status, alternate_on..."""
        return self.tmux("display-message", "-p", "#{%s}" % name).strip()

    def wait(self, condition, what, timeout_s=30, history=False):
        """Until `condition` (text, or a function of the lines) holds; returns the lines."""
        deadline = time.monotonic() + timeout_s
        while True:
            lines = self.shows(history)
            if condition(lines) if callable(condition) else condition in "\n".join(lines):
                return lines
            assert time.monotonic() < deadline, f"after {timeout_s} s still not: {what}\n" + "\n".join(lines)
            time.sleep(0.02)

    def close(self):
        subprocess.run(["tmux", "-L", self.server, "kill-server"], capture_output=True, timeout=30)
