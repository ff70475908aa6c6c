"""Outgoing mail: queued, delivered a moment later, kept in a mailbox that tests can read."""

import re

from shop.faults import Refused

DELIVERY_S = 0.4


def check_address(address):
    address = address.strip().lower()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address):
        raise Refused("This is not an e-mail address.")
    return address


def send(shop, recipient, subject, body):
    shop.jobs.later(DELIVERY_S, "deliver", recipient=recipient, subject=subject, body=body)


def deliver(shop, job):
    shop.store.run(
        "INSERT INTO mail (recipient, subject, body) VALUES (?, ?, ?)",
        job["recipient"],
        job["subject"],
        job["body"],
    )


def mailbox(shop, recipient):
    rows = shop.store.all(
        "SELECT subject, body FROM mail WHERE recipient = ? ORDER BY id", recipient
    )
    return [dict(row) for row in rows]
