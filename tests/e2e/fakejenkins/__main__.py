"""The fake controller as a program: python3 -m fakejenkins HOME, with tests/e2e in PYTHONPATH.

Settings are read from HOME/settings.json (see handle.py, which writes it). A line on standard output tells when it is
ready: {"port", "control"}. SIGTERM shuts it down as Jenkins does, SIGKILL is a crash.
"""

import json
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
    told_to_end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told_to_end.set())
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
    told_to_end.wait()
    controller.shut_down()
    return 0


sys.exit(main(*sys.argv[1:]))
