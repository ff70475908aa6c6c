"""Who runs what: labels, pools, cpus, kept areas and strategies, in real runs."""
import sqlite3
import json

import pytest


def batches(project):
    """(worker, tests) of each batch, from the journal."""
    return [(event["worker"], event["tests"]) for event in events(project) if event["kind"] == "batch_started"]


def events(project):
    return [json.loads(line) for line in (project.folder / "tanda-out/journal.ndjson").read_text().splitlines()]


def planned(project, field):
    return {event["test"]: event[field] for event in events(project) if event["kind"] == "test_planned"}


def scripts(project, names, lock=None):
    """Scripts that take a moment; with a lock, they fail when two of them run at a time."""
    text = "sleep 0.05\n" if lock is None else f"mkdir {lock} || exit 1\nsleep 0.05\nrmdir {lock}\n"
    for name in names:
        project.write(f"tests/{name}.sh", text)


def test_a_pool_of_one_is_used_one_after_the_other(project):
    scripts(project, ["db/a", "db/b", "db/c"], lock="db-1")
    scripts(project, ["web/a", "web/b"])
    project.config(pools={"db": {"members": [{"name": "db-1", "url": "x"}]}}, areas={"db": {"pools": {"db": 1}}},
                   nodes={"local": 3})
    assert project.tanda("run").code == 0


def test_a_kept_area_stays_on_one_worker(project):
    scripts(project, ["flow/1", "flow/2", "flow/3"], lock="flow")
    scripts(project, ["web/a", "web/b", "web/c"])
    project.config(areas={"flow": {"keep_together": True}}, nodes={"local": 3})
    assert project.tanda("run").code == 0
    areas = planned(project, "area")
    ours = [worker for worker, tests in batches(project) if areas[tests[0]] == "flow"]
    assert len(ours) == 3 and len(set(ours)) == 1


def test_cpus_that_do_not_fit_wait(project):
    scripts(project, ["heavy/a", "heavy/b", "heavy/c"], lock="heavy")
    project.config(areas={"heavy": {"cpus": 2}}, nodes={"local": {"executors": 3, "cpus": 3}})
    assert project.tanda("run").code == 0


@pytest.mark.parametrize("keys, message, hint", [
    ({"pools": {"db": {"members": [{"name": "a"}]}}, "areas": {"web": {"pools": {"db": 2}}}},
     "area 'web' wants 2 of pool 'db' at once, but it has 1", "add members to pools.db"),
    ({"areas": {"web": {"pools": {"bd": 1}}}}, "wants members of pool 'bd', which is not there", "areas.web.pools"),
    ({"areas": {"web": {"labels": "windows"}}}, "no node can run area 'web', which asks for 'windows'", "areas.web"),
    ({"areas": {"web": {"labels": "linux &&"}}}, "ends where a label is expected", "areas.web.labels"),
    ({"areas": {"web": {"cpus": 9}}, "nodes": {"local": {"executors": 2, "cpus": 2}}},
     "no node has the 9 cpus that area 'web' asks for", "areas.web"),
    ({"pools": {"db": {"members": []}}}, "expected members such as", ""),
    ({"pools": {"db": {"members": [{"name": "a"}, {"name": "a"}]}}}, 'has the member "a" twice', ""),
    ({"pools": {"db": {"members": [{"url": "x"}]}}}, 'expected a "name" in each member', ""),
])
def test_what_can_never_run_is_refused_before_anything_runs(project, keys, message, hint):
    scripts(project, ["web/a"])
    project.config(**keys)
    result = project.tanda("run")
    assert result.code == 2, result.log()
    assert message in result.err and hint in result.err
    assert not (project.folder / "tanda-out").exists()


def test_labels_of_this_machine_are_asked_for(project):
    scripts(project, ["web/a", "api/a"])
    project.config(areas={"web": {"labels": "linux && !windows || local"}},
                   nodes={"local": {"executors": 1, "labels": ["linux"]}})
    assert project.tanda("run").code == 0


def test_a_static_strategy_splits_as_it_says(project):
    scripts(project, ["a/1", "a/2", "b/1", "b/2"])
    project.config(nodes={"local": 2})
    for strategy, same in [("areas", [("a/1", "a/2"), ("b/1", "b/2")]), ("files", [("a/1", "b/1"), ("a/2", "b/2")]),
                           ("count", [("a/1", "a/2"), ("b/1", "b/2")])]:
        result = project.tanda("run", "--strategy", strategy)
        assert result.code == 0, result.log()
        ids = planned(project, "id")
        worker = {ids[test]: worker for worker, tests in batches(project) for test in tests}
        for first, second in same:
            assert worker[f"tests/{first}.sh"] == worker[f"tests/{second}.sh"], strategy


def test_an_unknown_strategy_names_the_known_ones(project):
    scripts(project, ["a/1"])
    project.config()
    result = project.tanda("run", "--strategy", "magic")
    assert result.code == 2 and "dynamic|areas|files|count|lpt" in result.err


def timings(project, **times):
    project.write("times.json", json.dumps({"schema": "tanda.timings/1", "suites": {"cmd": {"tests": {
        f"tests/{name.replace('__', '/')}.sh": time for name, time in times.items()}}}}))


