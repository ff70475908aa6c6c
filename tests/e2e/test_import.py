"""`tanda history import`: other runs' reports make the first run of tanda a balanced one."""

import json
import re
import shutil
import subprocess

import pytest

import invariants
from conftest import SAMPLES


def report(project, name, *cases, suite="s", head=""):
    """A JUnit file; each case is (classname, name, seconds, what)."""
    body = "".join(f'<testcase classname="{classname}" name="{title}" time="{seconds}" {rest}</testcase>'
                   for classname, title, seconds, rest in cases)
    return project.write(name, f'<testsuites><testsuite name="{suite}" {head}>{body}</testsuite></testsuites>')


def expected(project):
    listed = json.loads(project.tanda("list", "--json").out)
    return {test["id"]: test["expected_s"] for test in listed["tests"]}


def pytest_project(project):
    for name in ("cart/test_add", "cart/test_pay", "search/test_find"):
        project.write(f"tests/{name}.py", "def test_it(): pass\ndef test_two(): pass\n")
    project.config(suites={"py": {"framework": "pytest", "files": "tests/{area}/test_*.py"}})


def test_last_nights_reports_give_the_first_run_its_order(project):
    pytest_project(project)
    report(project, "night/a.xml", ("tests.cart.test_add", "test_it", 1.5, ">"), ("tests.cart.test_add", "test_two", 2, ">"))
    report(project, "night/b.xml", ("tests.search.test_find.TestFind", "test_it", 9, ">"),
           ("tests.cart.test_pay", "test_it", 0.5, ">"), ("tests.cart.test_pay", "test_two", 4, "><skipped/>"))
    result = project.tanda("history", "import", "night")
    assert result.code == 0, result.err
    assert "imported 1 run, 2 reports, 5 cases: a time for 3 of 3 tests" in result.err
    assert expected(project) == {"tests/cart/test_add.py": 3.5, "tests/cart/test_pay.py": 0.5,
                                 "tests/search/test_find.py": 9.0}
    run = project.tanda("run", "-j", "1")
    assert "predicted" in run.err
    started = [line for line in run.journal() if line["kind"] == "batch_started"]
    planned = {line["test"]: line["id"] for line in run.journal() if line["kind"] == "test_planned"}
    assert planned[started[0]["tests"][0]] == "tests/search/test_find.py"


def test_what_has_no_time_and_what_is_no_test_is_named(project):
    pytest_project(project)
    report(project, "r.xml", ("tests.cart.test_add", "test_it", 1, ">"),
           ("tests.cart.test_pay", "test_it", 7, '><failure message="no"/>'), ("old.test_gone", "test_it", 3, ">"))
    result = project.tanda("history", "import", "r.xml")
    assert result.code == 0
    assert "a time for 1 of 3 tests" in result.err
    assert "tests/search/test_find.py\n" in result.err
    assert "tests/cart/test_pay.py (failed there" in result.err
    assert "1 of 3 cases belong to no test of this project" in result.err and "old.test_gone" in result.err


def test_several_nights_give_the_median_and_the_same_night_counts_once(project):
    pytest_project(project)
    for night, seconds in (("one", 1), ("two", 30), ("three", 3)):
        report(project, f"{night}/r.xml", ("tests.cart.test_add", "test_it", seconds, ">"))
    assert project.tanda("history", "import", "one", "two", "three").code == 0
    assert expected(project)["tests/cart/test_add.py"] == 3.0
    for _ in range(4):
        assert project.tanda("history", "import", "two").code == 0
    assert expected(project)["tests/cart/test_add.py"] == 3.0


def test_several_nights_in_one_folder_are_pointed_out(project):
    pytest_project(project)
    for night in range(3):
        report(project, f"all/{night}.xml", ("tests.cart.test_add", "test_it", 2, ">"))
    assert "most cases are in several reports" in project.tanda("history", "import", "all").err


