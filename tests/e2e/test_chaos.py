"""Nodes that are cut, frozen and killed at random, and come back: every planned test has one verdict, no
test runs twice at a time, no process is left, and the run ends. The short form runs with the other tests;
`./dev chaos [SEED]` makes it four nodes and 500 tests. The seed is printed; the same one does the same,
as far as the machine's clock lets it."""

import os
import random
import signal
import time

# A node's connection goes through two cats: killed they cut it, stopped they are a network that is silent.
HOP = """#!/bin/sh
name=$1; shift
[ -e "$HOP_DIR/down-$name" ] && exit 1
note='echo $$ >>"$HOP_DIR/hops-$0"; exec cat'
sh -c "$note" "$name" | "$@" | sh -c "$note" "$name"
"""
TEST = 'flock -n "$LOCKS/{i}" sleep {time} || exit 9\n'
LONG = bool(os.environ.get("TANDA_CHAOS"))
SEED = int(os.environ.get("TANDA_CHAOS_SEED") or time.time_ns() % 1000000)
NODES, TESTS, TROUBLES, PAUSE_S, TEST_S = (4, 500, 30, 2.0, 2.0) if LONG else (3, 40, 3, 0.7, 0.4)
SILENT_S = 4  # of a stopped connection: less than what makes a node lost, and more
LIMIT_S = 1500 if LONG else 110


class Nodes:
    def __init__(self, project, chance):
        self.home, self.chance = project.home, chance
        self.names = [f"n{i}" for i in range(NODES)]
        self.stopped = []

    def hops(self, name):
        path = self.home / f"hops-{name}"
        return [int(pid) for pid in path.read_text().split()] if path.exists() else []

    def signal(self, name, number):
        for pid in self.hops(name):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass  # of an earlier connection

    def cut(self, name):
        """It is gone, and can be reached again at once."""
        self.signal(name, signal.SIGKILL)

    def take_down(self, name):
        """It is gone, and stays away for a while."""
        (self.home / f"down-{name}").touch()
        self.signal(name, signal.SIGKILL)

    def silence(self, name):
        """Nothing passes, in either direction; then all of it does."""
        self.signal(name, signal.SIGSTOP)
        self.stopped.append(name)

    def heal(self):
        for name in self.stopped:
            self.signal(name, signal.SIGCONT)
        self.stopped.clear()
        for name in self.names:
            (self.home / f"down-{name}").unlink(missing_ok=True)

    def trouble(self):
        name = self.chance.choice(self.names)
        what = self.chance.choice([self.cut, self.take_down, self.silence])
        what(name)
        return f"{what.__name__} {name}"


def nodes_of(project, nodes, locks):
    hop = project.write("hop", HOP, 0o755)
    root = project.folder.parent / f"{project.folder.name}-nodes"
    return {name: {"exec": ["env", f"HOP_DIR={project.home}", str(hop), name], "executors": 2,
                   "workspace": "shared", "remote_root": str(root / name), "env": {"LOCKS": str(locks)}}
            for name in nodes.names}


def test_whatever_happens_to_nodes_every_test_has_one_verdict(project):
    print(f"seed {SEED}: TANDA_CHAOS_SEED={SEED}")
    chance = random.Random(SEED)
    nodes = Nodes(project, chance)
    project.orphans_allowed = True  # what waits for the shells of a node is the node's own init
    locks = project.home / "locks"
    locks.mkdir()
    for i in range(TESTS):
        project.write(f"tests/a{i % 7}/t{i}.sh", TEST.format(i=i, time=round(chance.uniform(0.05, TEST_S), 2)))
    project.config(nodes=nodes_of(project, nodes, locks))
    process = project.popen("run", "--output", "none")
    told = []
    for _ in range(TROUBLES):
        time.sleep(chance.uniform(0.5, 1.5) * PAUSE_S)
        if process.poll() is not None:
            break
        told.append(nodes.trouble())
        if chance.random() < 0.4:
            time.sleep(chance.uniform(0, SILENT_S) if LONG else 0.3)
            nodes.heal()
    nodes.heal()
    result = project.finish(process, timeout=LIMIT_S)
    verdicts = result.summary()["verdicts"]
    context = f"seed {SEED}, {told}\n{result.log()}"
    assert sum(verdicts.values()) == TESTS, context
    assert verdicts["failed"] == verdicts["error"] == verdicts["flaky"] == 0, context  # nothing ran twice at a time
    assert result.code == (0 if verdicts["passed"] == TESTS else 3), context
    assert verdicts["passed"] >= TESTS * 0.9, context
