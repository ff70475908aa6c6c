"""Long files become their cases: "split": "auto", and cases asked for by their ids."""

import json

import pytest

from conftest import missing

FEATURE = """Feature: Paying

  Scenario: by card
    Given a step that passes

  Scenario: by transfer
    Given a step that {transfer}

  Scenario Outline: by <way>
    Given a step that passes

    Examples:
      | way    |
      | cheque |
      | coin   |

  Scenario: by card
    Given a step that passes
"""
STEPS = """from behave import given

@given("a step that {what}")
def step(context, what):
    assert what == "passes", "it " + what
"""
IDS = ["features/pay/long.feature > by card", "features/pay/long.feature > by transfer",
       "features/pay/long.feature > by cheque -- @1.1", "features/pay/long.feature > by coin -- @1.2"]


def timings(project, **suites):
    known = {name: {"tests": tests} for name, tests in suites.items()}
    project.write("times.json", json.dumps({"schema": "tanda.timings/1", "suites": known}))


@pytest.fixture
def shop(project):
    if missing("behave"):
        pytest.skip(missing("behave"))
    project.write("features/pay/long.feature", FEATURE.format(transfer="passes"))
    project.write("features/cart/short.feature", "Feature: F\n  Scenario: S\n    Given a step that passes\n")
    project.write("features/steps/steps.py", STEPS)
    project.config(suites={"web": {"framework": "behave", "files": "features/{area}/*.feature", "split": "auto"}},
                   timings="times.json", nodes={"local": 4})
    timings(project, web={"features/pay/long.feature": 90, "features/cart/short.feature": 1})
    return project


def ids(result):
    return [event["id"] for event in result.journal() if event["kind"] == "test_planned"]


def test_a_long_file_runs_as_its_cases(shop):
    result = shop.tanda("run")
    assert result.code == 0, result.log()
    assert ids(result) == ["features/cart/short.feature", *IDS]
    suites = {suite.get("name"): suite for suite in result.junit().iter("testsuite")}
    assert len(suites) == 2
    # Two scenarios of one name are one test, which the framework is told as two lines.
    assert len(suites["features/pay/long.feature"].findall("testcase")) == 5
    assert result.summary()["verdicts"]["passed"] == 5
    assert result.summary()["unplanned"] == 0


def test_neither_a_case_nor_the_file_of_one_is_to_be_split(shop):
    advice = shop.tanda("plan", "-j", "2").out.splitlines()[1]
    assert "long.feature > by" in advice and advice.endswith("a single case, make it faster"), advice
    timings(shop, web={"features/pay/long.feature": 1, "features/cart/short.feature": 90})
    advice = shop.tanda("plan", "-j", "2").out.splitlines()[1]
    assert "short.feature" in advice and advice.endswith("a single case, make it faster"), advice


def test_a_case_that_looks_numbered_is_not_taken_for_a_repeat(shop):
    scenario = "  Scenario: {}\n    Given a step that passes\n"
    names = ["by card", "by card #2", "by card", "by card #2"]
    shop.write("features/pay/long.feature", "Feature: F\n" + "".join(map(scenario.format, names)))
    result = shop.tanda("run")
    assert result.code == 0, result.log()
    assert sorted(ids(result)) == ["features/cart/short.feature", "features/pay/long.feature > by card",
                                   "features/pay/long.feature > by card #2"]
    assert result.summary()["cases"]["passed"] == 5


def test_a_file_within_its_share_stays_whole(shop):
    timings(shop, web={"features/pay/long.feature": 9, "features/cart/short.feature": 30})
    result = shop.tanda("run")
    # The other one is long, but a single case is not worth a name of its own.
    assert ids(result) == ["features/cart/short.feature", "features/pay/long.feature"]
    assert result.code == 0, result.log()


