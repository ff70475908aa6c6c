#!/usr/bin/env python3
"""Run each sample with its own framework, alone and together, and compare with expected.json.

`check.py` compares, `check.py --write` measures anew (verdicts are kept: they are tanda's, not the
framework's). Name frameworks to do only those: `check.py pytest bats`.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
STATUSES = ("passed", "failed", "error", "skipped")
PATTERNS = {
    "pytest": "test_*.py",
    "behave": "*.feature",
    "bats": "*.bats",
    "cucumber-js": "*.feature",
    "command": "*.sh",
}
HANGS = "hang"  # a shape that only a time limit ends: not run here
LIMIT_S = 60
LEAK_S = 1


def command(framework, folder, files):
    """The argv that runs these files and reports into `folder`."""
    files = [f"./{file}" if file.startswith("-") else file for file in files]
    if framework == "pytest":
        return [
            "pytest",
            "-q",
            "-o",
            "junit_family=xunit1",
            f"--junit-xml={folder}/report.xml",
            *files,
        ]
    if framework == "behave":
        return ["behave", "--junit", "--junit-directory", folder, *files]
    if framework == "bats":
        return ["bats", "--report-formatter", "junit", "-o", folder, *files]
    if framework == "cucumber-js":
        program = HERE.parent / "node/node_modules/.bin/cucumber-js"
        return [
            str(program),
            "--format",
            "summary",
            "--format",
            f"junit:{folder}/report.xml",
            *files,
        ]
    return [os.path.join(".", files[0])]


def case_status(case):
    for tag, status in (("error", "error"), ("failure", "failed"), ("skipped", "skipped")):
        if case.find(tag) is not None:
            return status
    return "passed"


def count_cases(folder):
    """Cases per status over all reports; a text when there is no report that can be read."""
    counts, reports = Counter(), sorted(Path(folder).glob("*.xml"))
    for report in reports:
        try:
            counts.update(case_status(case) for case in ElementTree.parse(report).iter("testcase"))
        except ElementTree.ParseError:
            return "empty report" if report.stat().st_size == 0 else "broken report"
    return {status: counts[status] for status in STATUSES} if reports else "no report"


def run(framework, shape, files):
    """What the framework says of these files: its exit code (-N: signal N) and its cases."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryDirectory() as folder:
        try:
            job = subprocess.Popen(
                command(framework, folder, files),
                cwd=shape,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            return {"exit": None, "cases": f"cannot be started: {error.strerror}"}
        try:  # to the end of the output, not of the process: bats leaves its report to a child
            job.communicate(timeout=LEAK_S if shape.name == "leak" else LIMIT_S)
        except subprocess.TimeoutExpired:
            pass
        end_group(job.pid)
        exit_code = job.wait()
        return {"exit": exit_code, "cases": None if framework == "command" else count_cases(folder)}


def end_group(group):
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def files_of(framework, shape):
    return sorted(str(path.relative_to(shape)) for path in shape.rglob(PATTERNS[framework]))


def measure(framework):
    shapes = {}
    for shape in sorted(path for path in (HERE / framework).iterdir() if path.is_dir()):
        if (framework, shape.name) == ("command", HANGS):
            continue
        files = files_of(framework, shape)
        shapes[shape.name] = {"files": {file: run(framework, shape, [file]) for file in files}}
        if framework != "command" and files:
            shapes[shape.name]["together"] = run(framework, shape, files)
    return shapes


def main():
    is_writing = "--write" in sys.argv
    wanted = [name for name in sys.argv[1:] if not name.startswith("-")] or list(PATTERNS)
    faults = []
    for framework in wanted:
        path = HERE / framework / "expected.json"
        expected = (
            json.loads(path.read_text())
            if path.exists()
            else {"framework": framework, "shapes": {}}
        )
        for name, measured in measure(framework).items():
            known = expected["shapes"].setdefault(name, {"files": {}})
            if is_writing:
                for file, result in measured["files"].items():
                    known["files"].setdefault(file, {})["alone"] = result
                known.update({key: value for key, value in measured.items() if key != "files"})
                continue
            alone = {file: entry["alone"] for file, entry in known["files"].items()}
            for what, want, got in (
                ("alone", alone, measured["files"]),
                ("together", known.get("together"), measured.get("together")),
            ):
                if want != got:
                    faults.append(
                        f"{framework}/{name} {what}:\n  expected {want}\n  measured {got}"
                    )
        if is_writing:
            path.write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
    print("\n".join(faults) or f"{', '.join(wanted)}: {'written' if is_writing else 'as expected'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
