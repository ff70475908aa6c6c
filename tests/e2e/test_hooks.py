"""Commands around the run, its nodes, its workers and its areas."""

import json
import os
import signal

import pytest

from conftest import wait_until
from test_nodes import away, changes, cut, hops, journal_lines, node


def hook(text):
    return ["sh", "-c", text]


def note(word):
    """A hook that writes its word and what it is around."""
    return hook(f'echo "{word} $TANDA_HOOK ${{TANDA_NODE-}}/${{TANDA_WORKER-}}/${{TANDA_AREA-}}" >>story')


def all_hooks():
    return {scope: {"before": note("+"), "after": note("-")} for scope in ("run", "node", "worker", "area")}


def story(project):
    path = project.folder / "story"
    return path.read_text().splitlines() if path.exists() else []


def errands(result):
    return [event for event in result.journal() if event["kind"] == "errand_ended"]


@pytest.fixture
def suite(project):
    project.scripts(one='echo "t a" >>story', two='echo "t a" >>story', b__three='echo "t b" >>story')
    return project


def test_all_hooks_run_from_the_outside_in_and_back(suite):
    suite.config(hooks=all_hooks(), nodes={"local": 1})
    result = suite.tanda("run")
    assert result.code == 0, result.log()
    told = story(suite)
    assert told[:3] == ["+ run.before //", "+ node.before local//", "+ worker.before local/0/"]
    assert told[-3:] == ["- worker.after local/0/", "- node.after local//", "- run.after //"]
    inner = told[3:-3]
    for area, count in (("a", 2), ("b", 1)):
        around = [inner.index(f"+ area.before //{area}"), inner.index(f"- area.after //{area}")]
        tests = [number for number, line in enumerate(inner) if line == f"t {area}"]
        assert len(tests) == count and around[0] < min(tests) and max(tests) < around[1]
    assert {event["what"] for event in errands(result)} == {f"hooks.{scope}.{when}" for scope in all_hooks()
                                                             for when in ("before", "after")}
    assert suite.tanda("report", "--check").code == 0


def test_each_worker_and_each_node_is_made_ready_once(project):
    body = 'touch in-$TANDA_WORKER; while [ $(ls | grep -c ^in-) -lt 3 ]; do sleep 0.05; done'
    project.scripts(**{f"t{number}": body for number in range(9)})
    project.orphans_allowed = True  # what waits for the shells of a node is the node's own init
    project.config(hooks=all_hooks(), nodes={"local": 2, "box": {"exec": ["env"], "workspace": "shared", "executors": 1}})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    told = story(project)
    assert sorted(line for line in told if "worker.before" in line) == [
        "+ worker.before box/2/", "+ worker.before local/0/", "+ worker.before local/1/"]
    assert sorted(line for line in told if "node" in line) == [
        "+ node.before box//", "+ node.before local//", "- node.after box//", "- node.after local//"]
    assert told.count("+ run.before //") == told.count("- run.after //") == 1


def test_a_run_that_cannot_be_made_ready_runs_nothing(suite):
    suite.config(hooks={"run": {"before": hook("echo no database; exit 3"), "after": note("-")}})
    result = suite.tanda("run")
    assert result.code == 3, result.log()
    assert set(result.verdicts().values()) == {"not_run"}
    assert "the hook run.before exited 3; its output is in logs/hook-run-before.log" in result.err
    assert "no database" in (suite.folder / "tanda-out" / "logs" / "hook-run-before.log").read_text()
    assert story(suite) == ["- run.after //"], "what was begun is cleared away"


def test_an_area_that_cannot_be_made_ready_costs_its_tests_and_no_others(suite):
    suite.config(hooks={"area": {"before": hook('[ "$TANDA_AREA" != b ]'), "after": note("-")}}, nodes={"local": 1})
    result = suite.tanda("run")
    assert result.code == 3, result.log()
    assert result.verdicts() == {"tests/a/one.sh": "passed", "tests/a/two.sh": "passed", "tests/b/three.sh": "not_run"}
    assert "the hook area.before of b exited 1" in result.err
    assert sorted(line for line in story(suite) if line.startswith("-")) == ["- area.after //a", "- area.after //b"]
    assert suite.tanda("report", "--check").code == 0


def test_tests_of_a_worker_that_cannot_be_made_ready_go_to_others(suite):
    suite.config(hooks={"worker": {"before": hook('[ "$TANDA_WORKER" = 0 ]')}}, nodes={"local": 2})
    result = suite.tanda("run")
    assert result.code == 0, result.log()
    assert {event["worker"] for event in result.journal() if event["kind"] == "batch_started"} == {0}