def test_a_failing_case_runs_again_alone(shop):
    shop.write("features/pay/long.feature", FEATURE.format(transfer="fails"))
    first = shop.tanda("run")
    assert first.code == 1, first.log()
    assert (shop.folder / "tanda-out/last-failed.txt").read_text() == f"web\t{IDS[1]}\n"
    # Its line moves, its name stays.
    shop.write("features/pay/long.feature", "# moved\n\n" + FEATURE.format(transfer="passes"))
    again = shop.tanda("run", "--failed")
    assert again.code == 0, again.log()
    assert ids(again) == [IDS[1]]
    assert again.summary()["cases"] == {"passed": 1, "failed": 0, "error": 0, "skipped": 0}


def test_a_case_may_be_asked_for_by_its_id(shop):
    shop.config(suites={"web": {"framework": "behave", "files": "features/{area}/*.feature"}})
    result = shop.tanda("run", IDS[2])
    assert result.code == 0, result.log()
    assert ids(result) == [IDS[2]]


def test_a_case_that_is_not_there_is_named(shop):
    result = shop.tanda("run", "features/pay/long.feature > by heart")
    assert result.code == 2
    assert "it has no case 'by heart'" in result.err


def test_cases_learn_times_of_their_own(shop):
    assert shop.tanda("run").code == 0
    listed = json.loads(shop.tanda("list", "--json").out)["tests"]
    assert {test["id"]: test["expected_s"] is not None for test in listed}[IDS[0]]


def test_a_listing_that_fails_leaves_files_whole(shop):
    shop.write("features/steps/steps.py", "raise RuntimeError('no steps today')\n")
    result = shop.tanda("run")
    assert "its files stay whole, as its listing failed" in result.err
    assert result.code == 3, result.log()


def test_pytest_files_are_split_by_function_and_class(project):
    if missing("pytest"):
        pytest.skip(missing("pytest"))
    project.write("api/test_long.py", "import pytest\n\nclass TestCard:\n    def test_pay(self): pass\n\n"
                  "def test_pay(): pass\n\n@pytest.mark.parametrize('n', ['a::b', 'c > d'])\n"
                  "def test_many(n): pass\n")
    project.config(suites={"api": {"framework": "pytest", "files": "api/test_*.py", "split": "auto"}},
                   timings="times.json")
    timings(project, api={"api/test_long.py": 90})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert ids(result) == [f"api/test_long.py > {name}" for name in
                           ("TestCard > test_pay", "test_pay", "test_many[a::b]", "test_many[c > d]")]


def test_a_framework_without_single_cases_says_so(project):
    project.scripts(one="true")
    project.config(suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}"],
                                   "split": "auto"}})
    result = project.tanda("run")
    assert result.code == 2
    assert "tanda.json:" in result.err
    assert "single cases of \"command\" cannot be listed and run" in result.err
    project.config()
    result = project.tanda("run", "tests/a/one.sh > x")
    assert result.code == 2 and "cannot be listed and run" in result.err


def planned_ids(shard):
    return {test for batch in shard["batches"] for test in batch["tests"]}


def test_shards_of_a_plan_split_the_files_that_the_plan_has_split(shop):
    assert shop.tanda("plan", "--shards", "2", "-o", "plan.json").code == 0
    plan = json.loads((shop.folder / "plan.json").read_text())
    assert set.union(*map(planned_ids, plan["shards"])) == {"features/cart/short.feature", *IDS}
    timings(shop, web={"features/cart/short.feature": 99})  # no reason to split any more, but for the plan
    for number, shard in enumerate(plan["shards"], 1):
        result = shop.tanda("run", "--plan", "plan.json", "--shard", f"{number}/2", "-o", f"out-{number}")
        assert result.code == 0, result.log()
        planned = [e["id"] for e in result.journal(f"out-{number}") if e["kind"] == "test_planned"]
        assert set(planned) == planned_ids(shard)
    merged = shop.tanda("merge", "--plan", "plan.json", "-o", "all.xml", "out-1/junit.xml", "out-2/junit.xml")
    assert merged.code == 0, merged.err
    half = shop.tanda("merge", "--plan", "plan.json", "-o", "all.xml", "out-1/junit.xml")
    assert half.code == 3 and "shard 2/2" in half.err


