"""Replies: JSON, Jenkins' own pages, and the container's error pages."""

import html
import json

REASONS = {200: "OK", 201: "Created", 204: "No Content", 206: "Partial Content", 302: "Found", 303: "See Other",
           400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
           409: "Conflict", 414: "URI Too Long", 416: "Range Not Satisfiable", 422: "Unprocessable Entity",
           429: "Too Many Requests", 500: "Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
           504: "Gateway Timeout"}
HTML = "text/html;charset=utf-8"


class Reply:
    """`told` is whether X-Jenkins and its session go with it, as with what Jenkins itself renders."""

    def __init__(self, status, body=b"", kind=None, headers=(), told=False):
        self.status, self.kind, self.told = status, kind, told
        self.body = body.encode() if isinstance(body, str) else body
        self.headers = list(headers)


def as_json(value, pretty=False):
    text = json.dumps(value, ensure_ascii=False, indent=2 if pretty else None,
                      separators=None if pretty else (",", ":"))
    return Reply(200, text, "application/json;charset=utf-8", [("X-Frame-Options", "deny")], told=True)


def container_error(status, message, path, headers=()):
    """What the servlet container makes of sendError: Jenkins does not see it."""
    title = html.escape(f"{status} {message}")
    body = (f"<html><head><title>Error {title}</title></head><body><h2>HTTP ERROR {title}</h2><table>"
            f"<tr><th>URI:</th><td>{html.escape(path)}</td></tr><tr><th>STATUS:</th><td>{status}</td></tr>"
            f"<tr><th>MESSAGE:</th><td>{html.escape(message)}</td></tr></table></body></html>\n")
    return Reply(status, body, "text/html;charset=iso-8859-1",
                 [("Cache-Control", "must-revalidate,no-cache,no-store"), *headers])


def page(status, title, text, headers=()):
    """One of Jenkins' own pages."""
    body = (f"<!DOCTYPE html><html><head><title>{html.escape(title)} [Jenkins]</title></head>"
            f"<body><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p></body></html>")
    common = [("Cache-Control", "no-cache,no-store,must-revalidate"), ("X-Frame-Options", "sameorigin")]
    return Reply(status, body, HTML, [*common, *headers], told=True)


def login_wanted(path, user, permission):
    """403 for who has not logged in, or may not: a page that sends a browser to the login."""
    place = html.escape(path, quote=True)
    body = (f"<html><head><meta http-equiv='refresh' content='1;url=/login?from={place}'/></head><body>"
            f"Authentication required<!-- You are authenticated as: {html.escape(user)} -->\n"
            f"Permission you need to have (but didn't): {permission}</body></html>")
    return Reply(403, body, HTML, [("X-You-Are-Authenticated-As", user), ("X-Required-Permission", permission)],
                 told=True)


def login():
    """The login form that a single sign-on in front of Jenkins answers everything with."""
    return Reply(200, "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form method='post' "
                      "action='/login'><input name='user'><input type='password' name='password'></form></body></html>",
                 HTML)


def starting():
    """503 while Jenkins starts."""
    return Reply(503, "<!DOCTYPE html><html lang='en'><head><title>Starting Jenkins</title></head><body><h1>Please wait "
                      "while Jenkins is getting ready to work...</h1></body></html>", HTML,
                 [("Cache-Control", "no-cache,no-store,must-revalidate"), ("Expires", "0")])


def redirect(status, location):
    return Reply(status, headers=[("Location", location)])
