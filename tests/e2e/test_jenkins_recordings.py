"""Exchanges recorded with a real Jenkins, replayed against the fake one: status, headers and shape must be the same.

The recordings are not part of this project: they are looked for in ../shared beside the checkout.
"""

import base64
import http.client
import json
import re

import pytest

from conftest import ROOT

FOLDERS = [folder / "shared" / "jenkins-fixtures" for folder in (ROOT.parent, ROOT.parents[1])]
RECORDED = next((folder for folder in FOLDERS if folder.is_dir()), None)
pytestmark = pytest.mark.skipif(RECORDED is None, reason="no recordings of a real Jenkins in ../shared")

JOB = "tanda-shard"
ROOT_URL = "http://127.0.0.1:18080/"  # of the recorded one
# What a client goes by. Of some, presence counts: their values differ from run to run.
HEADERS = ["Location", "X-Jenkins", "Content-Type", "X-More-Data", "Allow", "WWW-Authenticate", "Accept-Ranges",
           "X-Frame-Options", "X-Required-Permission", "X-You-Are-Authenticated-As"]
PRESENT = ["X-Jenkins-Session", "X-Text-Size", "X-Error", "Set-Cookie", "Last-Modified"]
# Lines that Jenkins itself writes to a log.
OWN_LINE = re.compile(r"(Started by|Running as|Building|\[|Copying|Archiving|Recording|Build step|Build was|Aborted|"
                      r"FATAL|ERROR|Finished).*")
BY_PASSWORD = {"crumb-issuer", "post-password-no-crumb", "post-crumb-no-cookie", "post-crumb-and-cookie"}
OTHER_LOGIN = {"auth-bad-password": ("admin", "wrong"), "bad-token": ("admin", "wrong"),
               "user-no-permission-trigger": ("reader", "sesame")}


class Message:
    """A request or a reply: first line, headers, body."""

    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        self.first, *lines = head.decode().split("\r\n")
        self.headers = {}
        for line in lines:
            name, _, value = line.partition(": ")
            self.headers[name.title()] = value

    @property
    def status(self):
        return int(self.first.split()[1])


def recording(name):
    """(request, reply); the request that 503 answered was not kept."""
    raw = (RECORDED / f"{name}.http").read_bytes()
    request, mark, reply = raw.partition(b"<<< response")
    if not mark:
        return Message(b"GET /api/json HTTP/1.1\r\nAuthorization: Basic <user:token>\r\n\r\n"), Message(raw)
    return Message(request.split(b"\n", 1)[1]), Message(reply.split(b"\n", 1)[1])