@pytest.mark.parametrize("scope", ["worker", "node"])
def test_without_anyone_who_can_be_made_ready_nothing_runs(suite, scope):
    suite.config(hooks={scope: {"before": hook("exit 7")}}, nodes={"local": 2})
    result = suite.tanda("run")
    assert result.code == 3, result.log()
    assert set(result.verdicts().values()) == {"not_run"}
    assert f"the hook {scope}.before of" in result.err and "exited 7" in result.err


def test_what_clears_away_and_fails_is_told_and_changes_no_verdict(suite):
    suite.config(hooks={scope: {"after": hook("exit 9")} for scope in all_hooks()}, nodes={"local": 1})
    result = suite.tanda("run")
    assert result.code == 0, result.log()
    assert result.err.count("exited 9") == 5


def test_a_hook_that_hangs_is_ended_at_its_limit_with_all_that_it_started(suite):
    suite.config(hooks={"run": {"before": hook("sleep 300 & echo $! >pid; sleep 300"), "timeout": "1s"}}, grace="1s")
    result = suite.tanda("run")
    assert result.code == 3 and "was not done after 1.0 s" in result.err, result.log()
    pid = int((suite.folder / "pid").read_text())
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "nothing of it is left")


def test_a_hook_leaves_nothing_behind(suite):
    suite.config(hooks={"run": {"before": hook("sleep 300 & echo $! >pid")}})
    result = suite.tanda("run")
    assert result.code == 0, result.log()
    pid = int((suite.folder / "pid").read_text())
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "nothing of it is left")


def test_a_hook_that_is_not_there_is_told(suite):
    suite.config(hooks={"run": {"before": ["./no/such/hook"]}})
    result = suite.tanda("run")
    assert result.code == 3 and "the hook run.before" in result.err and "no/such/hook" in result.err, result.log()


def test_an_interruption_stops_what_makes_ready_and_runs_what_clears_away(suite):
    suite.config(hooks={"run": {"before": hook("touch begun; sleep 300"), "after": note("-")}}, grace="1s")
    process = suite.popen("run")
    wait_until(lambda: (suite.folder / "begun").exists(), "the hook has begun")
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert story(suite) == ["- run.after //"]


def test_an_interruption_in_the_middle_clears_away_all_that_was_made_ready(suite):
    suite.write("tests/a/long.sh", "touch begun; sleep 300\n")
    suite.config(hooks=all_hooks(), nodes={"local": 1}, grace="1s")
    process = suite.popen("run", "tests/a/long.sh")
    wait_until(lambda: (suite.folder / "begun").exists(), "a test runs")
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert [line.split()[1] for line in story(suite) if line.startswith("-")] == [
        "area.after", "worker.after", "node.after", "run.after"]


def test_max_fail_clears_away_too(suite):
    suite.write("tests/a/bad.sh", "exit 1\n")
    suite.config(hooks=all_hooks(), nodes={"local": 1})
    result = suite.tanda("run", "--max-fail", "1")
    assert result.code == 1, result.log()
    begun = {line.split()[1].split(".")[0] for line in story(suite) if line.startswith("+")}
    cleared = {line.split()[1].split(".")[0] for line in story(suite) if line.startswith("-")}
    assert begun == cleared == set(all_hooks())


def test_nothing_to_run_needs_nothing_ready(suite):
    suite.config(hooks=all_hooks())
    result = suite.tanda("run", "--match", "nothing-like-this")
    assert result.code == 4, result.log()
    assert story(suite) == []


def test_secrets_in_what_a_hook_prints_are_masked(suite):
    suite.config(hooks={"run": {"before": hook('echo "it is $SHOP_TOKEN"')}}, secrets=["*_TOKEN"])
    result = suite.tanda("run", env={"SHOP_TOKEN": "s3cret-and-long"})
    assert result.code == 0, result.log()
    log = (suite.folder / "tanda-out" / "logs" / "hook-run-before.log").read_text()
    assert log.startswith("it is ") and "s3cret" not in log


def test_time_of_hooks_is_apart_from_that_of_tests(suite):
    suite.config(hooks={"area": {"before": hook("sleep 1")}}, nodes={"local": 1}, test_timeout="900ms")
    result = suite.tanda("run")
    assert result.code == 0, result.log()
    assert all(event["at_s"] - event["started_s"] >= 1 for event in errands(result))


