"""One build: its shell run for real on a simulated agent, its log, its archive, its result."""

import base64
import json
import os
import re
import shutil
import signal
import time
import uuid

from fakejenkins import archive, junit, processes
from fakejenkins.items import Value

NOTE = re.compile(rb"\x1b\[8mha:[^\x1b]*\x1b\[0m")
CLOSED = ('FATAL: Channel "hudson.remoting.Channel@{channel}:{node}": Remote call on {node} failed. The channel is closing '
          "down or has closed down\n")
LOST = """FATAL: command execution failed
java.io.EOFException
\tat java.base/java.io.ObjectInputStream$PeekInputStream.readFully(ObjectInputStream.java)
Caused: java.io.IOException: Unexpected termination of the channel
\tat hudson.remoting.SynchronousCommandTransport$ReaderThread.run(SynchronousCommandTransport.java)
Caused: java.io.IOException: Backing channel '{node}' is disconnected.
FATAL: Unable to delete script file /tmp/jenkins{channel}.sh
Build step 'Execute shell' marked build as failure
""" + CLOSED
NO_INSTANCE = ("FATAL: Jenkins.instance is missing. Read the documentation of Jenkins.getInstanceOrNull to see what you "
               "are doing wrong.\n")
RESULTS = ["SUCCESS", "UNSTABLE", "FAILURE", "NOT_BUILT", "ABORTED"]  # worse from left to right


def note():
    """What Jenkins hides in a log: counted in its size, never shown."""
    return f"\x1b[8mha:////{base64.b64encode(os.urandom(180)).decode()}\x1b[0m"


