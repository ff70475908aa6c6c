"""`tanda check`: each fault with its remedy, in plain words; nothing of the project is touched."""

import pytest

from conftest import missing

FAKE = """import os, sys
report, mode, ids = sys.argv[1], sys.argv[2], sys.argv[3:]
head, tail = '<testsuites><testsuite name="s">', '</testsuite></testsuites>'
case = '<testcase classname="{}" name="one" file="{}" time="0.01"/>'
bodies = {'good': [('x', ids[0])], 'other': [('x', 'elsewhere.py')], 'class': [('tests.test_one.TestIt', '')],
          'more': [('x', ids[0]), ('x', 'elsewhere.py')], 'empty': []}
what, code = mode.split(':')
if what in bodies:
    open(report, 'w').write(head + ''.join(case.format(*pair) for pair in bodies[what]) + tail)
if what == 'named':
    open(os.path.join(os.path.dirname(report), 'results.xml'), 'w').write(head + tail)
if what == 'text':
    open(report, 'w').write('no xml')
if what == 'kill':
    os.kill(os.getpid(), 9)
sys.exit(int(code))
"""


def fake(project, mode, **keys):
    project.write("fake.py", FAKE)
    project.write("tests/test_one.py", "def test_one(): pass\n")
    suite = {"framework": "pytest", "files": "tests/test_*.py", "list": {"format": "none"}, "case_key": "file",
             "run": ["python3", "fake.py", "{report}", mode, "{ids}"]}
    project.config(suites={"py": {**suite, **keys}}, second_chance=False)


def test_what_is_in_order_is_said_and_nothing_is_left(project):
    project.config(reports={"junit": "mine.xml"})
    project.scripts(one="true", two="exit 1")
    before = sorted(path.name for path in project.folder.iterdir())
    result = project.tanda("check")
    assert result.code == 0, result.out
    assert "1 suite, 2 tests in 1 area" in result.out
    assert result.out.splitlines()[-1] == "exit 0: everything is in order"
    assert sorted(path.name for path in project.folder.iterdir()) == before


def test_a_failing_test_adds_up_too(project):
    project.config()
    project.scripts(bad="exit 1")
    result = project.tanda("check", "suites")
    assert result.code == 0 and "failed, by its exit code 1" in result.out


@pytest.mark.parametrize("mode, words, remedy", [
    ("other:0", "none of which belongs to tests/test_one.py", '"case_key": "only"'),
    ("class:0", "class 'tests.test_one.TestIt'", '"case_key": "classname"'),
    ("more:0", "1 further case of its report", "{ids}"),
    ("empty:0", "its report holds no case", "{ids}"),
    ("none:0", "wrote no report", "reporter installed"),
    ("named:0", "results.xml", '"reports": "results.xml"'),
    ("text:0", "report", "same file"),
    ("good:9", "no code of a complete run", '"complete"'),
    ("good:1", "no case in its report failed", '"passed"'),
    ("kill:0", "signal 9", "log"),
])
def test_what_does_not_add_up_is_explained(project, mode, words, remedy):
    fake(project, mode)
    result = project.tanda("check")
    assert result.code == 3, result.out
    fault = [line for line in result.out.splitlines() if line.startswith("FAULT")]
    assert len(fault) == 1 and words in fault[0]
    assert remedy in result.out.split("help:")[1]
    assert "its logs and reports are in" in result.out


def test_what_the_command_said_last_is_shown_without_orders_to_the_terminal(project):
    fake(project, "none:0", run=["sh", "-c", "echo told twice; echo '##[error]no'; printf '\\033]0;evil\\007cannot find reporter x\\n'; "
                                 "printf '    at frame (b.js:1)\\n\\tfrom /usr/b.rb:1\\n'; exit 1", "{report}", "{ids}"])
    result = project.tanda("check")
    assert result.code == 3
    assert "      log:  told twice\n            " in result.out and "cannot find reporter x" in result.out
    assert "\x1b" not in result.out and "\n##[" not in result.out and "b.js" not in result.out and "b.rb" not in result.out


@pytest.mark.parametrize("args", [["-k", "nowhere"], ["-m", "slow"]])
def test_what_a_filter_leaves_out_proves_nothing(project, args):
    if missing("pytest"):
        pytest.skip(missing("pytest"))
    project.write("tests/test_one.py", "def test_one(): pass\n")
    project.config(suites={"py": {"framework": "pytest", "files": "tests/test_*.py", "args": args}})
    result = project.tanda("check")
    assert result.code == 0, result.out
    assert "note  py tests/test_one.py: skipped" in result.out and '"args" may leave it out' in result.out


