"""Faults of the machine, of files and of names: the message, the exit code, and that nothing is lost."""

import json
import os
import pty
import random
import re
import signal
import sqlite3
import subprocess
import time

import pytest

from conftest import ROOT, TANDA, wait_until

# ---- clocks (C4) ----

JUMP = """#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);
	int status;
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	status = real(id, now);
	if (id == CLOCK_REALTIME && access("jumped", F_OK) == 0)
		now->tv_sec += SECONDS;
	return status;
}
"""


@pytest.mark.release  # a sanitizer's library wants to be the first
@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_a_wall_clock_that_jumps_changes_no_duration(project, seconds):
    source = project.write("jump.c", JUMP.replace("SECONDS", f"({seconds})"))
    built = subprocess.run(["cc", "-shared", "-fPIC", "-o", "jump.so", source, "-ldl"], cwd=project.folder, check=False)
    if built.returncode != 0:
        pytest.skip("no C compiler")
    project.config(test_timeout="20s", nodes={"local": 1})
    project.scripts(one="touch jumped; sleep 0.2", two="sleep 0.2")
    result = project.tanda("run", env={"LD_PRELOAD": str(project.folder / "jump.so")})
    assert result.code == 0, result.err
    summary = result.summary()
    assert 0.3 < summary["wall_s"] < 20 and 0.3 < summary["work_s"] < 20
    assert all(0 <= float(case.get("time")) < 20 for case in result.junit().iter("testcase"))


# ---- signals (B2, B4, B10, A14) ----

DEAF = "trap '' TERM INT HUP; touch started; while :; do sleep 0.1; done"


def start(project, body=DEAF, *args, **kwargs):
    project.scripts(**{f"t{i}": body for i in range(2)})
    process = project.popen("run", *args, **kwargs)
    wait_until(lambda: (project.folder / "started").exists(), "a test runs")
    return process


def test_a_third_signal_ends_tanda_where_it_stands(project):
    project.config(grace="60s")
    process = start(project)
    for _ in range(3):
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.02)  # signals of one kind that wait together are one
    result = project.finish(process, timeout=20)
    assert result.code in (-signal.SIGINT, 130)


def test_a_terminal_that_goes_away_is_a_hangup_not_a_loss(project):
    project.config(grace="300ms")
    project.scripts(t0="touch started; sleep 60", t1="sleep 60")
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(project.folder)
        os.execve(TANDA, [TANDA, "run"], project.environment({"TERM": "xterm"}))
    wait_until(lambda: (project.folder / "started").exists(), "a test runs")
    os.close(master)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGHUP
    summary = json.loads((project.folder / "tanda-out" / "summary.json").read_text())
    assert summary["exit"]["code"] == 129 and summary["verdicts"]["not_run"] == 2


