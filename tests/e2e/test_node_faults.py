"""What may go wrong between two machines, or between two tests of one: no verdict is another one for it."""

import os
import shutil
import sys

import pytest

from conftest import wait_until
from test_nodes import cut, node

SLOW = """import os, subprocess, sys, time
rate = int(sys.argv[1])
process = subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE, bufsize=0)
while piece := os.read(process.stdout.fileno(), rate // 10):
    os.write(1, piece)
    time.sleep(len(piece) / rate)
sys.exit(process.wait())
"""
LATE = """import os, queue, subprocess, sys, threading, time
delay_s = float(sys.argv[1])
process = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
def read(source, pieces):
    piece = True
    while piece:
        piece = os.read(source, 65536)
        pieces.put((time.monotonic() + delay_s, piece))
def carry(source, target):
    pieces = queue.Queue()
    threading.Thread(target=read, args=(source, pieces), daemon=True).start()
    while True:
        due, piece = pieces.get()
        time.sleep(max(0, due - time.monotonic()))
        if not piece:
            os.close(target)
            return
        while piece:
            piece = piece[os.write(target, piece):]
threading.Thread(target=carry, args=(0, process.stdin.fileno()), daemon=True).start()
carry(process.stdout.fileno(), 1)
sys.exit(process.wait())
"""


def through(project, program, *words, **keys):
    """A node behind a connection of that kind."""
    path = project.home / "connection.py"
    path.write_text(program)
    made = node(project, "far", **keys)
    made["exec"] = [sys.executable, str(path), *words, *made["exec"]]
    return made


@pytest.mark.parametrize("bytes_a_second", [30000, 8000])
def test_the_exit_code_comes_over_a_slow_connection(project, bytes_a_second):
    """The job has ended for long when the last of its output comes, and its exit code behind that."""
    project.scripts(bad="head -c 170000 /dev/zero | tr '\\0' x | fold -w 100; exit 7", good="exit 0")
    project.config(nodes={"far": through(project, SLOW, str(bytes_a_second))}, retries=0, second_chance=False)
    result = project.tanda("run")
    assert result.code == 1, result.log()
    assert result.verdicts() == {"tests/a/bad.sh": "failed", "tests/a/good.sh": "passed"}
    assert "exited 7" in result.out + result.err
    assert result.summary()["wall_s"] < 100


def test_a_signal_that_comes_late_does_not_meet_the_next_test(project):
    """The first one is asked to end at its limit, and has ended before that word reaches the node."""
    project.scripts(**{"first": "sleep 2.4\n" + "# the longest\n" * 9, "next1": "sleep 1.5", "next2": "sleep 1.5"})
    project.config(nodes={"far": through(project, LATE, "0.8")}, test_timeout="2s", retries=0, second_chance=False)
    verdicts = project.tanda("run").verdicts()
    assert (verdicts["tests/a/next1.sh"], verdicts["tests/a/next2.sh"]) == ("passed", "passed"), verdicts


HANG = """
import fcntl, os, signal, time
def test_it():
    home = {home!r}
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: open(home + "/asked", "w").close())
    lock = open(home + "/lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        open(home + "/log", "a").write("beside another\\n")
        return
    print("begun", file=open(home + "/log", "a"))
    if not os.path.exists(home + "/asked"):
        time.sleep(60)
"""


@pytest.mark.parametrize("framework", ["command", "pytest"])
def test_what_hangs_on_a_lost_node_is_run_again_and_not_beside_itself(project, framework):
    """Its connection ends between the word that it is to end, and its end."""
    hang = HANG.format(home=str(project.home))
    if framework == "pytest":
        project.write("tests/a/test_one.py", hang)
        project.write("tests/a/test_two.py", "def test_two(): pass")
        suite = {"framework": "pytest", "files": "tests/{area}/test_*.py"}
    else:
        project.write("tests/a/one.py", hang + "test_it()\n")
        suite = {"framework": "command", "files": "tests/{area}/*.py", "run": [sys.executable, "{id}"]}
    project.config(suites={"s": suite}, nodes={"one": node(project, "one")}, test_timeout="2s", grace="20s", retries=1,
                   areas={"a": {"keep_together": True}})
    process = project.popen("run")
    wait_until((project.home / "asked").exists, "it is asked to end")
    cut(project, "one")
    result = project.finish(process)
    assert result.code == 0, result.log()
    assert (project.home / "log").read_text() == "begun\nbegun\n", result.log()


