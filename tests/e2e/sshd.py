"""A real OpenSSH server on a port of this machine, with keys and a client configuration of its own."""

import getpass
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import invariants

WAIT_S = 20
CONFIG = """\
Port {port}
ListenAddress {address}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
StrictModes no
UseDNS no
PidFile none
LogLevel VERBOSE
"""
CLIENT = """\
Host *
  IdentityFile {folder}/user_key
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  HostKeyAlias the-node
"""


def program():
    """sshd wants to be started by its whole path."""
    found = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    return str(pathlib.Path(found).resolve()) if found else None


def free_port(address):
    with socket.socket() as probe:
        probe.bind((address, 0))
        return probe.getsockname()[1]


def processes_below(pid):
    """(pid, name) of all that descends from it."""
    children = {}
    for found, parent, state, _, _ in invariants.all_processes():
        if state != b"Z":
            children.setdefault(parent, []).append(found)
    below, todo = [], [pid]
    while todo:
        for child in children.get(todo.pop(), []):
            todo.append(child)
            try:
                below.append((child, pathlib.Path(f"/proc/{child}/comm").read_text().strip()))
            except OSError:
                pass
    return below


class Sshd:
    """Listens as soon as it is made. `options` are lines of sshd_config; `before`: words that start it elsewhere."""

    def __init__(self, folder, *options, address="127.0.0.1", before=()):
        self.folder, self.address, self.user, self.before = folder, address, getpass.getuser(), list(before)
        folder.mkdir(parents=True)
        for name in ("host_key", "user_key", "other_key"):
            self._run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name))
        self.port = free_port("127.0.0.1" if before else address)
        (folder / "sshd_config").write_text(CONFIG.format(port=self.port, folder=folder, address=address)
                                            + "".join(f"{line}\n" for line in options))
        (folder / "ssh_config").write_text(CLIENT.format(folder=folder))
        (folder / "ssh").write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/ssh_config "$@"\n')
        (folder / "ssh").chmod(0o755)
        self.trust("host_key")
        self.process = None
        self.start()

    @staticmethod
    def _run(*argv):
        return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=WAIT_S, stdin=subprocess.DEVNULL)

    def trust(self, key):
        """known_hosts holds this key, or none."""
        line = f"the-node {(self.folder / f'{key}.pub').read_text()}" if key else ""
        (self.folder / "known_hosts").write_text(line)

    def log_in_with(self, key):
        config = self.folder / "ssh_config"
        config.write_text(config.read_text().replace("/user_key", f"/{key}"))

    def start(self):
        if os.geteuid() == 0:
            pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([*self.before, program(), "-D", "-e", "-f", str(self.folder / "sshd_config")],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                socket.create_connection((self.address, self.port), timeout=1).close()
                return
            except OSError:
                assert self.process.poll() is None and time.monotonic() < deadline, self.log()
                time.sleep(0.02)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def servers(self):
        """The processes of sshd itself, without what they run."""
        return [self.process.pid] + [pid for pid, name in processes_below(self.process.pid) if name.startswith("sshd")]

    def signal(self, number):
        for pid in self.servers():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def stop(self):
        """With all its connections; what they ran is left to itself."""
        if self.process.poll() is None:
            self.signal(signal.SIGKILL)
        self.process.wait()

    def path(self):
        """A PATH whose ssh reads its own configuration and nobody else's."""
        return f"{self.folder}:{os.environ['PATH']}"

    def try_login(self):
        """Why nobody can log in here; None when it works."""
        done = subprocess.run([str(self.folder / "ssh"), "-oBatchMode=yes", "-p", str(self.port), self.address, "true"],
                              capture_output=True, text=True, timeout=WAIT_S, stdin=subprocess.DEVNULL)
        return None if done.returncode == 0 else f"no login as {self.user}: {done.stderr.strip()} {self.log()[-300:]}"
