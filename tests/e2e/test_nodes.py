"""Several nodes in one run. A node is reached through `hop`, which leaves its process id in a file, so that
a test can cut the connection."""

import glob
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from conftest import wait_until

HOP = '#!/bin/sh\necho $$ >>"$HOP_DIR/hops-$1"\nshift\nexec "$@"\n'


def node(project, name, **keys):
    project.orphans_allowed = True  # what waits for the shells of a node is the node's own init
    if not (project.folder / "hop").exists():
        project.write("hop", HOP, 0o755)
    root = project.folder.parent / f"{project.folder.name}-nodes" / name
    return {"exec": ["env", f"HOP_DIR={project.home}", str(project.folder / "hop"), name],
            "remote_root": str(root), "workspace": "shared", **keys}


def hops(project, name):
    path = project.home / f"hops-{name}"
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []


def cut(project, name):
    for pid in hops(project, name):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def where(result):
    """The node of each test's last batch."""
    nodes = {event["worker"]: event["node"] for event in result.journal() if event["kind"] == "worker_planned"}
    ids = {event["test"]: event["id"] for event in result.journal() if event["kind"] == "test_planned"}
    return {ids[test]: nodes[event["worker"]] for event in result.journal() if event["kind"] == "batch_started"
            for test in event["tests"]}


def journal_lines(project):
    path = project.folder / "tanda-out" / "journal.ndjson"
    return path.read_text().splitlines() if path.exists() else []


def changes(result, name):
    return [event["change"] for event in result.journal() if event["kind"] == "node_changed" and event["node"] == name]


def test_all_nodes_work_on_one_queue(project):
    project.scripts(**{f"t{i}": 'sleep 0.2; echo "on $TANDA_NODE as $TANDA_WORKER of $TANDA_WORKERS, $OWN"' for i in range(9)})
    project.config(nodes={"local": 1, "one": node(project, "one", executors=2, env={"OWN": "first"}),
                          "two": node(project, "two")})
    result = project.tanda("run", "--output", "all")
    assert result.code == 0, result.log()
    assert set(where(result).values()) == {"local", "one", "two"}
    assert [worker["node"] for worker in result.summary()["workers"]] == ["local", "one", "one", "two"]
    assert changes(result, "one") == changes(result, "two") == ["up"]
    for worker, name, own in ((1, "one", "first"), (3, "two", "")):
        assert f"on {name} as {worker} of 4, {own}\n" in result.out + result.err


def test_what_a_node_writes_comes_back(project):
    project.write("tests/a/test_it.py", "import pathlib\n\ndef test_good(tmp_path):\n    pathlib.Path('shot.png').write_text('x')\n\n"
                                        "def test_bad():\n    assert 1 == 2\n")
    project.config(suites={"py": {"framework": "pytest", "files": "tests/{area}/test_*.py", "collect": ["*.png"]}},
                   nodes={"one": node(project, "one")})
    result = project.tanda("run")
    assert result.code == 1, result.log()
    assert {case.get("name") for case in result.junit().iter("testcase")} == {"test_good", "test_bad"}
    assert result.summary()["cases"] == {"passed": 1, "failed": 1, "error": 0, "skipped": 0}
    assert (project.folder / "tanda-out" / "collected" / "00000" / "shot.png").read_text() == "x"
    assert set(where(result).values()) == {"one"}


def test_how_busy_each_node_is_is_recorded(project):
    project.scripts(**{f"t{i}": f"until [ -e {project.home}/seen ]; do sleep 0.05; done" for i in range(3)})
    project.config(nodes={"local": 1, "one": node(project, "one"), "two": node(project, "two")})

    def sampled():
        events = [json.loads(line) for line in journal_lines(project)]
        return {event["node"] for event in events if event["kind"] == "node_sampled" and event["running"] == 1}

    process = project.popen("run")
    wait_until(lambda: sampled() == {"local", "one", "two"}, "each node told how busy it is")
    (project.home / "seen").write_text("")
    result = project.finish(process)
    assert result.code == 0, result.log()
    samples = [event for event in result.journal() if event["kind"] == "node_sampled"]
    assert all(event["cpus"] == len(os.sched_getaffinity(0)) for event in samples if event["node"] != "local")


