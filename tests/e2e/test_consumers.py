"""The readers in consumers.py refuse what theirs would refuse or show wrongly: else what they accept would prove nothing."""

import xml.etree.ElementTree as ET

import pytest

import consumers

CASE = '<testcase classname="c" name="{}" time="1.000">{}</testcase>'
SUITE = ('<testsuite name="{name}" tests="{tests}" failures="{failures}" errors="0" skipped="0" disabled="0" time="{time}" '
         'timestamp="2026-01-01T10:00:00.000+00:00" hostname="h">{cases}</testsuite>')


def suite(*cases, name="s", **attributes):
    text = "".join(cases)
    values = {"tests": len(cases), "failures": text.count("<failure"), "time": f"{len(cases):.3f}", **attributes}
    return SUITE.format(name=name, cases=text, **values)


def report(*suites):
    return f'<testsuites name="n" time="1.000">{"".join(suites)}</testsuites>'


ONE = CASE.format("a", "")
GOOD = report(suite(ONE, CASE.format("b", '<failure message="m">m</failure>')))
MARKS = CASE.format("b", "<failure message='m'>m</failure><system-out>{}</system-out>")
REFUSED = {
    "two results": (suite(CASE.format("a", '<failure message="m">m</failure><skipped/>')),
                    ["jenkins", "gitlab", "dorny", "enricomi", "mikepenz"]),
    "suites of one name": (suite(ONE) + suite(CASE.format("b", "")), ["jenkins"]),
    "a suite's time is not its cases'": (suite(ONE, time="9.000"), ["jenkins"]),
    "a year": (suite(ONE.replace("1.000", "99999999.000"), time="99999999.000"), ["jenkins"]),
    "no class": (suite(ONE.replace('classname="c" ', "")), ["jenkins", "circleci", "buildkite"]),
    "no zone": (suite(ONE).replace("+00:00", ""), ["jenkins"]),
    "two marks on a line": (suite(MARKS.format("[[ATTACHMENT|a]] [[ATTACHMENT|b]]")), ["jenkins"]),
    "a mark that leads out": (suite(MARKS.format("[[ATTACHMENT|/etc/passwd]]")), ["gitlab"]),
    "a mark with a bracket": (suite(MARKS.format("[[ATTACHMENT|a[1].png]]")), ["gitlab"]),
    "equal keys": (suite(ONE, ONE), ["gitlab", "mikepenz"]),
    "a type of Rails": (suite(CASE.format("a", '<failure type="yaml">f</failure>')), ["gitlab"]),
    "the message is not in the text": (suite(CASE.format("a", '<failure message="m">n</failure>')), ["gitlab"]),
    "nested": (suite(suite(ONE, name="inner"), ONE), ["dorny", "allure"]),
    "a name is missing": (suite(ONE.replace('name="a"', 'name=""')), ["dorny", "mikepenz", "buildkite"]),
    "counts that lie": (suite(ONE, tests=7), ["enricomi"]),
    "disabled": (suite(ONE).replace('disabled="0"', 'disabled="1"'), ["enricomi"]),
    "an exponent": (suite(ONE.replace("1.000", "1e0")), ["circleci"]),
    "a comma": (suite(ONE.replace("1.000", "1,000")), ["dorny", "circleci"]),
    "a huge text": (suite(CASE.format("a", f"<failure>{'x' * 10_000_001}</failure>")), ["enricomi"]),
}


@pytest.mark.parametrize("read", consumers.ALL)
def test_a_good_report_is_read(read):
    assert read(ET.fromstring(GOOD)) == (2, 1, 0, 0)


@pytest.mark.parametrize("suites, readers", REFUSED.values(), ids=REFUSED)
def test_a_reader_refuses_what_its_own_would_get_wrong(suites, readers):
    root = ET.fromstring(report(suites))
    for name in readers:
        with pytest.raises((AssertionError, ValueError, AttributeError)):
            assert getattr(consumers, name)(root)[0] == len(list(root.iter("testcase")))
