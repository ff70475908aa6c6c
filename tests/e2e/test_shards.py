"""Static shards: jobs that share nothing but files agree on who runs what, and merge proves it."""

import json
import pathlib
import re
import resource
import shutil

import pytest

TESTS = {f"{area}__{name}": "true" for area in ("cart", "pay", "search") for name in "abc"}
IDS = {f"tests/{area}/{name}.sh" for area in ("cart", "pay", "search") for name in "abc"}
TIMES = {f"tests/{area}/{name}.sh": time for area, times in
         {"cart": (9, 1, 1), "pay": (4, 4, 1), "search": (5, 2, 2)}.items()
         for name, time in zip("abc", times)}


@pytest.fixture
def shop(project):
    project.scripts(**TESTS)
    project.config()
    return project


def write_times(project, times=TIMES):
    project.write("times.json", json.dumps(
        {"schema": "tanda.timings/1", "suites": {"cmd": {"tests": times}}}))
    project.config(timings="times.json")


def run_shard(project, number, count, *args, **kwargs):
    """One job: a history of its own, an out folder of its own."""
    shutil.rmtree(project.folder / ".tanda", ignore_errors=True)
    return project.tanda("run", "--shard", f"{number}/{count}", "-o", f"out-{number}", *args, **kwargs)


def properties(result, number):
    found = {}
    for item in result.junit(f"out-{number}").iter("property"):
        found.setdefault(item.get("name"), set()).add(item.get("value"))
    return found


def ran(result, number):
    return set(result.verdicts(f"out-{number}"))


def check_union(project, results):
    seen = [ran(result, number) for number, result in enumerate(results, 1)]
    assert set.union(*seen) == IDS
    assert sum(map(len, seen)) == len(IDS), "no test is in two shards"
    digests = {digest for number, result in enumerate(results, 1)
               for digest in properties(result, number)["tanda.plan"]}
    assert len(digests) == 1
    return seen


def test_without_anything_shared_the_list_decides(shop):
    results = [run_shard(shop, number, 3) for number in (1, 2, 3)]
    assert [result.code for result in results] == [0, 0, 0]
    seen = check_union(shop, results)
    assert [len(tests) for tests in seen] == [3, 3, 3]
    assert properties(results[1], 2)["tanda.shard"] == {"2/3"}
    assert "shard 2/3: 3 of 9 tests" in results[1].err


def test_what_is_kept_together_is_in_one_shard_without_a_plan_file(shop):
    shop.config(areas={"pay": {"keep_together": True}})
    seen = check_union(shop, [run_shard(shop, number, 3) for number in (1, 2, 3)])
    pay = {test for test in IDS if "/pay/" in test}
    assert sorted(len(pay & tests) for tests in seen) == [0, 0, 3]


def test_a_retried_job_gets_the_same_shard_whatever_it_has_learned(shop):
    first = run_shard(shop, 2, 3)
    again = shop.tanda("run", "--shard", "2/3", "-o", "out-2")  # with the history of the first
    assert ran(first, 2) == ran(again, 2)
    assert properties(first, 2)["tanda.plan"] == properties(again, 2)["tanda.plan"]


def test_a_shared_timings_file_balances_the_shards(shop):
    write_times(shop)
    results = [run_shard(shop, number, 3) for number in (1, 2, 3)]
    seen = check_union(shop, results)
    loads = sorted(sum(TIMES[test] for test in tests) for tests in seen)
    assert loads == [9, 10, 10], loads


def test_another_timings_file_is_another_plan(shop):
    write_times(shop)
    first = run_shard(shop, 1, 2)
    write_times(shop, dict(TIMES, **{"tests/pay/a.sh": 40}))
    second = run_shard(shop, 2, 2)
    assert properties(first, 1)["tanda.plan"] != properties(second, 2)["tanda.plan"]
    merged = shop.tanda("merge", "--expect", "2", "-o", "all.xml", "out-1/junit.xml", "out-2/junit.xml")
    assert merged.code == 2 and "their shards do not add up" in merged.err


def test_a_plan_file_is_kept_to(shop):
    write_times(shop)
    made = shop.tanda("plan", "--shards", "3", "-o", "plan.json")
    assert made.code == 0, made.err
    (shop.folder / "times.json").unlink()
    results = [run_shard(shop, number, 3, "--plan", "plan.json") for number in (1, 2, 3)]
    assert [result.code for result in results] == [0, 0, 0], results[0].err
    check_union(shop, results)
    plan = json.loads((shop.folder / "plan.json").read_text())
    for number, (shard, result) in enumerate(zip(plan["shards"], results), 1):
        assert {test for batch in shard["batches"] for test in batch["tests"]} == ran(result, number)
        assert properties(result, number)["tanda.plan"] == {plan["digest"]}
    merged = shop.tanda("merge", "--plan", "plan.json", "-o", "all.xml", "out-1", "out-2", "out-3")
    assert merged.code == 0, merged.err


