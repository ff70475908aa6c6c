"""The contract of every preset: real frameworks on suites of every shape, with the verdicts that a person would give.

Driven by data: a folder per framework in tests/suites/samples, its shapes described by expected.json. A framework that
this machine lacks is skipped with the reason; `./dev test` installs them all.
"""

import json

import pytest

from conftest import SAMPLES, missing, needs

SLOW = {"node", "java", "go", "g++", "rspec"}  # they start, or are built, slowly: once is enough


def shapes():
    for path in sorted(SAMPLES.glob("*/expected.json")):
        for shape, facts in json.loads(path.read_text())["shapes"].items():
            framework = path.parent.name
            marks = [pytest.mark.release] if SLOW & set(needs(framework)) else []
            yield pytest.param(framework, shape, facts, id=f"{framework}-{shape.replace('/', '-')}", marks=marks)


@pytest.mark.parametrize("framework, shape, facts", shapes())
def test_shape_gets_its_verdicts(sample, framework, shape, facts):
    if missing(framework):
        pytest.skip(missing(framework))
    result = sample(framework, facts.get("folder", shape)).tanda("run", *facts.get("arguments", []))
    print(result.err)
    assert result.code in facts["tanda_exit"]
    found = result.verdicts() if result.code != 2 else {}
    for name, file_facts in facts["files"].items():
        verdicts = file_facts["verdict"]
        allowed = [verdicts] if isinstance(verdicts, str) else verdicts
        assert found.get(name) in allowed, name
    if "cases" in facts:
        assert result.summary()["cases"] == facts["cases"]
    if "unplanned" in facts:
        assert result.summary()["unplanned"] == facts["unplanned"]