def test_a_node_that_cannot_be_reached_is_left_out(project):
    project.scripts(t1="exit 0", t2="exit 0", t3="exit 0")
    project.config(nodes={"local": 1, "gone": {"exec": ["false"], "workspace": "shared", "launch_retries": 0}})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert "node gone is left out: " in result.err
    assert changes(result, "gone") == ["unreachable", "left_out"]
    assert set(where(result).values()) == {"local"}


def test_without_any_node_nothing_ran_and_it_says_why(project):
    project.scripts(t1="exit 0", t2="exit 0")
    project.config(nodes={"gone": {"exec": ["false"], "workspace": "shared", "launch_retries": 1}})
    result = project.tanda("run")
    assert result.code == 3, result.log()
    assert result.summary()["verdicts"]["not_run"] == 2
    assert "no worker could be kept running; node gone: " in result.summary()["exit"]["reason"]
    assert changes(result, "gone") == ["unreachable", "unreachable", "left_out"]


def test_a_cut_node_gives_its_test_back_and_nothing_runs_twice_at_a_time(project):
    project.scripts(t1='flock -n "$LOCKS/t1" sh -c "echo on $TANDA_NODE >>$LOCKS/t1.log; sleep 1.5" || exit 9')
    locks = project.home / "locks"
    locks.mkdir()
    keys = {"executors": 1, "env": {"LOCKS": str(locks)}}
    project.config(nodes={"local": {**keys, "labels": ["late"]}, "one": node(project, "one", **keys)},
                   areas={"a": {"labels": "one || late"}, "b": {"labels": "late"}})
    # This machine has something else to do until the other has the test.
    project.write("tests/b/t0.sh", f"until grep -q 'on one' {locks}/t1.log; do sleep 0.05; done\n", 0o755)
    process = project.popen("run")
    wait_until(lambda: (locks / "t1.log").exists() and "on one" in (locks / "t1.log").read_text(), "t1 runs on one")
    cut(project, "one")
    result = project.finish(process)
    assert result.code == 0, result.log()
    assert (locks / "t1.log").read_text().startswith("on one\n")
    assert result.verdicts()["tests/a/t1.sh"] == "passed"
    assert "TRY 1 LOST" in result.err


def test_an_offline_node_is_not_used_and_its_reason_is_said(project):
    project.scripts(t1="exit 0")
    project.config(nodes={"local": 1, "one": node(project, "one", offline="TIE-7: disk")})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert "node one is not used, as it is offline: TIE-7: disk" in result.err
    assert not hops(project, "one")


@pytest.mark.parametrize("keys, message", [
    ({"ssh": "-oProxyCommand=touch p"}, '"ssh": expected USER@HOST'),
    ({"ssh": "a;touch${IFS}p"}, '"ssh": expected USER@HOST'),
    ({"ssh": "h", "user": "$(touch p)"}, '"user": expected a user'),
])
def test_a_host_that_is_no_host_starts_nothing(project, keys, message):
    project.scripts(t1="exit 0")
    project.config(nodes={"bad": keys})
    result = project.tanda("run")
    assert result.code == 2 and message in result.err, result.log()
    assert not (project.folder / "p").exists()


def test_how_fast_a_node_is_and_what_its_starts_cost_is_learned(project):
    project.scripts(**{f"t{i}": "case $TANDA_NODE in slow) sleep 0.24 ;; *) sleep 0.08 ;; esac" for i in range(8)})
    for only in ("quick", "slow", None):
        project.config(nodes={name: node(project, name, **({"offline": "not now"} if only not in (name, None) else {}))
                              for name in ("quick", "slow")})
        if only:
            assert project.tanda("run").code == 0
    result = project.tanda("plan", "--json")
    plan = json.loads(result.out)
    tests = {shard["node"]: sum(len(batch["tests"]) for batch in shard["batches"]) for shard in plan["shards"]}
    assert sum(tests.values()) == 8 and tests["quick"] >= 2 * tests["slow"], result.log()