def test_equal_times_are_pointed_out(project):
    names = [f"a/{number}" for number in range(8)]
    scripts(project, names)
    project.config(timings="times.json")
    timings(project, **{name.replace("/", "__"): 1.5 for name in names})
    assert "all 8 known times are 1.500 s" in project.tanda("run").err
    timings(project, **{name.replace("/", "__"): 1 + number for number, name in enumerate(names)})
    assert "known times" not in project.tanda("list").err


def test_too_few_times_are_pointed_out(project):
    scripts(project, ["a/1", "a/2", "a/3"])
    project.config(timings="times.json")
    timings(project, a__1=1.5)
    assert "only 1 of 3 tests have a time of their own" in project.tanda("run").err


def test_the_wait_for_a_pool_is_told_and_counted(project):
    scripts(project, ["db/a", "db/b", "db/c"])
    project.config(pools={"db": {"members": [{"name": "db-1"}]}}, areas={"db": {"pools": {"db": 1}}}, nodes={"local": 2})
    assert project.tanda("run").code == 0
    waited = [event.get("waited_s", 0) for event in events(project) if event["kind"] == "batch_started"]
    assert sum(wait > 0 for wait in waited) >= 1


def lost(summary):
    return sum(part for part in summary["lost_to"].values() if part is not None)


def test_a_pool_bounds_the_run_as_it_bounds_the_plan(project):
    scripts(project, [f"db/{number}" for number in range(6)])
    scripts(project, ["web/a"])
    project.config(pools={"db": {"members": [{"name": "db-1"}]}}, areas={"db": {"pools": {"db": 1}}}, nodes={"local": 3})
    done = project.tanda("run")
    assert done.code == 0
    summary = done.summary()
    held = next(area["work_s"] for area in summary["areas"] if area["area"] == "db")
    assert summary["lower_bound_s"] == pytest.approx(held, rel=0.05)
    assert lost(summary) == pytest.approx(summary["wall_s"] - summary["lower_bound_s"], abs=0.01)
    assert "(pool db is taken in turns)" in done.err
    before = {name: (project.folder / "tanda-out" / name).read_bytes() for name in ("summary.json", "summary.md", "report.html")}
    assert b"pool <code>db</code> is taken in turns" in before["summary.md"]
    assert project.tanda("report").code == 0
    assert before == {name: (project.folder / "tanda-out" / name).read_bytes() for name in before}


def test_a_kept_area_bounds_the_run(project):
    scripts(project, ["flow/1", "flow/2", "flow/3", "flow/4"])
    scripts(project, ["web/a"])
    project.config(areas={"flow": {"keep_together": True}}, nodes={"local": 3})
    done = project.tanda("run")
    kept = next(area["work_s"] for area in done.summary()["areas"] if area["area"] == "flow")
    assert done.summary()["lower_bound_s"] >= kept * 0.9  # the rest is the machine, not the bound
    assert "(area flow is kept together)" in done.err


CLAIM = 'sleep 0.05; echo \'<testsuite name="a"><testcase classname="c" name="n" time="{}"/></testsuite>\' > "$TANDA_REPORT"\n'


@pytest.mark.parametrize("claims", [(300, 300, 300), (0.05, 0.01, 0), (0, 0, 0)])
def test_what_reports_claim_never_lifts_the_bound_above_the_run(project, claims):
    for number, claim in enumerate(claims):
        project.write(f"tests/a/{number}.sh", CLAIM.format(claim))
    project.config(nodes={"local": 3}, suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh",
                                                       "run": ["sh", "{id}"], "reports": "report.xml"}})
    done = project.tanda("run")
    assert done.code == 0
    summary = done.summary()
    assert 0 < summary["lower_bound_s"] <= summary["wall_s"]
    assert summary["areas"][0]["work_s"] <= summary["work_s"] + 0.001
    assert all(part is None or part >= 0 for part in summary["lost_to"].values())
    assert ("in another unit than seconds" in done.err) == (claims[0] == 300)
    assert done.err.count("in another unit") <= 2  # as it happens, and at the end


def test_a_wait_for_a_pool_that_no_batch_follows_counts_too(project):
    scripts(project, ["db/a", "db/b"])
    project.config(pools={"db": {"members": [{"name": "db-1"}]}}, areas={"db": {"pools": {"db": 1}}}, nodes={"local": 3})
    assert project.tanda("run").code == 0
    waited = [event["waited_s"] for event in events(project)
              if event["kind"] == "worker_waited" or event.get("waited_s", 0) > 0]
    assert len(waited) >= 2 and any(event["kind"] == "worker_waited" for event in events(project))
    summary = json.loads((project.folder / "tanda-out/summary.json").read_text())
    # What the pool's bound makes unavoidable is not lost.
    assert (summary["lost_to"]["pools_s"] or 0) <= sum(waited) / 3 + 0.001
    assert project.tanda("report", "--check").code == 0


def test_times_that_nobody_has_renewed_for_long_are_pointed_out(project):
    project.scripts(one="true", two="true")
    project.config()
    assert project.tanda("run").code == 0
    assert "days old" not in project.tanda("list").err
    with sqlite3.connect(project.folder / ".tanda/history.db") as history:
        history.execute("UPDATE runs SET started_ms = started_ms - 40 * 86400000")
    history.close()
    assert "the known times are 40 days old" in project.tanda("list").err
