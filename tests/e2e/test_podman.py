"""Nodes that are containers: a real podman, an image of busybox made here, no network and no registry."""

import os
import re
import shutil
import signal
import subprocess
import uuid

import pytest

from conftest import wait_until
from test_nodes import changes, journal_lines, where

LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"]  # a sandbox may not raise its own


def podman(*words):
    return subprocess.run(["podman", *words], capture_output=True, text=True, timeout=60, check=False)


def libraries(program):
    shown = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return re.findall(r"(/\S+)", shown)


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """Busybox, and cksum, which Debian's lacks."""
    missing = [program for program in ("podman", "runc", "busybox", "cksum") if not shutil.which(program)]
    if missing:
        pytest.skip(f"{missing[0]} is not installed: ./dev setup test")
    root = tmp_path_factory.mktemp("image")
    for folder in ("bin", "tmp", "var/tmp", "proc", "dev", "etc"):
        (root / folder).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    for program in ("busybox", "cksum"):
        for path in [shutil.which(program), *libraries(shutil.which(program))]:
            target = root / "bin" / program if path == shutil.which(program) else root / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    for applet in subprocess.run(["busybox", "--list"], capture_output=True, text=True, check=True).stdout.split():
        if not (root / "bin" / applet).exists():
            (root / "bin" / applet).symlink_to("busybox")
    name = f"localhost/tanda-test-{uuid.uuid4().hex[:12]}"
    subprocess.run(["tar", "-C", root, "-cf", f"{root}.tar", "."], check=True)
    made = podman("import", f"{root}.tar", name)
    if made.returncode:
        pytest.skip(f"podman cannot import an image here: {made.stderr.strip()[-200:]}")
    yield name
    podman("rmi", "-f", name)


@pytest.fixture
def make_box(image):
    boxes = []

    def make():
        boxes.append(f"tanda-test-{uuid.uuid4().hex[:12]}")
        made = podman("run", "-d", "--name", boxes[-1], "--network", "none", *LIMITS, image, "/bin/sleep", "1000")
        if made.returncode:
            pytest.skip(f"podman cannot run a container here: {made.stderr.strip()[-200:]}")
        return boxes[-1]

    yield make
    for box in boxes:
        podman("rm", "-f", "-t", "0", box)


def node(project, box, **keys):
    project.orphans_allowed = True  # podman leaves its monitor of a container for init to wait for
    return {"exec": ["podman", "exec", "-i", box], **keys}


def inside(box):
    """The command lines that run there, but for its own sleep, and what is in its /tmp."""
    lines = podman("exec", box, "sh", "-c", "for p in /proc/[0-9]*; do tr '\\000' ' ' <$p/cmdline; echo; done; ls /tmp").stdout.split("\n")
    return [line.strip() for line in lines if line.strip() and not line.startswith(("/bin/sleep 1000", "sh -c for p in", "tr "))]


def test_tests_run_in_a_container_and_nothing_stays(project, make_box):
    box = make_box()
    project.scripts(good='echo "on $TANDA_NODE"', bad="exit 7", lost="exit 255", daemon="setsid sleep 3007 >/dev/null 2>&1 &")
    project.config(nodes={"box": node(project, box, executors=2)})
    result = project.tanda("run", "--output", "all")
    assert result.code == 1, result.log()
    assert result.verdicts() == {"tests/a/good.sh": "passed", "tests/a/bad.sh": "failed", "tests/a/lost.sh": "failed",
                                 "tests/a/daemon.sh": "passed"}
    assert "on box\n" in result.out + result.err and "exited 7" in result.out + result.err
    assert any(re.fullmatch(r"\d+ sleep", event.get("leaked", "")) for event in result.journal())
    wait_until(lambda: not inside(box), "nothing is left there")


def test_a_container_that_is_killed_gives_its_tests_back(project, make_box):
    box = make_box()
    project.scripts(t1='[ "$TANDA_NODE" = local ] || sleep 60', t0=f"until [ -e {project.home}/gone ]; do sleep 0.05; done")
    project.config(nodes={"local": {"executors": 1, "labels": ["late"]}, "box": node(project, box, launch_retries=0)},
                   suites={name: {"framework": "command", "files": f"tests/a/{name}.sh", "area": name, "run": ["sh", "{id}"]} for name in ("t0", "t1")},
                   areas={"t0": {"labels": "late"}, "t1": {"labels": "box || late"}})
    process = project.popen("run")
    wait_until(lambda: sum('"batch_running"' in line for line in journal_lines(project)) == 2, "t1 runs there", 40)
    podman("kill", box)
    (project.home / "gone").touch()
    result = project.finish(process)
    assert result.code == 0, result.log()
    assert changes(result, "box")[:2] == ["up", "lost"] and set(where(result).values()) == {"local"}


def test_a_client_that_is_killed_leaves_nothing_running_there(project, make_box):
    """podman exec dies, and what it started in the container lives on: the wrapper there ends it."""
    box = make_box()
    project.scripts(t1="sleep 3008")
    project.config(nodes={"box": node(project, box, launch_retries=0)})
    process = project.popen("run")
    wait_until(lambda: any('"batch_running"' in line for line in journal_lines(project)), "t1 runs there", 40)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_until(lambda: not any("sleep 3008" in line for line in inside(box)), "it is ended there", 30)


def test_a_kept_workspace_in_a_container_is_compared_and_made_good(project, make_box):
    box = make_box()
    project.scripts(good='cat "two words" && ! grep spoilt "two words" && [ -x tool ] && echo spoilt >"two words" && chmod 000 tool')
    project.write("tool", "", 0o755)
    project.config(nodes={"box": node(project, box, keep=True)})
    sent = []
    for text in ("first", "first", "second"):
        project.write("two words", text)
        result = project.tanda("run", "--output", "all")
        assert result.code == 0 and text in result.out + result.err, result.log()
        sent += [event.get("sent_bytes", 0) for event in result.journal() if event["kind"] == "node_changed"]
    assert sent[0] > 100 and sent[1:] == [5, 6]
    wait_until(lambda: [line for line in inside(box) if not line.startswith("tanda-keep-")] == [], "only that is left there")
