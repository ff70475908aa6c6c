"""Fixtures: the real binary in a project of its own, and the invariants that every run must keep."""

import contextlib
import functools
import glob
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid
import xml.etree.ElementTree

import pytest

import invariants
from fakejenkins import FakeJenkins, certificates

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "tests" / "suites" / "samples"
TANDA = os.environ.get("TANDA", str(ROOT / "build" / "release" / "runner" / "tanda"))
NODE_MAJOR = 20
NODE_MODULES = ROOT / "tests" / "suites" / "node" / "node_modules"
LOGS = ROOT / "build" / "e2e-logs"
TIME_LIMIT_S = 120
# What would make tanda, or a framework, believe that it is somewhere else.
FOREIGN = re.compile(r"(TANDA|GITLAB|GITHUB|CIRCLE|BUILDKITE|BITBUCKET|SEMAPHORE|HEROKU|JENKINS|TEAMCITY|TRAVIS|DRONE|PYTEST|BATS)(_|$)|"
                     r"(CI|TF_BUILD|NO_COLOR|CLICOLOR.*|FORCE_COLOR|COLUMNS|LINES|TEST_ENV_NUMBER)$")

# What a shell starts in the background ignores SIGINT, and so would every tanda that is started here.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)


def let_others_in(folder):
    """pytest's folders are their user's alone; what they are in is everybody's."""
    for place in [folder, *folder.parents]:
        if place == pathlib.Path(tempfile.gettempdir()):
            break
        place.chmod(place.stat().st_mode | 0o755)


def wait_until(condition, what, timeout_s=20):
    """Poll until `condition` holds and return its value; `what` is for the message."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"after {timeout_s} s still not: {what}"
        time.sleep(0.01)


class Result:
    """One finished call of tanda."""

    def __init__(self, args, code, out, err, folder):
        self.args, self.code, self.out, self.err, self.folder = args, code, out, err, folder

    def log(self):
        return f"$ tanda {' '.join(self.args)}\n{self.out}{self.err}[{self.code}]\n"

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

    def __init__(self, folder, program=TANDA):
        self.folder, self.program = folder, program
        self.runs = []
        self.processes = []
        self.orphans_allowed = False  # set by a test that kills a supervisor: nobody can wait for its children
        self.mark = uuid.uuid4().hex  # in the environment of all that is started here
        self.home = folder.parent / f"{folder.name}-home"
        self.home.mkdir(parents=True)
        invariants.adopted_zombies()  # what an earlier test left is not this one's fault

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
        """Ours without what is foreign; `extra` adds to it, None removes. A sanitizer's report
        becomes a file, so that a supervisor's is noticed too."""
        env = {key: value for key, value in os.environ.items() if not FOREIGN.match(key)}
        env.update({"TERM": "dumb", "LC_ALL": "C.UTF-8", "HOME": str(self.home), "TANDA_E2E": self.mark,
                    "GOCACHE": str(ROOT / "build" / "samples" / "go-cache"),  # without it Go compiles its library anew
                    "ASAN_OPTIONS": f"log_path={self.home}/asan:abort_on_error=1",
                    "UBSAN_OPTIONS": f"log_path={self.home}/ubsan:halt_on_error=1:print_stacktrace=1"})
        env.update(extra or {})
        return {key: value for key, value in env.items() if value is not None}

    def popen(self, *args, env=None, **kwargs):
        process = subprocess.Popen([self.program, *args], cwd=self.folder, env=self.environment(env),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, errors="replace", **kwargs)
        self.processes.append(process)
        return process

    def finish(self, process, timeout=TIME_LIMIT_S):
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            out, err = process.communicate()
            pytest.fail(f"tanda hangs\n{out}\n{err}")
        result = Result(process.args[1:], process.returncode, out, err, self.folder)
        self.runs.append(result)
        return result

    def tanda(self, *args, env=None, timeout=TIME_LIMIT_S, **kwargs):
        return self.finish(self.popen(*args, env=env, **kwargs), timeout)


    def faults(self):
        """What does not hold although it always must, a line each; ends what still runs."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.communicate()
        # Killed, or left by _exit() at the third signal: its supervisors end the trees by themselves.
        abrupt = any(process.returncode == -signal.SIGKILL or process.returncode > 128
                     for process in self.processes)
        found = invariants.of_processes(self.mark, orphans_allowed=abrupt or self.orphans_allowed)
        found += invariants.of_sanitizers(self.home)
        last_code = {out_folder(self.folder, run.args): run.code for run in self.runs
                     if writes_reports(run.args) and not (run.code == 2 and "--resume" in run.args)}
        for summary in sorted(self.folder.glob("**/summary.json")):
            found += invariants.of_run(self.program, summary.parent, last_code.get(summary.parent),
                                       self.environment())
        return found


def processes_of(run_ids):
    """Processes whose environment holds one of these runs."""
    return [line for run in run_ids for line in invariants.processes_with(f"TANDA_RUN_ID={run}")]


def run_ids(folder):
    found = []
    for journal in folder.glob("**/journal.ndjson"):
        first = journal.read_text(errors="replace").split("\n", 1)[0]
        try:
            found.append(json.loads(first)["run"])
        except (ValueError, KeyError):
            pass
    return found


def writes_reports(args):
    return args[:1] == ["run"] and not {"-n", "--dry-run"} & set(args)


def out_folder(folder, args):
    for flag, value in zip(args, args[1:]):
        if flag in ("-o", "--out"):
            return folder / value
    return folder / "tanda-out"


def check(item):
    """At a test's end; after a failure the processes are ended, and the first cause stands alone."""
    found = [fault for made in item.tanda_projects for fault in made.faults()]
    if found and not getattr(item, "call_failed", False):
        pytest.fail("what must always hold does not:\n" + "\n".join(found), pytrace=False)


