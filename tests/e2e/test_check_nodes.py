"""`tanda check nodes`: each node is reached by its own driver and asked what a run would need."""

import json
import shutil

import test_jenkins
import test_nodes
from test_ssh import environment, make_server, server  # noqa: F401 (fixtures)
from test_ssh import node as ssh_node


def asked(result):
    return {node["name"]: node for node in json.loads(result.out)["nodes"]}


def messages(node, level):
    return [finding["message"] for finding in node["findings"] if finding["level"] == level]


def test_nodes_that_can_be_used_say_what_they_are(project):
    project.scripts(t1="exit 0")
    project.config(nodes={"local": 1, "one": test_nodes.node(project, "one", executors=2)})
    before = sorted(path.name for path in project.folder.iterdir())
    result = project.tanda("check", "nodes")
    assert result.code == 0, result.log()
    for words in ("ok    local: this machine, 1 executor", "ok    one: exec, reached in ", ", 2 executors",
                  "ok    one: has what its suites start: sh", "ok    one: sh is "):
        assert words in result.out, words
    assert result.out.splitlines()[-1] == "exit 0: everything is in order"
    assert sorted(path.name for path in project.folder.iterdir() if path.name != ".tanda") == before
    assert not list((project.folder.parent / f"{project.folder.name}-nodes" / "one").iterdir())


def test_for_programs_it_is_one_object(project):
    project.scripts(t1="exit 0")
    project.config(nodes={"one": test_nodes.node(project, "one", executors=64), "away": test_nodes.node(project, "away", offline="not now")})
    result = project.tanda("check", "nodes", "--json")
    assert result.code == 0, result.log()
    assert list(asked(result)) == ["one"]
    one = asked(result)["one"]
    assert one["is_good"] and one["kind"] == "exec" and one["executors"] == 64
    assert one["cpus"] >= 1 and one["free_bytes"] > 0 and one["speed"] > 0 and abs(one["clock_offset_s"]) < 2
    assert one["programs"] == [{"suite": "cmd", "program": "sh", "is_there": True}]
    assert one["cpus"] >= 64 or f"64 executors share {one['cpus']} cpu" in messages(one, "note")[0]
    assert project.tanda("check", "config", "--json").code == 2


def test_what_is_wrong_with_a_node_has_its_remedy(project):
    project.scripts(t1="exit 0")
    project.write("blocked", "a file, no folder\n")
    lame = test_nodes.node(project, "lame")
    project.config(nodes={
        "gone": {"exec": ["false"], "workspace": "shared"},
        "closed": {**test_nodes.node(project, "closed"), "remote_root": str(project.folder / "blocked" / "below")},
        "bare": {**lame, "env": {"PATH": str(project.home)}},
        "good": test_nodes.node(project, "good")})
    result = project.tanda("check", "nodes")
    assert result.code == 3, result.log()
    assert "FAULT gone: it cannot be reached: false gave no shell there (exit 1)" in result.out
    assert f"FAULT closed: it cannot be reached: no folder can be made in {project.folder}/blocked/below" in result.out
    assert "FAULT bare: it can run nothing: cannot start 'sh': it is not in PATH" in result.out
    assert "FAULT good" not in result.out and "ok    good: exec" in result.out
    assert result.out.splitlines()[-1] == "exit 3: something must be mended before tests can be trusted"


def test_a_program_is_missed_where_its_tests_may_go(project):
    project.scripts(t1="exit 0")
    project.write("tests/x/one.sh", "exit 0\n")
    project.config(suites={"cmd": {"framework": "command", "files": "tests/a/*.sh", "area": "a", "run": ["sh", "{id}"]},
                           "rare": {"framework": "command", "files": "tests/x/*.sh", "area": "x", "run": ["no-such-program", "{id}"]}},
                   areas={"x": {"labels": "one"}},
                   nodes={"one": test_nodes.node(project, "one"), "two": test_nodes.node(project, "two")})
    result = project.tanda("check", "nodes")
    assert result.code == 3, result.log()
    assert "FAULT one: the program of suite rare, 'no-such-program', is not there\n      help: install it there" in result.out
    assert "FAULT two" not in result.out


def test_a_clock_that_goes_wrong_is_told(project):
    project.scripts(t1="exit 0")
    fake = project.home / "bin" / "date"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\n[ "$*" != +%s ] || {{ echo $(($({shutil.which("date")} +%s) - 3600)); exit; }}\n'
                    f'exec {shutil.which("date")} "$@"\n')
    fake.chmod(0o755)
    project.config(nodes={"one": test_nodes.node(project, "one", env={"PATH": f"{fake.parent}:/usr/bin:/bin"})})
    result = project.tanda("check", "nodes", "--json")
    assert result.code == 0, result.log()
    one = asked(result)["one"]
    assert -3605 < one["clock_offset_s"] < -3590
    assert any("s behind" in message for message in messages(one, "note"))


def test_behind_a_real_server(project, server):  # noqa: F811
    project.scripts(t1="exit 0")
    project.config(nodes={"one": ssh_node(project, server, executors=2)})
    result = project.tanda("check", "nodes", env=environment(project, server))
    assert result.code == 0, result.log()
    assert "ok    one: ssh, reached in " in result.out
    server.trust(None)
    result = project.tanda("check", "nodes", env=environment(project, server))
    assert result.code == 3, result.log()
    assert "FAULT one: it cannot be reached: its host key is not known here" in result.out
    assert "ssh-keyscan" in result.out
    server.trust("host_key")
    server.log_in_with("other_key")
    result = project.tanda("check", "nodes", env=environment(project, server))
    assert result.code == 3 and "the login was refused: ssh-copy-id" in result.out, result.log()


def test_a_host_that_does_not_answer_costs_its_launch_timeout(project, server):  # noqa: F811
    server.signal(19)  # it is there, and silent
    project.scripts(t1="exit 0")
    project.config(nodes={"one": ssh_node(project, server, launch_timeout="2s"), "two": test_nodes.node(project, "two")})
    try:
        result = project.tanda("check", "nodes", env=environment(project, server))
    finally:
        server.signal(18)
    assert result.code == 3, result.log()
    assert "FAULT one: it cannot be reached: " in result.out and "ok    two: exec" in result.out


def test_a_jenkins_job_runs_the_question_as_a_build(project, jenkins):
    project.scripts(t1="exit 0")
    test_jenkins.set_up(project, jenkins, executors=4)
    result = project.tanda("check", "nodes", "--json", env=jenkins.environment())
    assert result.code == 0, result.log()
    found = asked(result)["farm"]
    assert found["kind"] == "jenkins" and found["is_good"] and found["free_bytes"] > 0
    assert len(test_jenkins.triggers(jenkins)) == 1
    assert not messages(found, "note")  # of a controller's agents one is known
    result = project.tanda("check", "nodes", env={**jenkins.environment(), "JENKINS_TOKEN": "wrong"})
    assert result.code == 3 and "FAULT farm: it cannot be reached: " in result.out, result.log()
