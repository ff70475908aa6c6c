"""A fake controller as a Python object, for tests."""

import base64
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import time

from fakejenkins.items import freestyle_xml
from invariants import processes_with

PACKAGES = pathlib.Path(__file__).resolve().parents[1]
MEASURED, MODERN = "2.263.4", "2.504.1"
WAIT_S = 30


class FakeJenkins:
    """Jenkins on loopback; a context manager. `folder` is for its home; nothing of it outlives `close()`."""

    def __init__(self, folder, executors=2, agents=None, labels="", context="", version=MEASURED, root_url=None,
                 tls=None):
        """`agents` is {name: {"executors": n, "labels": "linux gpu"}}. `executors` and `labels` are the built-in
        node's. `context` is a path such as "/jenkins". `root_url` is what it believes to be called (a proxy's URL).
        `tls` is made by certificates.make()."""
        self.home = pathlib.Path(folder) / "jenkins-home"
        self.home.mkdir(parents=True)
        self.user, self.token, self.password = "admin", "11deadbeef11deadbeef11deadbeef1122", "swordfish"
        self.users = {"admin": {"token": self.token, "password": self.password, "may_build": True},
                      "reader": {"token": "22cafe22cafe22cafe22cafe22cafe2233", "password": "sesame", "may_build": False}}
        self.tls = tls
        self.orders = subprocess.Popen([sys.executable, "-m", "fakejenkins.guard", str(self.home), "0"],
                                       env={**environment(), "PYTHONPATH": str(PACKAGES)}, text=True, bufsize=1,
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.orders.stdout.readline())
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}{context}/"
        self.settings = {"port": self.port, "context": context, "version": version, "executors": executors,
                         "root_url": root_url or self.url, "labels": labels, "agents": agents or {},
                         "users": self.users, "certificate": tls and tls.certificate, "key": tls and tls.key}
        self.connection = None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # --- the controller's life ---

    def start(self, faults=()):
        """Start it, with these rules in force from its first request on."""
        (self.home / "settings.json").write_text(json.dumps({**self.settings, "faults": list(faults)}))
        self.order("start")
        ready = json.loads(self.orders.stdout.readline())
        self.connection = socket.create_connection(("127.0.0.1", ready["control"]))
        self.lines = self.connection.makefile("rw")

    def order(self, text):
        self.orders.stdin.write(f"{text}\n")
        self.orders.stdin.flush()

    def end(self, number):
        self.order(number)
        assert self.orders.stdout.readline() == "ended\n"
        self.connection.close()

    def kill(self):
        """A crash: connections are refused from now on, its builds are gone, their processes live on."""
        self.end(9)

    def stop(self):
        """An orderly end: builds end as failures, the queue is kept."""
        self.end(15)

    def restart(self, starting=0, orderly=False):
        """After a crash (or a stop); the first `starting` requests are answered by "503, is getting ready"."""
        self.end(15 if orderly else 9)
        self.start([{"kind": "starting", "times": starting}] if starting else [])

    def close(self):
        """End it, and every process that it has started."""
        if self.connection:
            self.connection.close()
        self.orders.stdin.close()
        self.orders.stdout.close()
        self.orders.wait(WAIT_S)

    # --- what tests do to it ---

    def control(self, operation, **given):
        """An operation of control.Control; raises what it says."""
        self.lines.write(json.dumps({"do": operation, **given}) + "\n")
        self.lines.flush()
        answer = json.loads(self.lines.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["ok"]

    def create_job(self, name="acceptance", shell="", xml=None, **kwargs):
        """A freestyle job of this shell (parameters, archive, label, concurrent, files: see freestyle_xml), or of a
        whole config.xml. Folders of the name are made."""
        self.control("create_job", name=name, xml=xml or freestyle_xml(shell, **kwargs))
        return name

    def fault(self, kind, **rule):
        """Switch a fault on (see faults.py); its number. `body=` of kind "body" may be bytes."""
        if isinstance(rule.get("body"), bytes):
            rule["base64"] = base64.b64encode(rule.pop("body")).decode()
        return self.control("fault", kind=kind, **rule)

    def heal(self, number=None):
        """Switch one off, or all; {number: how often it was met}."""
        return {int(rule): hits for rule, hits in self.control("unfault", number=number).items()}

    @contextlib.contextmanager
    def faulty(self, kind, **rule):
        number = self.fault(kind, **rule)
        yield
        self.heal(number)

    def builds(self, **like):
        """Its builds as dicts, oldest first; only those whose keys are as given."""
        found = [build for build in self.control("state")["builds"]
                 if all(build[key] == value for key, value in like.items())]
        return sorted(found, key=lambda build: (build["job"], build["number"]))

    def queue(self):
        return self.control("state")["queue"]

    def running(self):
        return self.builds(building=True)

    def processes(self):
        """What builds have started and still lives, wherever it went: "PID COMMAND" each."""
        return processes_with(f"JENKINS_HOME={self.home}")

    def wait_for(self, condition, what, timeout_s=WAIT_S):
        deadline = time.monotonic() + timeout_s
        while True:
            value = condition()
            if value:
                return value
            assert time.monotonic() < deadline, f"after {timeout_s} s still not: {what}\n{self.control('state')}"
            time.sleep(0.01)

    def wait_until_idle(self):
        """Nothing queued, nothing running."""
        self.wait_for(lambda: not self.queue() and not self.running(), "the controller is idle")

    def requests(self, **like):
        """What was asked of it, oldest first: time, method, url, status, fault, connection, bytes."""
        return [request for request in self.control("requests")
                if all(request[key] == value for key, value in like.items())]

    def log(self, job, number):
        """The raw log file of a build."""
        return self.home.joinpath("jobs", *job.replace("/", "/jobs/").split("/"), "builds", str(number),
                                  "log").read_text(errors="replace")

    def environment(self):
        """For tanda: the variables that a configuration names for user and token."""
        return {"JENKINS_USER": self.user, "JENKINS_TOKEN": self.token}


def environment():
    """Ours without what a job should not see."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
    return {name: os.environ[name] for name in kept if name in os.environ}
