"""Nodes that are job steps of a real Slurm on this machine: one controller, one node, keys and folders of its own."""

import os
import shutil
import socket
import subprocess

import pytest

from conftest import wait_until
from sshd import free_port
from test_nodes import changes

PROGRAMS = ["munged", "slurmctld", "slurmd", "srun", "sinfo"]
CONFIG = """\
ClusterName=tanda
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SwitchType=switch/none
MpiDefault=none
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=8 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES State=UP
"""


def where_is(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin")


def runs(pid):
    """Nobody may wait for it here: a zombie has ended."""
    try:
        return open(f"/proc/{pid}/stat", encoding="utf-8").read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def stop(pid_file):
    """The daemons have left this process' tree: they are known by their files."""
    if pid_file.exists():
        pid = pid_file.read_text().strip()
        subprocess.run(["kill", pid], check=False, capture_output=True)
        wait_until(lambda: not runs(pid), f"{pid_file.stem} has ended", 20)


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    missing = [program for program in PROGRAMS if not where_is(program)]
    if missing:
        pytest.skip(f"{missing[0]} is not installed (packages munge, slurmctld, slurmd, slurm-client)")
    if os.geteuid() != 0:
        pytest.skip("slurmd wants root")
    folder = tmp_path_factory.mktemp("slurm")
    folder.chmod(0o755)
    key, environment = folder / "munge.key", {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}
    key.write_bytes(os.urandom(1024))
    key.chmod(0o400)
    for name in ("state", "spool"):
        (folder / name).mkdir()
    (folder / "slurm.conf").write_text(CONFIG.format(folder=folder, user="root", host=socket.gethostname().split(".")[0],
                                                     ports=[free_port("127.0.0.1"), free_port("127.0.0.1")]))
    try:
        for words in (["munged", "--force", f"--key-file={key}", f"--socket={folder}/munge.sock", f"--pid-file={folder}/munged.pid",
                       f"--log-file={folder}/munged.log", f"--seed-file={folder}/munged.seed"], ["slurmctld", "-c"], ["slurmd"]):
            started = subprocess.run([where_is(words[0]), *words[1:]], env=environment, capture_output=True, text=True, check=False)
            if started.returncode:
                pytest.skip(f"{words[0]} does not start here: {started.stderr.strip()[-200:]}")
        wait_until(lambda: "idle" in subprocess.run(["sinfo", "-h", "-o", "%T"], env=environment, capture_output=True, text=True,
                                                    check=False).stdout, "the node is idle", 30)
        yield environment
    finally:
        for name in ("slurmd", "slurmctld", "munged"):
            stop(folder / f"{name}.pid")


def node(project, **keys):
    project.orphans_allowed = True  # slurmstepd is nobody's child here
    root = project.folder.parent / f"{project.folder.name}-steps"
    return {"exec": ["srun", "--quiet", "--unbuffered", "-n1"], "remote_root": str(root), **keys}


def left_in(keys):
    return os.listdir(keys["remote_root"])


def test_tests_run_as_job_steps_and_nothing_stays(project, slurm):
    keys = node(project, executors=3)
    project.scripts(**{f"t{i}": 'echo "job $SLURM_JOB_ID"' for i in range(4)}, bad="exit 7", lost="exit 255")
    project.config(nodes={"hpc": keys})
    result = project.tanda("run", "--output", "all", env=slurm)
    assert result.code == 1, result.log()
    assert sorted(result.verdicts().values()) == ["failed"] * 2 + ["passed"] * 4
    assert "exited 7" in result.out + result.err and "exited 255" in result.out + result.err
    assert changes(result, "hpc") == ["up"]
    assert left_in(keys) == []
