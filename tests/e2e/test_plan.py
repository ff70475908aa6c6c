"""tanda plan: a rehearsal, of the project's tests or of nothing but last night's reports."""

import json
import pathlib

import pytest

from conftest import missing

CORPUS = pathlib.Path(__file__).resolve().parents[3] / "shared" / "junit-corpus"


def junit(cases):
    """A report of {file: [seconds...]}."""
    body = "".join(f'<testcase file="{file}" classname="c" name="{file} {i}" time="{time}"/>'
                   for file, times in cases.items() for i, time in enumerate(times))
    return f'<testsuites><testsuite name="s">{body}</testsuite></testsuites>'


def night(project, name="night.xml", factor=1.0):
    """Half an hour of tests, of which one takes six minutes."""
    cases = {"features/checkout/pay.feature": [240 * factor, 120 * factor]}
    cases |= {f"features/{area}/{i}.feature": [40.0 * factor, 20.0 * factor]
              for area in ("cart", "search") for i in range(12)}
    return project.write(name, junit(cases))


def planned(project, *args):
    result = project.tanda("plan", *args, "--json")
    assert result.code == 0, result.err
    plan = json.loads(result.out)
    assert plan["schema"] == "tanda.plan/1"
    return plan


def ids(plan):
    return [test for shard in plan["shards"] for batch in shard["batches"] for test in batch["tests"]]


# ---- reports alone ----

def test_reports_alone_are_enough(project):
    night(project)
    result = project.tanda("plan", "--junit", "night.xml")
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert lines[0] == "30.0 min of tests: 8.0 min on 4 workers (bound 7.5)"
    assert lines[1] == "features/checkout/pay.feature (6.0 min) bounds you from 5 workers on: split it"
    assert "read 1 report of 1 run: 50 cases in 25 tests, 3 areas" in result.err
    assert not list(project.folder.glob(".tanda*")), "nothing is written"


def test_a_single_case_is_not_to_be_split(project):
    project.write("night.xml", junit({"a/long.py": [360], **{f"a/{i}.py": [40, 20] for i in range(20)}}))
    result = project.tanda("plan", "--junit", "night.xml", "-j", "2")
    assert "a/long.py (6.0 min) bounds you from 5 workers on: a single case, make it faster" in result.out
    target = planned(project, "--junit", "night.xml", "--target", "5m")["target"]
    assert "a/long.py alone takes 6.0 min: a single case, make it faster" in target["because"]


def test_each_test_is_planned_once_and_nothing_beats_the_bound(project):
    night(project)
    for workers in (1, 3, 8, 40):
        plan = planned(project, "--junit", "night.xml", "-j", str(workers))
        assert sorted(ids(plan)) == sorted(set(ids(plan))) and len(ids(plan)) == 25
        assert plan["workers"] == workers == len(plan["shards"])
        assert plan["makespan_s"] >= plan["lower_bound_s"] > 0
        assert max(shard["expected_s"] for shard in plan["shards"]) <= plan["makespan_s"] + 0.001
        assert plan["efficiency"] == pytest.approx(plan["lower_bound_s"] / plan["makespan_s"], abs=0.001)


def test_equal_reports_give_equal_plans(project):
    night(project)
    args = ("plan", "--junit", "night.xml", "--compare", "--noise", "0.3", "-j", "6", "--json")
    assert project.tanda(*args).out == project.tanda(*args).out


def test_of_several_nights_the_median_counts(project):
    for name, factor in (("a.xml", 1.0), ("b.xml", 3.0), ("c.xml", 1.1)):
        night(project, name, factor)
    result = project.tanda("plan", "--junit", "a.xml", "b.xml", "c.xml")
    assert result.out.startswith("33.0 min of tests")
    assert "3 reports of 3 runs" in result.err


