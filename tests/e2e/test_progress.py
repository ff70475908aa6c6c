"""Frameworks tell where they are: limits hold test by test, and a hang is blamed on the one that hangs."""

import os

import pytest

from conftest import NODE_MODULES, missing

HANGS = "import time\n\ndef test_quick(): pass\n\ndef test_hang(): time.sleep(60)\n"
PASSES = "import time\n\ndef test_a(): time.sleep(0.1)\n\ndef test_b(): pass\n"


def progressed(result):
    names = {event["test"]: event["id"] for event in result.journal() if event["kind"] == "test_planned"}
    return [(names[event["test"]], event.get("done", False), event["happened_s"])
            for event in result.journal() if event["kind"] == "test_progressed"]


@pytest.fixture
def api(project):
    if missing("pytest"):
        pytest.skip(missing("pytest"))
    project.config(suites={"api": {"framework": "pytest", "files": "api/test_*.py", "batch_max": 10,
                                   "start_up": "20s"}},
                   nodes={"local": 1}, test_timeout="3s", grace="1s")
    for name in ("one", "two", "three"):
        project.write(f"api/test_{name}.py", PASSES)
    return project


def test_pytest_tells_each_file(api):
    result = api.tanda("run")
    assert result.code == 0, result.log()
    told = progressed(result)
    files = {f"api/test_{name}.py" for name in ("one", "two", "three")}
    assert {name for name, done, _ in told if not done} == files
    assert {name for name, done, _ in told if done} == files
    times = [at for _, _, at in told]
    assert times == sorted(times)


def test_a_hang_in_a_batch_is_blamed_on_its_own_test(api):
    api.write("api/test_two.py", HANGS)
    result = api.tanda("run")
    assert result.code == 1, result.log()
    assert result.verdicts() == {"api/test_one.py": "passed", "api/test_two.py": "failed",
                                 "api/test_three.py": "passed"}
    assert "timed out after" in result.err
    assert result.summary()["unplanned"] == 0


def test_tests_that_start_pytest_are_not_heard(api):
    api.write("api/test_one.py", "import subprocess, sys\n\ndef test_inner(tmp_path):\n"
              "    (tmp_path / 'test_two.py').write_text('def test_x(): pass')\n"
              "    subprocess.run([sys.executable, '-m', 'pytest', str(tmp_path)], check=True)\n\n"
              "def test_environment():\n    import os\n"
              "    assert 'TANDA_PROGRESS' not in os.environ and 'PYTEST_PLUGINS' not in os.environ\n"
              "    assert os.environ['PYTHONPATH'] == '/nowhere/else'\n")
    result = api.tanda("run", env={"PYTHONPATH": "/nowhere/else"})
    assert result.code == 0, result.log()


def test_behave_tells_by_its_reports(project):
    if missing("behave"):
        pytest.skip(missing("behave"))
    project.write("features/steps/steps.py", "import time\nfrom behave import given\n\n"
                  "@given('it takes {seconds:g} s')\ndef step(context, seconds):\n    time.sleep(seconds)\n")
    for name, seconds in (("one", 0.1), ("two", 60), ("three", 0.1)):
        project.write(f"features/a/{name}.feature", f"Feature: {name}\n  Scenario: s\n    Given it takes {seconds} s\n")
    project.config(suites={"web": {"framework": "behave", "files": "features/{area}/*.feature", "start_up": "20s"}},
                   nodes={"local": 1}, test_timeout="3s", grace="1s")
    result = project.tanda("run")
    assert result.code == 1, result.log()
    assert result.verdicts() == {"features/a/one.feature": "passed", "features/a/two.feature": "failed",
                                 "features/a/three.feature": "passed"}


def test_any_program_may_write_the_lines(project):
    report = ('<testsuites><testsuite name="s"><testcase file="tests/a/x.t" name="x"/>'
              '<testcase file="tests/a/y.t" name="y"/></testsuite></testsuites>')
    project.write("runner.sh", "#!/bin/sh\n"
                  "for f in \"$@\"; do\n"
                  "  printf 'started\\t0\\t%s\\n' \"$f\" >>\"$TANDA_PROGRESS\"\n"
                  "  printf 'done\\t0\\t%s\\n' \"$f\" >>\"$TANDA_PROGRESS\"\n"
                  "done\n"
                  "printf 'nonsense\\nstarted\\tx\\ty\\nstarted\\t1\\tno/such\\n' >>\"$TANDA_PROGRESS\"\n"
                  f"echo '{report}' >\"$TANDA_REPORT\"\n", 0o755)
    project.write("tests/a/x.t", "")
    project.write("tests/a/y.t", "")
    project.config(suites={"own": {"framework": "command", "files": "tests/{area}/*.t", "batch_max": 10,
                                   "run": ["./runner.sh", "{ids}"], "reports": "report.xml", "case_key": "path",
                                   "progress": "lines", "start_up": "20s", "exit": {"complete": [0]}}},
                   nodes={"local": 1})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert {name for name, done, _ in progressed(result) if done} == {"tests/a/x.t", "tests/a/y.t"}
    assert not [name for name in os.listdir(project.folder) if name.endswith(".progress")]


