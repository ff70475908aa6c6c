"""Quarantine: tests that may fail for a while run and are reported, and its end is not forgotten."""

import datetime
import json
import xml.etree.ElementTree

import pytest


def day(offset):
    return (datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=offset)).isoformat()


def quarantine(offset, **more):
    return {"reason": "TIE-112", "until": day(offset), **more}


def cases(result, status):
    return {case.get("name"): case.find(status) for case in result.junit().iter("testcase")
            if case.find(status) is not None}


def test_what_fails_in_quarantine_does_not_fail_the_run(project):
    project.scripts(odd__bad="echo why; exit 1", odd__crash="kill -SEGV $$", odd__good="true", fine__one="true")
    project.config(areas={"odd": {"quarantine": quarantine(3)}})
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert "exit 0: 2 passed, 2 failed in quarantine" in result.err
    assert f"Quarantine odd: TIE-112, expires in 3 days (until {day(3)}): 2 of 3 tests failed" in result.err
    assert "FAIL" in result.err and "in quarantine" in result.err
    assert result.verdicts()["tests/odd/bad.sh"] == "failed"
    summary = result.summary()
    assert summary["quarantines"] == [{"area": "odd", "reason": "TIE-112", "until": day(3), "days_left": 3,
                                       "expired": False, "tests": 3, "failed": 2}]
    assert summary["verdicts"]["failed"] == 1 and summary["verdicts"]["error"] == 1
    assert summary["cases"] == {"passed": 2, "failed": 0, "error": 0, "skipped": 2}


def test_in_junit_it_is_skipped_with_all_that_is_known(project):
    """A CI server that reads the report fails no build for it."""
    project.write("tests/odd/test_odd.py", "def test_bad(): assert 1 == 2\ndef test_good(): pass\n")
    project.config(suites={"py": {"framework": "pytest", "files": "tests/{area}/test_*.py"}},
                   areas={"odd": {"quarantine": quarantine(30)}})
    result = project.tanda("run")
    assert result.code == 0, result.err
    skipped = cases(result, "skipped")
    assert set(skipped) == {"test_bad"} and not cases(result, "failure")
    assert skipped["test_bad"].get("message").startswith(f"in quarantine (TIE-112, until {day(30)}): ")
    assert "assert 1 == 2" in skipped["test_bad"].text
    found = {item.get("name"): item.get("value") for item in result.junit().iter("property")}
    assert found["tanda.quarantine"] == "TIE-112" and found["tanda.quarantine_until"] == day(30)
    assert found["tanda.verdict"] == "failed"


def test_every_report_names_it(project):
    project.scripts(odd__bad="exit 1", fine__one="true")
    project.config(areas={"odd": {"quarantine": quarantine(2)}})
    project.tanda("run")
    page = (project.folder / "tanda-out" / "report.html").read_text()
    assert 'id="quarantine"' in page and "TIE-112, expires in 2 days" in page
    markdown = (project.folder / "tanda-out" / "summary.md").read_text()
    assert "### In quarantine" in markdown and "expires in 2 days" in markdown


def test_other_failures_still_fail_the_run(project):
    project.scripts(odd__bad="exit 1", fine__bad="exit 1")
    project.config(areas={"odd": {"quarantine": quarantine(0)}})
    result = project.tanda("run")
    assert result.code == 1 and "exit 1: 1 test failed" in result.err
    assert "2 failed (1 in quarantine)" in result.err and "its last day is today" in result.err


def test_an_expired_one_fails_the_run_and_says_so(project):
    project.scripts(odd__good="true", fine__one="true")
    project.config(areas={"odd": {"quarantine": quarantine(-1)}})
    result = project.tanda("run")
    assert result.code == 1
    assert f"exit 1: 1 quarantine has expired (odd: TIE-112, until {day(-1)})" in result.err
    assert "warning: the quarantine of area 'odd' (TIE-112) has expired" in result.err
    assert project.tanda("run", "--area", "fine").code == 0, "it has no test in this run"


