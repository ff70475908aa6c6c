"""Feature toggles: tests follow those of the application under test, in the schema that it uses itself."""

import datetime
import json
import shutil

import pytest

# As a project wrote it: one on, one off, one on for two users only.
FUNCTIONALITIES = {"FeatureManagement": {
    "funcionalidad1": True,
    "funcionalidad2": False,
    "funcionalidad3": {"EnabledFor": [{"Name": "Targeting",
                                       "Parameters": {"Audience": {"Users": ["juan", "maria"]}}}]}}}


def toggles(project, settings=None, **areas):
    """Areas of one test each, that follow a toggle."""
    project.scripts(**{f"{area}__one": "env | grep -i feature >>seen; true" for area in areas})
    project.config(areas={area: {"feature": name} if isinstance(name, str) else name
                          for area, name in areas.items() if name},
                   features=settings or {"file": "appsettings.json"})


def app(project, content, name="appsettings.json"):
    project.write(name, content if isinstance(content, str) else json.dumps(content, indent=2))


def skipped(result):
    return {case.get("name"): case.find("skipped").get("message") for case in result.junit().iter("testcase")
            if case.find("skipped") is not None}


@pytest.mark.parametrize("user, off", [(None, {"b"}), ("juan", {"b"}), ("pedro", {"b", "c"})])
def test_tests_of_what_is_off_are_skipped_with_the_reason(project, user, off):
    app(project, FUNCTIONALITIES)
    settings = {"file": "appsettings.json", **({"user": user} if user else {})}
    toggles(project, settings, a="funcionalidad1", b="funcionalidad2", c="funcionalidad3", d=None)
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert set(skipped(result)) == {f"tests/{area}/one.sh" for area in off}
    assert skipped(result)["tests/b/one.sh"] == "toggle funcionalidad2 is off (appsettings.json:4:23)"
    assert ("nobody can know whether the toggle 'funcionalidad3'" in result.err) == (user is None)
    assert "1 of 4 tests name no toggle" in result.err


def test_a_tag_in_the_file_names_a_toggle(project):
    app(project, {"feature_management": {"feature_flags": [{"id": "Off"}, {"id": "On", "enabled": True}]}})
    project.scripts(a__plain="true", a__tagged="# @feature:off\nfalse", a__on="# see @feature:On, please\ntrue")
    project.write("features/x/off.feature", "@feature:Off @slow\nFeature: x\n  Scenario: y\n    Given z\n")
    project.write("features/x/part.feature", "Feature: x\n  @feature:Off\n  Scenario: y\n    Given z\n")
    project.config(suites={
        "cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}"]},
        "bdd": {"framework": "command", "files": "features/{area}/*.feature", "run": ["true", "{id}"], "gherkin": True}},
        features={"file": "appsettings.json"})
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert set(skipped(result)) == {"tests/a/tagged.sh", "features/x/off.feature"}
    assert "features/x/part.feature:2: @feature:Off stands on a scenario, and single ones cannot be listed" in result.err


def test_a_command_asks_the_system_that_runs(project):
    project.write("ask.sh", "#!/bin/sh\necho '{\"FeatureManagement\": {\"New\": false}}'; echo noise >&2\n", 0o755)
    toggles(project, {"command": ["./ask.sh"]}, a="New", b=None)
    result = project.tanda("run")
    assert result.code == 0
    assert "is off (the output of ./ask.sh:1:31)" in skipped(result)["tests/a/one.sh"]


@pytest.mark.parametrize("body, said", [
    ("exit 3", "'./ask.sh' ended with 3"), ("echo hello", "not valid JSON"), ("echo '{}'", "no feature toggles in it"),
    (None, "toggles cannot be asked for"),
])
def test_a_command_that_fails_is_told(project, body, said):
    if body:
        project.write("ask.sh", f"#!/bin/sh\n{body}\n", 0o755)
    toggles(project, {"command": ["./ask.sh"]}, a="New")
    result = project.tanda("run")
    assert result.code == 2 and said in result.err and "E017" in result.err
    assert not (project.folder / "tanda-out").exists()


def test_both_states_are_run_and_are_two_tests(project):
    app(project, {"FeatureManagement": {"New": {"EnabledFor": [{"Name": "Mine"}]}}})
    toggles(project, None, a={"feature": "New", "feature_states": "both"}, b=None)
    result = project.tanda("run")
    assert result.code == 0, result.err
    seen = (project.folder / "seen").read_text().split()
    assert sorted(seen) == ["FeatureManagement__New=false", "FeatureManagement__New=true",
                            "FeatureManagement__New__EnabledFor__0__Name="]
    assert {case.get("name") for case in result.junit().iter("testcase")} == {
        "tests/a/one.sh [New=on]", "tests/a/one.sh [New=off]", "tests/b/one.sh"}
    found = {item.get("value") for item in result.junit().iter("property") if item.get("name") == "tanda.feature"}
    assert found == {"New=on", "New=off"}
    for place in ("report.html", "journal.ndjson", "plan.json"):
        assert "tests/a/one.sh [New=off]" in (project.folder / "tanda-out" / place).read_text()


