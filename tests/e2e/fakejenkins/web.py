"""HTTP: requests read, users recognised, replies written as Jetty writes them, or as a fault wants them."""

import base64
import hashlib
import re
import secrets
import socket
import ssl
import struct
import time
from email.utils import formatdate
from functools import cached_property
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote

from fakejenkins import pages

URI_MAX_BYTES = 10_000
CHUNKED_FROM_BYTES = 32_768
HANG_MAX_S = 600
IDLE_MAX_S = 30
REQUESTS_KEPT = 200_000
SERVER = "Jetty(9.4.33.v20201020)"


class Request:
    def __init__(self, handler, path, query, body):
        self.handler, self.method, self.headers, self.body = handler, handler.command, handler.headers, body
        self.path = path  # as it came, without the query
        inner = path[len(handler.server.context):]
        self.segments = [unquote(segment) for segment in inner.split("/") if segment]
        self.query = dict(parse_qsl(query, keep_blank_values=True))
        self.user = None
        self.by_token = False
        self.cookies = []  # to be set

    def user_name(self):
        return self.user["name"] if self.user else "anonymous"

    @cached_property
    def values(self):
        """The query and the form; a file is bytes."""
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("application/x-www-form-urlencoded"):
            return {**dict(parse_qsl(self.text(), keep_blank_values=True)), **self.query}
        boundary = re.search(r'boundary="?([^";]+)', kind)
        form = parts_of(self.body, boundary.group(1)) if kind.startswith("multipart/form-data") and boundary else {}
        return {**form, **self.query}

    def text(self):
        return self.body.decode("utf-8", "replace")

    def session(self):
        """The session that its cookie names, if this controller made it."""
        cookies = SimpleCookie(self.headers.get("Cookie", ""))
        found = cookies.get(self.handler.server.cookie_name)
        return found.value if found and found.value in self.handler.server.sessions else None

    def new_session(self):
        session = self.session()
        if session is None:
            session = f"node0{secrets.token_hex(12)}.node0"
            self.handler.server.sessions.add(session)
            place = self.handler.server.context or "/"
            self.cookies.append(f"{self.handler.server.cookie_name}={session}; Path={place}; HttpOnly")
        return session

    def new_crumb(self):
        return self.crumb(self.new_session())

    def crumb(self, session):
        return hashlib.sha256(f"{self.user_name()} {session} {self.handler.server.salt}".encode()).hexdigest()

    def has_crumb(self):
        session = self.session()
        given = self.headers.get("Jenkins-Crumb") or self.values.get("Jenkins-Crumb")
        return session is not None and given == self.crumb(session)


