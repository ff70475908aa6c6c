"""A shop of one's own: started on a free port with an empty database, stopped at the end. Or the one
that is deployed at TIENDA_URL."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE_S = 15


def wait_until(question, what):
    """The first true answer of `question`, asked again and again; fails naming `what`."""
    ends_at = time.monotonic() + PATIENCE_S
    while not (answer := question()):
        assert time.monotonic() < ends_at, f"{what}: not within {PATIENCE_S} s"
        time.sleep(0.04)
    return answer


class RunningShop:
    def __init__(self):
        self.process = None
        self.url = os.environ.get("TIENDA_URL") or self.start()

    def start(self):
        command = [sys.executable, "-B", "-m", "shop", "--port", "0", "--test-doors", "--until-eof"]
        self.process = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )
        url = self.process.stdout.readline().decode().strip()
        if not url:
            raise RuntimeError(f"the shop did not start: exit code {self.process.wait()}")
        return url

    def stop(self):
        if self.process is None:
            return
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)
        self.process.stdout.close()

    def door(self, method, path, **values):
        """Use one of the shop's back doors for tests."""
        body = json.dumps(values).encode() if values else None
        request = urllib.request.Request(
            f"{self.url}/_test/{path}", body, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def reset(self):
        self.door("POST", "reset")

    def mail_to(self, address, subject):
        """The newest mail with this subject, waited for."""

        def look():
            mails = self.door("GET", f"mail?to={address}")
            return next((mail for mail in reversed(mails) if mail["subject"] == subject), None)

        return wait_until(look, f"mail {subject!r} to {address}")

    def mails_to(self, address):
        return self.door("GET", f"mail?to={address}")
