"""Requests, answers and the table of routes, between the HTTP server and the pages."""

import json
import re
import secrets
from dataclasses import dataclass, field

ROUTES = []


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    kind: str = "text/html; charset=utf-8"
    headers: dict = field(default_factory=dict)


def see_other(location):
    return Answer(303, headers={"Location": location})


def json_answer(value, status=200):
    return Answer(status, json.dumps(value, ensure_ascii=False).encode(), "application/json")


@dataclass
class Request:
    method: str
    path: str
    query: dict
    form: dict
    json: dict
    base_url: str
    session: str | None


def route(method, pattern):
    def register(handler):
        ROUTES.append((method, re.compile(pattern), handler))
        return handler

    return register


def find_route(method, path):
    """The handler and its arguments; (None, None): unknown path, (None, {}): unknown method."""
    known = None
    for route_method, pattern, handler in ROUTES:
        match = pattern.fullmatch(path)
        if match and route_method == method:
            return handler, match.groupdict()
        known = {} if match else known
    return None, known


def ensure_session(shop, request):
    """The visitor's session id; a new one when the cookie or token is missing or unknown."""
    if request.session and shop.store.one("SELECT 1 FROM session WHERE id = ?", request.session):
        return request.session
    request.session = secrets.token_urlsafe(16)
    shop.store.run("INSERT INTO session (id) VALUES (?)", request.session)
    return request.session


def who(shop, request):
    """The e-mail address of the customer who is logged in, or None."""
    row = shop.store.one("SELECT email FROM session WHERE id = ?", request.session)
    return row["email"] if row else None
