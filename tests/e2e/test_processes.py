"""Commands that crash, fork, flee and fight back: each hurts itself only, and nothing of it is left."""

import json
import subprocess

import pytest

from conftest import TANDA, let_others_in


def log_of(project, number=0):
    return (project.folder / "tanda-out" / "logs" / f"{number:05}.log").read_text()


@pytest.mark.parametrize("number, words", [
    ("ABRT", "signal 6 (SIGABRT"), ("KILL", "signal 9 (SIGKILL"), ("SEGV", "signal 11 (SIGSEGV"), ("40", "signal 40"),
])
def test_a_death_by_signal_is_an_error_that_names_it(project, number, words):
    project.config()
    project.scripts(dies=f"ulimit -c 0; kill -{number} $$", fine="true")
    result = project.tanda("run")
    assert result.code == 3
    assert result.verdicts() == {"tests/a/dies.sh": "error", "tests/a/fine.sh": "passed"}
    assert words in result.err


DOUBLE_FORK = """import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp('sleep', ['sleep', '3003'])
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize("body, left", [
    ("sleep 3001 & echo hi", "sleep 3001"),                      # holds the output open
    ("sleep 3002 >/dev/null 2>&1 &", "sleep 3002"),              # does not
    ("python3 fork.py >/dev/null 2>&1", "sleep 3003"),           # a daemon of its own session
    ("(setsid setsid sleep 3004 >/dev/null 2>&1 &)", "sleep 3004"),
])
def test_what_outlives_its_test_is_named_and_killed(project, body, left):
    project.write("fork.py", DOUBLE_FORK)
    project.config()
    project.scripts(leaves=body)
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert left in result.err
    assert any(left in line.get("leaked", "") for line in result.journal())


def test_a_thousand_adopted_orphans_are_reaped(project):
    project.config()
    project.scripts(orphans="i=0; while [ $i -lt 1000 ]; do (setsid true &); i=$((i+1)); done",
                    count="sleep 0.2; exit 0")
    assert project.tanda("run").code == 0  # no zombie is left: the invariants look


def test_a_tree_that_forks_while_it_is_killed_ends(project):
    project.config(test_timeout="300ms", grace="200ms")
    project.scripts(storm="trap 'sleep 3005 & sleep 3005 & sleep 3005 &' TERM; while :; do sleep 0.05; done")
    result = project.tanda("run")
    assert result.code == 1
    assert "timed out" in result.err


def test_a_test_that_ignores_sigterm_is_killed_after_the_grace(project):
    project.config(test_timeout="300ms", grace="300ms")
    project.scripts(deaf="trap '' TERM; while :; do sleep 0.05; done")
    result = project.tanda("run")
    assert result.code == 1
    assert result.verdicts() == {"tests/a/deaf.sh": "failed"}
    ended = [line for line in result.journal() if line["kind"] == "batch_ended"]
    assert [line["signal"] for line in ended] == [9]


def test_a_stopped_test_is_ended_too(project):
    project.config(test_timeout="300ms", grace="5s")
    project.scripts(stops="echo before; kill -STOP $$")
    result = project.tanda("run")
    assert result.code == 1
    assert "timed out" in result.err


@pytest.mark.parametrize("body", ["kill -TERM 0; sleep 5", "kill -TERM $PPID; sleep 3006", "kill -KILL $PPID; sleep 3006",
                                  "kill -KILL 0; sleep 5", "kill -STOP $PPID; exit 1"])
def test_a_test_that_kills_its_group_or_parent_hurts_only_itself(project, body):
    project.orphans_allowed = True
    project.config(test_timeout="3s", grace="300ms")
    project.scripts(bad=body, **{f"fine{i}": "sleep 0.1" for i in range(6)})
    result = project.tanda("run", "--no-second-chance")
    verdicts = result.verdicts()
    bad = verdicts.pop("tests/a/bad.sh")
    assert bad in ("error", "failed"), result.err
    assert set(verdicts.values()) == {"passed"}, result.err
    assert result.code in (1, 3)


def test_a_test_has_no_terminal_and_an_empty_input(project):
    project.config()
    project.scripts(reads="cat; echo read; (: </dev/tty) 2>/dev/null && echo tty; exit 1")
    result = project.tanda("run")
    assert result.code == 1
    assert log_of(project).split() == ["read"]


def test_many_failed_starts_leave_nothing(project):
    project.config(suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["./none", "{id}"]}})
    project.scripts(**{f"t{i}": "true" for i in range(100)})
    result = project.tanda("run")
    assert result.code == 3
    assert result.summary()["verdicts"]["error"] == 100
    assert len([line for line in result.journal() if line["kind"] == "batch_started"]) == 100  # none again


STATUS = "grep -E '^Sig(Blk|Ign)' /proc/self/status; exit 1"


@pytest.mark.parametrize("start", ["trap '' INT PIPE HUP TERM; exec {} run", "exec nohup {} run",
                                   "exec env --block-signal=USR1,CHLD,TERM {} run"])
def test_a_test_inherits_no_mask_and_no_ignored_signal(project, start):
    project.config()
    project.scripts(looks=STATUS)
    subprocess.run(["bash", "-c", start.format(TANDA)], cwd=project.folder, env=project.environment(),
                   capture_output=True, timeout=60, check=False)
    masks = [line.split()[1] for line in log_of(project).splitlines() if line.startswith("Sig")]
    assert len(masks) == 2 and all(int(mask, 16) == 0 for mask in masks), log_of(project)


def test_a_test_sees_three_files_however_many_workers(project):
    project.config()
    project.scripts(**{f"t{i}": "ls -l /proc/self/fd | grep -v -e total -e /proc/; exit 1" for i in range(64)})
    result = project.tanda("run", "-j", "64")
    assert result.summary()["verdicts"]["failed"] == 64
    for log in (project.folder / "tanda-out" / "logs").glob("*.log"):
        assert len(log.read_text().splitlines()) == 3, log.read_text()


def test_the_mask_for_new_files_is_the_callers(project):
    project.config()
    project.scripts(makes="umask; touch made; exit 1")
    subprocess.run(["bash", "-c", f"umask 027; exec '{TANDA}' run"], cwd=project.folder, env=project.environment(),
                   capture_output=True, timeout=60, check=False)
    assert log_of(project).split() == ["0027"]
    assert (project.folder / "made").stat().st_mode & 0o777 == 0o640


def test_few_process_numbers_confuse_nobody(project):
    """Numbers are used again at once where only some hundred exist: no stranger is ever signalled."""
    project.config(test_timeout="2s")
    project.scripts(**{f"t{i}": "i=0; while [ $i -lt 40 ]; do (setsid true &); i=$((i+1)); done; true"
                       for i in range(30)})
    script = f"echo 400 >/proc/sys/kernel/pid_max && exec '{TANDA}' run -j 4"
    done = subprocess.run(["unshare", "-Ufrp", "--mount-proc", "sh", "-c", script], cwd=project.folder,
                          env=project.environment(), capture_output=True, text=True, timeout=100, check=False)
    if not (project.folder / "tanda-out").exists():
        pytest.skip(f"no process numbers of one's own here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr


def test_too_few_processes_allowed_is_waited_out_or_told(project):
    """fork() fails with EAGAIN for an ordinary user with a low limit; root has none."""
    project.config()
    project.scripts(**{f"t{i}": "exec sleep 0.1" for i in range(12)})
    let_others_in(project.folder)
    project.folder.chmod(0o777)
    who = ["setpriv", "--reuid=64123", "--clear-groups"]
    if subprocess.run([*who, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("only root can become a user without processes")
    command = [*who, "prlimit", "--nproc=14", TANDA, "run", "-j", "8"]
    done = subprocess.run(command, cwd=project.folder, env=project.environment(), capture_output=True,
                          text=True, timeout=100, check=False)
    assert done.returncode in (0, 3), done.stderr
    summary = json.loads((project.folder / "tanda-out" / "summary.json").read_text())
    assert summary["verdicts"]["passed"] + summary["verdicts"]["error"] == 12
    assert done.returncode == 0 or "too many processes" in done.stderr
