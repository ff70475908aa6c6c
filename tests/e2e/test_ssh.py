"""Nodes behind a real OpenSSH server: its keys, its limits, its noise, and its end in the middle of a run."""

import shutil
import signal
import subprocess
import uuid

import pytest

import invariants
import sshd
from conftest import wait_until
from relay import Relay
from test_nodes import changes, journal_lines, where


@pytest.fixture
def make_server(tmp_path_factory):
    if not sshd.program() or not shutil.which("ssh-keygen"):
        pytest.skip("openssh-server is not installed: ./dev setup test")
    made = []

    def make(*options, **keys):
        server = sshd.Sshd(tmp_path_factory.mktemp("sshd") / "s", *options, **keys)
        made.append(server)
        return server

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def server(make_server):
    made = make_server()
    why = made.try_login()
    if why:
        pytest.skip(why)
    return made


def root_of(project):
    return project.folder.parent / f"{project.folder.name}-nodes"


def node(project, server, **keys):
    project.orphans_allowed = True  # what waits for a node's shells is the node's own init
    return {"ssh": server.address, "port": server.port, "remote_root": str(root_of(project)), "workspace": "shared", **keys}


def runtime_folder(project):
    folder = project.home / "run"
    folder.mkdir(exist_ok=True)
    return folder


def environment(project, server, **more):
    """What tanda is started with: its ssh, and a folder for its sockets that nobody else uses."""
    return {"PATH": server.path(), "XDG_RUNTIME_DIR": str(runtime_folder(project)), **more}


def run(project, server, *args, **more):
    return project.tanda("run", *args, env=environment(project, server, **more))


def start(project, server, *args, **more):
    return project.popen("run", *args, env=environment(project, server, **more))


def test_a_kept_workspace_is_brought_through_the_shared_connection(project, server):
    if not shutil.which("rsync"):
        pytest.skip("rsync is not installed: ./dev setup test")
    log = project.home / "rsyncs"
    tools = project.home / "tools"
    tools.mkdir()
    (tools / "rsync").write_text(f'#!/bin/sh\necho "$*" >>{log}\nexec {shutil.which("rsync")} "$@"\n')
    (tools / "rsync").chmod(0o755)
    project.scripts(t1='cksum <"it\'s data"')
    project.write("it's data", "first\n" * 1000)
    project.write("other", "same\n")
    project.config(nodes={"one": {**node(project, server), "workspace": "sync", "keep": True, "remote_root": f"{root_of(project)}/a b"}})
    sent = []
    for text in ("first\n" * 1000, "first\n" * 999 + "other\n", "first\n" * 999 + "other\n"):
        project.write("it's data", text)
        result = run(project, server, "--output", "all", PATH=f"{tools}:{server.path()}")
        known = subprocess.run(["cksum"], input=text, capture_output=True, text=True, check=True).stdout
        assert result.code == 0 and known in result.out + result.err, result.log()
        sent += [event.get("sent_bytes", 0) for event in result.journal() if event["kind"] == "node_changed"]
    assert sent[0] > 6000 and sent[1:] == [6000, 0]
    assert "--files-from" in log.read_text()  # the server itself has another PATH
    wait_until(lambda: server.servers() == [server.process.pid], "the server has no connection left")


