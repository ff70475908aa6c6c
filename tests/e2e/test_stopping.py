"""What happens when a run is told to stop, or is killed: reports, verdicts, no process left."""

import json
import os
import pathlib
import random
import signal
import subprocess
import time

import pytest

from conftest import TANDA, processes_of, run_ids

LONG = "echo $$ > \"$TANDA_TMP/../started-$TANDA_WORKER\" 2>/dev/null; touch started; sleep 60"


def wait_for(condition, limit_s=10):
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


def started(project):
    return wait_for((project.folder / "started").exists)


def long_run(project, body=LONG, tests=4, **config):
    project.config(**config)
    project.scripts(**{f"t{i}": body for i in range(tests)})
    process = project.popen("run")
    assert started(project)
    return process


def family_of(pid):
    """The process and all below it, deepest last."""
    found = [pid]
    for member in found:
        for children in pathlib.Path("/proc").glob(f"{member}/task/*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except OSError:
                pass
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_run_orderly_and_tanda_dies_of_it(project, number):
    process = long_run(project)
    began = time.monotonic()
    process.send_signal(number)
    result = project.finish(process)
    assert result.code == -number
    assert time.monotonic() - began < 8
    summary = result.summary()
    assert summary["exit"]["code"] == 128 + number
    assert summary["verdicts"]["not_run"] == 4
    assert f"interrupted by {number.name}" in result.err


def test_a_test_that_ignores_sigterm_is_killed_within_the_budget(project):
    process = long_run(project, "trap '' TERM INT; touch started; while :; do sleep 1; done", tests=2)
    began = time.monotonic()
    process.terminate()
    result = project.finish(process)
    assert result.code == -signal.SIGTERM
    assert time.monotonic() - began < 8


def test_a_second_signal_kills_at_once(project):
    process = long_run(project, "trap '' TERM INT; touch started; while :; do sleep 1; done", tests=2)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    time.sleep(0.3)  # two signals of one kind would be one
    process.send_signal(signal.SIGINT)
    result = project.finish(process)
    assert result.code == -signal.SIGINT
    assert time.monotonic() - began < 3


def test_a_storm_of_signals_ends_tanda_once(project):
    process = long_run(project)
    for _ in range(200):
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
    result = project.finish(process)
    assert result.code in (-signal.SIGINT, 128 + signal.SIGINT)


def test_an_abort_of_all_processes_is_an_interruption_not_a_crash(project):
    process = long_run(project)
    for pid in reversed(family_of(process.pid)):
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
    result = project.finish(process)
    assert result.code == -signal.SIGTERM
    verdicts = result.summary()["verdicts"]
    assert verdicts["not_run"] == 4 and verdicts["error"] == 0
    assert all(line["reason"] == "planned" for line in result.journal()
               if line["kind"] == "batch_started" and "reason" in line)


def test_a_pause_uses_up_no_limit(project):
    project.config(test_timeout="2s")
    project.scripts(slow="touch started; i=0; while [ $i -lt 10 ]; do sleep 0.1; i=$((i+1)); done")
    process = project.popen("run")
    assert started(project)
    process.send_signal(signal.SIGTSTP)
    stat = pathlib.Path(f"/proc/{process.pid}/stat")
    assert wait_for(lambda: stat.read_text().rsplit(")", 1)[1].split()[0] == "T")
    time.sleep(2.5)
    process.send_signal(signal.SIGCONT)
    result = project.finish(process)
    assert result.code == 0, result.err
    assert result.summary()["wall_s"] < 2.4


@pytest.mark.parametrize("round_number", range(36))
def test_a_killed_coordinator_leaves_nothing_and_a_journal_that_reports(project, round_number):
    """Every third time before the first test has started, as far as chance has it."""
    project.config()
    project.scripts(**{f"t{i}": f"touch started; (setsid sleep 30 &); sleep 0.0{i}" for i in range(8)})
    process = project.popen("run")
    early = round_number % 3 == 0
    if not early:
        assert started(project)
    time.sleep(random.Random(round_number).uniform(0, 0.03 if early else 0.5))
    process.kill()
    project.finish(process)
    runs = run_ids(project.folder)
    assert wait_for(lambda: processes_of(runs) == [], 4), processes_of(runs)
    report = project.tanda("report")
    assert runs or early
    if runs:
        assert report.code == 0, report.err
        assert sum(report.summary()["verdicts"].values()) == report.summary()["planned"] <= 8
        assert report.summary()["planned"] == 8 or early
    else:
        assert report.code == 2 and "journal" in report.err
    again = project.tanda("run")
    assert again.code == 0, again.err
    if "did not end" in again.err:
        assert (project.folder / "tanda-out" / "unfinished-1" / "journal.ndjson").exists()


@pytest.mark.parametrize("delay_ms", range(0, 40, 4))
def test_a_signal_while_starting_leaves_no_orphan(project, delay_ms):
    project.config()
    project.scripts(**{f"t{i}": "sleep 20" for i in range(4)})
    process = project.popen("run")
    time.sleep(delay_ms / 1000)
    process.terminate()
    result = project.finish(process)
    assert result.code == -signal.SIGTERM


@pytest.fixture
def temporary(project, monkeypatch):
    """Where tanda puts its temporary folders, with nothing else in it."""
    folder = project.home / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.mark.parametrize("delay_ms", [2, 5, 8, 12, 16, 25])
def test_a_signal_while_starting_leaves_no_folder(project, temporary, delay_ms):
    project.config()
    project.scripts(**{f"t{i}": "sleep 20" for i in range(4)})
    process = project.popen("run")
    time.sleep(delay_ms / 1000)
    process.terminate()
    assert project.finish(process).code == -signal.SIGTERM
    assert not os.listdir(temporary)


def test_a_killed_coordinator_leaves_no_folder(project, temporary):
    process = long_run(project, "touch \"$TANDA_TMP/own\" \"$TANDA_TMP/../other\"; " + LONG)
    process.kill()
    project.finish(process)
    assert wait_for(lambda: not os.listdir(temporary)), os.listdir(temporary)


def test_a_storm_of_signals_leaves_no_folder(project, temporary):
    process = long_run(project)
    for _ in range(200):
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
    project.finish(process)
    assert wait_for(lambda: not os.listdir(temporary)), os.listdir(temporary)


def test_a_refused_start_leaves_no_folder(project, temporary):
    project.config(suites={"s": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["no-such-program", "{id}"]}})
    project.scripts(t1="exit 0")
    assert project.tanda("run").code == 3
    assert not os.listdir(temporary)