def test_reports_tell_what_ran_around_the_tests(suite):
    suite.config(hooks={"run": {"before": hook("sleep 0.3; echo made ready")}, "area": {"after": hook("exit 4")}}, nodes={"local": 1})
    result = suite.tanda("run")
    assert result.code == 0, result.log()
    around = next(line for line in result.err.splitlines() if line.startswith(" Around"))
    assert around.startswith(" Around   hooks.run.before ") and "hooks.area.after" in around and around.endswith("(2 times), 2 failed")
    told = result.summary()["errands"]
    assert sorted((one["what"], one["subject"], one["exit_code"]) for one in told) == [
        ("hooks.area.after", "a", 4), ("hooks.area.after", "b", 4), ("hooks.run.before", "", 0)]
    assert told[0]["time_s"] >= 0.3 and told[0]["log"] == "logs/hook-run-before.log" and told[1]["fault"] == "exited 4"
    page = (suite.folder / "tanda-out" / "report.html").read_text()
    assert "Around the tests" in page and 'href="logs/hook-run-before.log"' in page and "hooks.area.after" in page
    trace = json.loads((suite.folder / "tanda-out" / "trace.json").read_text())["traceEvents"]
    assert {event["name"] for event in trace if event.get("cat") == "around"} == {"hooks.run.before", "hooks.area.after"}


def test_a_killed_tanda_leaves_no_hook_and_the_next_begins_anew(suite):
    suite.config(hooks={"run": {"before": hook("echo $$ >pid; touch begun; [ -e again ] || sleep 300"), "after": note("-")}})
    process = suite.popen("run")
    wait_until(lambda: (suite.folder / "begun").exists(), "the hook has begun")
    process.kill()
    process.communicate()
    pid = int((suite.folder / "pid").read_text())
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "its hook is gone with it")
    suite.write("again", "")
    result = suite.tanda("run", "--resume")
    assert result.code == 0, result.log()
    assert story(suite)[-1] == "- run.after //"


def test_builds_of_a_job_have_no_place_for_some_hooks(suite):
    farm = {"jenkins": {"url": "http://ci.example", "job": "shard", "user": "$U", "token": "$T"}}
    suite.config(hooks={"worker": {"before": ["x"]}}, nodes={"farm": farm})
    result = suite.tanda("run")
    assert result.code == 2 and 'where a node is a Jenkins job, as "farm" is' in result.err, result.log()


# ---- on other nodes ----


@pytest.mark.parametrize("keep", [False, True])
def test_what_is_made_here_before_the_run_reaches_the_nodes(project, keep):
    """They are connected meanwhile, and made ready when it is done."""
    project.scripts(one='[ "$(cat made)" = new ]')
    project.write("source", "new\n")
    project.write("made", "old\n")
    box = away(project, "box", keep=keep)
    connected = f'until ls {box["remote_root"]}/tanda-*/beat; do sleep 0.05; done 2>/dev/null; sleep 1; cp source made'
    project.config(hooks={"run": {"before": hook(connected)}}, nodes={"box": box})
    result = project.tanda("run")
    assert result.code == 0, result.log()


def afters(project):
    return sorted(line for line in story(project) if line.startswith("-"))


@pytest.mark.parametrize("fault", ["exit 7", "kill -9 $$", "sleep 300"])
@pytest.mark.parametrize("scope, cleared", [("node", ["- node.after box//"]),
                                            ("worker", ["- worker.after box/0/", "- worker.after box/1/"])])
def test_what_cannot_be_made_ready_on_another_node_is_cleared_away_there(suite, scope, cleared, fault):
    # Each worker tries once, so that none may be done before the other began.
    meet = 'touch begun-$TANDA_WORKER; until [ -e begun-0 -a -e begun-1 ]; do sleep 0.05; done; ' if scope == "worker" else ""
    suite.config(hooks={scope: {"before": hook(meet + fault), "after": note("-"), "timeout": "5s"}},
                 nodes={"box": node(suite, "box", executors=2)}, grace="1s")
    result = suite.tanda("run")
    assert result.code == 3, result.log()
    assert set(result.verdicts().values()) == {"not_run"}
    assert f"the hook {scope}.before of" in result.err
    assert afters(suite) == cleared


def test_a_node_whose_workers_cannot_be_made_ready_is_cleared_away_too(suite):
    suite.config(hooks={"node": {"before": note("+"), "after": note("-")}, "worker": {"before": hook("exit 7")}},
                 nodes={"box": node(suite, "box")})
    result = suite.tanda("run")
    assert result.code == 3, result.log()
    assert story(suite) == ["+ node.before box//", "- node.after box//"]


