"""A run whose tanda was killed goes on: every verdict is kept, only what has none runs, and the report is
that of a run that nobody disturbed."""
import json
import os
import random
import re
import shutil
import signal
import time

import pytest

from conftest import wait_until

ROUNDS = int(os.environ.get("TANDA_RESUME_ROUNDS", "6"))
TIMES = re.compile(r'(time|timestamp)="[^"]*"|name="tanda\.(run|worker|node)" value="[^"]*"|id="[^"]*"')


def shop(project, count=10, sleep_s=0.05, **keys):
    """Passing, failing, flaky, skipped and crashing tests, in two areas."""
    endings = ["exit 0", "exit 0", "exit 1", "exit 77", "kill -9 $$", '[ "$TANDA_ATTEMPT" -gt 1 ]']
    for number in range(count):
        area = "cart" if number % 2 else "login"
        project.write(f"tests/{area}/t{number:02}.sh",
                      f"sleep {sleep_s}\n{endings[number % len(endings)]}\n")
    project.config(retries=1, **keys)


def forget(project):
    shutil.rmtree(project.folder / "tanda-out")


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()


def kill_when(project, process, condition, what):
    wait_until(lambda: condition() or process.poll() is not None, what)
    kill(process)


def events(project):
    path = project.folder / "tanda-out" / "journal.ndjson"
    lines = path.read_text(errors="replace").split("\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines]


def journal_kinds(project):
    return [event["kind"] for event in events(project)]


def ended(project, count):
    return lambda: journal_kinds(project).count("batch_ended") >= count


def report_of(project):
    """junit.xml without times, names of runs, workers and nodes; and the totals."""
    summary = project.tanda("report").folder / "tanda-out" / "summary.json"
    totals = json.loads(summary.read_text())
    text = (project.folder / "tanda-out" / "junit.xml").read_text()
    return TIMES.sub("", text), totals["verdicts"], totals["cases"], totals["exit"]


def test_a_killed_run_goes_on_and_ends_as_if_nothing_had_been(project):
    shop(project, count=16, sleep_s=0.1)
    assert project.tanda("run").code == 1
    undisturbed = report_of(project)
    forget(project)
    kill_when(project, project.popen("run"), ended(project, 4), "four batches have ended")
    before = {event["test"] for event in done_tests(project)}
    result = project.tanda("run", "--resume")
    assert result.code == 1
    assert "continued: " in result.err
    assert report_of(project) == undisturbed
    assert project.tanda("report", "--check").code == 0
    told = events(project)
    resumed = next(i for i, event in enumerate(told) if event["kind"] == "run_resumed")
    again = {test for event in told[resumed:] if event["kind"] == "batch_started" and event["reason"] == "planned"
             for test in event["tests"]}
    assert not before & again, "what had its verdict was run again"


def done_tests(project):
    """{"test": n} for each test that an ended batch has settled, as the journal tells it."""
    told = events(project)
    started = {event["batch"]: event["tests"] for event in told if event["kind"] == "batch_started"}
    return [{"test": test} for event in told
            if event["kind"] == "batch_ended" and event.get("exit_expected") and not event.get("exit_failed")
            for test in started[event["batch"]]]


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_random_kills_lose_and_double_nothing(project, seed):
    chance = random.Random(seed)
    box = {"box": {"exec": ["env"], "workspace": "shared", "executors": 1}} if seed % 2 else {}  # a shell of its own, as over ssh
    shop(project, count=12, nodes={"local": 2, **box})
    assert project.tanda("run").code == 1
    undisturbed = report_of(project)
    forget(project)
    process = project.popen("run")
    for _ in range(chance.randrange(1, 5)):
        time.sleep(chance.uniform(0.02, 0.5))
        kill(process)
        sealed = "plan_sealed" in journal_kinds(project)
        process = project.popen("run", "--resume") if sealed else project.popen("run")
    result = project.finish(process)
    if "its run has ended" in result.err:
        project.tanda("report")  # the kill came after the last event
    assert project.tanda("report", "--check").code == 0
    assert report_of(project) == undisturbed
    numbers = [event["batch"] for event in events(project) if event["kind"] == "batch_started"]
    assert len(numbers) == len(set(numbers)), "a fencing number was used twice"


# What a node's connection goes through; stopped, it is a network that is silent.
HOP = """#!/bin/sh
note='echo $$ >>"$HOPS"; exec cat'
sh -c "$note" | "$@" | sh -c "$note"
"""


def cut_off(project, body):
    """One test on a node of its own, and the network falls silent while it runs; then tanda is killed."""
    hops, ran, gate = project.home / "hops", project.folder / "ran", project.folder / "gate"
    hop = project.write("hop", HOP, 0o755)
    ran.write_text("")
    project.orphans_allowed = True  # what waits for the shells of a node is the node's own init
    body = f"echo x >>'{ran}'; while [ ! -e '{gate}' ]; do sleep 0.05; done\n{body}"
    project.scripts(one=f"exec 9>'{project.home}/lock'; flock -n 9 || echo x >>'{project.home}/together'\n{body}")
    project.config(retries=0, nodes={"box": {"exec": ["env", f"HOPS={hops}", str(hop)], "workspace": "shared", "executors": 1,
                                             "remote_root": str(project.home / "box")}})
    process = project.popen("run")
    wait_until(ran.read_text, "it runs")
    pids = [int(pid) for pid in hops.read_text().split()]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    kill(process)
    return pids, ran, gate


def end_hops(pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def test_what_a_node_finished_meanwhile_is_fetched(project):
    pids, ran, gate = cut_off(project, "exit 0")
    gate.touch()
    box = project.home / "box"
    wait_until(lambda: list(box.glob("*/*.code")), "the node has a result")
    result = project.tanda("run", "--resume")
    end_hops(pids)
    assert result.code == 0, result.log()
    assert ran.read_text() == "x\n", "it ran again"
    assert result.verdicts() == {"tests/a/one.sh": "passed"}
    assert project.tanda("report", "--check").code == 0
    wait_until(lambda: not list(box.iterdir()), "nothing is left on the node")


def test_what_still_runs_on_a_node_is_ended_before_it_runs_again(project):
    pids, ran, gate = cut_off(project, "exit 0")
    resumed = project.popen("run", "--resume")
    wait_until(lambda: ran.read_text() == "x\nx\n", "it runs again")
    gate.touch()
    result = project.finish(resumed)
    end_hops(pids)
    assert result.code == 0, result.log()
    assert not (project.home / "together").exists(), "two attempts ran at once"
    assert result.verdicts() == {"tests/a/one.sh": "passed"}
    assert [event["kind"] for event in events(project) if event.get("orphan")] == ["batch_ended"], "the try that was cut off counts"
    wait_until(lambda: not list((project.home / "box").iterdir()), "nothing is left on the node")


# What a node's connection goes through: each way takes so many seconds, also for what a dead tanda has sent.
SLOW_WAY = """#!/usr/bin/env python3
import os, queue, subprocess, sys, threading, time

def carry(source, target, close):
    pieces = queue.Queue()
    def deliver():
        while True:
            due, piece = pieces.get()
            time.sleep(max(0, due - time.monotonic()))
            if not piece:
                return close()
            try:
                while piece:
                    piece = piece[os.write(target, piece):]
            except OSError:
                pass
    thread = threading.Thread(target=deliver)
    thread.start()
    while True:
        piece = os.read(source, 65536)
        pieces.put((time.monotonic() + float(sys.argv[1]), piece))
        if not piece:
            return thread

def carry_back(source, target):
    carry(source, target, lambda: None).join()

shell = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
ways = [threading.Thread(target=carry_back, args=pair) for pair in ((shell.stdout.fileno(), 1), (shell.stderr.fileno(), 2))]
threading.Thread(target=carry, args=(0, shell.stdin.fileno(), shell.stdin.close), daemon=True).start()
for way in ways:
    way.start()
for way in ways:
    way.join()
sys.exit(shell.wait())
"""


def far_away(project, **keys):
    """A node at the end of a slow way."""
    project.orphans_allowed = True  # what waits for the shells of a node is the node's own init
    way = project.write("way", SLOW_WAY, 0o755)
    return {"exec": [str(way), "0.8"], "workspace": "shared", "executors": 1, "remote_root": str(project.home / "far"), **keys}


def alone(project, far, here="exit 0"):
    """The body of a test that tells where it runs and when it is not alone, and ends by no SIGTERM. It is one
    process, which its parent waits for: a zombie's group is there for as long as nobody does."""
    return (f"trap '' TERM; exec 9>'{project.home}/lock'\n"
            f"flock -n 9 || echo x >>'{project.home}/together'\n"
            f"echo \"$TANDA_NODE\" >>'{project.home}/ran'\n"
            f'[ "$TANDA_NODE" = local ] || [ -e resumed ] || {{ {far}; }}\n{here}\n')


def with_someone_busy_here(project, seconds, **keys):
    """So many seconds are expected of each test; the worker of this machine has one of its own meanwhile."""
    project.scripts(here__busy="[ -e resumed ] || exec sleep 60")
    times = {f"tests/{name}.sh": expected for name, expected in {"here/busy": 60, **seconds}.items()}
    project.write("times.json", json.dumps({"schema": "tanda.timings/1", "suites": {"cmd": {"tests": times}}}))
    keys["areas"] = {"here": {"labels": "here"}, **keys.get("areas", {})}
    keys["nodes"]["local"] = {"executors": 1, "labels": ["here"]}
    project.config(timings="times.json", **keys)


def ran(project):
    path = project.home / "ran"
    return path.read_text().split() if path.exists() else []


def nothing_ran_together(project, result, count):
    assert not (project.home / "together").exists(), f"two attempts ran at once\n{result.log()}"
    assert result.code == 0, result.log()
    assert list(result.verdicts().values()) == ["passed"] * count
    assert project.tanda("report", "--check").code == 0
    told = events(project)
    started = [event["batch"] for event in told if event["kind"] == "batch_started"]
    assert sorted(event["batch"] for event in told if event["kind"] == "batch_ended") == sorted(started), "each has one end"


def test_what_waited_ahead_on_a_node_does_not_run_twice_at_a_time(project):
    project.scripts(a__first="[ -e resumed ] || exec sleep 2", a__second=alone(project, "exec sleep 30"))
    with_someone_busy_here(project, {"a/first": 1, "a/second": 0.5}, nodes={"far": far_away(project)})
    kill_when(project, project.popen("run"), lambda: ran(project), "what waited runs")
    assert ran(project) == ["far"]
    project.write("resumed", "")
    nothing_ran_together(project, project.tanda("run", "--resume"), 3)
    assert waited_s(project) < 14, "the node was asked: nobody waits for the end of a lease"


def waited_s(project):
    """From the moment when another tanda went on until it handed out the first batch."""
    told = events(project)
    resumed = next(i for i, event in enumerate(told) if event["kind"] == "run_resumed")
    here = next(event["worker"] for event in told if event["kind"] == "worker_planned" and event["node"] == "local")
    first = next(event for event in told[resumed:] if event["kind"] == "batch_started" and event["worker"] == here)
    return first["at_s"] - told[resumed]["at_s"]


def killed_with_a_member_far_away(project):
    """What else that node runs can be asked for: so nothing of it is ended here, as if it were elsewhere."""
    project.scripts(a__one=alone(project, "exec sleep 30"), b__other="touch other; [ -e resumed ] || exec sleep 60")
    with_someone_busy_here(project, {"a/one": 1, "b/other": 2}, nodes={"far": far_away(project, executors=2)},
                           areas={"a": {"pools": {"shop": 1}}}, pools={"shop": {"members": [{"name": "s1"}]}})
    kill_when(project, project.popen("run"), lambda: ran(project) and (project.folder / "other").exists(), "both run")
    assert ran(project) == ["far"]
    project.write("resumed", "")


def test_what_held_a_member_on_a_node_does_not_run_twice_at_a_time(project):
    killed_with_a_member_far_away(project)
    nothing_ran_together(project, project.tanda("run", "--resume"), 3)


def test_who_waits_for_a_node_to_end_its_tests_may_be_killed_as_well(project):
    killed_with_a_member_far_away(project)
    kill_when(project, project.popen("run", "--resume"), lambda: "run_resumed" in journal_kinds(project), "it goes on")
    nothing_ran_together(project, project.tanda("run", "--resume"), 3)


def test_what_a_node_has_that_does_not_answer_waits_for_the_end_of_its_lease(project):
    hops, refused = project.home / "hops", project.home / "refused"
    hop = project.write("hop", HOP.replace("note=", f"[ ! -e '{refused}' ] || exit 1\nnote="), 0o755)
    project.orphans_allowed = True  # what waits for the shells of a node is the node's own init
    project.scripts(a__one=alone(project, "exec sleep 30"))
    box = {"exec": ["env", f"HOPS={hops}", str(hop)], "workspace": "shared", "executors": 1, "launch_retries": 0,
           "remote_root": str(project.home / "box")}
    with_someone_busy_here(project, {"a/one": 1}, nodes={"box": box})
    process = project.popen("run")
    wait_until(lambda: ran(project), "it runs")
    assert ran(project) == ["box"]
    pids = [int(pid) for pid in hops.read_text().split()]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    kill(process)
    refused.touch()
    project.write("resumed", "")
    result = project.tanda("run", "--resume")
    end_hops(pids)
    nothing_ran_together(project, result, 2)


def test_a_run_without_other_nodes_goes_on_at_once(project):
    project.scripts(one="[ -e resumed ] || exec sleep 60")
    project.config()
    kill_when(project, project.popen("run"), lambda: "batch_running" in journal_kinds(project), "it runs")
    project.write("resumed", "")
    assert project.tanda("run", "--resume").code == 0
    assert waited_s(project) < 5


def test_resuming_is_killed_again_and_again(project):
    shop(project, count=10)
    kill_when(project, project.popen("run"), ended(project, 1), "a batch has ended")
    for _ in range(3):
        count = journal_kinds(project).count("batch_ended")
        kill_when(project, project.popen("run", "--resume"),
                  lambda count=count: journal_kinds(project).count("batch_ended") > count + 2, "some more have ended")
    if "run_finished" not in journal_kinds(project):
        assert project.tanda("run", "--resume").code == 1
    assert journal_kinds(project).count("run_resumed") >= 1
    assert project.tanda("report", "--check").code == 0


def test_a_torn_last_line_is_cut_off(project):
    shop(project)
    kill_when(project, project.popen("run"), ended(project, 3), "three batches have ended")
    journal = project.folder / "tanda-out" / "journal.ndjson"
    with journal.open("ab") as file:
        file.write(b'{"seq":99,"at_s":1.0,"kind":"warn')
    assert project.tanda("run", "--resume").code == 1
    assert "warn" not in [event["kind"] for event in events(project)]


def test_zeroes_of_a_power_cut_are_cut_off(project):
    shop(project)
    kill_when(project, project.popen("run"), ended(project, 3), "three batches have ended")
    with (project.folder / "tanda-out" / "journal.ndjson").open("ab") as file:
        file.write(b"\0" * 5000 + b"\n" + b"\0" * 100)
    assert project.tanda("run", "--resume").code == 1


def test_a_journal_that_is_damaged_before_its_end_is_refused(project):
    shop(project)
    kill_when(project, project.popen("run"), ended(project, 3), "three batches have ended")
    journal = project.folder / "tanda-out" / "journal.ndjson"
    lines = journal.read_bytes().split(b"\n")
    lines[-4] = lines[-4].replace(b'"seq"', b'"sex"')
    journal.write_bytes(b"\n".join(lines))
    result = project.tanda("run", "--resume")
    assert result.code == 2
    assert "the journal is damaged" in result.err and "start a new run" in result.err
    assert journal.read_bytes() == b"\n".join(lines), "it is left as it was"


def test_what_an_open_batch_left_behind_is_never_read(project):
    """A JUnit report that lies where the next batch of the worker will write its own."""
    project.write("tests/a/one.sh", 'printf \'<testsuite><testcase name="%s"/></testsuite>\' "$(basename "$1")" '
                                    '>"$TANDA_REPORT_DIR/r$$.xml"; [ -e go ] || { touch started; sleep 60; }\n')
    project.write("tests/a/two.sh", "")
    project.config(suites={"own": {"framework": "command", "files": "tests/{area}/*.sh", "reports": ["*.xml"],
                                   "run": ["sh", "tests/a/one.sh", "{ids}"]}}, nodes={"local": 1})
    process = project.popen("run")
    kill_when(project, process, (project.folder / "started").exists, "the batch runs")
    project.write("go", "")
    for folder in (project.folder / "tanda-out" / "batches").iterdir():
        (folder / "stale.xml").write_text('<testsuite><testcase name="stale"><failure/></testcase></testsuite>')
    project.tanda("run", "--resume")
    assert "stale" not in (project.folder / "tanda-out" / "junit.xml").read_text()


def test_the_stop_that_came_before_the_kill_does_not_hold(project):
    """A CI server's abort: SIGTERM, and SIGKILL before tanda is done."""
    project.scripts(slow='trap "" TERM; [ -e go ] || { touch started; while :; do sleep 0.05; done; }', quick="true")
    project.config(grace="30s")
    process = project.popen("run")
    wait_until((project.folder / "started").exists, "it runs")
    process.send_signal(signal.SIGTERM)
    kill_when(project, process, lambda: "stop_requested" in journal_kinds(project), "it is stopping")
    project.write("go", "")
    result = project.tanda("run", "--resume")
    assert result.code == 0
    assert result.summary()["verdicts"]["passed"] == 2


def test_a_selection_is_kept(project):
    shop(project, count=8)
    kill_when(project, project.popen("run", "--area", "cart"), ended(project, 1), "a batch has ended")
    result = project.tanda("run", "--resume")
    assert result.summary()["planned"] == 4
    assert {area["area"] for area in result.summary()["areas"]} == {"cart"}


def test_the_workers_are_those_of_the_run(project):
    shop(project)
    kill_when(project, project.popen("run", "-j", "3"), ended(project, 1), "a batch has ended")
    assert len(project.tanda("run", "--resume").summary()["workers"]) == 3


def test_max_fail_counts_what_failed_before(project):
    project.scripts(**{f"t{number}": "sleep 0.05; exit 1" for number in range(8)})
    project.config(nodes={"local": 1})
    kill_when(project, project.popen("run"), ended(project, 2), "two have failed")
    result = project.tanda("run", "--resume", "--max-fail", "2")
    assert result.code == 1
    assert result.summary()["verdicts"]["not_run"] >= 4


def killed_with_flags(project, *flags, env=None):
    """Two of eight tests have failed, each at its one attempt."""
    project.scripts(**{f"t{number}": "sleep 0.05; exit 1" for number in range(8)})
    project.config(nodes={"local": 1}, retries=2)
    kill_when(project, project.popen("run", *flags, env=env), ended(project, 2), "two have failed")


def test_a_run_goes_on_with_the_flags_that_it_began_with(project):
    killed_with_flags(project, "--retries", "0", "--max-fail", "3", "--junit", "copy.xml", env={"TANDA_NAME": "night"})
    result = project.tanda("run", "--resume", env={"TANDA_NAME": "another", "TANDA_RETRIES": "5"})
    assert result.code == 1
    assert result.summary()["verdicts"]["failed"] == 3 and result.summary()["verdicts"]["not_run"] == 5, result.log()
    assert (project.folder / "copy.xml").exists()
    assert result.summary()["name"] == "night"


def test_other_flags_than_it_began_with_are_refused(project):
    killed_with_flags(project, "--retries", "0", "--max-fail", "3")
    assert "it cannot go with --retries 1: that run began with 0" in refusal(project, "--retries", "1")
    assert "it cannot go with --max-fail 4: that run began with 3" in refusal(project, "-x", "4")
    assert "it cannot go with --fail-on-flaky: that run began without it" in refusal(project, "--fail-on-flaky")
    assert project.tanda("run", "--resume", "--retries", "0", "--junit", "copy.xml").code == 1
    assert (project.folder / "copy.xml").exists()


def test_no_temporary_folder_is_left_of_any_tanda(project):
    project.write("tmp/keep", "")
    env = {"TMPDIR": str(project.folder / "tmp")}
    shop(project, sleep_s=0.4)
    kill_when(project, project.popen("run", env=env), ended(project, 2), "two batches have ended")
    kill_when(project, project.popen("run", "--resume", env=env), lambda: "run_resumed" in journal_kinds(project), "it goes on")
    left = [event["tmp"] for event in events(project) if event["kind"] in ("run_started", "run_resumed")]
    assert len(set(left)) == 2
    for folder in left:  # as a reboot leaves it, with nobody to clear away
        os.makedirs(f"{folder}/w0/deep", exist_ok=True)
    assert project.tanda("run", "--resume", env=env).code == 1
    assert [path.name for path in (project.folder / "tmp").iterdir()] == ["keep"]


def refusal(project, *args):
    result = project.tanda("run", "--resume", *args)
    assert result.code == 2
    return result.err


def test_a_changed_project_is_told_and_refused(project):
    shop(project)
    kill_when(project, project.popen("run"), ended(project, 2), "two batches have ended")
    config = (project.folder / "tanda.json").read_text()
    project.write("tests/cart/new.sh", "true\n")
    assert "1 test has come since that run began: tests/cart/new.sh" in refusal(project)
    (project.folder / "tests/cart/new.sh").unlink()
    gone = project.folder / "tests/cart/t01.sh"
    body = gone.read_text()
    gone.unlink()
    assert "1 of 10 planned tests is gone: tests/cart/t01.sh" in refusal(project)
    gone.write_text(body)
    project.write("tanda.json", config.replace('"retries": 1', '"retries": 0'))
    assert "not what it was when that run began" in refusal(project)
    project.write("tanda.json", config)
    assert project.tanda("run", "--resume").code == 1, "what was refused has not harmed the run"


def test_there_must_be_something_to_resume(project):
    shop(project, count=2)
    assert "there is no run to resume" in refusal(project)
    assert not (project.folder / "tanda-out").exists()
    project.tanda("run")
    assert "its run has ended" in refusal(project)
    assert "cannot go with --area" in refusal(project, "--area", "cart")
    assert "cannot go with --jobs" in refusal(project, "-j", "2")
    assert "cannot go with PATH" in refusal(project, "tests")


def test_a_run_that_lives_is_not_taken_over(project):
    project.scripts(slow="touch started; while [ ! -e go ]; do sleep 0.05; done")
    project.config()
    process = project.popen("run")
    wait_until((project.folder / "started").exists, "it runs")
    assert f"(pid {process.pid}) is using this folder" in refusal(project)
    project.write("go", "")
    assert project.finish(process).code == 0


def test_a_plan_that_was_not_complete_is_told(project):
    shop(project, count=2)
    project.tanda("run")
    journal = project.folder / "tanda-out" / "journal.ndjson"
    lines = journal.read_text().split("\n")
    journal.write_text("\n".join(lines[:3]) + "\n")
    (project.folder / "tanda-out" / "summary.json").unlink()
    assert "ended before its plan was complete" in refusal(project)
