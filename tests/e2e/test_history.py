"""tanda history: what past runs tell, as a user asks for it."""

import json


def three_runs(project):
    """A steady test, one that fails and then passes within each run, one that passes every other run."""
    project.scripts(
        cart__steady="sleep 0.05",
        cart__retried='test -e "$TANDA_RUN_ID" || { : > "$TANDA_RUN_ID"; exit 1; }',
        pay__wavering='mkdir -p "seen/$TANDA_RUN_ID"; test $(ls seen | wc -l) != 2')
    project.config(retries=1)
    return [project.tanda("run").code for _ in range(3)]


def asked(project, *words):
    result = project.tanda("history", *words, "--json")
    assert result.code == 0, result.err
    data = json.loads(result.out)
    assert data["schema"] == "tanda.history/1"
    return data


def test_runs_stand_beside_their_predictions(project):
    assert three_runs(project) == [0, 1, 0]
    runs = asked(project)["runs"]
    assert [run["tests"] for run in runs] == [3, 3, 3]
    assert [run["failed"] for run in runs] == [0, 1, 0]
    assert runs[2]["predicted_s"] is None, "nothing was known of the first run"
    assert runs[0]["predicted_s"] > 0 and runs[0]["lower_bound_s"] > 0 and runs[0]["wall_s"] > 0
    assert asked(project)["accuracy"]["runs"] >= 1
    text = project.tanda("history").out
    assert "3 runs are remembered, of 3 tests; predictions were off by" in text


def test_a_report_tells_how_often_a_flaky_test_was_that_before(project):
    assert three_runs(project) == [0, 1, 0]
    journal = [json.loads(line) for line in (project.folder / "tanda-out/journal.ndjson").read_text().splitlines()]
    names = {event["test"]: event["id"] for event in journal if event["kind"] == "test_planned"}
    recalled = {names[event["test"]]: event for event in journal if event["kind"] == "test_recalled"}
    assert set(recalled) == {"tests/cart/retried.sh"}, "the others gave no trouble in this run"
    assert recalled["tests/cart/retried.sh"]["runs"] == 2
    assert recalled["tests/cart/retried.sh"]["flaky"] == 2
    page = (project.folder / "tanda-out/report.html").read_text()
    assert "Of its last 2 runs before this one 2 were flaky." in page
    assert project.tanda("report").code == 0
    assert (project.folder / "tanda-out/report.html").read_text() == page


def test_flaky_tests_are_told_from_failing_ones(project):
    three_runs(project)
    flaky = {test["id"]: test for test in asked(project, "flaky")["flaky"]}
    assert set(flaky) == {"tests/cart/retried.sh", "tests/pay/wavering.sh"}
    assert flaky["tests/cart/retried.sh"]["flaky"] == 3
    assert flaky["tests/cart/retried.sh"]["failed"] == 0
    assert flaky["tests/pay/wavering.sh"]["changed"] == 2
    assert flaky["tests/pay/wavering.sh"]["failed"] == 1


def test_the_slowest_come_first_and_areas_have_their_sum(project):
    three_runs(project)
    slow = asked(project, "slow")["slow"]
    assert slow[0]["id"] == "tests/cart/steady.sh"
    assert slow[0]["runs"] == 3 and slow[0]["area"] == "cart"
    trend = asked(project, "trend")
    assert {area["area"] for area in trend["areas"]} == {"cart", "pay"}
    assert "runs" in trend


def test_history_needs_no_working_configuration_of_the_tests(project):
    three_runs(project)
    project.write("tests/cart/steady.sh", "")
    (project.folder / "sub").mkdir()
    result = project.tanda("history", "slow", "-c", "tanda.json")
    assert result.code == 0 and "steady.sh" in result.out


def test_prune_says_what_is_kept(project):
    three_runs(project)
    result = project.tanda("history", "prune")
    assert result.code == 0 and "at most the last" in result.err
    assert len(asked(project)["runs"]) == 3


def test_without_a_history_the_way_to_one_is_said(project):
    project.scripts(one="true")
    project.config()
    result = project.tanda("history", "slow")
    assert result.code == 2
    assert "nothing is remembered here yet" in result.err and "tanda run" in result.err


def test_an_unknown_word_is_answered_with_the_known_ones(project):
    result = project.tanda("history", "slowest")
    assert result.code == 2 and "slow, flaky, trend, prune" in result.err