def test_a_node_that_cannot_start_its_hook_is_not_asked_again(project):
    """Its own worker would wait for that hook for ever; others work for longer than the pause before a second try."""
    project.scripts(one="sleep 4", two="sleep 4", three="true")
    project.write("bin/make-ready", "#!/bin/sh\n", 0o755)
    box, other = node(project, "box"), node(project, "other")
    other["exec"].insert(1, f"PATH={project.folder}/bin:{os.environ['PATH']}")
    project.config(hooks={"node": {"before": ["make-ready"]}}, nodes={"box": box, "other": other})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert "the hook node.before of box could not be started" in result.err
    assert len(hops(project, "box")) == 1


def test_an_interruption_stops_what_makes_another_node_ready_and_clears_it_away(suite):
    suite.config(hooks={"node": {"before": hook("touch begun; sleep 300"), "after": note("-")}},
                 nodes={"box": node(suite, "box")}, grace="1s")
    process = suite.popen("run")
    wait_until(lambda: (suite.folder / "begun").exists(), "the hook has begun")
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == -signal.SIGTERM
    assert story(suite) == ["- node.after box//"]


def test_a_node_that_is_lost_in_the_middle_of_a_hook_is_made_ready_anew(suite):
    suite.config(hooks={"node": {"before": hook('echo "+ $$" >>story; [ -e again ] || sleep 300'), "after": note("-")}},
                 nodes={"box": node(suite, "box")}, grace="1s")
    process = suite.popen("run")
    wait_until(lambda: story(suite), "the hook has begun")
    suite.write("again", "")
    cut(suite, "box")
    result = suite.finish(process)
    assert result.code == 0, result.log()
    assert len([line for line in story(suite) if line.startswith("+")]) == 2
    assert afters(suite) == ["- node.after box//"]


def test_a_worker_that_could_not_be_made_ready_stays_away_when_its_node_is_back(suite):
    suite.write("tests/a/long.sh", "touch begun; [ -e again ] || sleep 300\n")
    suite.config(hooks={"worker": {"before": hook('[ "$TANDA_WORKER" = 1 ] || { touch failed; exit 7; }')}},
                 nodes={"box": node(suite, "box", executors=2)}, grace="1s")
    process = suite.popen("run")
    wait_until(lambda: (suite.folder / "begun").exists() and (suite.folder / "failed").exists(), "one works, one cannot")
    suite.write("again", "")
    way_there = (suite.folder / "hop").read_text()
    suite.write("hop", "#!/bin/sh\nexit 1\n", 0o755)
    cut(suite, "box")
    wait_until(lambda: any('"change":"lost"' in line.replace(" ", "") for line in journal_lines(suite)), "the node is lost", timeout_s=60)
    suite.write("hop", way_there, 0o755)
    result = suite.finish(process)
    assert result.code == 0, result.log()
    assert changes(result, "box") == ["up", "lost", "up"]
    assert {event["worker"] for event in result.journal() if event["kind"] == "batch_started"} == {1}


def test_a_flood_and_a_secret_on_another_node(suite):
    suite.config(hooks={"node": {"before": hook('echo "it is $SHOP_TOKEN"; yes flood | head -c 20000000')}},
                 nodes={"box": node(suite, "box")}, secrets=["*_TOKEN"])
    result = suite.tanda("run", env={"SHOP_TOKEN": "s3cret-and-long"})
    assert result.code == 0, result.log()
    log = suite.folder / "tanda-out" / "logs" / "hook-node-box-before.log"
    assert log.stat().st_size < 17_000_000
    with log.open() as lines:
        assert lines.readline() == "it is ****\n"


# ---- shown beforehand ----


def test_a_dry_run_and_a_plan_tell_hooks(suite):
    suite.config(hooks={"run": {"before": ["./seed.sh", "a b", "s3cret-and-long"]}, "area": {"after": ["./unload.sh"]}}, secrets=["*_TOKEN"])
    told = suite.tanda("run", "--dry-run", env={"SHOP_TOKEN": "s3cret-and-long"}).out.splitlines()
    assert told[:2] == ["hook run.before, once, on this machine", "  command  ./seed.sh 'a b' ****"]
    assert told[-2:] == ["hook area.after, for each area, on this machine", "  command  ./unload.sh"]
    told = suite.tanda("plan").out.splitlines()
    assert told[-1] == "around the tests, and not in these times: hooks.run.before, hooks.area.after"
    assert story(suite) == []


def test_without_hooks_none_are_told(suite):
    suite.config()
    told = suite.tanda("run", "--dry-run").out.splitlines()
    assert told and not [line for line in told if line.startswith("hook ")]
    assert "around the tests" not in suite.tanda("plan").out