def test_what_starting_costs_can_be_said(project):
    night(project)
    free = planned(project, "--junit", "night.xml", "-j", "4")
    dear = planned(project, "--junit", "night.xml", "-j", "4", "--start-up", "20s")
    assert dear["makespan_s"] >= free["makespan_s"] + 20


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real reports is not here")
def test_real_reports_of_every_producer_can_be_planned(project):
    for report in sorted(CORPUS.glob("*.xml")):
        result = project.tanda("plan", "--junit", str(report), "-j", "4", "--json")
        assert result.code in (0, 2), f"{report.name}: {result.err}"
        if result.code == 0:
            plan = json.loads(result.out)
            assert len(ids(plan)) == len(set(ids(plan))) > 0
            assert plan["makespan_s"] >= plan["lower_bound_s"]
        else:
            assert "nothing to plan" in result.err, f"{report.name}: {result.err}"


@pytest.mark.parametrize("args, says", [
    (("--junit",), "expected JUnit XML files"),
    (("--junit", "missing.xml"), "missing.xml"),
    (("--junit", "empty"), "no test case in 0 reports"),
    (("--junit", "night.xml", "-j", "0"), "expected workers"),
    (("--junit", "night.xml", "-j", "8-2"), "expected workers"),
    (("--junit", "night.xml", "-j", "1-4000"), "at most 512"),
    (("--junit", "night.xml", "--target", "soon"), "expected a time"),
    (("--junit", "night.xml", "--target", "0"), "expected a time"),
    (("--junit", "night.xml", "--noise", "-1"), "--noise"),
    (("--junit", "night.xml", "--noise", "nan"), "--noise"),
    (("--junit", "night.xml", "--nodes", "box"), "NAME:EXECUTORS"),
    (("--junit", "night.xml", "--nodes", "box:2x0"), "NAME:EXECUTORS"),
    (("--junit", "night.xml", "--nodes", "box:2", "-j", "4"), "cannot go with"),
    (("--junit", "night.xml", "--shards", "0"), "--shards"),
    (("--junit", "night.xml", "--explain", "nothing"), "no test is called"),
    (("--junit", "night.xml", "--explain", "cart"), "several tests"),
    (("--junit", "night.xml", "--area", "cart"), "cannot go with --junit"),
    (("--junit", "night.xml", "--explain", "pay", "--json"), "cannot go with --json"),
    (("--junit", "night.xml", "--explain", "pay", "-o", "p.json"), "cannot go with -o"),
    (("--junit", "night.xml", "--explain", "pay", "--target", "9m"), "cannot go with --target"),
    (("--junit", "night.xml", "--explain", "pay", "-j", "1-4"), "give -j one number"),
    (("--junit", "night.xml", "--explain", "pay", "--compare"), "cannot go with --compare"),
    (("--junit", "night.xml", "--explain", "pay", "--noise", "0.2"), "cannot go with --noise"),
    (("--junit", "night.xml", "--shards", "2", "--noise", "0.2"), "cannot go with --noise"),
    (("--junit", "night.xml", "--shards", "10001"), "from 1 to 10000"),
    (("--start-up", "2s"), "--junit only"),
])
def test_what_makes_no_sense_is_refused(project, args, says):
    night(project)
    (project.folder / "empty").mkdir()
    result = project.tanda("plan", *args)
    assert result.code == 2 and says in result.err
    assert result.out == ""


# ---- more workers, targets, strategies, nodes ----

def test_a_sweep_marks_the_knee(project):
    night(project)
    plan = planned(project, "--junit", "night.xml", "-j", "1-10")
    assert [point["workers"] for point in plan["sweep"]] == list(range(1, 11))
    spans = [point["makespan_s"] for point in plan["sweep"]]
    assert spans == sorted(spans, reverse=True), "one more worker never hurts"
    assert spans[0] == pytest.approx(1800) and spans[-1] == pytest.approx(360)
    assert 5 <= plan["knee"] <= 7
    text = project.tanda("plan", "--junit", "night.xml", "-j", "1-10").out
    assert "<- knee" in text


def test_a_target_is_answered_with_the_fewest_workers(project):
    night(project)
    target = planned(project, "--junit", "night.xml", "--target", "10m")["target"]
    assert target["reachable"] and target["wanted_s"] == 600
    enough = planned(project, "--junit", "night.xml", "-j", str(target["workers"]))
    fewer = planned(project, "--junit", "night.xml", "-j", str(target["workers"] - 1))
    assert enough["makespan_s"] <= 600 < fewer["makespan_s"]


