"""Secrets: found by name, given to tests by their environment alone, and shown by nothing that tanda writes."""

import base64
import json
import re
import shlex
import sys
import urllib.parse
import uuid
from xml.sax.saxutils import escape, quoteattr

import pytest

SUITE = {"py": {"framework": "pytest", "run": [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "{args}",
                                               "--junitxml={report}", "{ids}"], "files": "py/{area}/test_*.py"}}


def forms(value):
    """The ways in which a value may be found in a file."""
    raw = value.encode()
    found = {value, json.dumps(value)[1:-1], escape(value), quoteattr(value)[1:-1], urllib.parse.quote(value, safe=""),
             urllib.parse.quote_plus(value), shlex.quote(value), raw.hex(), raw.hex().upper()}
    for shift in range(3):
        digits = base64.b64encode(b"x" * shift + raw).decode()
        first, last = (shift * 8 + 5) // 6, (shift + len(raw)) * 8 // 6
        found |= {digits[first:last], digits[first:last].replace("+", "-").replace("/", "_")}
    return [form.encode() for form in found]


def assert_unseen(project, *values):
    """In no file that tanda writes, in no name of one, and in nothing that it says."""
    wanted = [form for value in values for form in forms(value)]
    said = [(f"tanda {' '.join(run.args)}", (run.out + run.err).encode()) for run in project.runs]
    for folder in ("tanda-out", ".tanda"):
        for path in sorted((project.folder / folder).rglob("*")):
            said.append((f"name of {path}", path.name.encode()))
            if path.is_file():
                said.append((str(path), path.read_bytes()))
    leaks = [(where, form) for where, text in said for form in wanted if form in text]
    assert not leaks


def token():
    """One that no other process on this machine has."""
    return "tk" + uuid.uuid4().hex


LOUD = """
import base64, os, sys, urllib.parse, json
import pytest

VALUE = os.environ["API_TOKEN"]

def test_prints(record_property):
    record_property("token", VALUE)
    print(VALUE, base64.b64encode(b"user:" + VALUE.encode()).decode(), VALUE.encode().hex())
    print(urllib.parse.quote(VALUE), json.dumps(VALUE), file=sys.stderr)
    assert VALUE == "something else", "got " + VALUE

@pytest.mark.parametrize("value", [VALUE, "other"])
def test_named(value):
    assert value == "other"
"""


@pytest.mark.parametrize("output", ["failed", "all", "live"])
def test_no_sink_shows_a_secret(project, output):
    value = token() + '&<"\'>'
    project.config(suites=SUITE, secrets=["*_TOKEN"])
    project.write("py/a/test_loud.py", LOUD)
    result = project.tanda("run", "--output", output, "--timings", "tanda-out/times.json", env={"API_TOKEN": value})
    assert result.code == 1
    assert result.summary()["cases"] == {"passed": 1, "failed": 2, "error": 0, "skipped": 0}
    assert "****" in result.err and "got ****" in (project.folder / "tanda-out" / "report.html").read_text()
    assert [case.get("name") for case in result.junit().iter("testcase")].count("test_named[****]") == 1
    assert_unseen(project, value)
    # What is told later is made of what was written.
    for args in (["report"], ["report", "--check"], ["history"], ["list"], ["plan"], ["run", "--dry-run"]):
        assert project.tanda(*args, env={"API_TOKEN": value}).code == 0
    assert_unseen(project, value)


LOOK = '''
import glob, os
for path in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        said = open(path, "rb").read()
    except OSError:
        continue  # it has ended
    assert os.environb[b"API_TOKEN"] not in said and os.environb[b"DB_PASSWORD"] not in said, path
'''


def test_a_test_gets_its_secrets_by_the_environment_alone(project):
    value, other = token(), token()
    project.config(secrets=["*_TOKEN", {"name": "DB_PASSWORD", "file": "private/db"}])
    project.write("private/db", other + "\n")
    project.write("look.py", LOOK)
    project.scripts(has=f'[ "$API_TOKEN" = {value[:9]}"{value[9:]}" ] && [ ${{#DB_PASSWORD}} = {len(other)} ]',
                    bare=f"exec {sys.executable} look.py",
                    disk='! grep -rqF -e "$API_TOKEN" -e "$DB_PASSWORD" "$TANDA_TMP/.." tanda-out .tanda')
    result = project.tanda("run", env={"API_TOKEN": value})
    assert result.code == 0, result.err
    assert_unseen(project, value, other)