def test_the_run_timeout_leaves_the_rest_not_run(project):
    project.config(run_timeout="1s")
    project.scripts(fast="true", slow1="sleep 30", slow2="sleep 30", slow3="sleep 30")
    result = project.tanda("run")
    assert result.code == 3
    assert result.summary()["verdicts"]["not_run"] >= 2
    assert "the run's time" in result.err


def test_the_run_timeout_holds_after_max_fail(project):
    project.config(run_timeout="2s", grace="1s", nodes={"local": 2})
    project.scripts(fails="exit 1", slow="sleep 25")
    result = project.tanda("run", "--max-fail", "1")
    assert result.code == 1 and result.summary()["wall_s"] < 20


def test_the_test_timeout_fails_the_test(project):
    project.config(test_timeout="500ms", grace="300ms")
    project.scripts(fine="true", hangs="trap '' TERM; sleep 30 & wait; sleep 30")
    result = project.tanda("run")
    assert result.code == 1
    assert result.verdicts()["tests/a/hangs.sh"] == "failed"
    assert "timed out after 0.500 s" in result.err


def test_max_fail_stops_handing_out(project):
    project.config(nodes={"local": 1})
    project.scripts(**{f"t{i}": "exit 1" for i in range(6)})
    result = project.tanda("run", "--max-fail", "2")
    assert result.code == 1
    assert result.summary()["verdicts"] == {"passed": 0, "flaky": 0, "failed": 2, "error": 0,
                                            "skipped": 0, "lost": 0, "not_run": 4}


def test_closed_streams_do_not_stop_the_run(project):
    project.config()
    project.scripts(one="true", two="true")
    command = f"'{TANDA}' run 2>&1 | head -n 1"
    subprocess.run(["bash", "-c", command], cwd=project.folder, env=project.environment(),
                   stdout=subprocess.PIPE, timeout=30, check=False)
    summary = json.loads((project.folder / "tanda-out" / "summary.json").read_text())
    assert summary["verdicts"]["passed"] == 2