# What projects get wrong with frameworks that they have: a reporter displaced, missing or misnamed, a report elsewhere.
BROKEN = {
    "report elsewhere": ("pytest", {"reports": "out.xml"}, "but report.xml", '"reports": "report.xml"'),
    "wrong key": ("pytest", {"case_key": "suite_path"}, "none of which belongs to", '"case_key": "path"'),
    "unknown option": ("behave", {"args": ["--nope"]}, "no code of a complete run", "unrecognized arguments: --nope"),
    "no reporter": ("jest", {"run": ["node_modules/.bin/jest", "--ci", "{args}", "--runTestsByPath", "{ids}"]},
                    "wrote no report", "reporter installed"),
    "missing reporter": ("jest", {"run": ["node_modules/.bin/jest", "--reporters=nowhere", "{args}", "--runTestsByPath",
                                          "{ids}"]}, "wrote no report", "nowhere"),
    "displaced reporter": ("mocha", {"args": ["--reporter", "dot"]}, "wrote no report", "displaced by another"),
    "silent command": ("mocha", {"run": ["true", "{args}", "{ids}"]}, "says where to", "put {report}"),
    "missing configuration": ("vitest", {"args": ["--config", "nowhere.ts"]}, "wrote no report", "nowhere.ts"),
    "missing formatter": ("rspec", {"run": ["rspec", "--format", "Nowhere", "--out", "{report}", "{args}", "{ids}"]},
                          "wrote no report", "Nowhere"),
}


@pytest.mark.parametrize("framework, keys, words, remedy", BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_with_a_real_framework_is_explained(sample, framework, keys, words, remedy):
    if missing(framework):
        pytest.skip(missing(framework))
    project = sample(framework, "good")
    project.config(suites={"own": {"framework": framework, **keys}})
    result = project.tanda("check", "suites")
    assert result.code == 3, result.out
    told, log = result.out.split("      help:", 1)
    assert words in told
    assert remedy in log


def test_the_remedy_for_the_wrong_key_works(project):
    fake(project, "class:0")
    assert project.tanda("check").code == 3
    fake(project, "class:0", case_key="classname")
    assert project.tanda("check").code == 0


def test_a_command_that_names_no_report_is_told_so(project):
    fake(project, "none:0", run=["python3", "-c", "0", "{ids}"])
    result = project.tanda("check")
    assert result.code == 3
    assert "nothing in its command says where to" in result.out and "put {report}" in result.out


def test_faults_of_the_configuration_are_all_told_and_nothing_is_started(project):
    project.config(suites={"gone": {"framework": "command", "files": "tests/*/*.sh", "run": ["no-such-program", "{id}"]},
                           "void": {"framework": "pytest", "files": "nowhere/test_*.py"},
                           "here": {"framework": "command", "files": "tests/*/*.sh", "run": ["sh", "{id}"]}},
                   areas={"checkuot": {"retries": 1}})
    project.scripts(one="touch ran")
    result = project.tanda("check")
    assert result.code == 3
    assert "FAULT gone: its program 'no-such-program' is not there" in result.out
    assert "FAULT void: no file below . matches" in result.out
    assert "ok    here: command, 1 test" in result.out and "checkuot" in result.out
    assert result.out.count("help:") == 2
    assert not (project.folder / "ran").exists()


def test_check_config_starts_nothing(project):
    project.config()
    project.scripts(one="touch ran")
    assert project.tanda("check", "config").code == 0
    assert not (project.folder / "ran").exists()


@pytest.mark.parametrize("arguments, words", [
    (["config", "--json"], "--json goes with 'tanda check nodes' only"), (["suits"], "wants config, suites, nodes or nothing"),
])
def test_other_words_are_refused(project, arguments, words):
    project.config()
    result = project.tanda("check", *arguments)
    assert result.code == 2 and words in result.err


def test_a_broken_configuration_is_told_with_its_place(project):
    project.write("tanda.json", '{"suites": {"a": {"framwork": "pytest"}}}')
    result = project.tanda("check")
    assert result.code == 2 and "tanda.json:1:" in result.err and "framework" in result.err


def test_without_a_configuration_it_says_what_it_assumes(project):
    project.write("checks/test_it.py", "def test_it(): pass\n")
    result = project.tanda("check")
    assert result.code == 0, result.out + result.err
    assert "found pytest" in result.out
    assert not (project.folder / "tanda.json").exists()
