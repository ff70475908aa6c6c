"""Who runs what: labels, pools, cpus, kept areas and strategies, in real runs."""
import json

import pytest


def batches(project):
    """(worker, start, end, tests) of each batch's command, from the journal."""
    begun, found = {}, []
    for line in (project.folder / "tanda-out/journal.ndjson").read_text().splitlines():
        event = json.loads(line)
        if event["kind"] == "batch_started":
            begun[event["batch"]] = [event["worker"], 0, 0, event["tests"]]
        elif event["kind"] == "batch_running":
            begun[event["batch"]][1] = event["at_s"]
        elif event["kind"] == "batch_ended":
            batch = begun[event["batch"]]
            batch[2] = batch[1] + event["elapsed_s"]
            found.append(batch)
    return found


def overlaps(ours):
    spans = sorted(span[1:3] for span in ours)
    return any(later[0] < earlier[1] for earlier, later in zip(spans, spans[1:]))


def scripts(project, names):
    for name in names:
        project.write(f"tests/{name}.sh", "sleep 0.05\n")


def test_a_pool_of_one_is_used_one_after_the_other(project):
    scripts(project, ["db/a", "db/b", "db/c", "web/a", "web/b"])
    project.config(pools={"db": {"members": [{"name": "db-1", "url": "x"}]}},
                   areas={"db": {"pools": {"db": 1}}}, nodes={"local": 3})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    ids = planned_areas(project)
    assert not overlaps([b for b in batches(project) if ids[b[3][0]] == "db"])


def planned_areas(project):
    areas = {}
    for line in (project.folder / "tanda-out/journal.ndjson").read_text().splitlines():
        event = json.loads(line)
        if event["kind"] == "test_planned":
            areas[event["test"]] = event["area"]
    return areas


def test_a_kept_area_stays_on_one_worker(project):
    scripts(project, ["flow/1", "flow/2", "flow/3", "web/a", "web/b", "web/c"])
    project.config(areas={"flow": {"keep_together": True}}, nodes={"local": 3})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    areas = planned_areas(project)
    ours = [b for b in batches(project) if areas[b[3][0]] == "flow"]
    assert len(ours) == 3 and len({b[0] for b in ours}) == 1 and not overlaps(ours)


def test_cpus_that_do_not_fit_wait(project):
    scripts(project, ["heavy/a", "heavy/b", "heavy/c"])
    project.config(areas={"heavy": {"cpus": 2}}, nodes={"local": {"executors": 3, "cpus": 3}})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert not overlaps(batches(project))


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
        ids = {}
        for line in (project.folder / "tanda-out/journal.ndjson").read_text().splitlines():
            event = json.loads(line)
            if event["kind"] == "test_planned":
                ids[event["test"]] = event["id"]
        worker = {ids[test]: b[0] for b in batches(project) for test in b[3]}
        for first, second in same:
            assert worker[f"tests/{first}.sh"] == worker[f"tests/{second}.sh"], strategy
    assert project.tanda("run", "--strategy", "magic").code == 2