def test_its_end_is_told_before(project):
    project.scripts(odd__good="true", odd__other="true")
    for offset, said in ((3, "expires in 3 days"), (1, "expires in 1 day,"), (8, None)):
        project.config(areas={"odd": {"quarantine": quarantine(offset)}})
        result = project.tanda("run")
        assert result.code == 0
        assert (f"warning: the quarantine of area 'odd' (TIE-112) {said}" if said else "expires in 8 days") in result.err
        assert ("warning" in result.err) == (said is not None)


def test_single_tests_by_path_pattern_or_id(project):
    project.scripts(**{f"odd__{name}": "exit 1" for name in ("one", "two", "new_a", "new_b")})
    project.config(areas={"odd": {"quarantine": [
        quarantine(5, tests=["tests/odd/one.sh"]), quarantine(9, tests="tests/odd/new_*.sh"),
        quarantine(5, tests="tests/odd/gone.sh")]}})
    result = project.tanda("run")
    assert result.code == 1 and "exit 1: 1 test failed" in result.err
    assert [item["tests"] for item in result.summary()["quarantines"]] == [1, 2]
    listed = project.tanda("list").out
    assert f"tests/odd/new_a.sh  in quarantine until {day(9)}: TIE-112" in listed and listed.count("in quarantine") == 3
    assert "the quarantine of area 'odd' (TIE-112) means no test" in result.err


def test_max_fail_and_flaky_do_not_count_it(project):
    project.scripts(odd__a="exit 1", odd__b="exit 1", odd__flaky="test -e x || { touch x; exit 1; }", fine__one="true")
    project.config(areas={"odd": {"quarantine": quarantine(5)}}, retries=1, nodes={"local": 1})
    result = project.tanda("run", "--max-fail", "1", "--fail-on-flaky")
    assert result.code == 0, result.err
    assert "failed in quarantine" in result.err


def test_report_and_merge_tell_the_same(project):
    project.scripts(odd__bad="exit 1", fine__one="true")
    project.config(areas={"odd": {"quarantine": quarantine(5)}})
    project.tanda("run")
    assert project.tanda("report", "--check").code == 0
    merged = project.tanda("merge", "-o", "all.xml", "tanda-out/junit.xml")
    root = xml.etree.ElementTree.parse(project.folder / "all.xml").getroot()
    assert merged.code == 0 and (root.get("failures"), root.get("skipped")) == ("0", "1")


def test_an_annotation_is_for_what_counts(project):
    project.scripts(odd__bad="exit 1", fine__bad="exit 1")
    project.config(areas={"odd": {"quarantine": quarantine(5)}})
    result = project.tanda("run", env={"GITHUB_ACTIONS": "true"})
    assert result.err.count("::error ") == 1


def test_history_suggests_candidates(project):
    project.scripts(odd__flaky="test -e x || { touch x; exit 1; }; rm x", fine__one="true")
    project.config(retries=1)
    for _ in range(5):
        assert project.tanda("run").code == 0
    result = project.tanda("history", "flaky")
    assert "100%" in result.out and "candidates for quarantine" in result.out
    line = next(line for line in result.out.splitlines() if '"quarantine"' in line)
    made = json.loads("{" + line + "}")
    assert made["odd"]["quarantine"]["tests"] == ["tests/odd/flaky.sh"]
    project.config(retries=0, areas=made)
    assert project.tanda("config", "show").code == 0
    told = json.loads(project.tanda("history", "flaky", "--json").out)["flaky"]
    assert [item["quarantine_candidate"] for item in told] == [True]


@pytest.mark.parametrize("settings, place, words", [
    ({"reason": "x"}, "tanda.json:", "until"), ({"until": "2027-01-31"}, "tanda.json:", "reason"),
    ({"reason": "x", "until": "2027-02-30"}, "tanda.json:", "2027-02-30"),
    ({"reason": "x", "until": "tomorrow"}, "tanda.json:", "a day such as"), ("TIE-1", "tanda.json:", "an object"),
])
def test_a_wrong_one_is_told_with_its_place(project, settings, place, words):
    project.config(areas={"odd": {"quarantine": settings}})
    result = project.tanda("run")
    assert result.code == 2 and place in result.err and words in result.err