def test_a_target_below_the_longest_test_names_it(project):
    night(project)
    target = planned(project, "--junit", "night.xml", "--target", "5m")["target"]
    assert not target["reachable"]
    assert "features/checkout/pay.feature alone takes 6.0 min: split it" in target["because"]


def test_strategies_stand_side_by_side(project):
    night(project)
    plan = planned(project, "--junit", "night.xml", "--compare", "--noise", "0.2", "-j", "4")
    by_name = {strategy["name"]: strategy for strategy in plan["strategies"]}
    assert list(by_name) == ["dynamic", "areas", "files", "count", "lpt"]
    assert by_name["dynamic"]["makespan_s"] == plan["makespan_s"]
    assert by_name["areas"]["makespan_s"] >= by_name["lpt"]["makespan_s"]
    for strategy in by_name.values():
        assert strategy["median_s"] <= strategy["p95_s"]


def test_nodes_that_are_not_there_yet(project):
    night(project)
    plan = planned(project, "--junit", "night.xml", "--nodes", "local:2,fast:2x3")
    assert [shard["node"] for shard in plan["shards"]] == ["local", "local", "fast", "fast"]
    slow = planned(project, "--junit", "night.xml", "-j", "4")
    assert plan["makespan_s"] < slow["makespan_s"]


def test_a_test_is_explained(project):
    night(project)
    result = project.tanda("plan", "--junit", "night.xml", "-j", "4", "--explain", "checkout/pay")
    assert result.code == 0, result.err
    assert "features/checkout/pay.feature" in result.out.splitlines()[0]
    assert "longest first, and 0 of 25 are longer" in result.out
    assert "from 0.0 s to 6.0 min" in result.out


def test_a_plan_is_written_whole(project):
    night(project)
    result = project.tanda("plan", "--junit", "night.xml", "--shards", "3", "-o", "out/plan.json")
    assert result.code == 0 and "25 tests in 3 shards" in result.err
    plan = json.loads((project.folder / "out/plan.json").read_text())
    assert len(plan["shards"]) == 3 and len(set(ids(plan))) == 25
    loads = [shard["expected_s"] for shard in plan["shards"]]
    assert max(loads) - min(loads) <= 60


# ---- a project ----

def test_a_plan_of_a_project_learns_from_its_runs(project):
    project.scripts(cart__slow="sleep 0.4", cart__quick="true", pay__other="sleep 0.2")
    project.config()
    assert project.tanda("run").code == 0
    plan = planned(project)
    assert plan["workers"] == 2 and sorted(ids(plan)) == sorted(
        ["tests/cart/slow.sh", "tests/cart/quick.sh", "tests/pay/other.sh"])
    assert 0.35 < plan["makespan_s"] < 5
    assert plan["longest"]["what"] == "tests/cart/slow.sh"
    only = planned(project, "--area", "pay")
    assert ids(only) == ["tests/pay/other.sh"]


def test_nothing_to_plan_is_said(project):
    project.config()
    result = project.tanda("plan")
    assert result.code == 4 and "nothing to plan" in result.err


def test_nodes_that_are_not_there_yet_run_what_this_machine_cannot(project):
    timed(project, 60, areas={"pay": {"labels": "browser"}})
    assert project.tanda("plan").code == 2
    plan = planned(project, "--nodes", "local:2,box:4+browser")
    node = {test: shard["node"] for shard in plan["shards"] for batch in shard["batches"] for test in batch["tests"]}
    assert len(node) == 3 and node["tests/pay/c.sh"] == "box"