@pytest.mark.parametrize("args", [("-j", "8"), ("-j", "1-8"), ("--target", "40s"), ("--nodes", "box:8")])
def test_a_plan_splits_for_the_workers_it_is_asked_about(shop, args):
    shop.config(suites={"web": {"framework": "behave", "files": "features/{area}/*.feature", "split": "auto"}},
                timings="times.json", nodes={"local": 1})
    whole = json.loads(shop.tanda("plan", "--json").out)
    assert set.union(*map(planned_ids, whole["shards"])) == {
        "features/cart/short.feature", "features/pay/long.feature"}
    plan = json.loads(shop.tanda("plan", "--json", *args).out)
    assert set.union(*map(planned_ids, plan["shards"])) == {"features/cart/short.feature", *IDS}


def test_a_case_that_is_new_since_the_plan_is_not_lost(shop):
    assert shop.tanda("plan", "--shards", "2", "-o", "plan.json").code == 0
    shop.write("features/pay/long.feature",
               FEATURE.format(transfer="passes") + "\n  Scenario: by barter\n    Given a step that passes\n")
    result = shop.tanda("run", "--plan", "plan.json", "--shard", "1/2")
    assert result.code == 2
    assert "another list of tests" in result.err and "by barter" in result.err


def test_shards_by_shared_times_split_alike(shop):
    seen = []
    for number in (1, 2):
        result = shop.tanda("run", "--shard", f"{number}/2", "-o", f"out-{number}")
        assert result.code == 0, result.log()
        seen.append({e["id"] for e in result.journal(f"out-{number}") if e["kind"] == "test_planned"})
    assert seen[0] | seen[1] == {"features/cart/short.feature", *IDS} and not seen[0] & seen[1]


def test_two_suites_may_split_the_same_files(shop):
    suite = {"framework": "behave", "files": "features/{area}/*.feature", "split": "auto"}
    shop.config(suites={"chrome": suite, "firefox": suite}, timings="times.json", nodes={"local": 4})
    known = {"features/pay/long.feature": 90, "features/cart/short.feature": 1}
    timings(shop, chrome=known, firefox=known)
    result = shop.tanda("run")
    assert result.code == 0, result.log()
    assert len(ids(result)) == 2 * (1 + len(IDS))


def test_a_parameter_may_hold_what_stands_between_titles(project):
    if missing("pytest"):
        pytest.skip(missing("pytest"))
    project.write("api/test_long.py", "import pytest\n\nclass TestX:\n"
                  "    @pytest.mark.parametrize('n', ['a > b', 'c'])\n    def test_cmp(self, n): pass\n")
    project.config(suites={"api": {"framework": "pytest", "files": "api/test_*.py", "split": "auto"}},
                   timings="times.json")
    timings(project, api={"api/test_long.py": 90})
    result = project.tanda("run")
    assert result.code == 0, result.log()


def test_a_file_that_is_asked_for_whole_stays_whole(shop):
    shop.config(suites={"web": {"framework": "behave", "files": "features/{area}/*.feature"}})
    for whole in ("features/pay/long.feature", "features/pay"):
        result = shop.tanda("run", whole, IDS[1])
        assert ids(result) == ["features/pay/long.feature"], result.log()


def test_what_failed_and_is_gone_stops_no_rerun(shop):
    shop.write("features/pay/long.feature", FEATURE.format(transfer="fails"))
    shop.write("features/cart/gone.feature", "Feature: G\n  Scenario: S\n    Given a step that fails\n")
    assert shop.tanda("run").code == 1
    (shop.folder / "features/cart/gone.feature").unlink()
    shop.write("features/pay/long.feature", FEATURE.format(transfer="passes").replace("by transfer", "by wire"))
    again = shop.tanda("run", "--failed")
    assert again.code == 0, again.log()
    assert "features/cart/gone.feature: it failed last time and is not here any more" in again.err
    assert "it has no case 'by transfer' any more: all of it runs" in again.err


def test_a_wanted_case_tells_why_it_cannot_be_listed(shop):
    shop.write("features/steps/steps.py", "raise RuntimeError('no steps today')\n")
    result = shop.tanda("run", IDS[1])
    assert result.code == 2
    assert "its listing failed" in result.err