class Replay:
    """A fake controller that is told what the real one was told."""

    def __init__(self, jenkins):
        self.jenkins = jenkins
        self.crumb = self.cookie = self.text_size = None
        self.faults = []

    def play(self, name):
        """Send the recorded request and hold the reply against the recorded one."""
        request, recorded = recording(name)
        method, path, _ = request.first.split()
        if name.startswith("log-0") and name != "log-00":
            path = f"{path.partition('=')[0]}={self.text_size}"
        headers = {key: value for key, value in request.headers.items() if key not in ("Host", "Content-Length")}
        if "Authorization" in headers:
            user, secret = OTHER_LOGIN.get(name) or ("admin", self.jenkins.password if name in BY_PASSWORD
                                                     else self.jenkins.token)
            headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()
        if "Jenkins-Crumb" in headers:
            headers["Jenkins-Crumb"] = self.crumb
        if "Cookie" in headers:
            headers["Cookie"] = self.cookie
        connection = http.client.HTTPConnection("127.0.0.1", self.jenkins.port, timeout=20)
        connection.request(method, path, request.body or None, headers)
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        self.text_size = reply.headers.get("X-Text-Size")
        if name == "crumb-issuer":
            self.crumb, self.cookie = json.loads(body)["crumb"], reply.headers["Set-Cookie"].split(";")[0]
        self.faults += [f"{name}: {fault}" for fault in self.differences(recorded, reply, body)]

    def differences(self, recorded, reply, body):
        if reply.status != recorded.status:
            yield f"status {reply.status} for {recorded.status}"
        for name in HEADERS:
            wanted = recorded.headers.get(name.title())
            wanted = wanted and wanted.replace(ROOT_URL, self.jenkins.url)
            if reply.headers.get(name) != wanted:
                yield f"{name}: {reply.headers.get(name)!r} for {wanted!r}"
        for name in PRESENT:
            if (name in reply.headers) != (name.title() in recorded.headers):
                yield f"{name}: {reply.headers.get(name)!r} for {recorded.headers.get(name.title())!r}"
        kind = recorded.headers.get("Content-Type", "")
        if recorded.body and kind.startswith("application/json"):
            yield from shape_differences(parsed(recorded.body), json.loads(body))
        elif kind.startswith("text/plain"):
            yield from log_differences(recorded.body, body)
        elif kind.startswith("text/html;charset=iso"):
            wanted, got = (re.search(rb"<title>(.*?)</title>", text).group(1) for text in (recorded.body, body))
            if wanted != got:
                yield f"title {got!r} for {wanted!r}"

    # --- what happened between the recorded requests ---

    def make_job(self, label=None):
        """The recorded job; its ticks come faster."""
        xml = recording("create-item")[0].body.decode().replace("sleep 1;", "sleep 0.1;")
        if label:
            xml = xml.replace("<canRoam>", f"<assignedNode>{label}</assignedNode><canRoam>")
        self.jenkins.create_job(JOB, xml=xml)

    def next_build(self, number):
        self.jenkins.control("next_build", job=JOB, number=number)

    def build(self, number, parameters=None, ends=True):
        """A build of this number, which has ended, or runs."""
        self.next_build(number)
        self.jenkins.control("trigger", job=JOB, parameters=parameters or {})
        if ends:
            self.idle()
        else:
            self.begun(number)

    def end(self, number):
        self.jenkins.control("stop", job=JOB, number=number)
        self.idle()

    def begun(self, number=1):
        """It runs, and its shell has said something."""
        self.jenkins.wait_for(lambda: self.jenkins.builds(number=number), "it runs")
        self.jenkins.wait_for(lambda: "tick 0" in self.jenkins.log(JOB, number), "its first tick")

    def idle(self):
        self.jenkins.wait_until_idle()

    def next_id(self, number):
        self.jenkins.control("save_queue_id", next_id=number)

    def hold(self, held=True):
        self.jenkins.control("hold_queue", held=held)

    def stuck(self):
        self.jenkins.wait_for(lambda: any("offline" in (item["why"] or "") for item in self.jenkins.queue()), "it is stuck")

    def disable(self):
        self.jenkins.control("disable", job=JOB)

    def add_agent(self):
        """So that the built-in node is no longer alone; it is for other jobs."""
        self.jenkins.control("add_agent", name="other", exclusive=True)

    def lose(self, name):
        self.jenkins.control("kill_agent", name=name)
        self.idle()

    def back(self, name):
        self.jenkins.control("reconnect_agent", name=name)

    def restart(self, orderly, starting=0):
        self.jenkins.restart(orderly=orderly, starting=starting)


def parsed(body):
    """JSON; what was cut off ends after its last whole build."""
    text = body.decode()
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(text[:text.rindex(',{"_class":"hudson.model.FreeStyleBuild"')] + "]}")


def shape_differences(recorded, got, place="$"):
    """Where keys, types or classes differ; lists by their members in order as far as both have them."""
    if isinstance(recorded, dict) and isinstance(got, dict):
        if recorded.keys() != got.keys():
            yield f"{place}: keys {sorted(got.keys() ^ recorded.keys())} are in one only"
        if recorded.get("_class") != got.get("_class"):
            yield f"{place}: {got.get('_class')} for {recorded.get('_class')}"
        for key in recorded.keys() & got.keys():
            yield from shape_differences(recorded[key], got[key], f"{place}.{key}")
    elif isinstance(recorded, list) and isinstance(got, list):
        if bool(recorded) != bool(got):
            yield f"{place}: {len(got)} entries for {len(recorded)}"
        for index, (one, other) in enumerate(zip(recorded, got)):
            yield from shape_differences(one, other, f"{place}[{index}]")
    elif kind_of(recorded) != kind_of(got):
        yield f"{place}: {got!r} for {recorded!r}"


def kind_of(value):
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


def log_differences(recorded, got):
    if got and recorded and (b"\r\n" in recorded) != (b"\r\n" in got):
        yield f"line ends {got!r}"
    wanted, have = own_lines(recorded), own_lines(got)
    if "Started by user admin" in wanted and wanted != have:
        yield f"lines {have} for {wanted}"


