"""What the readers of JUnit reports make of one: the rules of their sources, in a few lines each.

Each takes the root of a parsed report and returns (tests, failures, errors, skipped), or raises what would make that
reader refuse the report or show something else than what is in it.
"""
import hashlib
import re
from datetime import datetime

GITLAB_TYPES = re.compile(r"symbol|date|datetime|dateTime|integer|float|double|decimal|boolean|string|yaml|"
                          r"base64Binary|base64|file|array|hash")
ATTACHMENT = re.compile(r"\[\[ATTACHMENT\|([^\[\]|]+?)\]\]")
GITLAB_CASES_MAX = 500_000
YEAR_S = 365 * 24 * 3600


def suites_of(root):
    assert root.tag in ("testsuites", "testsuite"), root.tag
    return root.findall("testsuite") if root.tag == "testsuites" else [root]


def kind(case):
    """Failure before error before skip; a report must not leave that open."""
    found = [name for name in ("failure", "error", "skipped") if case.find(name) is not None]
    assert len(found) <= 1, f"{case.get('name')}: {found}, and readers differ in which counts"
    return found[0] if found else "passed"


def totals(kinds):
    kinds = list(kinds)
    return tuple([len(kinds)] + [kinds.count(name) for name in ("failure", "error", "skipped")])


def jenkins(root):
    """junit-plugin: a DOM, suites of equal names fused, times summed from the suites."""
    names, kinds = [], []
    for suite in root.iter("testsuite"):
        if suite.find("testcase") is None:
            continue
        names.append(suite.get("name"))
        duration = float(suite.get("time").replace(",", ""))
        assert 0 <= duration <= YEAR_S, "it would clamp that"
        assert abs(duration - sum(float(case.get("time")) for case in suite.findall("testcase"))) < 0.0006
        if suite.get("timestamp"):
            assert datetime.fromisoformat(suite.get("timestamp")).tzinfo is not None
        for case in suite.findall("testcase"):
            assert case.get("name") and case.get("classname"), "it would throw a NullPointerException"
            for line in (case.findtext("system-out") or "").splitlines():
                assert line.count("[[ATTACHMENT|") <= 1, "two on a line would be one path"
            kinds.append(kind(case))
    assert len(set(names)) == len(names), "suites of equal names would be fused"
    return totals(kinds)


def gitlab(root):
    """One key for each case, at most 30 MB; Rails converts elements by their attribute type."""
    keys, kinds = set(), []
    for suite in suites_of(root):
        for case in suite.findall("testcase"):
            key = hashlib.sha256(f"{suite.get('name')}_{case.get('classname')}_{case.get('name')}".encode()).digest()
            assert key not in keys, f"{case.get('name')} would overwrite another case"
            keys.add(key)
            kinds.append(kind(case))
            assert len(kinds) <= GITLAB_CASES_MAX
            for fault in case.findall("failure") + case.findall("error"):
                assert (fault.text or "").startswith((fault.get("message") or "")[:80]), "only the text is shown"
            out = case.findtext("system-out") or ""
            for path in re.findall(r"\[\[ATTACHMENT\|(.+?)\]\]", out):
                assert ATTACHMENT.fullmatch(f"[[ATTACHMENT|{path}]]") and not path.startswith("/"), path
    for element in root.iter():
        assert not GITLAB_TYPES.fullmatch(element.get("type", "")), element.get("type")
    return totals(kinds)


def dorny(root):
    """test-reporter, java-junit: one level of suites; a name that is missing throws."""
    kinds = []
    for suite in root.findall("testsuite"):
        assert suite.get("name").strip() and suite.find("testsuite") is None, "nested suites are dropped"
        for case in suite.findall("testcase"):
            assert case.get("name").strip()
            float(case.get("time"))
            kinds.append(kind(case))
    float(root.get("time"))
    return totals(kinds)


def enricomi(root):
    """publish-unit-test-result-action: totals from the attributes of the suites, cases from the leaves."""
    counted = [sum(int(suite.get(name)) for suite in root.findall("testsuite"))
               for name in ("tests", "failures", "errors", "skipped")]
    disabled = sum(int(suite.get("disabled")) for suite in root.findall("testsuite"))
    leaves = totals(kind(case) for case in root.iter("testcase"))
    assert tuple(counted) == leaves and disabled == 0
    for element in root.iter():
        assert len((element.text or "").encode()) <= 10_000_000, "without huge_tree libxml2 refuses it"
    return leaves


def mikepenz(root):
    """action-junit-report: flattened; what is equal within a suite is a retry, and the one that passed wins."""
    kinds = []
    for suite in root.iter("testsuite"):
        keys = [(case.get("name"), case.get("classname"), case.get("file")) for case in suite.findall("testcase")]
        assert all(name for name, _, _ in keys) and len(set(keys)) == len(keys), "a failure would be hidden"
        kinds += map(kind, suite.findall("testcase"))
    return totals(kinds)


def circleci(root):
    """Timings by file or class name: each case has one of them and a time without comma or exponent."""
    for case in root.iter("testcase"):
        assert case.get("file") or case.get("classname")
        assert re.fullmatch(r"\d+\.\d{3}", case.get("time"))
    return totals(kind(case) for case in root.iter("testcase"))


def azure(root):
    """PublishTestResults flattens: class and name must say enough; the root's time is the run's."""
    assert root.get("time") and float(root.get("time")) >= 0
    return totals(kind(case) for case in root.iter("testcase") if case.get("classname") and case.get("name"))


def allure(root):
    """One level; its history is by classname.name; rerunFailure are hidden retries; a time with a zone."""
    assert root.tag == "testsuites" and not root.findall("testsuite/testsuite")
    for suite in root.findall("testsuite"):
        assert suite.get("hostname")
    return totals(kind(case) for case in root.findall("testsuite/testcase"))


def buildkite(root):
    """Test Engine: name and classname are mandatory."""
    cases = list(root.iter("testcase"))
    assert all(case.get("name") and case.get("classname") for case in cases)
    return totals(kind(case) for case in cases)


def root_counts(root):
    return tuple(int(root.get(name)) for name in ("tests", "failures", "errors", "skipped"))


ALL = [jenkins, gitlab, dorny, enricomi, mikepenz, circleci, azure, allure, buildkite]
