"""What a suite may say about its framework: each key does what the schema says, with a framework made for the test."""

import json
import os
import re
import textwrap

import pytest

from conftest import ROOT

FRAMEWORK = """
    import pathlib, sys
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for file in sys.argv[2:]:
        name = file.replace("/", "-")
        (folder / f"TEST-{name}.xml").write_text(
            f'<testsuite name="{file}"><testcase classname="{file}" name="it" file="{file}"/></testsuite>')
"""


def suite(project, files=("cart/a.t", "cart/xa.t", "search/a.t"), **keys):
    for file in files:
        path = project.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (project.folder / "framework.py").write_text(textwrap.dedent(FRAMEWORK))
    text = {"framework": "command", "files": "**/*.t", "reports": "TEST-*.xml", "start_up": "1s",
            "run": ["python3", "framework.py", "{report_dir}", "{args}", "{ids}"], "batch_max": 0, **keys}
    (project.folder / "tanda.json").write_text(json.dumps({"suites": {"own": text}, "nodes": {"local": 1}}))


@pytest.mark.parametrize("rule", ["path", "class_path", "suite_path"])
def test_a_path_in_the_report_tells_files_apart_whose_names_end_alike(project, rule):
    suite(project, case_key=rule)
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert set(result.verdicts().values()) == {"passed"} and len(result.verdicts()) == 3
    assert len(list((project.folder / "tanda-out" / "batches").iterdir())) == 1


def test_reports_are_fetched_from_a_fixed_folder_but_not_old_ones(project):
    suite(project, case_key="path", report_folder="target/reports",
          run=["python3", "framework.py", "target/reports", "{args}", "{ids}"])
    old = project.folder / "target" / "reports"
    old.mkdir(parents=True)
    (old / "TEST-old.xml").write_text('<testsuite><testcase name="old" file="gone.t"><failure/></testcase></testsuite>')
    past = 1_000_000_000
    os.utime(old / "TEST-old.xml", (past, past))
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert result.summary()["cases"] == {"passed": 3, "failed": 0, "error": 0, "skipped": 0}


def test_a_report_that_a_child_is_still_writing_is_waited_for(project):
    suite(project, files=["a.t"], case_key="path", reports="report.xml", run=["sh", "-c", """
        printf "<testsuite><testcase name='it' " >"$1"
        (sleep 0.3; printf "file='a.t'/></testsuite>" >>"$1") &
        """, "sh", "{report}", "{ids}"])
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert result.verdicts() == {"a.t": "passed"}


def test_reports_among_links_that_lead_in_circles_are_read_once(project):
    suite(project, files=["a.t"], case_key="path", reports="**/*.xml", run=["sh", "-c", """
        mkdir -p "$1/deep" && ln -s .. "$1/deep/up" && ln -s deep "$1/again" && ln -s / "$1/root"
        echo "<testsuite><testcase name='it' file='a.t'/></testsuite>" >"$1/deep/report.xml"
        """, "sh", "{report_dir}", "{ids}"])
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert result.summary()["cases"] == {"passed": 1, "failed": 0, "error": 0, "skipped": 0}


@pytest.mark.parametrize("key, pattern", [("reports", "../*.xml"), ("reports", "/etc/*.xml"), ("reports", "a/../../b.xml"),
                                          ("report_folder", "/etc"), ("report_folder", "../reports")])
def test_reports_are_looked_for_nowhere_else(project, key, pattern):
    suite(project, files=["a.t"], **{key: pattern})
    result = project.tanda("list")
    assert result.code == 2 and pattern in result.err and key in result.err


def test_a_list_has_the_lines_that_the_framework_wants(project):
    suite(project, case_key="path", list_line="only {id}", ids_are="regexes", ids_are_absolute=True, args=["-x"],
          run=["sh", "-c", 'cp "$1" kept; exec python3 framework.py "$2" cart/a.t cart/xa.t search/a.t', "sh",
               "{list}", "{report_dir}", "{args}"])
    project.tanda("run")
    root = str(project.folder).replace(".", "\\.")
    assert sorted((project.folder / "kept").read_text().splitlines()) == [
        f"only {root}/cart/a\\.t", f"only {root}/cart/xa\\.t", f"only {root}/search/a\\.t"]


def test_a_framework_is_stopped_by_the_signal_at_which_it_still_writes(project):
    suite(project, files=["a.t"], reports=[], stop_signal="INT", batch_max=1,
          run=["sh", "-c", "trap 'sleep 0.3; : > asked; exit 1' INT; trap '' TERM; sleep 30 & wait", "{id}"])
    result = project.tanda("run", "--test-timeout", "4s", "--grace", "2s")
    assert result.code == 1
    assert (project.folder / "asked").exists()
    assert result.verdicts() == {"a.t": "failed"}


def test_what_cannot_be_loaded_is_not_taken_for_filtered_out(project):
    project.write("test_broken.py", "import nowhere\n")
    project.write("test_fine.py", "def test_it():\n    pass\n")
    project.write("tanda.json", json.dumps({"suites": {"py": {"framework": "pytest", "args": ["-k", "it"]}}}))
    result = project.tanda("run")
    assert result.code in (1, 3)
    assert result.verdicts() == {"test_broken.py": "error", "test_fine.py": "passed"}
    assert "its own listing failed: it ended with 2" in result.err


def test_a_package_of_a_workspace_finds_its_program_above(project):
    project.write("node_modules/.bin/mocha", """#!/bin/sh
case " $* " in *" --dry-run "*) exit 1 ;; esac
for argument; do case $argument in output=*) report=${argument#output=} ;; esac; done
echo "<testsuite><testcase name='it' file='$PWD/a.spec.js'/></testsuite>" >"$report"
""", 0o755)
    project.write("packages/web/a.spec.js", "")
    project.write("tanda.json", json.dumps({"suites": {"web": {"framework": "mocha", "dir": "packages/web"}}}))
    result = project.tanda("run")
    assert result.code == 0, result.err


def test_attachments_are_told_from_where_junit_xml_is_read(project):
    suite(project, files=["a.t"], case_key="path", run=["sh", "-c", """
        mkdir "$1/results"; echo png >"$1/results/shot.png"
        echo "<testsuite><testcase name='it' file='a.t'><failure/><system-out>shown [[ATTACHMENT|results/shot.png]]\n"\\
            "[[ATTACHMENT|/etc/passwd]]</system-out></testcase></testsuite>" >"$1/report.xml"
        """, "sh", "{report_dir}", "{ids}"], reports="report.xml")
    result = project.tanda("run")
    assert result.code == 1, result.err
    output = result.junit().find(".//testcase/system-out").text
    assert "[[ATTACHMENT|tanda-out/batches/00000/results/shot.png]]" in output
    assert "[[ATTACHMENT|/etc" not in output


def guides_examples():
    return re.findall(r"^```json\n(.*?)^```", (ROOT / "docs" / "frameworks.md").read_text(), re.M | re.S)


@pytest.mark.parametrize("text", guides_examples())
def test_an_example_of_the_guide_is_a_configuration(project, text):
    project.write("tanda.json", text)
    result = project.tanda("config", "show")
    assert result.code == 0, result.err


def test_the_guide_has_every_preset():
    guide = (ROOT / "docs" / "frameworks.md").read_text()
    presets = {path.stem for path in (ROOT / "runner" / "config" / "presets").glob("*.json")}
    assert {name for name in presets if f"\n| `{name}` |" not in guide} == set()
