"""Fixtures: the real binary in a project of its own, and the invariants that every run must keep."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import xml.etree.ElementTree

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "suites" / "samples"
TANDA = os.environ.get("TANDA", str(ROOT / "build" / "release" / "runner" / "tanda"))
TIME_LIMIT_S = 120


class Result:
    """One finished call of tanda."""

    def __init__(self, code, out, err, folder):
        self.code, self.out, self.err, self.folder = code, out, err, folder

    def summary(self, out="tanda-out"):
        return json.loads((self.folder / out / "summary.json").read_text())

    def junit(self, out="tanda-out"):
        return xml.etree.ElementTree.parse(self.folder / out / "junit.xml").getroot()

    def journal(self, out="tanda-out"):
        lines = (self.folder / out / "journal.ndjson").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def verdicts(self, out="tanda-out"):
        """The verdict of each test file, as junit.xml carries it."""
        found = {}
        for suite in self.junit(out).iter("testsuite"):
            for item in suite.iter("property"):
                if item.get("name") == "tanda.verdict":
                    found[suite.get("name")] = item.get("value")
        return found


class Project:
    """A folder with a project, and tanda run in it."""

    def __init__(self, folder):
        self.folder = folder
        self.runs = []

    def write(self, name, text, mode=0o644):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(text)
        path.chmod(mode)
        return path

    def scripts(self, **bodies):
        """One sh test per keyword, in area "a" unless the name holds "__" for "/"."""
        for name, body in bodies.items():
            path = name.replace("__", "/") if "__" in name else f"a/{name}"
            self.write(f"tests/{path}.sh", f"#!/bin/sh\n{body}\n", 0o755)

    def config(self, **keys):
        config = {"suites": {"cmd": {"framework": "command", "files": "tests/{area}/*.sh",
                                     "run": ["sh", "{id}"]}}, "nodes": {"local": 2}}
        config.update(keys)
        self.write("tanda.json", json.dumps(config, indent=2))

    def environment(self, extra=None):
        env = {key: value for key, value in os.environ.items() if not key.startswith("TANDA")}
        env.update({"TERM": "dumb", "LC_ALL": "C.UTF-8"})
        env.update(extra or {})
        return env

    def popen(self, *args, env=None, **kwargs):
        return subprocess.Popen([TANDA, *args], cwd=self.folder, env=self.environment(env),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, errors="replace", **kwargs)

    def finish(self, process, timeout=TIME_LIMIT_S):
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            out, err = process.communicate()
            pytest.fail(f"tanda hangs\n{out}\n{err}")
        result = Result(process.returncode, out, err, self.folder)
        self.runs.append(result)
        return result

    def tanda(self, *args, env=None, timeout=TIME_LIMIT_S, **kwargs):
        return self.finish(self.popen(*args, env=env, **kwargs), timeout)


def processes_of(run_ids):
    """Processes whose environment holds one of these runs."""
    left = []
    for proc in pathlib.Path("/proc").iterdir():
        if not proc.name.isdigit():
            continue
        try:
            environ = (proc / "environ").read_bytes().split(b"\0")
            command = (proc / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if any(f"TANDA_RUN_ID={run}".encode() in environ for run in run_ids):
            left.append(f"{proc.name} {command}")
    return left


def run_ids(folder):
    found = []
    for journal in folder.glob("**/journal.ndjson"):
        first = journal.read_text(errors="replace").split("\n", 1)[0]
        try:
            found.append(json.loads(first)["run_id"])
        except (ValueError, KeyError):
            pass
    return found


def check_invariants(folder):
    """What holds after every run, whatever happened in it."""
    assert processes_of(run_ids(folder)) == []
    for summary_path in folder.glob("**/summary.json"):
        out = summary_path.parent
        summary = json.loads(summary_path.read_text())
        planned = [json.loads(line) for line in (out / "journal.ndjson").read_text().splitlines()
                   if '"kind":"test_planned"' in line]
        assert sum(summary["verdicts"].values()) == summary["planned"] == len(planned)
        root = xml.etree.ElementTree.parse(out / "junit.xml").getroot()
        cases = list(root.iter("testcase"))
        assert len(cases) == int(root.get("tests")) == sum(summary["cases"].values())
        assert int(root.get("failures")) == summary["cases"]["failed"]
        assert int(root.get("errors")) == summary["cases"]["error"]
        assert int(root.get("skipped")) == summary["cases"]["skipped"]
        check = subprocess.run([TANDA, "report", "--check", str(out)], capture_output=True, text=True,
                               timeout=TIME_LIMIT_S, check=False)
        assert check.returncode == 0, check.stderr


@pytest.fixture
def project(tmp_path, request):
    made = Project(tmp_path)
    yield made
    failed = getattr(request.node, "call_failed", False)
    if failed:
        for run in made.runs:
            print(f"--- exit {run.code}\n{run.out}\n{run.err}")
    else:
        check_invariants(tmp_path)


@pytest.fixture
def sample(tmp_path):
    """Copy a sample suite's shape and give the project in it."""

    def copy(framework, shape):
        target = tmp_path / shape
        shutil.copytree(SAMPLES / framework / shape, target, symlinks=True)
        modules = SAMPLES / "cucumber-js" / "node_modules"
        if framework == "cucumber-js":
            (target / "node_modules").symlink_to(modules)
        return Project(target)

    yield copy
    check_invariants(tmp_path)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.call_failed = outcome.get_result().failed