JEST_CASE = 'test("{name}", async () => {{ {body} }}, 60000);\n'
NODE = {
    "vitest": ({"vitest.config.mjs": "export default { test: { testTimeout: 60000 } };\n"}, "test.mjs",
               'import {{ test }} from "vitest";\n' + JEST_CASE),
    "jest": ({"jest.config.cjs": "module.exports = {};\n"}, "test.js", JEST_CASE),
    "mocha": ({".mocharc.json": '{"timeout": 60000}\n'}, "spec.cjs",
              'describe("{name}", () => {{ it("{name}", async () => {{ {body} }}); }});\n'),
    "playwright": ({"playwright.config.cjs": "module.exports = { timeout: 60000 };\n"}, "spec.js",
                   'const {{ test }} = require("@playwright/test");\ntest("{name}", async () => {{ {body} }});\n'),
}


def node_suite(project, framework, bodies):
    """A file for each body, all in one start; returns the files in their order."""
    if missing(framework):
        pytest.skip(missing(framework))
    os.symlink(NODE_MODULES, project.folder / "node_modules")
    configuration, ending, case = NODE[framework]
    for name, text in configuration.items():
        project.write(name, text)
    files = []
    for name, body in bodies.items():
        files.append(f"web/{name}.{ending}")
        project.write(files[-1], case.format(name=name, body=body))
    project.config(suites={"web": {"framework": framework, "files": f"web/*.{ending}", "start_up": "20s"}},
                   nodes={"local": 1}, test_timeout="8s", grace="1s")
    return files


@pytest.mark.parametrize("framework", NODE)
def test_a_framework_of_node_tells_each_file(project, framework):
    files = set(node_suite(project, framework, {"one": "", "two": "await new Promise((end) => setTimeout(end, 300));",
                                                "three": ""}))
    result = project.tanda("run")
    assert result.code == 0, result.log()
    told = progressed(result)
    assert {name for name, done, _ in told if not done} == files
    assert {name for name, done, _ in told if done} == files


@pytest.mark.parametrize("framework", NODE)
def test_a_hang_in_a_framework_of_node_is_blamed_on_its_own(project, framework):
    hang = "await new Promise((end) => setTimeout(end, 60000));"
    one, two, three = node_suite(project, framework, {"one": "", "two": hang, "three": ""})
    result = project.tanda("run")
    assert result.code == 1, result.log()
    assert result.verdicts() == {one: "passed", two: "failed", three: "passed"}
    told = progressed(result)
    assert (two, True) not in {(name, done) for name, done, _ in told}
    assert two in {name for name, _, _ in told}


@pytest.mark.parametrize("framework", NODE)
def test_what_tests_start_does_not_speak_for_them(project, framework):
    node_suite(project, framework, {"one": 'if (process.env.TANDA_PROGRESS) throw new Error("still there");', "two": ""})
    result = project.tanda("run")
    assert result.code == 0, result.log()


def test_a_command_of_ones_own_may_name_the_plugin(project):
    node_suite(project, "jest", {"one": "", "two": ""})
    run = ["node_modules/.bin/jest", "--ci", "--runInBand", "--reporters=jest-junit", "--reporters={plugin}",
           "--runTestsByPath", "{ids}"]
    project.config(suites={"web": {"framework": "jest", "files": "web/*.test.js", "run": run, "start_up": "20s"}},
                   nodes={"local": 1})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert {name for name, done, _ in progressed(result) if done} == {"web/one.test.js", "web/two.test.js"}


def test_a_framework_without_a_plugin_has_none_to_name(project):
    project.write("tests/a.t", "")
    project.config(suites={"own": {"framework": "command", "files": "tests/*.t", "run": ["sh", "{plugin}", "{id}"]}})
    result = project.tanda("list")
    assert result.code == 2
    assert "{plugin}: the framework command has none" in result.err


def specs(project, bodies, **keys):
    if missing("rspec"):
        pytest.skip(missing("rspec"))
    for name, body in bodies.items():
        project.write(f"spec/{name}_spec.rb", f'RSpec.describe("{name}") {{ it("one") {{ {body} }}; it("two") {{}} }}\n')
    project.config(suites={"web": {"framework": "rspec", "start_up": "20s", **keys}}, nodes={"local": 1},
                   test_timeout="8s", grace="1s")
    return {f"spec/{name}_spec.rb" for name in bodies}


def test_rspec_tells_each_file(project):
    files = specs(project, {"one": "", "two": "sleep 0.3", "three": 'raise "still there" if ENV["TANDA_PROGRESS"]'})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    told = progressed(result)
    assert {name for name, done, _ in told if not done} == files
    assert {name for name, done, _ in told if done} == files


@pytest.mark.parametrize("keys", [{}, {"split": "auto"}])
def test_a_hang_in_rspec_is_blamed_on_its_own(project, keys):
    specs(project, {"one": "", "two": "sleep 60", "three": ""}, **keys)
    result = project.tanda("run")
    assert result.code == 1, result.log()
    assert result.verdicts() == {"spec/one_spec.rb": "passed", "spec/two_spec.rb": "failed", "spec/three_spec.rb": "passed"}