def own_lines(text):
    """Without what differs from machine to machine."""
    lines = [line for line in text.decode().splitlines() if OWN_LINE.fullmatch(line)]
    lines = [re.sub(r"(/[\w.@/-]+)+", "PATH", re.sub(r"@[0-9a-f]{8}:", "@HASH:", line)) for line in lines]
    return [line for line, before in zip(lines, [None, *lines]) if line != before]


FILE = {"TANDA_KEY": "file1", "shard.json": '{"tests":["a","b"]}'}
CHAPTERS = {
    "the root, logins and crumbs": [
        "root", "auth-anonymous-api", "auth-bad-password", "crumb-issuer", "post-password-no-crumb",
        "post-crumb-no-cookie", "post-crumb-and-cookie", "create-item", "create-item-again", "overall-load-whoami"],
    "one build": [
        (Replay.make_job,), (Replay.hold,), "build-with-parameters", "queue-item-0", (Replay.hold, False),
        (Replay.begun,), "queue-item-1", "log-00", "log-01",
        "log-02", "log-03", "log-04", "log-05", (Replay.idle,), "log-06", "log-past-end", "build",
        "build-tree", "artifact", "artifact-404", "test-report", "test-report-tree", "computer", "computer-tree",
        "build-unknown", "method-head"],
    "refusals": [
        (Replay.make_job,), "unknown-job", "queue-item-unknown", "build-by-GET", "bad-token",
        "user-no-permission-trigger", "anon-token", "anon-token-bad", "build-without-json", (Replay.disable,),
        "disabled-job"],
    "the queue": [
        (Replay.make_job,), (Replay.hold,), (Replay.next_id, 4), "dup-first",
        "dup-second-same-params-while-queued", "dup-third-other-key", "queue-item-waiting-executor", "queue-list",
        "queue-cancel", "queue-item-cancelled", "queue-cancel-again", (Replay.next_id, 7), "unknown-parameter",
        "delay", "build-file-param", "build-with-json"],
    "no new builds": [
        (Replay.make_job,), (Replay.next_id, 10), "quietdown", "trigger-while-quiet", "queue-item-quiet"],
    "a build stopped": [
        (Replay.make_job,), (Replay.build, 2, dict(TANDA_KEY="fa", SECS="6000"), False), "stop", (Replay.idle,),
        "build-aborted", "stop-finished", "term-freestyle", "kill-freestyle", "log-aborted", "testreport-none"],
    "many builds": [
        (Replay.make_job,), (Replay.next_id, 9), (Replay.build, 7, FILE), "build-file-param-json", "log-file-param",
        (Replay.build, 8), (Replay.build, 9, dict(SECS="6000"), False), "find-by-param", "xpath-depth",
        (Replay.end, 9), (Replay.build, 30), (Replay.build, 122), "builds-by-key-tree", "delete-build",
        "deleted-build-get"],
    "agents": [
        "node-create", (Replay.make_job, "agent1"), "computer-with-agent", (Replay.next_build, 10),
        (Replay.next_id, 11), "agent-build", (Replay.begun, 10), (Replay.lose, "agent1"), "computer-agent-lost",
        "log-agent-lost", "trigger-no-node", (Replay.stuck,), "queue-item-node-offline", (Replay.back, "agent1"),
        (Replay.idle,), "node-toggle-offline", "node-temp-offline", "label"],
    "restarts": [
        (Replay.make_job,), (Replay.add_agent,), (Replay.build, 14, dict(SECS="6000"), False), (Replay.restart, False, 1), "starting-503",
        "restart-sigkill-build", "restart-sigkill-log", (Replay.build, 18, dict(SECS="6000"), False),
        (Replay.restart, True), "restart-sigterm-build", "restart-sigterm-log"],
}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_is_as_recorded(jenkins, chapter):
    replay = Replay(jenkins)
    for step in CHAPTERS[chapter]:
        if isinstance(step, str):
            replay.play(step)
        else:
            step[0](replay, *step[1:])
    assert not replay.faults, "\n" + "\n".join(replay.faults)


def test_every_recording_is_in_a_chapter():
    played = [step for chapter in CHAPTERS.values() for step in chapter if isinstance(step, str)]
    assert sorted(played) == sorted(path.stem for path in RECORDED.glob("*.http"))