def test_each_state_has_its_own_history_and_can_be_chosen(project):
    project.scripts(a__one="test $FeatureManagement__New = true")
    project.config(areas={"a": {"feature": "New"}}, features={"states": "both"})
    first = project.tanda("run")
    assert first.code == 1 and first.verdicts() == {"tests/a/one.sh [New=on] (cmd)": "passed",
                                                    "tests/a/one.sh [New=off] (cmd)": "failed"}
    again = project.tanda("run", "--failed")
    assert again.code == 1 and list(again.verdicts()) == ["tests/a/one.sh [New=off] (cmd)"]
    assert project.tanda("run", "tests/a/one.sh [New=on]").code == 0
    assert len(project.tanda("run", "tests/a/one.sh").verdicts()) == 2
    known = {item["id"]: item["expected_s"] for item in json.loads(project.tanda("list", "--json").out)["tests"]}
    assert known["tests/a/one.sh [New=on]"] is not None and known["tests/a/one.sh [New=off]"] is None


def test_two_toggles_are_all_on_and_each_off_once(project):
    project.scripts(a__one="# @feature:B\necho $FeatureManagement__A-$FeatureManagement__B >>seen")
    project.config(areas={"a": {"feature": ["A"]}}, features={"states": "both"}, nodes={"local": 1})
    result = project.tanda("run")
    assert result.code == 0 and "2 toggles in both states" in result.err
    assert sorted((project.folder / "seen").read_text().split()) == ["false-true", "true-false", "true-true"]


def test_states_never_share_a_start_of_the_framework(project):
    """Not even where an area is kept together, nor for what is split."""
    project.write("checks/one/test_a.py", "import os\n\ndef test_state():\n    assert os.environ['FeatureManagement__New'] == 'true'\n"
                  "\ndef test_other():\n    pass\n")
    project.write("checks/one/test_b.py", "import os\n\ndef test_state():\n    assert os.environ['FeatureManagement__New'] == 'true'\n")
    project.config(suites={"py": {"framework": "pytest", "files": "checks/{area}/test_*.py", "split": "auto",
                                  "args": ["-p", "no:cacheprovider"]}},
                   areas={"one": {"feature": "New", "keep_together": True}}, features={"states": "both"})
    result = project.tanda("run")
    assert result.code == 1, result.err
    states = {case.get("name"): case.find("failure") is None for case in result.junit().iter("testcase")
              if case.get("name").startswith("test_state")}
    assert states == {"test_state [New=on]": True, "test_state [New=off]": False}
    passed = [name for name, verdict in result.verdicts().items() if verdict == "passed"]
    assert sorted(passed) == ["checks/one/test_a.py [New=on] (py)", "checks/one/test_b.py [New=on] (py)"]
    case = project.tanda("run", "checks/one/test_a.py [New=off] > test_other")
    assert case.code == 0, case.err
    assert [item.get("name") for item in case.junit().iter("testcase")] == ["test_other [New=off]"]


@pytest.fixture
def scenarios(project):
    """A Spanish feature file whose scenarios carry toggles of their own."""
    if not shutil.which("behave"):
        pytest.skip("behave is not installed")
    project.write("features/compra/pago.feature", """# language: es
@feature:Compra
Característica: pago
  Escenario: siempre
    Dado algo

  @feature:Nuevo @lento
  Escenario: nuevo
    Dado algo

  @feature:Filas
  Esquema del escenario: filas
    Dado algo

    Ejemplos:
      | n |
      | 1 |
      | 2 |
""")
    project.write("features/steps/all.py", "import os\nfrom behave import given\n\n@given('algo')\ndef step(context):\n"
                  "    assert os.environ.get('FeatureManagement__Nuevo') != 'false'\n")
    project.config(suites={"web": {"framework": "behave", "files": "features/{area}/*.feature"}},
                   features={"file": "appsettings.json"})
    app(project, {"FeatureManagement": {"Compra": True, "Nuevo": False, "Filas": True}})
    return project


def test_scenarios_with_toggles_of_their_own_are_cases(scenarios):
    result = scenarios.tanda("run")
    assert result.code == 0, result.err
    assert skipped(result) == {"features/compra/pago.feature > nuevo": "toggle Nuevo is off (appsettings.json:4:14)"}
    assert len(list(result.junit().iter("testcase"))) == 4
    app(scenarios, {"FeatureManagement": {"Compra": False, "Nuevo": True, "Filas": True}})
    assert len(skipped(scenarios.tanda("run"))) == 4


