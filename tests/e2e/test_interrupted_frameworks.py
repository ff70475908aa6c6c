"""Frameworks that stop early say so in odd ways: nothing that did not run is green, nothing innocent is red."""

import pathlib
import shutil

import pytest

from conftest import missing

STEPS = """from behave import given

@given("a step that passes")
def passes(context):
    pass

@given("a step that fails")
def fails(context):
    assert False

@given("a step that aborts")
def aborts(context):
    context._runner.aborted = True
"""


def feature(name, *steps):
    scenarios = "".join(f"  Scenario: {name}{number}\n    Given a step that {step}\n\n"
                        for number, step in enumerate(steps, 1))
    return f"Feature: {name}\n\n{scenarios}"


@pytest.fixture
def web(project):
    if missing("behave"):
        pytest.skip(missing("behave"))
    project.write("features/steps/steps.py", STEPS)
    project.config(suites={"web": {"framework": "behave", "files": "features/{area}/*.feature", "start_up": "20s"}},
                   nodes={"local": 1})
    return project


@pytest.fixture
def api(project):
    if missing("pytest"):
        pytest.skip(missing("pytest"))
    suite = {"framework": "pytest", "files": "api/test_*.py", "batch_max": 10, "start_up": "20s"}

    def configure(**keys):
        project.config(suites={"api": {**suite, **keys.pop("suite", {})}}, nodes={"local": 1}, **keys)
        return project

    return configure


def verdicts(result):
    return {name.split("/")[-1]: verdict for name, verdict in result.verdicts().items()}


def test_what_behave_did_not_come_to_is_not_skipped(web):
    web.write("behave.ini", "[behave]\nstop = true\n")
    web.write("features/a/a.feature", feature("a", "fails"))
    web.write("features/a/b.feature", feature("b", "fails"))
    result = web.tanda("run")
    assert result.code == 1, result.log()
    assert verdicts(result) == {"a.feature": "failed", "b.feature": "failed"}


def test_a_feature_that_was_broken_off_has_not_passed(web):
    web.write("features/a/b.feature", feature("b", "passes", "aborts", "fails"))
    result = web.tanda("run")
    assert result.code == 3, result.log()
    assert verdicts(result) == {"b.feature": "error"}
    assert "before it had run all of this test" in result.err


def test_pytest_that_was_told_to_exit_has_not_passed(api):
    project = api()
    project.write("api/test_a.py", "import pytest\n\ndef test_1(): pass\n\ndef test_2(): pytest.exit('enough', "
                  "returncode=0)\n\ndef test_3(): assert 0\n")
    result = project.tanda("run")
    assert result.code == 3, result.log()
    assert verdicts(result) == {"test_a.py": "error"}
    assert "interrupted" in result.err


def test_tests_not_come_to_after_a_failure_are_not_flaky(api):
    project = api(suite={"args": ["-x"]})
    project.write("api/test_a.py", "def test_a(): assert 0\n")
    project.write("api/test_b.py", "def test_b(): pass\n")
    project.write("api/test_c.py", "def test_c(): pass\n")
    result = project.tanda("run")
    assert result.code == 1, result.log()
    assert verdicts(result) == {"test_a.py": "failed", "test_b.py": "passed", "test_c.py": "passed"}


def test_a_test_without_a_limit_is_not_stopped_for_another(api):
    project = api(areas={"slow": {"test_timeout": "0"}, "quick": {"test_timeout": "2s"}}, grace="1s")
    project.config(suites={"api": {"framework": "pytest", "files": "api/{area}/test_*.py", "batch_max": 10,
                                   "start_up": "20s"}},
                   areas={"slow": {"test_timeout": "0"}, "quick": {"test_timeout": "2s"}},
                   nodes={"local": 1}, grace="1s")
    project.write("api/slow/test_slow.py", "import time\n\ndef test_slow(): time.sleep(4)\n")
    project.write("api/quick/test_quick.py", "def test_quick(): pass\n")
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert verdicts(result) == {"test_slow.py": "passed", "test_quick.py": "passed"}


def test_files_that_take_turns_have_their_own_times(api):
    project = api(test_timeout="3s", grace="1s")
    project.write("api/conftest.py", "import pytest\n\n@pytest.fixture(scope='session', params=['one', 'two'])\n"
                  "def browser(request): return request.param\n")
    for name in "abc":
        project.write(f"api/test_{name}.py", f"import time\n\ndef test_{name}(browser): time.sleep(1)\n")
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert set(verdicts(result).values()) == {"passed"}


def test_a_program_of_ones_own_gets_no_plugin_by_name(api):
    python = pathlib.Path(shutil.which("pytest")).read_text().split("\n", 1)[0].removeprefix("#!")
    project = api(suite={"run": [python, "-E", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o",
                                 "junit_family=xunit1", "--junit-xml={report}", "{args}", "{ids}"]})
    for name in "ab":
        project.write(f"api/test_{name}.py", f"def test_{name}(): pass\n")
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert set(verdicts(result).values()) == {"passed"}


def test_a_hang_among_single_cases_is_nobody_elses(web):
    web.write("features/steps/more.py", "import time\nfrom behave import given\n\n@given('a step that hangs')\n"
              "def hangs(context):\n    time.sleep(600)\n")
    web.write("features/a/a.feature", feature("a", "passes", "hangs", "passes"))
    web.config(suites={"web": {"framework": "behave", "files": "features/{area}/*.feature", "split": "auto",
                               "start_up": "1s"}},
               nodes={"local": 1}, test_timeout="3s", grace="1s")
    result = web.tanda("run", *(f"features/a/a.feature > a{number}" for number in (1, 2, 3)))
    assert result.code == 1, result.log()
    assert [line for line in (web.folder / "tanda-out/last-failed.txt").read_text().splitlines()] == [
        "web\tfeatures/a/a.feature > a2"]


def test_a_failed_case_that_nobody_planned_is_not_forgotten(project):
    report = ('<testsuites><testsuite name="s"><testcase file="tests/a/x.t" name="x"/>'
              '<testcase file="elsewhere" name="y"><failure message="no"/></testcase></testsuite></testsuites>')
    project.write("runner.sh", f"#!/bin/sh\necho '{report}' >\"$TANDA_REPORT\"\nexit 1\n", 0o755)
    project.write("tests/a/x.t", "")
    project.config(suites={"own": {"framework": "command", "files": "tests/{area}/*.t", "run": ["./runner.sh", "{ids}"],
                                   "reports": "report.xml", "case_key": "path",
                                   "exit": {"complete": [0, 1], "passed": [0]}}})
    assert project.tanda("run").code == 1
    assert project.tanda("run", "--failed").code == 1
