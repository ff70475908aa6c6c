"""Errors: one style, a stable code each, the place in the file, the remedy; harmless whatever they quote."""

import json
import re

import pytest

from conftest import ROOT

GOLDEN = """\
error[E012]: unknown key "comand" in suites.api
     --> tanda.json:4:7
      |
    4 |       "comand": ["pytest"],
      |       ^^^^^^^^
      = help: """


def test_a_fault_in_the_configuration_points_at_it(project):
    project.write("tanda.json", '{\n  "suites": {\n    "api": {\n      "comand": ["pytest"],\n      "framework": "pytest", "files": "x"\n    }\n  }\n}\n')
    result = project.tanda("run")
    assert result.code == 2 and result.err.startswith(GOLDEN), result.err


@pytest.mark.parametrize("line, marks_wanted", [
    ('\t"comand": 1', 1),                         # a tab is a column
    ('"x-ñandú": 1, "x-日本": 2, "comand": 3', 1),  # characters count, and wide ones twice
    ('"x-' + "y" * 300 + '": 1, "comand": 3', 0),
], ids=["tab", "wide", "far"])
def test_the_caret_stands_below_what_is_meant(project, line, marks_wanted):
    project.write("tanda.json", "{\n" + line + "\n}\n")
    err = project.tanda("run").err
    lines = err.split("\n")
    assert lines[0].startswith('error[E012]: unknown key "comand"')
    if not marks_wanted:
        assert "^" not in err, "what is out of sight gets no mark"
        assert max(map(len, lines[1:4])) <= 120
        return
    shown, marks = lines[3][len("    2 | "):], lines[4][len("      | "):]
    width = lambda text: sum(2 if char >= "\u2e80" else 1 for char in text)
    assert marks.strip() == "^" * len('"comand"')
    assert width(shown[:shown.index('"comand"')]) == len(marks) - len(marks.lstrip())


def test_each_kind_of_mistake_has_its_code(project):
    project.scripts(one="true")
    project.config()
    project.write("json.json", "{,}")
    project.write("value.json", json.dumps({"suites": {}, "retries": "many"}))
    project.write("framework.json", json.dumps({"suites": {"a": {"framework": "pytst", "files": "*"}}}))
    project.write("placeholder.json", json.dumps({"suites": {"a": {"framework": "command", "files": "*", "run": ["{idz}"]}}}))
    project.write("mine/precious.txt", "")
    for code, args in {1: ["rnu"], 2: ["run", "--retires", "1"], 3: ["run", "--output", "some"],
                       5: ["config", "sho"], 30: ["run", "--resume"], 10: ["run", "-c", "nowhere.json"], 11: ["run", "-c", "json.json"],
                       13: ["run", "-c", "value.json"], 14: ["run", "-c", "framework.json"],
                       15: ["run", "-c", "placeholder.json"], 20: ["run", "tests/a/none.sh"], 21: ["run", "--tag", "(@a"],
                       33: ["run", "--from-file", "nowhere"], 40: ["report", "mine"],
                       43: ["merge", "--plan", "value.json", "mine"]}.items():
        result = project.tanda(*args)
        assert result.code == 2 and result.err.startswith(f"error[E{code:03}]: "), (code, args, result.err)
        assert project.tanda("help", f"E{code:03}").out.startswith(f"E{code:03} ")


def test_each_code_is_explained_and_each_explanation_has_its_code(project):
    header = (ROOT / "include" / "tanda" / "error.h").read_text()
    codes = {int(number) for number in re.findall(r"TANDA_CODE_\w+ = (\d+),", header)} - {0}
    texts = (ROOT / "runner" / "commands" / "topics" / "errors.txt").read_text()
    assert codes == {int(number) for number in re.findall(r"^E(\d{3}) \S", texts, re.M)}
    for code in codes:
        text = project.tanda("help", f"e{code}").out
        assert text.startswith(f"E{code:03} ") and len(text.splitlines()) > 1 and "\nE" not in text
    assert project.tanda("help", "E999").code == 2


def test_every_topic_that_is_offered_is_there(project):
    overview = project.tanda("--help").out
    topics = overview.rstrip().rsplit("\n", 1)[1].strip().split(", ")
    assert {"config", "frameworks", "ci", "exit-codes", "placeholders", "security", "sharding"} <= set(topics)
    for topic in topics:
        text = project.tanda("help", topic)
        assert text.code == 0 and len(text.out.splitlines()) > 5
        assert max(map(len, text.out.splitlines())) <= 100


def test_nothing_that_an_error_quotes_gives_orders(project):
    evil = "\x1b]0;owned\x07\x1b[2J\u202e\u200b##[error]"
    project.write("tanda.json", f'{{"suites": {{}},\n"\u202e##[error]comand": 1}}')
    project.write(f"{evil}.json", "{,}")
    for args in (["run"], [evil], ["run", f"--{evil}"], ["run", "--output", evil], ["run", "-c", evil], ["run", "-c", f"{evil}.json"],
                 ["help", evil], ["report", evil], ["run", "--tag", evil], ["completion", evil]):
        result = project.tanda(*args)
        assert result.code == 2, (args, result.err)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e\u200b]", result.err), (args, result.err)
        assert "##[" not in result.err, (args, result.err)