def test_when_a_node_is_there_is_learned(project):
    is_there = """grep -q '"node":"late","change":"up"' tanda-out/journal.ndjson"""
    project.scripts(**{f"t{i}": f"until {is_there}; do sleep 0.05; done" for i in range(4)})
    project.write("late", f"#!/bin/sh\nsleep 1\nexec {project.folder}/hop \"$@\"\n", 0o755)
    late = node(project, "late")
    late["exec"] = ["env", f"HOP_DIR={project.home}", str(project.folder / "late"), "late"]
    project.config(nodes={"late": late, "local": 1})
    assert project.tanda("run").code == 0
    result = project.tanda("plan", "--json")
    begins = {shard["node"]: shard.get("begins_s", 0) for shard in json.loads(result.out)["shards"]}
    assert begins["local"] == 0 and begins["late"] >= 1, result.log()
    assert "late is there after " in project.tanda("plan").out


def test_a_signal_ends_what_runs_on_nodes(project):
    project.scripts(**{f"t{i}": "echo begun; sleep 60" for i in range(4)})
    project.config(nodes={"local": 1, "one": node(project, "one", executors=2)})
    process = project.popen("run")
    wait_until(lambda: sum('"batch_running"' in line for line in journal_lines(project)) == 3, "all workers run a test")
    process.send_signal(signal.SIGTERM)
    result = project.finish(process)
    assert result.code == -signal.SIGTERM, result.log()
    assert result.summary()["verdicts"]["not_run"] == 4
    assert {event["ending"] for event in result.journal() if event["kind"] == "batch_ended"} == {"cancelled"}


def test_a_login_that_the_environment_does_not_hold_is_asked_for(project):
    project.scripts(t1="exit 0")
    project.config(nodes={"farm": {"jenkins": {"url": "https://ci.invalid", "job": "a/b", "user": "$FARM_USER",
                                               "token": "$FARM_TOKEN"}}})
    for env, missing in (({}, "FARM_USER"), ({"FARM_USER": "ci"}, "FARM_TOKEN")):
        result = project.tanda("run", env=env)
        assert result.code == 2, result.log()
        assert f'node "farm": the variable is not set\n     --> ${missing}\n' in result.err


@pytest.mark.parametrize("key,value", [("workspace", "shared"), ("remote_root", "/srv"), ("keep", True)])
def test_a_build_has_the_workspace_of_its_job(project, key, value):
    project.scripts(t1="exit 0")
    project.config(nodes={"farm": {"jenkins": {"url": "https://ci.invalid", "job": "a/b", "user": "$U", "token": "$T"}, key: value}})
    result = project.tanda("run")
    assert result.code == 2 and f'"{key}" belongs to "ssh" and "exec"' in result.err, result.log()


def of_busybox(project):
    """A PATH that has nothing but busybox."""
    if not shutil.which("busybox"):
        pytest.skip("busybox is not installed: ./dev setup test")
    tools = project.home / "busybox"
    tools.mkdir()
    for program in subprocess.run(["busybox", "--list"], capture_output=True, text=True, check=True).stdout.split():
        (tools / program).symlink_to(shutil.which("busybox"))
    if not (tools / "cksum").exists():  # Debian's has none
        (tools / "cksum").symlink_to(shutil.which("cksum"))
    return str(tools)


def test_what_a_test_leaves_is_found_where_grep_stops_at_a_zero_byte(project):
    project.scripts(leaves="setsid sleep 3009 >/dev/null 2>&1 &")
    keys = node(project, "one")
    project.config(nodes={"one": {**keys, "exec": ["env", f"PATH={of_busybox(project)}", *keys["exec"][1:]]}})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert [event["leaked"].split()[1] for event in result.journal() if "leaked" in event] == ["sleep"]


NUMBERED = """#!/bin/sh
# A node whose process ids have come to 20000.
exec unshare -rpf --mount-proc --kill-child sh -c 'echo 20000 >/proc/sys/kernel/ns_last_pid && exec "$@"' numbered "$@"
"""


def test_what_a_test_leaves_is_found_though_process_ids_begin_anew(project):
    probe = "echo 20000 >/proc/sys/kernel/ns_last_pid"
    if subprocess.run(["unshare", "-rpf", "--mount-proc", "sh", "-c", probe], capture_output=True, check=False).returncode:
        pytest.skip("no process numbers of one's own here")
    project.write("numbered", NUMBERED, 0o755)
    project.scripts(leaves="echo 500 >/proc/sys/kernel/ns_last_pid\n"
                           "setsid sh -c 'echo $$ >number; exec sleep 3005' >/dev/null 2>&1 &\nwhile ! [ -s number ]; do sleep 0.05; done")
    project.config(nodes={"one": {**node(project, "one"), "exec": [str(project.folder / "numbered")]}})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    number = int((project.folder / "number").read_text())
    assert number < 1000
    assert [event["leaked"] for event in result.journal() if "leaked" in event] == [f"{number} sleep"]