def parts_of(body, boundary):
    """The fields of a multipart form."""
    found = {}
    for part in body.split(b"--" + boundary.encode()):
        head, separator, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        if separator and name:
            content = content[:-2] if content.endswith(b"\r\n") else content
            found[name.group(1).decode()] = content if b"filename=" in head else content.decode("utf-8", "replace")
    return found


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_MAX_S
    disable_nagle_algorithm = True

    def handle_any(self):
        began = time.time()
        body = self.read_body()
        rule = self.server.faults.find(self.command, self.path)
        reply, request = None, None
        if rule is None or rule.needs_answer():
            request = self.request_of(body)
            reply = self.answer(request)
        if rule:
            if rule.kind == "hang":
                rule.released.wait(HANG_MAX_S)
                reply = reply or self.answer(self.request_of(body))
            reply = rule.reply(self.path, reply)
        self.server.note({"time": began, "method": self.command, "url": self.path, "fault": rule and rule.kind,
                          "status": None if rule and rule.kind == "reset" else reply.status,
                          "connection": self.client_address[1], "bytes": len(reply.body) if reply else 0})
        self.send(reply, rule, request)

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = handle_any

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self.read_chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def read_chunk(self):
        size = int(self.rfile.readline().split(b";")[0], 16)
        data = self.rfile.read(size)
        self.rfile.readline()
        return data

    def request_of(self, body):
        path, _, query = self.path.partition("?")
        return Request(self, path, query, body)

    def answer(self, request):
        if len(self.path) > URI_MAX_BYTES:
            return pages.Reply(414, "<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>",
                               "text/html;charset=iso-8859-1", [("Connection", "close")])
        context = self.server.context
        if context and request.path != context and not request.path.startswith(context + "/"):
            return pages.container_error(404, "Not Found", request.path)
        refused = self.authenticate(request)
        if refused:
            return refused
        with self.server.controller.change:
            reply = self.server.routes.answer(request)
        if reply.told and reply.kind == pages.HTML:
            request.new_session()
        return reply

    def authenticate(self, request):
        """Sets the request's user; a Reply when it goes no further."""
        given = self.headers.get("Authorization", "")
        if given.startswith("Basic "):
            name, _, secret = base64.b64decode(given[6:]).decode("utf-8", "replace").partition(":")
            user = self.server.users.get(name)
            request.by_token = bool(user) and secret == user["token"]
            if not user or not (request.by_token or secret == user["password"]):
                return pages.container_error(401, f"Invalid password/token for user: {name}", request.path,
                                             [("WWW-Authenticate", 'Basic realm="Jenkins"')])
            request.user = {**user, "name": name}
        if self.command == "POST" and self.server.controller.crumbs and not request.by_token \
                and not request.has_crumb():
            if self.headers.get("Jenkins-Crumb"):
                request.new_session()
            return pages.container_error(403, "No valid crumb was included in the request", request.path)
        return None

    # --- replies ---

    def send(self, reply, rule, request):
        if rule and rule.kind == "reset":
            return self.reset()
        body = b"" if reply.status in (204, 304) else reply.body
        length = len(body) + (rule.options.get("by", 1) if rule and rule.kind == "length" else 0)
        chunked = len(body) >= CHUNKED_FROM_BYTES and self.request_version == "HTTP/1.1" and not rule
        head = self.head(reply, request, "chunked" if chunked else length)
        if self.command == "HEAD":
            body = b""
        if rule and rule.kind == "half":
            body = body[:len(body) // 2]
        if rule and rule.kind in ("half", "length"):
            self.close_connection = True
        self.wfile.write(head + (b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n" if chunked and body else body))
        return None

    def head(self, reply, request, length):
        lines = [f"HTTP/1.1 {reply.status} {pages.REASONS.get(reply.status, 'Unknown')}",
                 f"Date: {formatdate(usegmt=True)}", "X-Content-Type-Options: nosniff"]
        if self.headers.get("Connection", "").lower() == "close":
            lines.append("Connection: close")
        if reply.told:
            lines += ["X-Hudson: 1.395", f"X-Jenkins: {self.server.controller.version}",
                      f"X-Jenkins-Session: {self.server.controller.session}"]
        lines += [f"{name}: {value}" for name, value in reply.headers]
        lines += [f"Set-Cookie: {cookie}" for cookie in (request.cookies if request else [])]
        if reply.kind:
            lines.append(f"Content-Type: {reply.kind}")
        if reply.status != 204:
            lines.append("Transfer-Encoding: chunked" if length == "chunked" else f"Content-Length: {length}")
        return "\r\n".join([*lines, f"Server: {SERVER}", "", ""]).encode("utf-8")

    def reset(self):
        """No orderly end: the client sees "connection reset by peer"."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except (ConnectionError, ssl.SSLError, TimeoutError, ValueError):
            pass  # the client went away, or we left it


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, port, controller, routes, faults, settings):
        super().__init__(("127.0.0.1", port), Handler)
        self.controller, self.routes, self.faults = controller, routes, faults
        self.context, self.users = settings["context"], settings["users"]
        self.cookie_name = f"JSESSIONID.{secrets.token_hex(4)}"
        self.salt = secrets.token_hex(8)
        self.sessions = set()
        self.requests = []
        if settings.get("certificate"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(settings["certificate"], settings["key"])
            self.tls = context
        else:
            self.tls = None

    def note(self, request):
        self.requests.append(request)
        del self.requests[:-REQUESTS_KEPT]

    def finish_request(self, request, client_address):
        """On the connection's own thread: a handshake that hangs holds up nobody else."""
        if self.tls:
            try:
                request.settimeout(IDLE_MAX_S)
                request = self.tls.wrap_socket(request, server_side=True)
            except (OSError, ssl.SSLError):
                return
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        super().handle_error(request, client_address)
