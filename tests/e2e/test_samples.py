"""Real frameworks on suites of every shape: tanda's verdicts are those that a person would give."""

import json
import shutil

import pytest

from conftest import SAMPLES

PROGRAMS = {"pytest": "pytest", "behave": "behave", "bats": "bats", "cucumber-js": "node", "command": "sh"}


def shapes():
    for framework in PROGRAMS:
        expected = json.loads((SAMPLES / framework / "expected.json").read_text())
        for shape, facts in expected["shapes"].items():
            yield pytest.param(framework, shape, facts, id=f"{framework}-{shape.replace('/', '-')}")


@pytest.mark.parametrize("framework, shape, facts", shapes())
def test_shape_gets_its_verdicts(sample, framework, shape, facts):
    if shutil.which(PROGRAMS[framework]) is None:
        pytest.skip(f"{framework} is not installed")
    if framework == "cucumber-js" and not (SAMPLES / "cucumber-js" / "node_modules").exists():
        pytest.skip("npm ci has not run in samples/cucumber-js")
    result = sample(framework, shape).tanda("run")
    print(result.err)
    assert result.code in facts["tanda_exit"]
    found = result.verdicts() if result.code != 2 else {}
    for name, file_facts in facts["files"].items():
        verdicts = file_facts["verdict"]
        allowed = [verdicts] if isinstance(verdicts, str) else verdicts
        assert found.get(name) in allowed, name