def test_a_missing_shard_is_named(shop):
    assert shop.tanda("plan", "--shards", "3", "-o", "plan.json").code == 0
    for number in (1, 3):
        assert run_shard(shop, number, 3, "--plan", "plan.json").code == 0
    for how in (("--plan", "plan.json"), ("--expect", "3")):
        merged = shop.tanda("merge", *how, "-o", "all.xml", "out-1/junit.xml", "out-3/junit.xml")
        assert merged.code == 3
        assert "2/3" in merged.err or "shard 2" in merged.err


def test_the_ci_says_which_shard_it_is(shop):
    assert shop.tanda("plan", "--shards", "3", "-o", "plan.json").code == 0
    gitlab = {"GITLAB_CI": "true", "CI_NODE_INDEX": "3", "CI_NODE_TOTAL": "3"}
    heroku = {"HEROKU_TEST_RUN_ID": "1", "CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "3"}
    by_hand = run_shard(shop, 3, 3, "--plan", "plan.json")
    for env in (gitlab, heroku):
        for args in (("--plan", "plan.json"), ("--shard", "auto", "--plan", "plan.json")):
            detected = shop.tanda("run", *args, "-o", "out-ci", env=env)
            assert detected.code == 0, detected.err
            assert set(detected.verdicts("out-ci")) == ran(by_hand, 3)
    by_variable = shop.tanda("run", "-o", "out-ci", "--plan", "plan.json", env={"TANDA_SHARD": "3/3"})
    assert set(by_variable.verdicts("out-ci")) == ran(by_hand, 3)


def test_a_parallel_job_that_does_not_ask_for_a_shard_runs_everything(shop):
    """A matrix numbers its jobs, too: sharing out unasked would lose tests."""
    result = shop.tanda("run", env={"GITLAB_CI": "true", "CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "3"})
    assert set(result.verdicts()) == IDS
    assert "--shard auto" in result.err


def test_an_empty_shard_is_a_success_with_a_report(shop):
    results = [run_shard(shop, number, 12) for number in range(1, 13)]
    assert {result.code for result in results} == {0}
    empty = results[11]
    assert not ran(empty, 12)
    assert "shard 12/12 is empty: the other shards have all 9 tests" in empty.err.splitlines()[-1]
    assert properties(empty, 12)["tanda.shard"] == {"12/12"}
    assert empty.summary("out-12")["shard"]["plan_tests"] == 9
    merged = shop.tanda("merge", "--expect", "12", "-o", "all.xml",
                        *(f"out-{number}/junit.xml" for number in range(1, 13)))
    assert merged.code == 0, merged.err
    missing = shop.tanda("merge", "--expect", "12", "-o", "all.xml",
                         *(f"out-{number}/junit.xml" for number in range(1, 12)))
    assert missing.code == 3, "an empty shard that is missing is missing all the same"


@pytest.mark.parametrize("value, says", [
    ("4/3", "no shard 4/3"), ("0/3", "no shard 0/3"), ("2", "expected K/N"), ("x/y", "expected K/N"),
    ("1/0", "no shard 1/0"), ("auto", "no CI")])
def test_a_shard_that_does_not_exist_is_refused(shop, value, says):
    result = shop.tanda("run", "--shard", value)
    assert result.code == 2 and says in result.err
    assert not (shop.folder / "tanda-out").exists()


def test_a_shard_that_is_an_empty_word_is_refused(shop):
    """--shard "$UNSET" in each of n jobs would run everything n times."""
    result = shop.tanda("run", "--shard", "")
    assert result.code == 2 and "got nothing" in result.err and "--shard auto" in result.err
    assert not (shop.folder / "tanda-out").exists()
    assert shop.tanda("run", env={"TANDA_SHARD": ""}).code == 0, "set to nothing is not set"


def test_a_hostile_plan_costs_no_more_than_its_size(shop):
    """Each " > " of an id may end a file's name; noting them all was quadratic in the id's length."""
    parts = 1300
    tests = [f"{number:04} > " + " > ".join("x" for _ in range(parts // 2)) for number in range(200)]
    plan = {"schema": "tanda.plan/1", "digest": "0" * 16, "workers": 1, "makespan_s": 1, "lower_bound_s": 1,
            "efficiency": 1, "bound_by": {"kind": "total", "what": ""},
            "shards": [{"index": 1, "node": "local", "expected_s": 1, "batches": [
                {"area": "cart", "suite": "cmd", "tests": tests, "expected_s": 1}]}]}
    shop.write("plan.json", json.dumps(plan))
    told = re.search(r"that of its shards is '(\w+)'", run_shard(shop, 1, 1, "--plan", "plan.json").err)
    shop.write("plan.json", json.dumps(plan | {"digest": told[1]}))

    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (150_000_000, 150_000_000))

    sanitized = b"__asan_init" in pathlib.Path(shop.program).read_bytes()
    result = run_shard(shop, 1, 1, "--plan", "plan.json", preexec_fn=None if sanitized else limit)
    assert result.code == 2 and "another list of tests" in result.err


def test_a_plan_of_another_list_is_refused(shop):
    assert shop.tanda("plan", "--shards", "2", "-o", "plan.json").code == 0
    shop.scripts(pay__new="true")
    (shop.folder / "tests/cart/a.sh").unlink()
    result = run_shard(shop, 1, 2, "--plan", "plan.json")
    assert result.code == 2
    assert "plan.json" in result.err and "another list of tests" in result.err
    assert "tests/cart/a.sh" in result.err and "tests/pay/new.sh" in result.err
    assert not (shop.folder / "out-1").exists(), "nothing ran"


def test_a_plan_and_a_selection_must_be_the_same(shop):
    assert shop.tanda("plan", "--area", "cart", "--shards", "2", "-o", "plan.json").code == 0
    assert run_shard(shop, 1, 2, "--plan", "plan.json", "--area", "cart").code == 0
    result = run_shard(shop, 2, 2, "--plan", "plan.json")
    assert result.code == 2 and "6 here are not in it" in result.err
    assert "selection" in result.err


def test_a_plan_for_other_jobs_is_refused(shop):
    assert shop.tanda("plan", "--shards", "2", "-o", "plan.json").code == 0
    result = run_shard(shop, 1, 3, "--plan", "plan.json")
    assert result.code == 2 and "the plan has 2 shards, but this is shard 1 of 3" in result.err


def test_a_plan_changed_by_hand_is_refused(shop):
    assert shop.tanda("plan", "--shards", "2", "-o", "plan.json").code == 0
    plan = shop.folder / "plan.json"
    plan.write_text(plan.read_text().replace("tests/cart/a.sh", "tests/cart/zzz.sh"))
    result = run_shard(shop, 1, 2, "--plan", "plan.json")
    assert result.code == 2 and "its digest is" in result.err


def test_a_shard_only_reads_timings(shop):
    write_times(shop)
    result = run_shard(shop, 1, 2, "--timings", "times.json")
    assert result.code == 2 and "merge --timings" in result.err


def test_the_plan_of_a_run_is_left_beside_its_reports(shop):
    result = shop.tanda("run")
    assert result.code == 0
    plan = json.loads((shop.folder / "tanda-out/plan.json").read_text())
    assert plan["schema"] == "tanda.plan/1" and plan["workers"] == 2
    assert {test for shard in plan["shards"] for batch in shard["batches"] for test in batch["tests"]} == IDS
    merged = shop.tanda("merge", "--plan", "tanda-out/plan.json", "-o", "all.xml", "tanda-out/junit.xml")
    assert merged.code == 0, merged.err
    run_shard(shop, 2, 3)
    plan = json.loads((shop.folder / "out-2/plan.json").read_text())
    assert len(plan["shards"]) == 3, "of a shard: the plan that all shards share"


def test_reports_of_a_shard_are_the_same_from_the_journal(shop):
    run_shard(shop, 2, 3)
    before = (shop.folder / "out-2/junit.xml").read_bytes()
    assert shop.tanda("report", "out-2").code == 0
    assert (shop.folder / "out-2/junit.xml").read_bytes() == before
    assert shop.tanda("report", "--check", "out-2").code == 0


def test_a_rehearsed_plan_has_the_skipped_tests_too(project):
    """plan -o without --shards left them out, and run --plan refused the plan."""
    project.write("t/cart/test_a.py", "def test_a(): pass\n")
    project.write("t/cart/test_zz.py", "def test_zz(): pass\n")
    project.config(suites={"s": {"framework": "pytest", "files": "t/{area}/test_*.py", "args": ["-k", "not test_zz"]}})
    result = project.tanda("plan", "-j", "2", "-o", "plan.json")
    assert result.code == 0 and "2 tests in 2 shards" in result.err
    results = [run_shard(project, number, 2, "--plan", "plan.json") for number in (1, 2)]
    assert [result.code for result in results] == [0, 0], results[0].log() + results[1].log()
    seen = [event["id"] for number, result in enumerate(results, 1) for event in result.journal(f"out-{number}")
            if event["kind"] == "test_planned"]
    assert sorted(seen) == ["t/cart/test_a.py", "t/cart/test_zz.py"]