def test_scenarios_in_both_states_can_be_run_again_by_their_state(scenarios):
    scenarios.config(suites={"web": {"framework": "behave", "files": "features/{area}/*.feature"}},
                     features={"states": "both"})
    result = scenarios.tanda("run")
    failed = "features/compra/pago.feature > nuevo [Compra=on,Nuevo=off]"
    assert result.code == 1
    assert (scenarios.folder / "tanda-out" / "last-failed.txt").read_text() == f"web\t{failed}\n"
    ids = [item["id"] for item in json.loads(scenarios.tanda("list", "--json").out)["tests"]]
    assert len(ids) == len(set(ids)) == 2 + 3 + 3 + 3
    again = scenarios.tanda("run", "--failed")
    assert again.code == 1 and "warning" not in again.err
    assert [event["id"] for event in again.journal() if event["kind"] == "test_planned"] == [failed]
    both = scenarios.tanda("run", "features/compra/pago.feature > siempre")
    assert both.code == 0 and len(list(both.junit().iter("testcase"))) == 2


def test_what_cannot_be_known_runs_and_is_said(project):
    app(project, {"FeatureManagement": {
        "Chance": {"EnabledFor": [{"Name": "Percentage", "Parameters": {"Value": 50}}]},
        "Mine": {"EnabledFor": [{"Name": "BrowserFilter"}]}}})
    toggles(project, None, a="Chance", b="Mine")
    result = project.tanda("run")
    assert result.code == 0 and not skipped(result)
    assert "'Chance' (appsettings.json:3:15) is on, as filter 'Percentage' draws anew each time; its tests run" in result.err
    assert "'Mine' (appsettings.json:13:13) is on, as filter 'BrowserFilter' is the application's own" in result.err


def test_windows_open_and_close_in_both_notations(project):
    now = datetime.datetime.now(datetime.timezone.utc)
    soon, past = now + datetime.timedelta(hours=1), now - datetime.timedelta(hours=1)

    def rfc(when):
        return when.strftime("%a, %d %b %Y %H:%M:%S GMT")

    def window(**keys):
        return {"EnabledFor": [{"Name": "Microsoft.TimeWindow", "Parameters": keys}]}

    app(project, {"FeatureManagement": {"Open": window(Start=rfc(past), End=soon.isoformat()),
                                        "Over": window(End=rfc(past)), "Later": window(Start=soon.isoformat())}})
    toggles(project, None, a="Open", b="Over", c="Later")
    result = project.tanda("run")
    assert set(skipped(result)) == {"tests/b/one.sh", "tests/c/one.sh"}, result.err


def test_toggles_that_no_test_names_and_names_without_toggle_are_reported(project):
    app(project, FUNCTIONALITIES)
    toggles(project, None, a="funcionalidad4", b="FUNCIONALIDAD1", c=None)
    result = project.tanda("run")
    assert skipped(result)["tests/a/one.sh"] == "toggle funcionalidad4 is off: appsettings.json does not have it"
    assert "appsettings.json has no toggle 'funcionalidad4', so it counts as off; did you mean 'funcionalidad" in result.err
    assert "no test names funcionalidad2, funcionalidad3" in result.err
    assert "1 of 3 tests name no toggle" in result.err


@pytest.mark.parametrize("content, place, words", [
    ("", "appsettings.json:1:1", "not valid JSON"),
    ('{"FeatureManagement": {"A": "maybe"}}', "appsettings.json:1:29", "true or false"),
    ('{"FeatureManagement": {"A": {"EnabledFor": [{"Name": "Targeting",\n"Parameters": {"Audience": '
     '{"DefaultRolloutPercentage": 200}}}]}}}', "appsettings.json:2:57", "0 to 100"),
    ('{"FeatureManagement": {"A": {"EnabledFor": [{"Name": "TimeWindow",\n"Parameters": {"Start": "yesterday"}}]}}}',
     "appsettings.json:2:25", "a time such as"),
    ('{"FeatureManagement": ' * 5000, "appsettings.json:1:", "depth"),
    ("x" * 17 * 1024 * 1024, "appsettings.json", "larger than"),
    (None, "appsettings.json", "cannot be read"),
], ids=["empty", "word", "percentage", "time", "deep", "huge", "missing"])
def test_a_file_that_cannot_be_read_is_told_with_its_place(project, content, place, words):
    if content is not None:
        project.write("appsettings.json", content)
    toggles(project, None, a="A")
    result = project.tanda("run")
    assert result.code == 2 and place in result.err and words in result.err and "E017" in result.err
    assert not (project.folder / "tanda-out").exists()


def test_a_toggle_without_a_place_to_ask_is_told(project):
    project.scripts(a__one="true")
    project.config(areas={"a": {"feature": "New"}})
    result = project.tanda("run")
    assert result.code == 2 and "follows the toggle 'New', and nothing says its state" in result.err


def test_a_shard_and_its_plan_know_the_states(project):
    project.scripts(a__one="true", a__two="true")
    project.config(areas={"a": {"feature": "New"}}, features={"states": "both"})
    assert project.tanda("plan", "--shards", "2", "-o", "plan.json").code == 0
    seen = [name for number in (1, 2)
            for name in project.tanda("run", "--plan", "plan.json", "--shard", f"{number}/2", "-o", f"out-{number}")
            .verdicts(f"out-{number}")]
    assert sorted(seen) == sorted(f"tests/a/{name}.sh [New={state}] (cmd)" for name in ("one", "two") for state in ("on", "off"))
