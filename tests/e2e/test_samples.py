"""The contract of every preset: real frameworks on suites of every shape, with the verdicts that a person would give.

Driven by data: a folder per framework in tests/suites/samples, its shapes described by expected.json. A framework that
this machine lacks is skipped with the reason; `./dev test` installs them all.
"""

import json

import pytest

from conftest import ROOT, SAMPLES, missing, needs

# What every preset is held to, and the shape of it; another shape where a framework's is told here, or why it has none.
CLAUSES = {"passes": "good", "fails": "fail", "is skipped": "skip", "is filtered out": "filtered",
           "cannot be loaded": "load_error", "crashes in the middle": "crash", "nothing is selected": "nothing",
           "has an odd name": "names"}
MET_BY = {(framework, "is filtered out"): "nothing" for framework in (
    "pytest", "behave", "cucumber-js", "ctest", "gotestsum", "gtest", "junit5", "phpunit", "rspec", "surefire")}
MET_BY[("newman", "nothing is selected")] = "skip"
WITHOUT = {("prove", "is filtered out"): "prove has no tags", ("command", "is filtered out"): "a program is told one file",
           ("command", "has equal titles"): "a file is its only case",
           ("ctest", "ends as another"): "its tests are of one file; a and xa are among those of its good sample"}

SLOW = {"node", "java", "go", "g++", "rspec"}  # they start, or are built, slowly: once is enough


def shapes_of(framework):
    return json.loads((SAMPLES / framework / "expected.json").read_text())["shapes"]


def shapes():
    for path in sorted(SAMPLES.glob("*/expected.json")):
        framework = path.parent.name
        for shape, facts in shapes_of(framework).items():
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
    if shape == "good" and (framework, "has equal titles") not in WITHOUT:
        titles = [{case.get("name") for case in suite.iter("testcase")} for suite in result.junit().iter("testsuite")]
        assert sum(map(len, titles)) > len(set().union(*titles)), "no title that two files share"


def presets():
    return sorted(path.stem for path in (ROOT / "runner" / "config" / "presets").glob("*.json"))


@pytest.mark.parametrize("framework", presets())
def test_a_preset_has_a_sample_for_each_clause_of_the_contract(framework):
    lacking = [clause for clause, shape in CLAUSES.items() if (framework, clause) not in WITHOUT and
               MET_BY.get((framework, clause), shape) not in shapes_of(framework)]
    assert lacking == []


@pytest.mark.parametrize("framework", presets())
def test_a_preset_has_a_sample_whose_names_end_alike(framework):
    if (framework, "ends as another") in WITHOUT:
        pytest.skip(WITHOUT[framework, "ends as another"])

    def ends_in(name, other):
        base, end = name.split("/")[-1], other.split("/")[-1]
        return base != end and end.endswith(base) or name != other and other.endswith(name)

    shapes_names = [list(facts["files"]) for facts in shapes_of(framework).values() if "folder" not in facts]
    assert any(ends_in(name, other) for names in shapes_names for name in names for other in names)
