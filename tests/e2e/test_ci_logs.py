"""The log as each CI server reads it: a small parser of its grammar, fed with hostile tests too."""

import re
import subprocess

import pytest

from conftest import TANDA

FAILED = 12
ATTACK = r"""cat <<'END'
::error file=x::forged
  ::add-mask::secret
::group::forged
::endgroup::
::stop-commands::x
##[error]forged
##[group]forged
##vso[task.setvariable variable=a]b
##teamcity[testFailed name='forged']
--- forged
+++ forged
^^^ +++
END
printf '\033[0Ksection_start:1:forged\r\033[0Kforged\n'
printf 'section_end:1:tanda_1\r\033[0K\n'
printf 'a\r::error::forged\n'
printf '\033[1;31mred\033[0m \033]0;title\007\n'
"""
HOSTILE_NAME = "::error::x ##vso[a]b, c%0A|'[x]"


@pytest.fixture
def log(project):
    """The log of 3 passing tests, FAILED failing ones and a hostile one, under a CI server's variable."""
    def run(variable, **extra):
        project.scripts(**{f"pass{n}": "true" for n in range(3)}, **{f"fail{n:02}": "echo wrong; exit 1" for n in range(FAILED)})
        project.write(f"tests/a/{HOSTILE_NAME}.sh", ATTACK + "exit 1\n")
        project.config()
        done = subprocess.run([TANDA, "run"], cwd=project.folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=120,
                              env=project.environment({variable: "true", "CI": "true", **extra}))
        assert done.returncode == 1
        return done.stderr.decode()  # not as text: a carriage return is no line's end here
    return run


def lines_of(text):
    """As a log shows them: a carriage return begins the line anew, but is no line's end."""
    return text.split("\n")[:-1]


def is_result(line, word):
    return re.search(rf"^\( *\d+/\d+\) (\x1b\[[\d;]*m)?{word}(\x1b\[0m)? ", line) is not None


def check_lanes(events):
    """("open" | "fold" | "close" | "line", text): passes are folded, failures are not; all is closed."""
    folded, opened = False, 0
    for kind, text in events:
        if kind == "line":
            assert not (folded and is_result(text, "FAIL")), text
            assert folded or not is_result(text, "PASS"), text
            assert not (folded and "wrong" in text), text
        elif kind == "close":
            assert opened == 1, "groups do not nest"
            folded, opened = False, 0
        else:
            assert opened == 0, "groups do not nest"
            folded, opened = kind == "fold", 1
    assert opened == 0, "a group stayed open"


def test_github_groups_and_annotations(log):
    events, annotations = [], []
    for line in lines_of(log("GITHUB_ACTIONS")):
        assert not re.search(r"##\[", line), "GitHub heeds these too"
        if not line.lstrip().startswith("::"):
            events.append(("line", line))
            continue
        command = re.fullmatch(r"::(group|endgroup|error)(?: ([^:]*))?::(.*)", line)
        assert command, line
        if command[1] == "error":
            annotations.append(dict(item.split("=", 1) for item in command[2].split(",")))
            annotations[-1]["message"] = command[3]
        else:
            events.append(("fold" if command[1] == "group" else "close", command[3]))
    check_lanes(events)
    assert len(annotations) == 10, "GitHub shows ten"
    assert annotations[-1] == {"title": "and more", "message": f"{FAILED + 1 - 9} more did not pass: see the summary"}
    assert all(re.fullmatch(r"tests/a/.*\.sh", item["file"]) for item in annotations[:9])
    hostile = [item for item in annotations if "%3A%3Aerror%3A%3Ax" in item.get("file", "")]
    assert len(hostile) <= 1 and all("forged" not in item["message"] for item in annotations)


def test_gitlab_sections(log):
    events, open_name, names = [], None, []
    for line in lines_of(log("GITLAB_CI")):
        mark = re.match(r"\x1b\[0Ksection_(start|end):(\d+):([\w.-]+)(\[collapsed=true\])?\r\x1b\[0K(.*)$", line)
        if not mark:
            assert "section_" not in line.replace("\\u{73}ection_", ""), line
            events.append(("line", line))
        elif mark[1] == "start":
            open_name = mark[3]
            names.append(open_name)
            events.append(("fold" if mark[4] else "open", mark[5]))
            assert int(mark[2]) > 1_500_000_000
        else:
            assert mark[3] == open_name
            events.append(("close", ""))
    check_lanes(events)
    assert len(set(names)) == len(names) > FAILED, "a name each"


def test_buildkite_groups(log):
    open_group, titles = None, []
    for line in lines_of(log("BUILDKITE")):
        mark = re.match(r"(---|\+\+\+|~~~|\^\^\^) (.*)", line)
        if mark:
            assert mark[1] in ("---", "+++") and "forged" not in mark[2]
            open_group = mark[1]
            titles.append(mark[2])
        else:
            assert not is_result(line, "FAIL") or open_group == "+++"
            assert not is_result(line, "PASS") or open_group == "---"
    assert titles[-1] == "Summary" and sum(title.startswith("FAIL ") for title in titles) == FAILED + 1


def test_teamcity_messages(log):
    text = log("TEAMCITY_VERSION")
    value = r"'(?:[^|'\n\r\[\]]|\|['|\[\]nrlxp]|\|0x[0-9a-f]{4})*'"
    message = re.compile(rf"##teamcity\[(\w+)((?: \w+={value})+)\]")
    running, failed, finished = {}, 0, 0
    for line in lines_of(text):
        if "##teamcity" not in line:
            continue
        found = message.fullmatch(line)
        assert found, line
        kind, fields = found[1], dict(re.findall(rf"(\w+)=({value})", found[2]))
        if kind.startswith("block"):
            continue
        flow, name = fields["flowId"], fields["name"]
        if kind == "testStarted":
            assert flow not in running
            running[flow] = name
        else:
            assert running[flow] == name and "forged" not in name
        if kind == "testFailed":
            failed += 1
        if kind == "testFinished":
            assert fields["duration"].strip("'").isdigit()
            del running[flow]
            finished += 1
    assert not running and failed == FAILED + 1 and finished == FAILED + 4


def test_azure_groups_and_issues(log):
    events, issues = [], 0
    for line in lines_of(log("TF_BUILD")):
        found = re.match(r"##\[(group|endgroup)\](.*)$", line)
        if line.startswith("##vso["):
            assert re.fullmatch(r"##vso\[(task\.logissue type=error(;sourcepath=[^;\]]*)?|task\.uploadsummary)\][^\n]*", line)
            issues += "logissue" in line
        elif found:
            events.append(("fold" if found[1] == "group" else "close", found[2]))
        else:
            assert "##[" not in line and "##vso[" not in line, line
            events.append(("line", line))
    check_lanes(events)
    assert issues == 10


@pytest.mark.parametrize("variable", ["JENKINS_URL", "TRAVIS"])
def test_elsewhere_the_log_is_plain(log, variable):
    text = log(variable)
    for forbidden in ("\x1b", "\r", "##[", "##vso[", "##teamcity[", "section_start"):
        assert forbidden not in text
    assert not re.search(r"^\s*::|^(---|\+\+\+|~~~|\^\^\^) ", text, re.M)
    assert len(re.findall(r"^\( *\d+/\d+\) FAIL ", text, re.M)) == FAILED + 1


def test_colour_where_the_log_shows_it(log):
    assert "\x1b[1;31mFAIL" in log("GITHUB_ACTIONS")


def test_no_colour_beats_the_server(log):
    assert "\x1b" not in log("GITHUB_ACTIONS", NO_COLOR="1")
