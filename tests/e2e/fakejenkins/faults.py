"""What may go wrong between a controller and its client; rules that are switched while it runs.

A rule holds for requests of its `method` and `path` (a regular expression, searched in path and query), `times` times
after the first `skip`. With `when` "after" the request is carried out and only its answer goes wrong.
"""

import base64
import itertools
import re
import threading

from fakejenkins import pages

KINDS = ("status", "reset", "half", "length", "body", "hang", "starting", "login", "html", "redirect")


class Rule:
    numbers = itertools.count(1)

    def __init__(self, kind, path="", method=None, times=None, skip=0, when="before", **options):
        if kind not in KINDS:
            raise ValueError(f"fault: no kind {kind!r}; there are {' '.join(KINDS)}")
        self.id = next(self.numbers)
        self.kind, self.path, self.method = kind, re.compile(path), method
        self.times, self.skip, self.when, self.options = times, skip, when, options
        self.hits = 0
        self.released = threading.Event()

    def takes(self, method, url):
        if (self.method and self.method != method) or not self.path.search(url) or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        self.hits += 1
        return True

    def needs_answer(self):
        """Is the request carried out?"""
        return self.when == "after" or self.kind in ("half", "length", "body")

    def reply(self, path, answer):
        """What is sent instead of `answer` (None: it was not asked for)."""
        options = self.options
        if self.kind == "status":
            status = options["status"]
            headers = list(options.get("headers", {}).items())
            if "body" in options:
                return pages.Reply(status, options["body"], options.get("type", "text/plain"), headers)
            return pages.container_error(status, pages.REASONS.get(status, "Error"), path, headers)
        if self.kind == "body":
            answer.body = base64.b64decode(options["base64"])
            return answer
        if self.kind == "redirect":
            return pages.redirect(options.get("status", 302), options["location"])
        made = {"starting": pages.starting, "login": pages.login,
                "html": lambda: pages.Reply(200, "<html><body>It works!</body></html>", pages.HTML)}
        return made[self.kind]() if self.kind in made else answer


class Faults:
    def __init__(self):
        self.rules = []
        self.lock = threading.Lock()

    def add(self, **given):
        rule = Rule(**given)
        with self.lock:
            self.rules.append(rule)
        return rule.id

    def remove(self, number=None):
        """One rule, or all; whoever hangs in it is let go. How often each was met."""
        with self.lock:
            gone = [rule for rule in self.rules if number in (None, rule.id)]
            self.rules = [rule for rule in self.rules if rule not in gone]
        for rule in gone:
            rule.released.set()
        return {rule.id: rule.hits for rule in gone}

    def hits(self):
        return {rule.id: rule.hits for rule in self.rules}

    def find(self, method, url):
        with self.lock:
            return next((rule for rule in self.rules if rule.takes(method, url)), None)