def test_a_silent_cut_while_the_project_is_sent_is_noticed_and_made_good(project, make_server):
    """The node goes on with what it has; whoever comes back waits for that, and sends the rest."""
    tools = project.home / "tools"
    tools.mkdir()
    (tools / "tar").write_text(f'#!/bin/sh\ncase $1 in -x*) mkdir {project.home}/begun 2>/dev/null;; *) false;; esac && '
                               f'until [ -e {project.home}/go ]; do sleep 0.05; done\nexec {shutil.which("tar")} "$@"\n')
    (tools / "tar").chmod(0o755)
    server = make_server(f"SetEnv PATH={tools}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
    if server.try_login():
        pytest.skip(server.try_login())
    project.scripts(t1='[ "$(cat data/* | cksum)" = "$(cat wanted)" ]')
    for number in range(60):
        project.write(f"data/{number:02}", f"{number}\n" * 20000)
    text = "".join(f"{number}\n" * 20000 for number in range(60))
    project.write("wanted", subprocess.run(["cksum"], input=text, capture_output=True, text=True, check=True).stdout)
    relay = Relay(server.address, server.port)
    try:
        project.config(nodes={"one": {**node(project, server), "port": relay.port, "workspace": "sync", "keep": True}})
        process = start(project, server)
        wait_until(lambda: (project.home / "begun").exists() or process.poll() is not None, "the archive arrives")
        relay.cut()
        wait_until(lambda: any('"unreachable"' in line for line in journal_lines(project)), "the cut is noticed", 40)
        relay.heal()
        (project.home / "go").touch()
        result = project.finish(process)
    finally:
        relay.stop()
    assert result.code == 0, result.log()
    assert changes(result, "one")[0] == "unreachable" and changes(result, "one")[-1] == "up"


def mends(line):
    return any(word in line for word in ("ssh-keyscan", "ssh-keygen -R", "ssh-copy-id", "connect once by hand"))


def test_tests_run_behind_a_real_server_and_nothing_stays(project, server):
    project.scripts(**{f"t{i}": 'echo "on $TANDA_NODE, $OWN"' for i in range(12)})
    project.config(nodes={"one": node(project, server, executors=3, env={"OWN": "a 'b' $c"})})
    result = run(project, server, "--output", "all")
    assert result.code == 0, result.log()
    assert "on one, a 'b' $c\n" in result.out + result.err
    assert set(where(result).values()) == {"one"}
    assert not list(runtime_folder(project).iterdir())
    assert not [line for line in invariants.processes_with(f"TANDA_E2E={project.mark}")]
    wait_until(lambda: not list(root_of(project).iterdir()), "the node has cleared away")
    wait_until(lambda: server.servers() == [server.process.pid], "the server has no connection left")


@pytest.mark.parametrize("known, words", [
    (None, ["its host key is not known here", "ssh-keyscan"]),
    ("other_key", ["its host key is not the one in known_hosts", "ssh-keygen -R"]),
])
def test_a_host_key_that_nobody_vouches_for_is_refused_at_once(project, server, known, words):
    server.trust(known)
    project.scripts(t1="exit 0")
    project.config(nodes={"one": node(project, server)})
    result = run(project, server)
    assert result.code == 3, result.log()
    line = next(line for line in result.err.splitlines() if "node one is left out" in line)
    assert all(word in line for word in words) and mends(line)
    assert changes(result, "one") == ["unreachable", "left_out"]


def test_a_login_that_is_refused_asks_nobody(project, server):
    server.log_in_with("other_key")
    project.scripts(t1="exit 0")
    project.config(nodes={"one": node(project, server)})
    result = run(project, server)  # it would wait for ever if it asked
    assert result.code == 3, result.log()
    assert "the login was refused: ssh-copy-id" in result.summary()["exit"]["reason"]
    assert changes(result, "one") == ["unreachable", "left_out"]


@pytest.mark.parametrize("host", ["-oProxyCommand=touch planted", "-l", "-"])
def test_a_host_that_begins_with_a_dash_never_reaches_ssh(project, server, host):
    project.scripts(t1="exit 0")
    project.config(nodes={"one": {**node(project, server), "ssh": host}})
    result = run(project, server)
    assert result.code == 2 and '"ssh": expected USER@HOST' in result.err, result.log()
    assert not (project.folder / "planted").exists()


def test_a_folder_for_sockets_whose_name_is_too_long_is_not_used(project, server):
    folder = project.home / ("d" * 120)
    folder.mkdir()
    project.scripts(t1="exit 0")
    project.config(nodes={"one": node(project, server)})
    result = run(project, server, XDG_RUNTIME_DIR=str(folder))
    assert result.code == 0, result.log()
    assert changes(result, "one") == ["up"] and not list(folder.iterdir())


@pytest.mark.parametrize("option", ["MaxSessions 2", "MaxSessions 1", "MaxStartups 2:50:4"])
def test_a_server_with_tight_limits_serves_all_executors(project, make_server, option):
    server = make_server(option)
    if server.try_login():
        pytest.skip(server.try_login())
    project.scripts(**{f"t{i:02}": "sleep 0.3" for i in range(24)})
    project.config(nodes={"one": node(project, server, executors=12)})
    result = run(project, server)
    assert result.code == 0, result.log()
    assert result.summary()["verdicts"]["passed"] == 24
    assert changes(result, "one") == ["up"]


def test_what_a_login_prints_is_no_output_of_a_test(project, make_server, tmp_path):
    banner = tmp_path / "banner"
    banner.write_text("Welcome to the node\n" * 40)
    noise = tmp_path / "noise"
    noise.write_text('#!/bin/sh\necho "motd: two updates"; printf "no newline: \\001TANDA-"; echo careful >&2\n'
                     'eval "$SSH_ORIGINAL_COMMAND"\n')
    noise.chmod(0o755)
    server = make_server(f"Banner {banner}", f"ForceCommand {noise}")
    if server.try_login():
        pytest.skip(server.try_login())
    project.scripts(t1="echo mine; exit 0", t2="echo mine; exit 3")
    project.config(nodes={"one": node(project, server)})
    result = run(project, server, "--output", "all")
    assert result.code == 1, result.log()
    assert result.verdicts() == {"tests/a/t1.sh": "passed", "tests/a/t2.sh": "failed"}
    for word in ("motd", "Welcome", "careful"):
        assert word not in result.out + result.err


def test_exit_255_of_a_test_is_its_own(project, server):
    project.scripts(t1="exit 255", t2="exit 0", t3="kill -KILL $$")
    project.config(nodes={"one": node(project, server)}, second_chance=False)
    result = run(project, server)
    assert result.code in (1, 3), result.log()
    assert result.verdicts()["tests/a/t2.sh"] == "passed"
    assert result.verdicts()["tests/a/t1.sh"] == "failed"
    assert changes(result, "one") == ["up"]
    endings = [event["ending"] for event in result.journal() if event["kind"] == "batch_ended"]
    assert "lost" not in endings


def test_what_a_node_is_told_is_on_no_command_line_and_on_no_disk(project, server):
    secret, plain = "tk" + uuid.uuid4().hex, "pl" + uuid.uuid4().hex
    project.scripts(t1=f'echo "the token is $API_TOKEN"; test "$OWN" = {plain} && echo "own is there"\n'
                       f'touch {project.home}/runs; until [ -e {project.home}/seen ]; do sleep 0.05; done; exit 4')
    project.config(nodes={"one": node(project, server, env={"OWN": plain, "API_TOKEN": "$API_TOKEN"})},
                   secrets=["API_TOKEN"])
    process = start(project, server, "--output", "all", API_TOKEN=secret)
    try:
        wait_until(lambda: (project.home / "runs").exists(), "the test runs")
        commands = [command for _, _, _, command, _ in invariants.all_processes()]
        assert len(commands) > 3 and not [command for command in commands if secret in command or plain in command]
        for path in root_of(project).rglob("*"):
            if path.is_file():
                assert secret.encode() not in path.read_bytes(), path
    finally:
        (project.home / "seen").write_text("")
    result = project.finish(process)
    assert result.code == 1, result.log()
    said = result.out + result.err
    assert "the token is " in said and "own is there" in said
    for path in (project.folder / "tanda-out").rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path
    assert secret not in said


# ---- loss and return ----

def running_on(project, count=1):
    return lambda: sum('"batch_running"' in line for line in journal_lines(project)) >= count


def test_a_server_that_is_killed_gives_its_tests_back_and_returns(project, server):
    gate = project.home / "gate"
    project.scripts(t1=f'echo "$TANDA_NODE" >>{project.home}/t1.log; until [ -e {gate} ]; do sleep 0.05; done')
    project.config(nodes={"one": node(project, server)})
    process = start(project, server)
    wait_until(running_on(project), "t1 runs on one")
    server.stop()
    wait_until(lambda: any('"lost"' in line for line in journal_lines(project)), "the loss is noticed", 40)
    gate.write_text("")
    server.start()
    result = project.finish(process)
    assert result.code == 0, result.log()
    assert result.verdicts() == {"tests/a/t1.sh": "passed"}
    told = changes(result, "one")
    assert told[0] == "up" and told[1] == "lost" and told[-1] == "up"
    assert (project.home / "t1.log").read_text() == "one\none\n"


def test_a_frozen_server_is_lost_and_nothing_runs_twice_at_a_time(project, server):
    log, lock = project.home / "t1.log", project.home / "t1.lock"
    project.scripts(t1=f'flock -n {lock} sh -c \'echo "on $TANDA_NODE" >>{log}; [ "$TANDA_NODE" = local ] || sleep 120\' || exit 9')
    project.config(nodes={"local": {"executors": 1, "labels": ["late"]}, "one": node(project, server)},
                   areas={"a": {"labels": "one || late"}, "b": {"labels": "late"}})
    # This machine has something else to do until the other has the test: the larger file comes first.
    project.write("tests/b/t0.sh", f"until grep -q 'on one' {log}; do sleep 0.05; done\n" + "# long\n" * 100, 0o755)
    process = start(project, server)
    wait_until(lambda: log.exists() and "on one" in log.read_text(), "t1 runs on one", 40)
    server.signal(signal.SIGSTOP)
    try:
        result = project.finish(process)
    finally:
        server.signal(signal.SIGCONT)
    assert result.code == 0, result.log()
    assert result.verdicts()["tests/a/t1.sh"] == "passed"
    assert log.read_text() == "on one\non local\n"
    assert changes(result, "one")[:2] == ["up", "lost"]
    assert "nothing has been heard from it" in result.err


def test_without_any_node_left_every_test_has_its_verdict(project, server):
    project.scripts(**{f"t{i}": "sleep 60" for i in range(5)})
    project.config(nodes={"one": node(project, server, executors=2, launch_retries=1)})
    process = start(project, server)
    wait_until(running_on(project, 2), "two tests run")
    server.stop()
    result = project.finish(process)
    assert result.code == 3, result.log()
    verdicts = result.summary()["verdicts"]
    assert sum(verdicts.values()) == 5 and verdicts["passed"] == 0
    assert verdicts["lost"] + verdicts["not_run"] == 5
    assert changes(result, "one")[0] == "up" and changes(result, "one")[-1] == "left_out"
