"""Clients of Jenkins that others wrote complete a cycle against the fake one: it is what they take it for."""

import json
import pathlib
import shutil
import subprocess

import pytest

from conftest import ROOT
from fakejenkins import MEASURED, MODERN
from fakejenkins.items import freestyle_xml

CLIENTS = pathlib.Path(__file__).parent / "clients"
PEERS = ROOT / "tests" / "peers" / "node_modules"
PYTHON = "/usr/bin/python3"  # Debian's, whose packages are Debian's
SHELL = 'mkdir -p out; printf %s "$KEY" >out/key; echo "key is $KEY"; sleep "$SECS"'


def python_jenkins():
    found = subprocess.run([PYTHON, "-c", "import jenkins"], capture_output=True, check=False)
    if found.returncode:
        pytest.skip("python3-jenkins is not installed")
    return [PYTHON, str(CLIENTS / "with_python_jenkins.py")]


def npm_jenkins():
    if not shutil.which("node") or not (PEERS / "jenkins").exists():
        pytest.skip("tests/peers is not installed")
    return ["node", str(CLIENTS / "with_npm_jenkins.js"), str(PEERS)]


@pytest.mark.parametrize("version", [MEASURED, MODERN])
@pytest.mark.parametrize("client", [python_jenkins, npm_jenkins])
def test_a_client_of_others_completes_a_cycle(fake_jenkins, client, version):
    jenkins = fake_jenkins(executors=0, agents={"agent": {"executors": 1, "labels": "linux"}}, context="/ci",
                           version=version)
    config = freestyle_xml(SHELL, parameters=["KEY", "SECS"], archive="out/**")
    done = subprocess.run([*client(), jenkins.url, jenkins.user, jenkins.token, config], capture_output=True, text=True,
                          check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert "key is one" in seen.pop("log")
    assert seen.pop("user", jenkins.user) == jenkins.user and seen.pop("version", version) == version
    assert seen.pop("jobs", None) in (None, ["folder", "folder/cycle"]) and seen.pop("label", 1) == 1
    assert set(seen.pop("nodes")) == {"agent", "Built-In Node" if version == MODERN else "master"}
    assert seen == {"result": "SUCCESS", "artifacts": ["out/key"], "artifact": "one", "waits": [True],
                    "cancelled": True, "stopped": "ABORTED", "builds": [2, 1], "offline": True, "disabled": True,
                    "left": False}
    assert jenkins.processes() == []