# --- a workspace that is shared ---

APART = """#!/bin/sh
# The node's view of the project is another folder: what a mount that is missing, or old, looks like.
exec unshare -rm sh -c 'mount --bind "$0" "$1" && shift 1 && exec "$@"' "$@"
"""


def apart(project, view):
    """A node that sees `view` where the project is."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine has no namespaces for users")
    project.orphans_allowed = True
    path = project.folder.parent / f"{project.folder.name}-apart"
    path.write_text(APART)
    path.chmod(0o755)
    return {"exec": [str(path), str(view), str(project.folder)], "workspace": "shared", "executors": 1,
            "remote_root": str(project.folder.parent / f"{project.folder.name}-root"), "launch_retries": 2}


@pytest.mark.parametrize("is_alone", [False, True])
def test_a_copy_of_the_project_is_not_taken_for_it(project, is_alone):
    """An old copy would be green with yesterday's tests."""
    judged = "while ! grep -q left_out tanda-out/journal.ndjson; do sleep 0.1; done; "
    project.scripts(one=judged + "exit 1", two="exit 0", three="exit 0")
    copy = project.folder.parent / f"{project.folder.name}-copy"
    (copy / "tests" / "a").mkdir(parents=True)
    for name in ("one", "two", "three"):
        (copy / "tests" / "a" / f"{name}.sh").write_text("exit 0\n")
    project.config(nodes={"old": apart(project, copy), **({} if is_alone else {"local": 1})})
    result = project.tanda("run")
    assert "node old is left out" in result.err and "is not the one here" in result.err, result.log()
    if is_alone:
        assert result.code == 3 and set(result.verdicts().values()) == {"not_run"}
    else:
        assert result.code == 1 and result.verdicts()["tests/a/one.sh"] == "failed"
        assert set(where(result).values()) == {"local"}
    assert not list(project.folder.glob(".tanda/here-*"))


def test_a_copy_is_not_taken_for_the_project_where_nothing_can_be_put_into_it(project):
    project.scripts(one="exit 1")
    copy = project.folder.parent / f"{project.folder.name}-copy"
    (copy / "tests" / "a").mkdir(parents=True)
    (copy / "tests" / "a" / "one.sh").write_text("exit 0\n")
    project.write(".tanda", "no folder\n")
    project.config(nodes={"old": apart(project, copy)})
    result = project.tanda("run")
    assert result.code == 3 and "no file can be made in .tanda here" in result.err, result.log()
    assert changes(result, "old") == ["unreachable", "left_out"]


def test_a_project_that_is_not_there_is_told_before_anything_runs(project):
    project.scripts(one="while ! grep -q left_out tanda-out/journal.ndjson; do sleep 0.1; done")
    empty = project.folder.parent / f"{project.folder.name}-empty"
    empty.mkdir()
    gone = apart(project, empty)
    gone["exec"] = [gone["exec"][0], str(empty), str(project.folder.parent)]
    project.config(nodes={"gone": gone, "local": 1})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert f"there is no folder {project.folder}" in result.err
    assert not [event for event in result.journal() if event["kind"] == "batch_ended" and event["ending"] != "result"]


def test_the_same_folder_is_seen_to_be_the_same(project):
    project.scripts(one="exit 0", two="exit 0")
    project.config(nodes={"box": node(project, "box")})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert changes(result, "box") == ["up"]
    assert not list(project.folder.glob(".tanda/here-*"))


# --- secrets on the way ---

