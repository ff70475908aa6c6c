"""The HTTP side: one thread per connection, one lock around the shop."""

import json
import sys
import traceback
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from shop import api, pages, web
from shop.faults import NotFound, Refused

BODY_MAX_BYTES = 64 * 1024


class Handler(BaseHTTPRequestHandler):
    shop = None  # set by serve()

    def do_GET(self):
        self._answer()

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, *_):
        pass

    def _answer(self):
        is_api = self.path.startswith(("/api/", "/_test/"))
        faults = api if is_api else pages
        with self.shop.store.lock:
            try:
                request = self._request(is_api)
                answer = self._dispatch(request, faults)
            except ValueError as error:
                answer = faults.fault(400, f"Bad request: {error}")
        self._send(answer, None if is_api else request.session)

    def _dispatch(self, request, faults):
        handler, groups = web.find_route(request.method, request.path)
        if not handler:
            return faults.fault(404 if groups is None else 405, "There is nothing here.")
        try:
            return handler(self.shop, request, **groups)
        except NotFound as error:
            return faults.fault(404, str(error))
        except Refused as error:
            return faults.refusal(self.shop, request, str(error))
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return faults.fault(500, "Something went wrong.")

    def _request(self, is_api):
        parts = urlsplit(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        if not 0 <= size <= BODY_MAX_BYTES:
            raise ValueError("the body is too long")
        body = self.rfile.read(size).decode()
        is_json = self.headers.get_content_type() == "application/json"
        value = json.loads(body) if is_json and body else {}
        if not isinstance(value, dict):
            raise ValueError("expected an object")
        return web.Request(
            self.command,
            unquote(parts.path),
            dict(parse_qsl(parts.query)),
            {} if is_json else dict(parse_qsl(body, keep_blank_values=True)),
            value,
            f"http://{self.headers.get('Host')}",
            self._session(is_api),
        )

    def _session(self, is_api):
        if is_api:
            scheme, _, token = self.headers.get("Authorization", "").partition(" ")
            return token if scheme == "Bearer" else None
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("tienda")
        return cookie.value if cookie else None

    def _send(self, answer, session):
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(answer.body)))
        if session:
            self.send_header("Set-Cookie", f"tienda={session}; Path=/; HttpOnly; SameSite=Lax")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def serve(shop, port, with_test_doors):
    """A server that listens already; the caller runs its loop."""
    if with_test_doors:
        from shop import testdoors  # registers its routes

        assert testdoors
    return Server(("127.0.0.1", port), type("ShopHandler", (Handler,), {"shop": shop}))