def test_every_line_of_a_secret_is_hidden(project):
    lines = ["-----BEGIN PRIVATE KEY-----", "MIIEvQ" + uuid.uuid4().hex, "q8Zxw+/" + uuid.uuid4().hex, "-----END PRIVATE KEY-----"]
    project.config(secrets=["DEPLOY_KEY"])
    project.scripts(one='echo "$DEPLOY_KEY"; echo "$DEPLOY_KEY" | sed "s/^/    /"; printf %s "$DEPLOY_KEY" | base64; exit 1')
    result = project.tanda("run", env={"DEPLOY_KEY": "\n".join(lines)})
    assert result.code == 1
    assert_unseen(project, lines[1], lines[2], "\n".join(lines))


def test_secrets_of_any_kind_and_those_that_overlap(project):
    values = {"A_TOKEN": ".*(a|b)+[^c]$", "B_TOKEN": "abcdef123", "C_TOKEN": "abcdef", "D_TOKEN": "f123ghi&x;", "E_TOKEN": "two words"}
    project.config(secrets=["*_TOKEN"])
    project.scripts(one='echo "$A_TOKEN|$B_TOKEN|$C_TOKEN|abcdef123ghi&x;|$D_TOKEN|$E_TOKEN|end"; exit 1')
    result = project.tanda("run", env=values)
    assert result.code == 1
    assert (project.folder / "tanda-out/logs/00000.log").read_text() == "****|****|****|****|****|****|end\n"
    assert_unseen(project, *values.values())


def test_a_value_that_would_hide_anything_is_refused_by_its_name(project):
    weak = {"A_TOKEN": "qzqzq", "B_TOKEN": "true", "C_TOKEN": "        ", "D_TOKEN": "zzzzzzzz", "E_TOKEN": "testcase", "F_TOKEN": ""}
    project.config(secrets=["*_TOKEN"])
    project.scripts(one='echo "[$A_TOKEN]"')
    result = project.tanda("run", env=weak)
    assert result.code == 0
    for name, why in [("A_TOKEN", "shorter than 6 bytes"), ("B_TOKEN", "shorter"), ("C_TOKEN", "nothing but spaces"),
                      ("D_TOKEN", "one character"), ("E_TOKEN", "everyday word")]:
        assert re.search(f"warning: {name}: its value is not masked, as it .*{why}", result.err), result.err
    assert "F_TOKEN" not in result.err and "qzqzq" not in result.err and "zzzzzzzz" not in result.err


def test_a_log_that_is_cut_shows_no_half_of_a_secret(project):
    value = token()
    project.config(secrets=["API_TOKEN"])
    # 24 MB in lines of odd lengths, so that head and tail are cut in the middle of them.
    project.write("noise.py", "import os\nv = os.environ['API_TOKEN']\n"
                              "print('\\n'.join('x' * (i % 61) + v for i in range(400000)), flush=True)\n")
    project.scripts(one=f"{sys.executable} noise.py; exit 1")
    result = project.tanda("run", env={"API_TOKEN": value})
    assert result.code == 1
    log = (project.folder / "tanda-out/logs/00000.log").read_text()
    assert "dropped" in log or len(log) < 16 * 1024 * 1024
    assert not re.search(r"tk[0-9a-f]{3}|[0-9a-f]{6}", log.replace("dropped", ""))
    assert_unseen(project, value)


def test_a_secret_in_a_name_leaves_a_test_that_can_be_run_again(project):
    value = token()
    project.config(secrets=["API_TOKEN"])
    project.scripts(**{f"one-{value}": "exit 1", f"two-{value}": "true"})
    project.scripts(three="true")
    env = {"API_TOKEN": value}
    result = project.tanda("run", env=env)
    assert result.code == 1
    assert set(result.verdicts()) == {"tests/a/one-****.sh", "tests/a/two-****.sh", "tests/a/three.sh"}
    again = project.tanda("run", "--failed", env=env)
    assert again.code == 1 and list(again.verdicts()) == ["tests/a/one-****.sh"]
    assert_unseen(project, value)


def test_names_that_come_to_the_same_are_told_apart(project):
    values = {"A_TOKEN": token(), "B_TOKEN": token()}
    project.config(secrets=["*_TOKEN"])
    project.scripts(**{value: "true" for value in values.values()})
    result = project.tanda("run", env=values)
    assert result.code == 0
    assert set(result.verdicts()) == {"tests/a/****.sh", "tests/a/****.sh (2)"}
    assert_unseen(project, *values.values())


def test_a_case_with_a_secret_in_its_title_can_be_asked_for(project):
    value = token()
    project.config(suites=SUITE, secrets=["API_TOKEN"])
    project.write("py/a/test_loud.py", LOUD)
    result = project.tanda("run", "py/a/test_loud.py > test_named[****]", env={"API_TOKEN": value})
    assert result.code == 1, result.err
    planned = [event["id"] for event in result.journal() if event["kind"] == "test_planned"]
    assert planned == ["py/a/test_loud.py > test_named[****]"]
    assert result.summary()["verdicts"]["failed"] == 1 and result.summary()["unplanned"] == 0
    again = project.tanda("run", "--failed", env={"API_TOKEN": value})
    assert [event["id"] for event in again.journal() if event["kind"] == "test_planned"] == planned
    assert_unseen(project, value)


