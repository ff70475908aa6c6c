"""Nodes behind a network: a long way, a silent cut, a cut that heals; and programs that behave like kubectl."""

import os
import shutil
import signal
import subprocess

import pytest

import sshd
from conftest import wait_until
from relay import Relay
from test_nodes import changes, journal_lines
from test_ssh import environment, make_server, node, root_of, run, server, start  # noqa: F401 (fixtures)


@pytest.fixture
def make_relay():
    made = []

    def make(target, **keys):
        made.append(Relay(target.address, target.port, **keys))
        return made[-1]

    yield make
    for relay in made:
        relay.heal()
        relay.stop()


def test_a_long_way_costs_time_and_nothing_else(project, server, make_relay):  # noqa: F811
    relay = make_relay(server, delay_s=0.1)
    project.scripts(**{f"t{i:02}": f"echo {i}; exit {i % 2}" for i in range(12)})
    project.config(nodes={"one": node(project, server, executors=3, port=relay.port)})
    result = run(project, server)
    assert result.code == 1, result.log()
    assert list(result.verdicts().values()).count("failed") == 6
    assert changes(result, "one") == ["up"]


def test_nothing_that_waits_on_a_node_starts_when_the_run_is_stopped(project, server, make_relay):  # noqa: F811
    """Tests shorter than the way are sent several ahead; the first of them holds the others up."""
    relay, log = make_relay(server, delay_s=0.1), project.home / "log"
    project.scripts(**{f"t{i}": f'echo {i} >>{log}; [ ! -e {project.home}/hold ] || sleep 60' for i in range(8)})
    project.config(nodes={"one": node(project, server, executors=1, port=relay.port)})
    assert run(project, server).code == 0  # the history
    log.unlink()
    (project.home / "hold").touch()
    process = start(project, server)
    wait_until(lambda: log.exists() and sum('"batch_submitted"' in line for line in journal_lines(project)) >= 3,
               "one runs, and others wait", 40)
    process.send_signal(signal.SIGINT)
    result = project.finish(process)
    assert result.code == -signal.SIGINT, result.log()
    assert len(log.read_text().split()) == 1
    assert sorted(result.verdicts().values()) == ["not_run"] * 8


def hold_on_one(project, keys):
    """t1 runs on `one` until it is ended there; elsewhere it ends at once. Two at a time would be seen."""
    log, lock = project.home / "t1.log", project.home / "t1.lock"
    project.scripts(t1=f'flock -n {lock} sh -c \'echo "on $TANDA_NODE" >>{log}; [ "$TANDA_NODE" = local ] || sleep 120\' || exit 9')
    # This machine has something else to do until the other has the test: the larger file comes first.
    project.write("tests/b/t0.sh", f"until grep -q 'on one' {log}; do sleep 0.05; done\n" + "# long\n" * 100, 0o755)
    project.config(nodes={"local": {"executors": 1, "labels": ["late"]}, "one": keys},
                   areas={"a": {"labels": "one || late"}, "b": {"labels": "late"}})
    return log


def assert_moved_once(result, log):
    assert result.code == 0, result.log()
    assert result.verdicts()["tests/a/t1.sh"] == "passed"
    assert log.read_text() == "on one\non local\n"
    assert changes(result, "one")[:2] == ["up", "lost"]
    assert "nothing has been heard from it" in result.err


def test_a_silent_cut_is_noticed_and_nothing_runs_twice_at_a_time(project, server, make_relay):  # noqa: F811
    relay = make_relay(server)
    log = hold_on_one(project, node(project, server, port=relay.port))
    process = start(project, server)
    wait_until(lambda: log.exists() and "on one" in log.read_text(), "t1 runs on one", 40)
    relay.cut()
    assert_moved_once(project.finish(process), log)
    wait_until(lambda: not list(root_of(project).iterdir()), "the node has cleared away by itself")


def test_a_node_behind_a_cut_that_heals_goes_on(project, server, make_relay):  # noqa: F811
    relay, gate = make_relay(server), project.home / "gate"
    project.scripts(t1=f'echo begun >>{project.home}/t1.log; until [ -e {gate} ]; do sleep 0.05; done')
    project.config(nodes={"one": node(project, server, port=relay.port)})
    process = start(project, server)
    wait_until(lambda: (project.home / "t1.log").exists(), "t1 runs", 40)
    relay.cut()
    wait_until(lambda: any('"lost"' in line for line in journal_lines(project)), "the loss is noticed", 60)
    gate.write_text("")
    relay.heal()
    result = project.finish(process)
    assert result.code == 0, result.log()
    told = changes(result, "one")
    assert told[:2] == ["up", "lost"] and told[-1] == "up"
    assert (project.home / "t1.log").read_text() == "begun\nbegun\n"