def command_lines_with(word):
    """Processes whose command line holds the word: anybody on the machine could read it there."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                line = file.read()
        except OSError:
            continue
        if word.encode() in line:
            found.append(line)
    return found


def test_secrets_reach_tests_on_other_nodes_by_no_command_line_and_no_disk(project):
    secret = "s3cret-" + "of-the-shop-4711"
    project.scripts(one='[ "$SHOP_TOKEN" = "s3cret-of-the-$WHAT-4711" ] && touch begun && while [ ! -e seen ]; do sleep 0.05; done; '
                        'echo "it is $SHOP_TOKEN"')
    box = node(project, "box", env={"WHAT": "shop"})
    project.config(nodes={"box": box}, secrets=["*_TOKEN"],
                   hooks={"worker": {"before": ["sh", "-c", 'echo "hook $SHOP_TOKEN" | grep -c 4711']}})
    process = project.popen("run", env={"SHOP_TOKEN": secret})
    wait_until(lambda: (project.folder / "begun").exists() or process.poll() is not None, "the test runs")
    assert process.poll() is None, project.finish(process).log()
    assert not command_lines_with(secret)
    on_disk = [path for path in Path(box["remote_root"]).rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert not on_disk
    project.write("seen", "")
    result = project.finish(process)
    assert result.code == 0, result.log()
    out = project.folder / "tanda-out"
    assert not [path for path in out.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert "it is " in "".join(path.read_text() for path in (out / "logs").iterdir())
    assert [path.read_text() for path in (out / "logs").glob("hook-worker-*-before.log")] == ["1\n"], "a hook has it, too"


# --- the project brought there ---

def away(project, name, **keys):
    """A node that has nothing of the project: it is brought there."""
    made = node(project, name, **keys)
    del made["workspace"]
    return made


def in_repository(project):
    for argv in (["git", "init", "-q"], ["git", "config", "user.email", "a@b"], ["git", "config", "user.name", "a"]):
        subprocess.run(argv, cwd=project.folder, check=True)


def remains(box):
    """Folders that a run has left on the node."""
    root = Path(box["remote_root"])
    return sorted(path.name for path in root.iterdir()) if root.exists() else []


NAMES = ["two words", "it's", "-rf", "new\nline", "ümlaut", 'quo"te', "$HOME", "a\\b", "*", "Icon\r"]


@pytest.mark.parametrize("has_git", [True, False])
def test_the_project_is_brought_to_a_node(project, has_git):
    project.scripts(one='pwd; cat "data/two words"; [ -x bin/tool ] && [ "$(readlink link)" = data ] && '
                        '[ "$(ls data | wc -l)" -ge 9 ] && [ ! -e .git ] && [ ! -e tanda-out ]')
    for name in NAMES:
        project.write(f"data/{name}", f"content of {name}\n")
    project.write("bin/tool", "#!/bin/sh\n", 0o755)
    os.symlink("data", project.folder / "link")
    if has_git:
        in_repository(project)
        project.write(".gitignore", "ignored\n")
        project.write("ignored", "x")
        project.write("gone", "x")
        subprocess.run(["git", "add", "-A"], cwd=project.folder, check=True)
        subprocess.run(["git", "commit", "-qm", "x"], cwd=project.folder, check=True)
        (project.folder / "gone").unlink()
        project.write("untracked", "new")
        project.write("tests/a/two.sh", "[ ! -e ignored ] && [ ! -e gone ] && [ -e untracked ]\n")
    box = away(project, "box")
    project.config(nodes={"box": box})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    log = "".join(path.read_text() for path in (project.folder / "tanda-out" / "logs").iterdir())
    assert "content of two words" in log
    assert f"{box['remote_root']}/tanda-work-" in log and str(project.folder) + "\n" not in log
    up = next(event for event in result.journal() if event["kind"] == "node_changed" and event["change"] == "up")
    assert up["sent_bytes"] > 0
    wait_until(lambda: not remains(box), "nothing is left there")


def test_an_empty_folder_is_brought_without_git(project):
    project.scripts(one="[ -d empty/deep ]")
    (project.folder / "empty" / "deep").mkdir(parents=True)
    project.config(nodes={"box": away(project, "box")})
    result = project.tanda("run")
    assert result.code == 0, result.log()


def test_submodules_are_brought(project):
    project.scripts(one='[ "$(cat sub/inner)" = inner ] && [ "$(cat untracked)" = new ] && [ ! -e sub/.git ]')
    other = project.folder.parent / f"{project.folder.name}-other"
    other.mkdir()
    (other / "inner").write_text("inner\n")
    who = ["-c", "user.email=a@b", "-c", "user.name=a", "-c", "protocol.file.allow=always"]
    in_repository(project)
    for folder, argv in ((other, ["init", "-q"]), (other, ["add", "-A"]), (other, ["commit", "-qm", "x"]),
                         (project.folder, ["submodule", "--quiet", "add", str(other), "sub"])):
        subprocess.run(["git", *who, *argv], cwd=folder, check=True)
    project.write("untracked", "new\n")
    project.config(nodes={"box": away(project, "box")})
    result = project.tanda("run")
    assert result.code == 0, result.log()


def test_what_is_ignored_stays_here_when_git_fails(project):
    project.scripts(one="while ! grep -q unreachable tanda-out/journal.ndjson; do sleep 0.1; done")
    project.write(".gitignore", "secret\n")
    project.write("secret", "x")
    project.write(".git", "broken\n")
    box = away(project, "box", launch_retries=0, keep=True)
    project.config(nodes={"box": box, "local": 1})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert "git cannot list the project's files: fatal: invalid gitfile format" in result.err
    assert not list(Path(box["remote_root"]).rglob("secret"))


def test_reports_and_wanted_files_come_out_of_a_workspace_that_was_brought(project):
    project.scripts(one='mkdir -p shots; echo picture >shots/one.png; printf %s "<testsuite><testcase name=\'c\' file=\'$1\'>'
                        '<failure message=\'boom\'/></testcase></testsuite>" >"$TANDA_REPORT"; exit 1')
    project.config(suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}", "{id}"], "reports": ["*.xml"],
                                   "case_key": "path", "collect": ["shots/**"]}}, nodes={"box": away(project, "box")})
    result = project.tanda("run")
    assert result.code == 1 and "boom" in result.err, result.log()
    assert [path.read_text() for path in (project.folder / "tanda-out" / "collected").rglob("one.png")] == ["picture\n"]
    assert not (project.folder / "shots").exists(), "it wrote here"


def test_a_file_of_the_moment_when_its_test_began_is_brought(project):
    project.scripts(one='echo x >shot.png && touch -r "$TMPDIR/../../since" shot.png')  # as in one tick of the kernel's clock
    project.config(suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}"],
                                   "collect": ["*.png"]}}, nodes={"box": node(project, "box")})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert [path.name for path in (project.folder / "tanda-out" / "collected").rglob("*.*")] == ["shot.png"]


def test_a_workspace_may_be_kept(project):
    project.scripts(one="exit 0")
    box = away(project, "box", keep=True)
    project.config(nodes={"box": box})
    assert project.tanda("run").code == 0
    assert len([name for name in remains(box) if name.startswith("tanda-keep-")]) == 1


def test_options_of_the_users_own_archives_hold_for_none_of_tandas(project):
    project.scripts(one='[ -e data/x.tmp ] && echo back >back.tmp')
    project.write("data/x.tmp", "x\n")
    project.config(suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}"], "collect": ["*.tmp"]}},
                   nodes={"box": away(project, "box")})
    result = project.tanda("run", env={"TAR_OPTIONS": "--exclude=*.tmp"})
    assert result.code == 0, result.log()
    assert [path.read_text() for path in (project.folder / "tanda-out" / "collected").rglob("*.tmp")] == ["back\n"]


def test_a_project_that_git_ignores_as_a_whole_is_told(project):
    """As when a repository around it does; an empty workspace would fail each test without a reason."""
    project.scripts(one="exit 0")
    in_repository(project)
    project.write(".gitignore", "*\n")
    project.config(nodes={"box": away(project, "box")})
    result = project.tanda("run")
    assert result.code == 3 and "git ignores all that is in the project" in result.err, result.log()


def test_what_the_environment_tells_git_to_trust_is_trusted(project):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    project.scripts(one="[ ! -e ignored ]")
    in_repository(project)
    project.write(".gitignore", "ignored\n")
    project.write("ignored", "x")
    os.chown(project.folder / ".git", 12345, 12345)
    os.chown(project.folder, 12345, 12345)
    project.config(nodes={"box": away(project, "box", launch_retries=0)})
    trust = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    result = project.tanda("run", env=trust)
    assert result.code == 0, result.log()
    result = project.tanda("run")
    assert result.code == 3 and "git cannot list the project's files" in result.err, result.log()


CUT_OFF = """#!/usr/bin/python3
# tar, whose archive ends where its last file would begin.
import io, subprocess, sys, tarfile
made = subprocess.run(["{tar}", *sys.argv[1:]], stdout=subprocess.PIPE, check=True).stdout
sys.stdout.buffer.write(made[:tarfile.open(fileobj=io.BytesIO(made)).getmembers()[-1].offset])
"""


def test_an_archive_without_its_end_is_not_taken_for_whole(project):
    """It ends between two files, which is no fault to tar."""
    project.scripts(one="[ -e zz ]")
    project.write("zz", "last\n")
    tools = project.folder.parent / f"{project.folder.name}-tools"
    tools.mkdir()
    (tools / "tar").write_text(CUT_OFF.replace("{tar}", shutil.which("tar")))
    (tools / "tar").chmod(0o755)
    box = away(project, "box", launch_retries=0)
    box["exec"] = ["env", f"PATH={os.environ['PATH']}", *box["exec"][1:]]
    project.config(nodes={"box": box})
    result = project.tanda("run", env={"PATH": f"{tools}:{os.environ['PATH']}"})
    assert result.code == 3 and "the archive has come without its end" in result.err, result.log()
    wait_until(lambda: not remains(box), "nothing is left there")


def test_local_workers_do_not_wait_for_a_node_that_is_being_prepared(project):
    project.scripts(**{f"t{number}": "exit 0" for number in range(6)})
    slow = away(project, "slow")
    slow["exec"] = ["sh", "-c", '[ "$(cat count 2>/dev/null)" != x ] || { while [ ! -e let ]; do sleep 0.05; done; }; printf x >count; exec "$@"', "sh", *slow["exec"]]
    project.config(nodes={"slow": slow, "local": 1})
    process = project.popen("run")
    journal = project.folder / "tanda-out" / "journal.ndjson"
    wait_until(lambda: journal.exists() and journal.read_text().count('"batch_ended"') >= 3, "local workers are at work")
    project.write("let", "")
    result = project.finish(process)
    assert result.code == 0, result.log()


def test_a_node_that_cannot_take_the_project_is_told(project):
    project.scripts(one="while ! grep -q unreachable tanda-out/journal.ndjson; do sleep 0.1; done")
    full = away(project, "full", launch_retries=0)
    # A tar that complains as a full disk makes it.
    tools = project.folder.parent / f"{project.folder.name}-tools"
    tools.mkdir()
    (tools / "tar").write_text('#!/bin/sh\ncase $1 in -x*) cat >/dev/null; echo "tar: x: No space left on device" >&2; exit 2;; esac\nexec /bin/tar "$@"\n')
    (tools / "tar").chmod(0o755)
    full["exec"] = ["env", f"PATH={tools}:{os.environ['PATH']}", *full["exec"][1:]]
    project.config(nodes={"full": full, "local": 1})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert "the project could not be brought there: tar: x: No space left on device" in result.err


def test_an_interruption_ends_what_is_being_brought(project):
    project.scripts(one="exit 0")
    slow = away(project, "slow")
    slow["exec"] = ["sh", "-c", '[ "$(cat count 2>/dev/null)" != x ] || { touch bringing; sleep 60; }; printf x >count; exec "$@"', "sh", *slow["exec"]]
    project.config(nodes={"slow": slow})
    process = project.popen("run")
    wait_until((project.folder / "bringing").exists, "the project is being brought")
    process.terminate()
    result = project.finish(process)
    assert result.code == -signal.SIGTERM, result.log()


def test_an_interruption_leaves_nothing_of_what_has_come_by_then(project):
    project.scripts(one="exit 0")
    project.write("data", "x" * 500000)
    box = away(project, "box")
    half = f'case "$*" in *"sh alone "*) {{ head -c 100000; touch {project.home}/half; sleep 60; }} | "$@";; *) exec "$@";; esac'
    box["exec"] = ["sh", "-c", half, "sh", *box["exec"]]
    project.config(nodes={"box": box})
    process = project.popen("run")
    wait_until((project.home / "half").exists, "half of it has come")
    wait_until(lambda: [name for name in remains(box) if name.startswith("tanda-work-")], "its folder is there")
    process.terminate()
    result = project.finish(process)
    assert result.code == -signal.SIGTERM, result.log()
    wait_until(lambda: not remains(box), "nothing is left there")
