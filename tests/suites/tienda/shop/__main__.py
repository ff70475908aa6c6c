"""Start the shop: `python3 -m shop --port 8080`; port 0 takes a free one."""

import argparse
import os
import signal
import sys
import tempfile
import threading

from shop.app import Shop
from shop.server import serve


def read_arguments():
    parser = argparse.ArgumentParser(prog="shop", description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument(
        "--test-doors", action="store_true", help="open the /_test/ pages: reset, clock, mail"
    )
    parser.add_argument("--until-eof", action="store_true", help="end when standard input closes")
    return parser.parse_args()


def end_with_stdin(server):
    """A test run that is killed closes this pipe, so it never leaves a shop behind."""
    sys.stdin.buffer.read()
    server.shutdown()


def main():
    arguments = read_arguments()
    broken = frozenset(filter(None, os.environ.get("TIENDA_BREAK", "").split(",")))
    pace = float(os.environ.get("TIENDA_PACE", "1"))
    with tempfile.NamedTemporaryFile(prefix="tienda-", suffix=".db", delete=False) as file:
        shop = Shop(file.name, broken, pace)
        os.unlink(file.name)  # open is enough: whatever ends the shop, nothing stays behind
        server = serve(shop, arguments.port, arguments.test_doors)
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        if arguments.until_eof:
            threading.Thread(target=end_with_stdin, args=[server], daemon=True).start()
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        try:
            server.serve_forever(poll_interval=0.02)
        except KeyboardInterrupt:
            pass
        shop.close()


main()
