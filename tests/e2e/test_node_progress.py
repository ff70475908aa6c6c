"""Frameworks tell where they are on other nodes as well: in the journal while they run, with limits test by test."""

import json

import pytest

from conftest import missing, wait_until
from test_nodes import journal_lines, node

PASSES = "import time\n\ndef test_a(): time.sleep(0.1)\n\ndef test_b(): pass\n"


def progressed(result):
    names = {event["test"]: event["id"] for event in result.journal() if event["kind"] == "test_planned"}
    return [(names[event["test"]], event.get("done", False), event["happened_s"])
            for event in result.journal() if event["kind"] == "test_progressed"]


@pytest.fixture
def api(project):
    if missing("pytest"):
        pytest.skip(missing("pytest"))
    project.config(suites={"api": {"framework": "pytest", "files": "api/test_*.py", "batch_max": 10,
                                   "start_up": "20s"}},
                   nodes={"one": node(project, "one")}, test_timeout="3s", grace="1s")
    for name in ("one", "two", "three"):
        project.write(f"api/test_{name}.py", PASSES)
    return project


def test_pytest_tells_each_file_of_a_node(api):
    result = api.tanda("run")
    assert result.code == 0, result.log()
    told = progressed(result)
    files = {f"api/test_{name}.py" for name in ("one", "two", "three")}
    assert {name for name, done, _ in told if not done} == files
    assert {name for name, done, _ in told if done} == files
    times = [at for _, _, at in told]
    assert times == sorted(times)


def test_a_test_is_told_while_its_batch_runs_there(api):
    api.write("api/test_two.py", "import os, time\n\ndef test_waits():\n"
              f"    while not os.path.exists({str(api.home / 'seen')!r}): time.sleep(0.05)\n")
    api.config(suites={"api": {"framework": "pytest", "files": "api/test_*.py", "batch_max": 10, "start_up": "20s"}},
               nodes={"one": node(api, "one")}, test_timeout="100s")
    process = api.popen("run")
    wait_until(lambda: any(json.loads(line)["kind"] == "test_progressed" and not json.loads(line).get("done")
                           for line in journal_lines(api)), "a test has begun on the node")
    (api.home / "seen").write_text("")
    result = api.finish(process)
    assert result.code == 0, result.log()


def test_a_hang_on_a_node_is_blamed_on_its_own_test(api):
    api.write("api/test_two.py", "import time\n\ndef test_quick(): pass\n\ndef test_hang(): time.sleep(60)\n")
    result = api.tanda("run")
    assert result.code == 1, result.log()
    assert result.verdicts() == {"api/test_one.py": "passed", "api/test_two.py": "failed",
                                 "api/test_three.py": "passed"}
    assert "timed out after" in result.err


def test_the_environment_of_the_node_stays_its_own(api):
    api.write("api/test_one.py", "import os\n\ndef test_environment():\n"
              "    assert 'TANDA_PROGRESS' not in os.environ and 'PYTEST_PLUGINS' not in os.environ\n"
              "    assert os.environ['PYTHONPATH'] == '/nowhere/else'\n")
    result = api.tanda("run", env={"PYTHONPATH": "/nowhere/else"})
    assert result.code == 0, result.log()
    assert len(progressed(result)) == 6


def test_behave_tells_by_its_reports_on_a_node(project):
    if missing("behave"):
        pytest.skip(missing("behave"))
    project.write("features/steps/steps.py", "import time\nfrom behave import given\n\n"
                  "@given('it takes {seconds:g} s')\ndef step(context, seconds):\n    time.sleep(seconds)\n")
    for name, seconds in (("one", 0.1), ("two", 60), ("three", 0.1)):
        project.write(f"features/a/{name}.feature", f"Feature: {name}\n  Scenario: s\n    Given it takes {seconds} s\n")
    project.config(suites={"web": {"framework": "behave", "files": "features/{area}/*.feature", "start_up": "20s"}},
                   nodes={"one": node(project, "one")}, test_timeout="3s", grace="1s")
    result = project.tanda("run")
    assert result.code == 1, result.log()
    assert result.verdicts() == {"features/a/one.feature": "passed", "features/a/two.feature": "failed",
                                 "features/a/three.feature": "passed"}


def test_what_a_node_tells_is_a_strangers_word(project):
    report = ('<testsuites><testsuite name="s"><testcase file="tests/a/x.t" name="x"/>'
              '<testcase file="tests/a/y.t" name="y"/></testsuite></testsuites>')
    project.write("runner.sh", "#!/bin/sh\n"
                  "printf 'nonsense\\nstarted\\tx\\ty\\nstarted\\t1\\tno/such\\nreported\\t../../x\\n' >>\"$TANDA_PROGRESS\"\n"
                  "printf 'started\\t18446744073709551615\\tno/such\\n\\001TANDA-0 done 1\\n' >>\"$TANDA_PROGRESS\"\n"
                  "head -c 100000 /dev/zero >>\"$TANDA_PROGRESS\"\n"
                  "for f in \"$@\"; do\n"
                  "  printf '\\nstarted\\t0\\t%s\\n' \"$f\" >>\"$TANDA_PROGRESS\"\n"
                  "  printf 'done\\t0\\t%s\\n' \"$f\" >>\"$TANDA_PROGRESS\"\n"
                  "done\n"
                  f"echo '{report}' >\"$TANDA_REPORT\"\n", 0o755)
    project.write("tests/a/x.t", "")
    project.write("tests/a/y.t", "")
    project.config(suites={"own": {"framework": "command", "files": "tests/{area}/*.t", "batch_max": 10,
                                   "run": ["./runner.sh", "{ids}"], "reports": "report.xml", "case_key": "path",
                                   "progress": "lines", "start_up": "20s", "exit": {"complete": [0]}}},
                   nodes={"one": node(project, "one")})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert {name for name, done, _ in progressed(result) if done} == {"tests/a/x.t", "tests/a/y.t"}
