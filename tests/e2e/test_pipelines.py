"""The pipelines of docs/examples/pipeline, run as their servers would run them: unit tests, shops deployed for the
acceptance tests, shards, one report. What a server alone can do (its cache, its artifacts) is done by hand here."""

import json
import os
import re
import shutil
import socket
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from conftest import ROOT, missing

EXAMPLES = ROOT / "docs" / "examples" / "pipeline"
SHARDS = 4


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture
def shop(project):
    """The sample shop's project, whose environments have ports of their own."""
    for framework in ("behave", "pytest"):
        if missing(framework):
            pytest.skip(missing(framework))
    shutil.copytree(ROOT / "tests" / "suites" / "tienda", project.folder, dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("tanda-out", ".tanda", "__pycache__"))
    config = json.loads((project.folder / "deployed.json").read_text())
    del config["$schema"]
    members = config["pools"]["shop"]["members"]
    for member, port in zip(members, free_ports(len(members))):
        member.update(port=port, url=f"http://127.0.0.1:{port}")
    project.write("deployed.json", json.dumps(config))
    return project


def environment(project, **extra):
    own = {"PATH": f"{Path(project.program).parent}{os.pathsep}{os.environ['PATH']}", "TIENDA_PACE": "0.1"}
    return project.environment({**own, **extra})


def do(project, script, **extra):
    """Run a step as a server's shell does."""
    return subprocess.run(["sh", "-e", "-c", script], cwd=project.folder, env=environment(project, **extra),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=280)


def do_well(project, script, **extra):
    done = do(project, script, **extra)
    assert done.returncode == 0, f"$ {script}\n{done.stdout}\n{done.stderr}\n[{done.returncode}]"


def cases(path):
    return [case for case in ElementTree.parse(path).iter("testcase")]


def check_report(path):
    """All that was planned is there, once, and passed."""
    found = cases(path)
    assert len(found) == 110 and not [case for case in found if len(case) and case.find("failure") is not None]
    assert len({(case.get("classname"), case.get("name")) for case in found}) == 110


def test_each_batch_has_a_deployed_shop(shop):
    result = shop.tanda("run", "-c", "deployed.json", env={"TIENDA_PACE": "0.1"})
    assert result.code == 0, result.log()
    check_report(shop.folder / "tanda-out" / "junit.xml")
    held = [event["members"] for event in result.journal() if event["kind"] == "batch_started"]
    assert set(held) == {f"shop: shop-{number}" for number in (1, 2, 3)}
    assert {path.name for path in (shop.folder / "tanda-out" / "logs").glob("pool-shop-*-up.log")} \
        == {f"pool-shop-shop-{number}-up.log" for number in (1, 2, 3)}


def test_a_shop_that_is_broken_fails_its_tests_and_no_others(shop):
    result = shop.tanda("run", "-c", "deployed.json", env={"TIENDA_PACE": "0.1", "TIENDA_BREAK": "search"})
    assert result.code == 1, result.log()
    failed = {name for name, verdict in result.verdicts().items() if verdict == "failed"}
    assert failed and all("search" in name for name in failed), result.log()


# --- the servers' files ---

def jenkins_steps(name):
    """The shell's lines in their order; what is in a loop over shards once for each."""
    text = re.sub(r"^\s*//.*$", "", (EXAMPLES / name).read_text(), flags=re.M)
    found = [double or single for single, double in
             re.findall(r"""\bsh(?:\(returnStatus: true, script:)?\s*(?:'([^'\n]*)'|"([^"\n]*)")""", text)]
    assert len(found) == len(re.findall(r"\bsh\b", text)), "a step that is not understood"
    for script in found:
        script = script.replace("${shards}", str(SHARDS))
        yield from ([script.replace("${shard}", str(shard + 1)) for shard in range(SHARDS)] if "${shard}" in script else [script])


@pytest.mark.parametrize("name,report", [("Jenkinsfile", "tanda-out/junit.xml"), ("Jenkinsfile.shards", "acceptance.xml")])
def test_a_jenkinsfile(shop, name, report):
    jenkins = {"JENKINS_URL": "http://ci.example/", "BUILD_URL": "http://ci.example/job/shop/7/", "EXECUTOR_NUMBER": "1"}
    for script in jenkins_steps(name):
        do_well(shop, script, **jenkins)
    check_report(shop.folder / report)
    assert json.loads((shop.folder / "tanda-times.json").read_text())


def load(name):
    yaml = pytest.importorskip("yaml", reason="python3-yaml is not installed")
    return yaml.safe_load((EXAMPLES / name).read_text())


def test_a_gitlab_file(shop):
    pipeline = load("gitlab-ci.yml")
    stages = pipeline.pop("stages")
    for job in sorted(pipeline.values(), key=lambda job: stages.index(job["stage"])):
        assert set(job) <= {"stage", "script", "parallel", "needs", "cache", "artifacts", "when"}
        assert set(job.get("needs", [])) <= set(pipeline)
        count = job.get("parallel", 1)
        for index in range(1, count + 1):
            numbers = {"CI_NODE_INDEX": str(index), "CI_NODE_TOTAL": str(count)} if count > 1 else {}
            for script in job["script"]:
                do_well(shop, script, GITLAB_CI="true", **numbers)
    check_report(shop.folder / "acceptance.xml")


def test_a_circleci_file(shop):
    config = load("circleci.yml")
    for entry in config["workflows"]["pipeline"]["jobs"]:
        job = config["jobs"][entry if isinstance(entry, str) else next(iter(entry))]
        count = job.get("parallelism", 1)
        for index in range(count):
            for step in job["steps"]:
                if isinstance(step, dict) and "run" in step:
                    do_well(shop, step["run"]["command"], CIRCLECI="true", CIRCLE_NODE_INDEX=str(index), CIRCLE_NODE_TOTAL=str(count))
    check_report(shop.folder / "acceptance.xml")


def test_a_github_file(shop):
    jobs = load("github-actions.yml")["jobs"]
    for job in jobs.values():
        for shard in job.get("strategy", {}).get("matrix", {}).get("shard", [None]):
            for step in job["steps"]:
                if "run" in step:
                    script = step["run"].replace("${{ matrix.shard }}", str(shard))
                    assert "${{" not in script
                    do_well(shop, script, GITHUB_ACTIONS="true")
            if shard is not None:  # as its artifact comes down
                (shop.folder / f"tanda-out-{shard}").rename(shop.folder / f"shard-{shard}")
    check_report(shop.folder / "acceptance.xml")


def test_a_shard_that_is_missing_is_told(shop):
    steps = list(jenkins_steps("Jenkinsfile.shards"))
    for script in steps[:-1]:
        if "--shard 3/" not in script:
            do_well(shop, script)
    done = do(shop, steps[-1])
    assert done.returncode == 3 and "shard 3" in done.stderr, done.stderr
