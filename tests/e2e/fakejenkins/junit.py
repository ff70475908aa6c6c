"""What the junit step makes of a build's reports."""

import xml.etree.ElementTree as ElementTree

from fakejenkins import archive


def read(workspace, globs, since_ms):
    """The test result of the reports that match; None without any. ValueError when none of them is new."""
    paths = [workspace / path for path in archive.matches(workspace, globs)]
    if not paths:
        return None
    if all(int(path.stat().st_mtime) < since_ms // 1000 for path in paths):
        raise ValueError("Test reports were found but none of them are new. Did leafNodes run?")
    suites = []
    for path in paths:
        root = ElementTree.parse(path).getroot()
        suites += [suite_of(suite) for suite in root.iter("testsuite")]
    cases = [case for suite in suites for case in suite["cases"]]
    failed = sum(case["status"] == "FAILED" for case in cases)
    skipped = sum(case["skipped"] for case in cases)
    return {"testActions": [], "duration": sum(suite["duration"] for suite in suites), "empty": not cases,
            "failCount": failed, "passCount": len(cases) - failed - skipped, "skipCount": skipped, "suites": suites}


def suite_of(suite):
    return {"cases": [case_of(case) for case in suite.iter("testcase")], "duration": float(suite.get("time") or 0),
            "enclosingBlockNames": [], "enclosingBlocks": [], "id": None, "name": suite.get("name"), "nodeId": None,
            "stderr": None, "stdout": None, "timestamp": suite.get("timestamp")}


def case_of(case):
    failure = case.find("failure") if case.find("failure") is not None else case.find("error")
    skipped = case.find("skipped")
    failed = failure is not None
    return {"testActions": [], "age": int(failed), "className": case.get("classname"),
            "duration": float(case.get("time") or 0), "errorDetails": failure.get("message") if failed else None,
            "errorStackTrace": failure.text if failed else None, "failedSince": int(failed), "name": case.get("name"),
            "skipped": skipped is not None,
            "skippedMessage": None if skipped is None else skipped.get("message") or skipped.text or "",
            "status": "FAILED" if failed else "SKIPPED" if skipped is not None else "PASSED",
            "stderr": None, "stdout": None}