def test_limits_hold_while_the_batch_before_is_asked_what_there_is(project):
    """That batch had nothing of one file: its listing waits, on the node, behind what was sent ahead."""
    project.write("ta/a/test_1.py", "import time\ntime.sleep(1.5)\ndef test_ok(): pass\n" + "# longest first\n" * 200)
    project.write("ta/a/test_2.py", "X = 1\n" + "# longest first\n" * 190)
    project.write("tb/b/test_b0.py", "import time\ndef test_it(): time.sleep(90)\n")
    for number in range(1, 6):
        project.write(f"tb/b/test_b{number}.py", "def test_it(): pass\n")
    project.config(suites={name: {"framework": "pytest", "files": name + "/{area}/test_*.py"} for name in ("ta", "tb")},
                   nodes={"one": node(project, "one")}, grace="1s", areas={"b": {"test_timeout": "4s"}},
                   second_chance=False, retries=0)
    result = project.tanda("run")
    verdicts = result.verdicts()
    assert verdicts.pop("tb/b/test_b0.py") != "passed" and verdicts["ta/a/test_1.py"] == "passed"
    assert [event for event in result.journal() if event["kind"] == "batch_ended" and event.get("timed_out")], result.log()
    assert result.summary()["wall_s"] < 40, result.log()


def test_a_file_that_others_write_to_or_remove_is_no_fault_of_the_node(project):
    """Executors share the workspace, so what is wanted of it may change while it is packed."""
    busy = f"""import os, time
log = open("logs/busy.log", "a", buffering=1)
log.write("x" * 20000000)
until = time.time() + 4
while time.time() < until:
    log.write("x" * 100)
    open(f"logs/{{time.time()}}.log", "w").close()
    time.sleep(0.01)
    oldest = min((name for name in os.listdir("logs") if name[0] == "1"), default=None)
    if len(os.listdir("logs")) > 15 and oldest:
        os.remove("logs/" + oldest)
"""
    (project.folder / "logs").mkdir()
    project.write("busy.py", busy)
    project.scripts(busy=f"{sys.executable} busy.py\n" + "# the longest\n" * 20, **{f"t{i}": f"sleep 0.2; echo >logs/t{i}.log" for i in range(6)})
    project.config(suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}"], "collect": ["logs/*.log"]}},
                   nodes={"two": node(project, "two", executors=2)})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert not [event for event in result.journal() if event["kind"] == "batch_ended" and event["ending"] == "lost"]


def test_a_test_that_spoils_its_folders_spoils_them_for_nobody_else(project):
    look = '[ -d "$TANDA_REPORT_DIR" ] && [ -w "$TANDA_TMP" ] && [ -z "$(ls -A "$TANDA_TMP")" ]'
    project.scripts(t1='rm -rf "$TANDA_TMP"' + "\n# first\n" * 9, t2=look + "\n# second\n" * 6,
                    t3='mkdir "$TANDA_TMP/closed"; : >"$TANDA_TMP/closed/f"; chmod 555 "$TANDA_TMP/closed"\n# third\n#',
                    t4=look, t5=look)
    made = node(project, "one")
    if os.geteuid() == 0:  # root as anybody: it may not remove what is closed
        if not shutil.which("setpriv"):
            pytest.skip("setpriv is not installed")
        made["exec"] = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override", *made["exec"]]
    project.config(nodes={"one": made}, retries=0, second_chance=False)
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert os.listdir(made["remote_root"]) == []