def test_nohup_holds(project):
    project.config()
    project.scripts(one="touch started; until [ -e go ]; do sleep 0.02; done")
    process = project.popen("run", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    wait_until(lambda: (project.folder / "started").exists(), "a test runs")
    process.send_signal(signal.SIGHUP)
    project.write("go", "")
    assert project.finish(process).code == 0


@pytest.mark.parametrize("seed", range(8))
def test_a_signal_while_the_reports_are_written_leaves_old_or_new(project, seed):
    project.config()
    project.scripts(**{f"t{i:03}": f"echo {i}; exit {i % 2}" for i in range(150)})
    first = project.tanda("run")
    assert first.code == 1
    out = project.folder / "tanda-out"
    before = first.journal()[0]["run"].encode()
    process = project.popen("run")
    journal = out / "journal.ndjson"

    def has_ended():
        lines = journal.read_bytes() if journal.exists() else before
        return process.poll() is not None or (before not in lines and lines.count(b'"batch_ended"') >= 150)

    wait_until(has_ended, "the tests ended")
    time.sleep(random.Random(seed).uniform(0, 0.03))
    if process.poll() is None:
        process.terminate()
    result = project.finish(process)
    assert result.code in (1, -signal.SIGTERM)
    json.loads((out / "summary.json").read_text())
    assert result.junit().get("tests") == "150"
    assert not [path.name for path in out.iterdir() if path.name.endswith((".tmp", ".part"))]


# ---- reports (F6, F8) ----

REPORT = """import sys
head = '<testsuites><testsuite name="s">'
case = '<testcase classname="tests.test_one" name="{}" file="tests/test_one.py" time="0.01">{}</testcase>'
open(sys.argv[1], 'w').write(head + ''.join(case.format(*pair.split('=', 1)) for pair in sys.argv[2:-1])
                             + '</testsuite></testsuites>')
"""


def fake(project, *cases, run=None):
    project.write("fake.py", REPORT)
    project.write("tests/test_one.py", "def test_one(): pass\n")
    project.config(suites={"py": {"framework": "pytest", "files": "tests/test_*.py", "list": {"format": "none"},
                                  "run": [*(run or ["python3", "fake.py", "{report}", *cases]), "{ids}"]}})


def test_a_report_of_an_earlier_run_counts_for_nothing(project):
    fake(project, "one=")
    assert project.tanda("run").code == 0
    old = list((project.folder / "tanda-out").glob("batches/*/report.xml"))
    assert old
    project.write("tanda-out/batches/00000/report.xml", old[0].read_text())
    fake(project, run=["true", "{report}"])
    result = project.tanda("run")
    assert result.code == 3 and result.verdicts() == {"tests/test_one.py": "error"}
    assert "without writing a report" in result.err


def test_two_cases_of_one_name_are_two_cases(project):
    fake(project, "same=", "same=<failure message='second'/>", "same=")
    result = project.tanda("run")
    assert result.code == 1
    cases = list(result.junit().iter("testcase"))
    assert len(cases) == 3 and len({(case.get("classname"), case.get("name")) for case in cases}) == 3
    assert result.summary()["cases"] == {"passed": 2, "failed": 1, "error": 0, "skipped": 0}


# ---- names (G20, G21, J6) ----

def test_a_file_that_looks_like_an_option_is_a_file(project):
    project.write("--help.sh", "touch ran-help\n")
    project.write("-rf", "")
    project.write("test_--version.py", "def test_it(): pass\n")
    project.config(suites={"cmd": {"framework": "command", "files": "*.sh", "area": "a", "run": ["sh", "{id}"]},
                           "py": {"framework": "pytest", "files": "*.py", "area": "a"}})
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert (project.folder / "ran-help").exists() and len(result.verdicts()) == 2


def test_a_file_matched_twice_runs_once_and_two_suites_may_share_it(project):
    project.config(suites={
        "one": {"framework": "command", "files": ["tests/{area}/*.sh", "tests/**/x.sh"], "run": ["sh", "{id}"]},
        "two": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}"]}})
    project.scripts(x="echo >> ran")
    result = project.tanda("run", "-j", "1")
    assert result.code == 0, result.err
    assert (project.folder / "ran").read_text() == "\n\n"
    assert len({(suite.get("name"), suite.get("id")) for suite in result.junit().iter("testsuite")}) == 2


# ---- configuration (G12) ----

@pytest.mark.parametrize("text, words", [
    (b'\xef\xbb\xbf{"suites": {"a": {"framework": "pytest"}}}', None),
    (b'{"retries": 1\x00}', "tanda.json:1:"),
    (b'{"retries": NaN}', "tanda.json:1:"),
    (b'{"retries": 1e999}', "tanda.json:1:"),
    (b'{"retries": 99999999999999999999}', "tanda.json:1:"),
    (b'{"retries": -1}', "tanda.json:1:"),
    (b'{"x-deep": ' + b"[" * 5000 + b"]" * 5000 + b"}", "tanda.json:1:"),
    (b'{"retries": 1, /* why */ "name": "x"}', "tanda.json:1:"),
    (b'{"retries": 1', "tanda.json:1:"),
    (b'{"name": "\xff"}', "tanda.json:1:"),
    (b"[]", "tanda.json:1:"),
    (b'{"x-big": "' + b"a" * 17_000_000 + b'"}', "tanda.json"),
])
def test_json_of_all_kinds_is_read_or_refused_with_its_place(project, text, words):
    project.write("tanda.json", text)
    result = project.tanda("config", "show")
    assert result.code == (0 if words is None else 2), result.err
    assert words is None or (words in result.err and len(result.err) < 1000)


# ---- history (J4) ----

def history(project, age="now"):
    project.config()
    project.scripts(one="true")
    assert project.tanda("run").code == 0
    return project.folder / ".tanda" / "history.db"


def test_a_locked_history_is_only_a_warning(project):
    path = history(project)
    with sqlite3.connect(path, isolation_level=None) as db:
        db.execute("BEGIN EXCLUSIVE")
        result = project.tanda("run")
        assert result.code == 0 and "warning" in result.err
        db.execute("ROLLBACK")
    assert project.tanda("run").code == 0


def test_a_history_of_a_gigabyte_of_nothing_is_only_a_warning(project):
    path = history(project)
    path.write_bytes(b"")
    os.truncate(path, 1 << 30)
    result = project.tanda("run")
    assert result.code == 0 and "warning" in result.err


def test_a_torn_history_is_only_a_warning(project):
    path = history(project)
    whole = path.read_bytes()
    for cut in (10, 100, 5000, len(whole) // 2):
        path.write_bytes(whole[:cut])
        assert project.tanda("run").code == 0
        path.write_bytes(whole[:cut] + b"\xff" * (len(whole) - cut))
        assert project.tanda("run").code == 0


def test_an_unreadable_project_folder_still_runs_without_history(project):
    project.config()
    project.scripts(one="true")
    project.write(".tanda", "a file where the folder should be")
    result = project.tanda("run")
    assert result.code == 0 and "warning" in result.err


# ---- out folder (E2, G16, E4) ----

def test_an_out_folder_that_is_a_link_or_a_file_is_told(project):
    project.config()
    project.scripts(one="true")
    precious = project.write("elsewhere/precious", "x")
    (project.folder / "tanda-out").symlink_to("elsewhere")
    result = project.tanda("run")
    assert result.code == 2 and "tanda-out" in result.err
    assert precious.exists() and len(list(precious.parent.iterdir())) == 1
    (project.folder / "tanda-out").unlink()
    project.write("tanda-out", "a file")
    result = project.tanda("run")
    assert result.code == 2 and "tanda-out" in result.err and "help:" in result.err


def test_links_planted_among_the_reports_are_not_followed(project):
    project.config()
    project.scripts(one="echo hi; exit 1")
    assert project.tanda("run").code == 1
    target = project.write("precious", "x")
    out = project.folder / "tanda-out"
    for name in ("junit.xml", "summary.json", "last-failed.txt", "journal.ndjson", "logs/00000.log"):
        path = out / name
        path.unlink()
        path.symlink_to(target)
    result = project.tanda("run")
    assert result.code in (1, 2), result.err
    assert target.read_text() == "x"


@pytest.mark.parametrize("limit", [16, 24, 32, 64])
def test_with_few_open_files_the_rest_waits_or_is_told(project, limit):
    project.config()
    project.scripts(**{f"t{i}": "exec sleep 0.05" for i in range(20)})
    done = subprocess.run(["bash", "-c", f"ulimit -n {limit}; exec '{TANDA}' run -j 64"], cwd=project.folder,
                          env=project.environment(), capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == 2 or not (project.folder / "tanda-out" / "summary.json").exists():
        assert "open files" in done.stderr or "ulimit -n" in done.stderr, done.stderr
        return
    assert done.returncode in (0, 3), done.stderr
    summary = json.loads((project.folder / "tanda-out" / "summary.json").read_text())
    assert sum(summary["verdicts"].values()) == 20
    assert done.returncode == 0 or "open files" in done.stderr, done.stderr


def test_the_table_of_faults_names_tests_that_are_there():
    table = (ROOT / "docs" / "faults.md").read_text()
    files = [path for folder, glob in (("e2e", "*.py"), ("unit", "*.c")) for path in (ROOT / "tests" / folder).glob(glob)]
    sources = "".join(path.read_text() for path in files)
    named = {name for line in table.splitlines() if line.startswith("| ")
             for name in re.findall(r"\b[a-z]+(?:_[a-z0-9]+){2,}\b", line.rsplit("|", 2)[1])}
    named -= {path.stem for path in files}  # a whole file
    assert len(named) > 50
    assert sorted(name for name in named if f"{name}(" not in sources) == []