@pytest.mark.parametrize("paths, words", [
    ([], "reports to read"), (["none.xml"], "No such file"), (["empty"], "no test case"),
    (["strange.xml"], "none of 1 cases belongs"),
])
def test_what_cannot_be_imported_is_told_and_leaves_nothing(project, paths, words):
    pytest_project(project)
    (project.folder / "empty").mkdir()
    report(project, "strange.xml", ("com.shop.Other", "x", 1, ">"))
    result = project.tanda("history", "import", *paths)
    assert result.code == 2
    assert words in result.err and "help:" in result.err
    assert project.tanda("history").out.count("import-") == 0


def test_a_broken_report_is_named_and_its_readable_part_counts(project):
    pytest_project(project)
    whole = report(project, "r.xml", ("tests.cart.test_add", "test_it", 1, ">"), ("x", "y", 1, ">")).read_text()
    project.write("r.xml", whole[:whole.index('classname="x"')])
    result = project.tanda("history", "import", "r.xml")
    assert result.code == 0 and "1 report is broken" in result.err
    assert expected(project)["tests/cart/test_add.py"] == 1.0


def test_features_are_found_by_file_report_and_title(project):
    project.write("features/steps/s.py", "")
    for name, title in (("cart/add", "Adding"), ("cart/pay", "Paying: by card"), ("find", "Finding")):
        project.write(f"features/{name}.feature", f"# language: en\n@tag\nFeature: {title}\n  Scenario: s\n    Given x\n")
    project.config(suites={"web": {"framework": "behave", "files": "features/**/*.feature"}})
    report(project, "in/TESTS-cart.add.xml", ("cart.add.Adding", "s", 1, ">"))
    report(project, "in/merged.xml", ("Paying: by card", "s", 2, ">"))
    report(project, "in/other.xml", ("x", "s", 3, 'file="web/features/find.feature">'))
    result = project.tanda("history", "import", "in")
    assert result.code == 0, result.err
    assert expected(project) == {"features/cart/add.feature": 1.0, "features/cart/pay.feature": 2.0,
                                 "features/find.feature": 3.0}


def test_bats_files_are_found_by_their_names(project):
    project.write("test/cart.bats", "@test 'a' { true; }\n")
    project.write("test/find.bats", "@test 'a' { true; }\n")
    project.config(suites={"sh": {"framework": "bats", "files": "test/*.bats"}})
    report(project, "r.xml", ("cart.bats", "a", 5, ">"), suite="cart.bats")
    result = project.tanda("history", "import", "r.xml")
    assert result.code == 0 and "a time for 1 of 2 tests" in result.err
    assert expected(project)["test/cart.bats"] == 5.0


@pytest.mark.parametrize("framework, command, pattern", [
    ("pytest", ["pytest", "-q", "-p", "no:cacheprovider", "--junit-xml=out/r.xml"], None),
    ("behave", ["behave", "--junit", "--junit-directory", "out"], None),
    ("bats", ["bats", "--report-formatter", "junit", "-o", "out"], "*.bats"),
])
def test_the_frameworks_own_reports_are_understood(sample, framework, command, pattern):
    if shutil.which(framework) is None:
        pytest.skip(f"{framework} is not installed")
    project = sample(framework, "fail")
    (project.folder / "out").mkdir()
    files = sorted(path.name for path in project.folder.glob(pattern)) if pattern else []
    subprocess.run([*command, *files], cwd=project.folder, env=project.environment(), capture_output=True,
                   timeout=60, check=False)
    invariants.of_processes(project.mark, orphans_allowed=True)  # bats leaves some; they are none of tanda's
    result = project.tanda("history", "import", "out")
    assert result.code == 0, result.err
    assert "belong to no test" not in result.err
    assert not re.search("a time for 0 of", result.err)


@pytest.mark.parametrize("framework", ["pytest", "behave", "bats", "command"])
def test_tandas_own_report_is_understood(sample, framework):
    if framework != "command" and shutil.which(framework) is None:
        pytest.skip(f"{framework} is not installed")
    project = sample(framework, "good")
    assert project.tanda("run").code == 0
    before = expected(project)
    shutil.rmtree(project.folder / ".tanda")
    result = project.tanda("history", "import", "tanda-out/junit.xml")
    assert result.code == 0 and f"a time for {len(before)} of {len(before)} tests" in result.err
    after = expected(project)
    assert all(abs(after[name] - before[name]) < 0.01 for name in before), (before, after)