@pytest.fixture
def project(tmp_path, request):
    made = Project(tmp_path)
    request.node.tanda_projects = [made]
    yield made
    check(request.node)


def needs(framework):
    """What the framework's samples cannot do without, as their expected.json has it: programs, and globs of files."""
    return json.loads((SAMPLES / framework / "expected.json").read_text())["needs"]


def missing(framework):
    """Why the framework's samples cannot run on this machine; None when they can."""
    for need in needs(framework):
        if not (glob.glob(need) if need.startswith("/") else shutil.which(need)):
            return f"{need} is not installed"
    if "node" in needs(framework) and not NODE_MODULES.exists():
        return "npm ci has not run in tests/suites/node: ./dev setup does it"
    if "node" in needs(framework) and node_major() < NODE_MAJOR:
        return f"node {node_major()} is too old: the frameworks in tests/suites/node want {NODE_MAJOR}"
    return None


@functools.lru_cache
def node_major():
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True, timeout=TIME_LIMIT_S)
    return int(version.stdout.lstrip("v").split(".")[0])


def built(framework):
    """What the samples' own `build` makes, a folder per shape; made when a sample is newer. None without a `build`."""
    script, target = SAMPLES / framework / "build", ROOT / "build" / "samples" / framework
    done = target / "done"
    if not script.exists():
        return None
    newest = max(path.stat().st_mtime for path in SAMPLES.glob(f"{framework}/**/*"))
    if not done.exists() or done.stat().st_mtime < newest:
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run([script, target], check=True, timeout=TIME_LIMIT_S)
        done.touch()
    return target


@pytest.fixture
def sample(tmp_path, request):
    """Copy a sample suite's shape, with what is built for it, and give the project in it."""
    projects = request.node.tanda_projects = []

    def copy(framework, shape):
        target = tmp_path / shape
        shutil.copytree(SAMPLES / framework / shape, target, symlinks=True)
        if "node" in needs(framework):
            (target / "node_modules").symlink_to(NODE_MODULES)
        if built(framework):
            shutil.copytree(built(framework) / shape, target, dirs_exist_ok=True)
        projects.append(Project(target))
        return projects[-1]

    yield copy
    check(request.node)


@pytest.fixture
def fake_jenkins(tmp_path_factory):
    """Make fake Jenkins controllers (tests/e2e/fakejenkins) with settings of their own."""
    with contextlib.ExitStack() as made:
        yield lambda **settings: made.enter_context(FakeJenkins(tmp_path_factory.mktemp("jenkins"), **settings))


@pytest.fixture
def jenkins(fake_jenkins):
    """A fake Jenkins controller with two executors."""
    return fake_jenkins()


@pytest.fixture
def tls(tmp_path_factory):
    """A certificate for 127.0.0.1 and the authority that vouches for it, which nobody trusts yet."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    return certificates.make(tmp_path_factory.mktemp("tls"))


def keep(test_name, projects):
    """Copy a failed test's folders to build/e2e-logs, where the next run does not clear them."""
    target = LOGS / re.sub(r"[^\w.-]", "_", test_name)
    shutil.rmtree(target, ignore_errors=True)
    for made in projects:
        shutil.copytree(made.folder, target / made.folder.name, symlinks=True, ignore_dangling_symlinks=True,
                        ignore=shutil.ignore_patterns("node_modules"))
        (target / f"{made.folder.name}.log").write_text("\n".join(run.log() for run in made.runs))


def pytest_configure(config):
    config.addinivalue_line("markers", "release: only with the release binary (time matters, or it runs long)")
    invariants.adopt_orphans()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Show what tanda said in a test that failed, and keep its folders."""
    outcome = yield
    report = outcome.get_result()
    if call.when == "call":
        item.call_failed = report.failed
    projects = getattr(item, "tanda_projects", [])
    if report.failed and projects:
        report.sections += [(f"tanda in {made.folder}", "\n".join(run.log() for run in made.runs))
                            for made in projects]
        keep(item.name, projects)