def test_cases_that_nobody_has_timed_count_like_the_others(project):
    if missing("ctest"):
        pytest.skip(missing("ctest"))
    project.write("CTestTestfile.cmake", "".join(f"add_test({name} /bin/true)\n" for name in ("one", "new")))
    project.write("times.json", json.dumps({"schema": "tanda.timings/1", "suites": {
        "s": {"tests": {"CTestTestfile.cmake > one": 60}}}}))
    project.config(suites={"s": {"framework": "ctest"}}, timings="times.json")
    assert planned(project, "-j", "1")["makespan_s"] >= 120


@pytest.mark.parametrize("keys, most", [
    ({}, 300), ({"progress": "none"}, 60), ({"progress": "none", "start_up": "3s"}, 150), ({"batch_max": "90s"}, 90)])
def test_no_batch_lasts_longer_than_its_limit(project, keys, most):
    """5 minutes, 1 where the framework does not show its progress, 50 start-ups if that is more."""
    names = [f"t/cart/test_{number:02}.py" for number in range(40)]
    for name in names:
        project.write(name, "def test(): pass\n")
    project.write("times.json", json.dumps({"schema": "tanda.timings/1", "suites": {
        "s": {"tests": {name: 20 + number / 100 for number, name in enumerate(names)}}}}))
    suite = {"framework": "pytest", "files": "t/{area}/test_*.py", "start_up": "1s"}
    top = {key: value for key, value in keys.items() if key == "batch_max"}
    suite |= {key: value for key, value in keys.items() if key not in top}
    project.config(suites={"s": suite}, timings="times.json", nodes={"local": 1}, **top)
    spans = [sum(20 for _ in batch["tests"]) for batch in planned(project, "-j", "1")["shards"][0]["batches"]]
    assert most - 41 <= max(spans) <= most


# ---- bad input ----

def timed(project, seconds, **config):
    project.scripts(cart__a="true", cart__b="true", pay__c="true")
    project.write("times.json", json.dumps({"schema": "tanda.timings/1", "suites": {
        "cmd": {"tests": {f"tests/{name}.sh": seconds for name in ("cart/a", "cart/b", "pay/c")}}}}))
    project.config(timings="times.json", **config)


@pytest.mark.parametrize("areas, pools, says", [
    ({"pay": {"labels": "gpu"}}, {}, "no node can run area 'pay', which asks for 'gpu'"),
    ({"pay": {"cpus": 4000}}, {}, "no node has the 4000 cpus"),
    ({"pay": {"labels": "a &&"}}, {}, "ends where a label is expected"),
])
def test_what_no_node_can_run_is_refused(project, areas, pools, says):
    timed(project, 60, areas=areas, **pools)
    for verb in ("plan", "run"):
        result = project.tanda(verb)
        assert result.code == 2 and says in result.err
    assert not (project.folder / "tanda-out").exists(), "nothing ran"


def test_a_kept_area_longer_than_the_run_may_take_is_warned_of(project):
    timed(project, 400, areas={"cart": {"keep_together": True}}, run_timeout="10m")
    result = project.tanda("plan", "-j", "8")
    assert result.code == 0
    assert "area 'cart' is kept together and takes longer than run_timeout" in result.err
    assert "the run is expected to take longer than run_timeout" in result.err
    assert "area cart, which is kept together (13.3 min)" in result.out.splitlines()[1]
    target = planned(project, "--target", "10m")["target"]
    assert not target["reachable"] and "keep_together" in target["because"]


def test_a_test_longer_than_its_limit_is_warned_of(project):
    timed(project, 400, test_timeout="5m")
    result = project.tanda("plan")
    assert "3 tests usually take longer than the time limit allows, the first: tests/cart/a.sh" in result.err


@pytest.mark.parametrize("seconds", [-1, 1e12, "soon", None, True])
def test_times_that_make_no_sense_are_left_aside_with_their_place(project, seconds):
    timed(project, seconds)
    result = project.tanda("plan", "--json")
    assert result.code == 0 and "times.json" in result.err and "expected seconds" in result.err
    assert json.loads(result.out)["makespan_s"] < 60


def test_times_that_are_all_zero_still_make_a_plan(project):
    timed(project, 0)
    plan = planned(project)
    assert len(ids(plan)) == 3 and plan["makespan_s"] >= 0
