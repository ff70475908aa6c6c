"""From what commands do to what tanda says of them."""

import pytest


def test_exit_codes_of_commands(project):
    project.config()
    project.scripts(good="true", bad="echo why; exit 3", later="exit 77")
    result = project.tanda("run")
    assert result.code == 1
    assert result.verdicts() == {"tests/a/good.sh": "passed", "tests/a/bad.sh": "failed",
                                 "tests/a/later.sh": "skipped"}
    assert "exited 3" in result.err and "why" in result.err
    assert result.err.rstrip().splitlines()[-1] == "exit 1: 1 test failed"


@pytest.mark.parametrize("program, words", [
    ("no-such-program", "it is not in PATH"),
    ("./tests/a/none", "No such file"),
    ("./plain", "chmod +x"),
    ("./badshebang", "#!"),
    ("./elf", "no program for this machine"),
])
def test_start_faults_are_errors_with_a_remedy(project, program, words):
    project.write("plain", "#!/bin/sh\n")
    project.write("badshebang", "#!/no/such\n", 0o755)
    project.write("elf", b"\x7fELF nonsense", 0o755)
    project.config(suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh",
                                   "run": [program, "{id}"]}})
    project.scripts(one="true")
    result = project.tanda("run")
    assert result.code == 3
    assert result.verdicts() == {"tests/a/one.sh": "error"}
    assert words in result.err


def test_a_crash_alone_twice_is_an_error(project):
    project.config()
    project.scripts(crash="kill -SEGV $$", fine="true")
    result = project.tanda("run")
    assert result.code == 3
    assert result.verdicts()["tests/a/crash.sh"] == "error"
    assert "SIGSEGV" in result.err
    starts = [line for line in result.journal() if line["kind"] == "batch_started"]
    assert len(starts) == 3
    assert len([s for s in starts if s.get("reason") == "second_chance"]) == 1


def test_no_second_chance_when_switched_off(project):
    project.config()
    project.scripts(crash="kill -SEGV $$")
    result = project.tanda("run", "--no-second-chance")
    assert result.code == 3
    assert len([line for line in result.journal() if line["kind"] == "batch_started"]) == 1


def test_fail_then_pass_is_flaky(project):
    project.config()
    project.scripts(shaky="test -e seen && exit 0; touch seen; exit 1")
    result = project.tanda("run", "--retries", "1")
    assert result.code == 0
    assert result.verdicts() == {"tests/a/shaky.sh": "flaky"}
    (project.folder / "seen").unlink()
    assert project.tanda("run", "--retries", "1", "--fail-on-flaky").code == 1


def test_leaks_are_named_and_killed(project):
    project.config()
    project.scripts(leaks="(setsid sleep 300 >/dev/null 2>&1 &)", pipe="sleep 301 & echo hi")
    result = project.tanda("run")
    assert result.code == 0
    assert "sleep 300" in result.err and "sleep 301" in result.err


def test_output_is_capped_and_binary_output_survives(project):
    project.config()
    project.scripts(flood="head -c 60000000 /dev/zero | tr '\\0' a; exit 1",
                    binary="head -c 100000 /dev/urandom; exit 1")
    result = project.tanda("run")
    assert result.code == 1
    for log in (project.folder / "tanda-out" / "logs").iterdir():
        assert log.stat().st_size < 17 * 1024 * 1024


def test_what_a_test_sees(project):
    project.config(nodes={"local": 1})
    project.scripts(env="env | sort; pwd; cat; ls -la $TMPDIR; exit 1")
    result = project.tanda("run", env={"TANDA_AREA": "outer"})
    log = next((project.folder / "tanda-out" / "logs").iterdir()).read_text()
    for line in ("TANDA=1", "TANDA_AREA=a", "TANDA_NODE=local", "TANDA_WORKER=0", "TANDA_WORKERS=1",
                 "TANDA_ATTEMPT=1", "TEST_ENV_NUMBER=", str(project.folder)):
        assert line in log.splitlines(), line
    assert result.code == 1


def test_names_of_all_kinds_reach_the_command_as_they_are(project):
    names = ["with space", "$(touch p)", "`touch p`", "a;b", "*", "quote'\"", "ünï", "-dash", "--help"]
    project.config(suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh",
                                   "run": ["sh", "{id}"]}})
    for name in names:
        project.write(f"tests/a/{name}.sh", "exit 0\n")
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert len(result.verdicts()) == len(names)
    assert not (project.folder / "p").exists()


def test_a_newline_in_a_name_is_refused(project):
    project.config()
    project.write("tests/a/new\nline.sh", "exit 0\n")
    result = project.tanda("run")
    assert result.code == 2
    assert "\\x0a" in result.err and "rename it" in result.err