def test_collected_files_and_raw_reports_are_masked_with_their_names(project):
    value = token()
    suite = {"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}"], "collect": ["shots/**"]}}
    project.config(suites=suite, secrets=["API_TOKEN"])
    project.scripts(one='mkdir -p "shots/$API_TOKEN"; echo "got $API_TOKEN" > "shots/$API_TOKEN/a-$API_TOKEN.txt"\n'
                        'echo "<$API_TOKEN>" > "$TANDA_REPORT_DIR/raw-$API_TOKEN.xml"')
    result = project.tanda("run", env={"API_TOKEN": value})
    assert result.code == 0, result.err
    assert (project.folder / "tanda-out/collected/00000/shots/****/a-****.txt").read_text() == "got ****\n"
    assert (project.folder / "tanda-out/batches/00000/raw-****.xml").read_text() == "<****>\n"
    assert (project.folder / f"shots/{value}/a-{value}.txt").read_text() == f"got {value}\n"  # the test's own
    assert_unseen(project, value)


def test_what_masking_would_break_fails_the_run(project):
    value = token()
    suite = {"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}"], "collect": ["dump.bin"]}}
    project.config(suites=suite, secrets=["API_TOKEN"])
    project.scripts(one='printf "\\000\\001%s\\002" "$API_TOKEN" > dump.bin')
    result = project.tanda("run", env={"API_TOKEN": value})
    assert result.code == 3
    reason = result.summary()["exit"]["reason"]
    assert "collected/00000/dump.bin" in reason and "API_TOKEN" in reason and value not in reason
    assert value not in result.err and "API_TOKEN" in result.err.splitlines()[-1]


def test_what_is_in_the_history_already_is_told(project):
    value = token()
    project.config()
    project.scripts(**{f"one-{value}": "true"})
    assert project.tanda("run", env={"API_TOKEN": value}).code == 0
    project.config(secrets=["API_TOKEN"])
    result = project.tanda("run", env={"API_TOKEN": value})
    assert result.code == 3 and ".tanda/history.db" in result.err.splitlines()[-1]
    assert value not in result.err


def test_a_process_that_is_left_behind_is_named_without_it(project):
    value = token()
    project.config(secrets=["API_TOKEN"])
    project.scripts(one='sleep 300 "$API_TOKEN" 2>/dev/null & sh -c "sleep 300; : $API_TOKEN" &')
    result = project.tanda("run", env={"API_TOKEN": value})
    assert_unseen(project, value)
    ended = [event for event in result.journal() if event["kind"] == "batch_ended"]
    assert "****" in ended[0]["leaked"]


@pytest.mark.parametrize("secrets, where, words", [
    ("*_TOKEN", "tanda.json", "expected an array"),
    (["*"], "tanda.json", "a pattern that does not match every variable"),
    (["A-B"], "tanda.json", "the name of a variable"),
    ([{"name": "A"}], "tanda.json", '"name" and "file"'),
    ([{"name": "A*", "file": "x"}], "tanda.json", "the name of a variable"),
    ([{"name": "A", "flie": "x"}], "tanda.json", 'unknown key "flie"'),
    ([{"name": "A_TOKEN", "file": "nowhere"}], "nowhere", "cannot read"),
    ([{"name": "A_TOKEN", "file": "tests"}], "tests", "cannot read"),
    ([{"name": "A_TOKEN", "file": "nul"}], "nul", "NUL"),
    ([{"name": "A_TOKEN", "file": "large"}], "large", "larger than 65536 bytes"),
])
def test_bad_secrets_are_told_with_their_place(project, secrets, where, words):
    project.config(secrets=secrets)
    project.write("nul", b"abc\0def")
    project.write("large", "x1" * 40000)
    project.scripts(one="true")
    result = project.tanda("run")
    assert result.code == 2
    assert where in result.err and words in result.err


def test_no_listing_of_the_configuration_shows_a_value(project):
    value = token()
    suite = {"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}"], "env": {"B_TOKEN": value}}}
    project.config(suites=suite, secrets=["*_TOKEN"])
    project.scripts(one='echo "$B_TOKEN"')
    for args in (["config", "show"], ["run", "--dry-run"], ["list", "--json"], ["run", "--output", "all"]):
        assert project.tanda(*args).code == 0
    assert "B_TOKEN" in project.runs[0].out
    assert_unseen(project, value)
