"""The fake controller as a program: python3 -m fakejenkins HOME, with tests/e2e in PYTHONPATH.

Settings are read from HOME/settings.json (see handle.py, which writes it). A line on standard output tells when it is
ready: {"port", "control"}. SIGTERM shuts it down as Jenkins does, SIGKILL is a crash.
"""

import json
import os
import pathlib
import signal
import sys
import threading

from fakejenkins import control, web
from fakejenkins.controller import Controller
from fakejenkins.faults import Faults
from fakejenkins.routes import Routes


def in_background(target):
    threading.Thread(target=target, daemon=True).start()


def main(home):
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell)  # whichever thread the signal comes to
    signal.signal(signal.SIGTERM, lambda *_: None)
    settings = json.loads((pathlib.Path(home) / "settings.json").read_text())
    controller, faults = Controller(home, settings), Faults()
    for rule in settings.get("faults", []):
        faults.add(**rule)
    server = web.Server(settings["port"], controller, Routes(controller), faults, settings)
    commands = control.Server(control.Control(controller, server))
    in_background(controller.schedule)
    in_background(server.serve_forever)
    in_background(commands.serve_forever)
    print(json.dumps({"port": server.server_address[1], "control": commands.server_address[1]}), flush=True)
    os.read(told, 1)
    controller.shut_down()
    return 0


sys.exit(main(*sys.argv[1:]))