FAKE = """import os, sys
report, mode, ids = sys.argv[1], sys.argv[2], sys.argv[3:]
case = '<testcase classname="c" name="n{}" file="{}" time="0.01">{}</testcase>'
body = ''.join(case.format(i, name, '') for i, name in enumerate(ids))
head = '<testsuites><testsuite name="s">'
tail = '</testsuite></testsuites>'
texts = {
    'whole': head + body + tail, 'empty': '', 'truncated': head + body + '<testcase name="x"',
    'nocase': head + tail, 'unplanned': head + body + case.format(9, 'other.py', '<failure message="boo"/>') + tail,
    'failure': head + case.format(1, ids[0], '<failure message="boo"/>') + tail,
    'control': (head + case.format(1, ids[0], '<failure message="a&#27;[31mb"/>') + tail),
    'doctype': '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + head + case.format(1, ids[0], '&e;') + tail,
}
kind, code = mode.split(':')
if kind == 'fifo':
    os.mkfifo(report)
elif kind == 'link':
    open('elsewhere.xml', 'w').write(texts['whole'])
    os.symlink(os.path.abspath('elsewhere.xml'), report)
elif kind == 'folder':
    os.mkdir(report)
elif kind != 'none':
    open(report, 'w').write(texts[kind])
sys.exit(int(code))
"""


@pytest.mark.parametrize("mode, code, verdict, words", [
    ("whole:0", 0, "passed", "exit 0"),
    ("none:0", 3, "error", "without writing a report"),
    ("empty:0", 3, "error", "empty report"),
    ("truncated:0", 3, "error", "broken report"),
    ("nocase:0", 3, "error", "not in its report"),
    ("whole:1", 3, "error", "none of its cases failed"),
    ("whole:9", 3, "error", "exited 9"),
    ("failure:0", 1, "failed", "boo"),
    ("control:1", 1, "failed", "ab"),
    ("unplanned:1", 1, "passed", "unplanned"),
    ("doctype:0", 3, "error", "report"),
    ("fifo:0", 3, "error", "report"),
    ("link:0", 3, "error", "report"),
    ("folder:0", 3, "error", "report"),
])
def test_reports_of_all_kinds(project, mode, code, verdict, words):
    project.write("fake.py", FAKE)
    project.write("tests/test_one.py", "def test_one(): pass\n")
    project.config(suites={"py": {"framework": "pytest", "files": "tests/test_*.py", "list": {"format": "none"},
                                  "run": ["python3", "fake.py", "{report}", mode, "{ids}"]}})
    result = project.tanda("run")
    assert result.code == code, result.err
    assert result.verdicts()["tests/test_one.py"] == verdict
    assert words.lower() in result.err.lower()
    assert "root:" not in (project.folder / "tanda-out" / "junit.xml").read_text()


def test_filters_in_args_lose_no_test(project):
    project.write("tests/test_a.py", "import pytest\n@pytest.mark.smoke\ndef test_a(): pass\n")
    project.write("tests/test_b.py", "def test_b(): pass\n")
    project.write("pytest.ini", "[pytest]\nmarkers = smoke\n")
    project.config(suites={"py": {"framework": "pytest", "files": "tests/test_*.py", "args": ["-m", "smoke"]}})
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert result.verdicts() == {"tests/test_a.py": "passed", "tests/test_b.py": "skipped"}


def test_behave_filters_lose_no_test(project):
    project.write("features/steps/steps.py", "from behave import given\n@given('ok')\ndef ok(c): pass\n")
    project.write("features/a/one.feature", "Feature: One\n  Scenario: s\n    Given ok\n")
    project.write("features/a/two.feature", "Feature: Two\n  @wip\n  Scenario: s\n    Given ok\n")
    project.config(suites={"web": {"framework": "behave", "files": "features/{area}/*.feature",
                                   "args": ["--tags=~@wip", "--no-skipped"]}})
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert result.verdicts() == {"features/a/one.feature": "passed", "features/a/two.feature": "skipped"}


def test_inherited_tests_belong_to_the_file_that_collects_them(project):
    project.write("tests/base_cases.py", "class Cases:\n    def test_one(self): pass\n    def test_two(self): pass\n")
    project.write("tests/test_near.py", "from base_cases import Cases\nclass TestNear(Cases): pass\n")
    project.write("tests/test_far.py", "from test_near import Cases\nclass TestFar(Cases):\n"
                                       "    def test_two(self): assert 0\n")
    project.config(suites={"py": {"framework": "pytest", "files": "tests/test_*.py"}}, nodes={"local": 1})
    result = project.tanda("run")
    assert result.code == 1, result.err
    assert result.verdicts() == {"tests/test_near.py": "passed", "tests/test_far.py": "failed"}
    summary = result.summary()
    assert summary["unplanned"] == 0
    assert summary["cases"] == {"passed": 3, "failed": 1, "error": 0, "skipped": 0}


def test_a_feature_that_skips_itself_is_skipped_not_lost(project):
    project.write("behave.ini", "[behave]\nshow_skipped = false\n")
    project.write("features/environment.py", "def before_feature(context, feature):\n"
                                             "    if 'skip.me' in feature.tags: feature.skip('by a hook')\n")
    project.write("features/steps/steps.py", "from behave import given\n@given('ok')\ndef ok(c): pass\n")
    project.write("features/a/one.feature", "Feature: One\n  Scenario: s\n    Given ok\n")
    project.write("features/a/two.feature", "@skip.me\nFeature: Two\n  Scenario: s\n    Given ok\n")
    project.config(suites={"web": {"framework": "behave", "files": "features/{area}/*.feature"}})
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert result.verdicts() == {"features/a/one.feature": "passed", "features/a/two.feature": "skipped"}