class Build:
    def __init__(self, job, number, queue_id, values, causes, folder):
        self.job, self.number, self.queue_id = job, number, queue_id
        self.values, self.causes, self.folder = values, causes, folder
        self.node_name = ""
        self.executor = None
        self.folder_used = None  # its workspace
        self.started_ms = int(time.time() * 1000)
        self.duration_ms = 0
        self.building = True
        self.result = None
        self.artifacts = []  # relative paths
        self.test_result = None
        self.keep = False
        self.cookie = uuid.uuid4().hex  # in the environment of all that it starts
        self.shell_pid = None
        self.stopped_by = None
        self.lost = False
        self.lost_with_processes = False
        self.going_down = False
        folder.mkdir(parents=True, exist_ok=True)
        self.log_path = folder / "log"
        self.log_path.touch()

    # --- its life, on the thread of an executor ---

    def run(self, controller):
        """To the end; the caller holds no lock."""
        began = time.monotonic()
        try:
            result = self.steps(controller)
        except OSError as error:
            self.log(f"FATAL: {error}\njava.io.IOException: {error}\n")
            result = "FAILURE"
        if not self.lost or self.lost_with_processes:
            processes.end_all(self.cookie)
        self.log(f"Finished: {result}\n")
        self.duration_ms = int((time.monotonic() - began) * 1000) or 1
        self.save(result)
        return result

    def steps(self, controller):
        node, workspace = self.executor.node, self.folder_used
        self.log(f"Started by user {note()}{self.causes[0]}\nRunning as SYSTEM\n")
        where = "Building" if len(controller.nodes) == 1 else f"Building on {note()}{node.shown}"
        where = where if node.is_builtin else f"Building remotely on {note()}{node.name} ({node.label_text})"
        self.log(f"{where} in workspace {workspace}\n")
        self.place_files(workspace)
        result = "SUCCESS"
        for shell in self.job.shells:
            if result == "SUCCESS":
                result = self.shell(controller, shell, workspace)
        if self.lost:
            return self.end_lost(node)
        if self.stopped_by or self.going_down:
            self.log("Build was aborted\n" + (f"Aborted by {note()}{self.stopped_by}\n" if self.stopped_by else ""))
            result = "ABORTED"
        if self.going_down:
            self.log("Archiving artifacts\n" + NO_INSTANCE)
            return "FAILURE"
        return self.publish(workspace, result)

    def end_lost(self, node):
        """Nothing can be fetched from an agent that is gone."""
        self.log(LOST.format(node=node.shown, channel=self.cookie[:8]))
        for step, wanted in (("Archive the artifacts", self.job.archive),
                             ("Publish JUnit test result report", self.job.junit)):
            if wanted:
                self.log(f"ERROR: Step ‘{step}’ failed: no workspace for {self.job.full_name} #{self.number}\n")
        return "FAILURE"

    def take_executor(self, executor, others):
        """And a workspace there: used again by the next build; one that runs beside `others` gets its own."""
        self.executor, self.node_name = executor, executor.node.name
        base = executor.node.root / "workspace" / self.job.full_name
        taken = {other.folder_used for other in others}
        used, number = base, 1
        while used in taken:
            number += 1
            used = base.with_name(f"{base.name}@{number}")
        self.folder_used = used
        used.mkdir(parents=True, exist_ok=True)

    def place_files(self, workspace):
        for value in self.values:
            if value.definition.kind == "File":
                self.log(f"Copying file to {value.name}\n")
                (workspace / value.name).parent.mkdir(parents=True, exist_ok=True)
                (workspace / value.name).write_bytes(value.value)

    def shell(self, controller, text, workspace):
        script = self.folder / f"jenkins{uuid.uuid4().int % 10**16}.sh"
        script.write_text(text)
        argv = interpreter(text) + [str(script)]
        self.log(f"[{self.job.name}] $ {' '.join(argv)}\n")
        try:
            code = self.executor.node.run(argv=argv, cwd=str(workspace), env=self.environment(controller, workspace),
                                          log=str(self.log_path), on_started=self.begun)
        finally:
            self.shell_pid = None
            script.unlink()
        if code and not (self.stopped_by or self.lost or self.going_down):
            self.log("Build step 'Execute shell' marked build as failure\n")
        return "FAILURE" if code else "SUCCESS"

    def begun(self, pid):
        self.shell_pid = pid
        if self.stopped_by or self.lost or self.going_down:  # before there was a process to tell
            self.signal(signal.SIGTERM)

    def signal(self, number):
        processes.end(self.cookie, number, self.shell_pid)

    def environment(self, controller, workspace):
        node, job = self.executor.node, self.job
        url = controller.root_url + job.path()
        env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
        env.update({
            "BUILD_NUMBER": str(self.number), "BUILD_ID": str(self.number), "BUILD_DISPLAY_NAME": f"#{self.number}",
            "BUILD_TAG": f"jenkins-{job.full_name.replace('/', '-')}-{self.number}",
            "BUILD_URL": f"{url}{self.number}/", "JOB_NAME": job.full_name, "JOB_BASE_NAME": job.name, "JOB_URL": url,
            "JENKINS_URL": controller.root_url, "JENKINS_HOME": str(controller.home),
            "NODE_NAME": node.called, "NODE_LABELS": " ".join(sorted(node.labels)), "WORKSPACE": str(workspace),
            "EXECUTOR_NUMBER": str(self.executor.number), "CI": "true", "JENKINS_SERVER_COOKIE": controller.cookie,
            "HUDSON_COOKIE": self.cookie})
        env.update({value.name: value.text() for value in self.values})
        return env

    def publish(self, workspace, result):
        if self.job.archive:
            self.log("Archiving artifacts\n")
            self.artifacts = archive.keep(workspace, self.job.archive, self.folder / "archive")
            if not self.artifacts and not self.job.archive_may_be_empty and result == "SUCCESS":
                self.log(f"ERROR: No artifacts found that match the file pattern \"{self.job.archive}\".\n")
                result = "FAILURE"
        if self.job.junit:
            self.log("Recording test results\n")
            result = worst(result, self.record_tests(workspace, result))
        return result

    def record_tests(self, workspace, result):
        try:
            self.test_result = junit.read(workspace, self.job.junit, self.started_ms)
        except ValueError as error:
            self.log(f"ERROR: Step ‘Publish JUnit test result report’ failed: {error}\n")
            return "SUCCESS" if self.job.junit_may_be_empty and "none" not in str(error) else "FAILURE"
        if self.test_result and self.test_result["failCount"]:
            if result == "SUCCESS":
                self.log("Build step 'Publish JUnit test result report' changed build result to UNSTABLE\n")
            return "UNSTABLE"
        return "SUCCESS"

    # --- what others do to it ---

    def stop(self, user):
        self.stopped_by = user
        self.signal(signal.SIGTERM)

    def kill(self, user):
        """What only Pipeline has: no more asking."""
        self.stopped_by = user
        self.signal(signal.SIGKILL)

    def lose(self, processes_too):
        """Its agent is gone; what it started lives on, if that is not the whole machine's end."""
        self.lost, self.lost_with_processes = True, processes_too

    def go_down(self):
        self.going_down = True
        self.signal(signal.SIGTERM)

    def leave_executor(self, result):
        self.result, self.building = result, False

    # --- its log ---

    def log(self, text):
        with open(self.log_path, "ab") as log:
            log.write(text.encode())

    def log_from(self, start):
        """(text without notes, where the next part starts): whole lines while it runs."""
        size = self.log_path.stat().st_size
        with open(self.log_path, "rb") as log:
            log.seek(0 if start > size else start)
            raw = log.read()
        end = (0 if start > size else start) + len(raw)
        if self.building:
            whole = raw.rfind(b"\n") + 1
            raw, end = raw[:whole], end - (len(raw) - whole)
        return NOTE.sub(b"", raw), end

    # --- on disk ---

    def save(self, result):
        saved = {"number": self.number, "queue_id": self.queue_id, "values": [value.saved() for value in self.values],
                 "causes": self.causes, "node_name": self.node_name, "started_ms": self.started_ms,
                 "duration_ms": self.duration_ms, "result": result, "artifacts": self.artifacts,
                 "test_result": self.test_result}
        (self.folder / "build.json").write_text(json.dumps(saved))

    @classmethod
    def loaded(cls, job, folder):
        """A build that an earlier controller finished; None for one that it did not: that one is gone."""
        path = folder / "build.json"
        if not path.exists():
            shutil.rmtree(folder)
            return None
        saved = json.loads(path.read_text())
        values = [Value.loaded(value) for value in saved["values"]]
        build = cls(job, saved["number"], saved["queue_id"], values, saved["causes"], folder)
        build.building = False
        for name in ("node_name", "started_ms", "duration_ms", "result", "artifacts", "test_result"):
            setattr(build, name, saved[name])
        return build


def interpreter(text):
    """As the Shell step has it: a first line with #! decides."""
    first = text.split("\n", 1)[0]
    return first[2:].split() if first.startswith("#!") else ["/bin/sh", "-xe"]


def worst(*results):
    return max(results, key=RESULTS.index)