def test_a_short_silence_is_no_loss(project, server, make_relay):  # noqa: F811
    relay, gate = make_relay(server), project.home / "gate"
    project.scripts(t1=f'echo begun >>{project.home}/t1.log; until [ -e {gate} ]; do sleep 0.05; done')
    project.config(nodes={"one": node(project, server, port=relay.port)})
    process = start(project, server)
    wait_until(lambda: (project.home / "t1.log").exists(), "t1 runs", 40)
    relay.cut()
    silence = subprocess.Popen(["sleep", "3"])  # well below the lease
    silence.wait()
    relay.heal()
    gate.write_text("")
    result = project.finish(process)
    assert result.code == 0, result.log()
    assert changes(result, "one") == ["up"] and (project.home / "t1.log").read_text() == "begun\n"


# ---- another host, as far as its network goes ----

def ip(*words):
    return subprocess.run(["ip", *words], capture_output=True, text=True, timeout=20)


@pytest.fixture
def far_server(tmp_path_factory):
    """A server in a network namespace, behind a pair of virtual cards; `card` is this side's."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces want root")
    if not shutil.which("ip") or not sshd.program():
        pytest.skip("iproute2 or openssh-server is not installed: ./dev setup test")
    name, card = f"tanda{os.getpid()}", f"tnd{os.getpid()}"
    here, there = f"10.{200 + os.getpid() % 50}.77.1", f"10.{200 + os.getpid() % 50}.77.2"
    made = ip("netns", "add", name)
    if made.returncode:
        pytest.skip(f"no network namespace can be made here: {made.stderr.strip()}")
    far = None
    try:
        for words in (["link", "add", card, "type", "veth", "peer", "name", "far0", "netns", name],
                      ["addr", "add", f"{here}/30", "dev", card], ["link", "set", card, "up"],
                      ["-n", name, "addr", "add", f"{there}/30", "dev", "far0"],
                      ["-n", name, "link", "set", "far0", "up"], ["-n", name, "link", "set", "lo", "up"]):
            done = ip(*words)
            if done.returncode:
                pytest.skip(f"no virtual network here: ip {' '.join(words)}: {done.stderr.strip()}")
        far = sshd.Sshd(tmp_path_factory.mktemp("far") / "s", address=there, before=["ip", "netns", "exec", name])
        far.card = card
        why = far.try_login()
        if why:
            pytest.skip(why)
        yield far
    finally:
        ip("link", "set", card, "up")
        if far:
            far.stop()
        ip("link", "del", card)
        ip("netns", "del", name)


def test_a_card_that_goes_down_is_a_loss_and_its_return_is_used(project, far_server):
    log = hold_on_one(project, node(project, far_server))
    process = start(project, far_server)
    wait_until(lambda: log.exists() and "on one" in log.read_text(), "t1 runs on one", 40)
    ip("link", "set", far_server.card, "down")
    assert_moved_once(project.finish(process), log)
    ip("link", "set", far_server.card, "up")
    result = run(project, far_server)
    assert result.code == 0, result.log()


# ---- kubectl exec, docker exec ----

KUBECTL = """#!/bin/sh
# kubectl exec -i POD [-c CONTAINER] -- COMMAND...: when its connection is lost it may well exit 0.
[ "$1" = exec ] && [ "$2" = -i ] || { echo "error: unknown command" >&2; exit 1; }
[ "$3" = shop-0 ] || { echo "Error from server (NotFound): pods \\"$3\\" not found" >&2; exit 1; }
while [ "$1" != -- ]; do shift; done
shift
exec 3<&0
setsid "$@" <&3 3<&- &
child=$!
echo $$ >>"$KUBE_DIR/clients"
trap 'exit 0' USR1
wait $child
"""


def kubectl(project, pod="shop-0", **keys):
    project.orphans_allowed = True
    project.write("kubectl", KUBECTL, 0o755)
    return {"exec": ["env", f"KUBE_DIR={project.home}", str(project.folder / "kubectl"), "exec", "-i", pod, "-c", "main", "--"],
            "remote_root": str(root_of(project)), "workspace": "shared", **keys}


def test_a_lost_kubectl_that_exits_0_is_no_result(project):
    gate, log = project.home / "gate", project.home / "t1.log"
    project.scripts(t1=f'echo begun >>{log}; until [ -e {gate} ]; do sleep 0.05; done; exit 3')
    project.config(nodes={"pod": kubectl(project)})
    process = project.popen("run")
    wait_until(lambda: log.exists(), "t1 runs")
    for pid in (project.home / "clients").read_text().split():
        try:
            os.kill(int(pid), signal.SIGUSR1)
        except ProcessLookupError:
            pass
    wait_until(lambda: sum('"batch_ended"' in line for line in journal_lines(project)) == 1, "the batch is lost", 40)
    gate.write_text("")
    result = project.finish(process)
    assert result.code == 1, result.log()
    assert result.verdicts() == {"tests/a/t1.sh": "failed"}
    assert [event["ending"] for event in result.journal() if event["kind"] == "batch_ended"] == ["lost", "result"]


def test_a_pod_that_is_not_there_is_left_out_at_once(project):
    project.scripts(t1="exit 0")
    project.config(nodes={"pod": kubectl(project, "gone-0")})
    result = project.tanda("run")
    assert result.code == 3, result.log()
    assert "there is no such pod: correct its name" in result.err and changes(result, "pod") == ["unreachable", "left_out"]
