"""Outgoing mail: queued, delivered a moment later, kept in a mailbox that tests can read."""

DELIVERY_S = 0.35


def send(shop, recipient, subject, body):
    shop.jobs.later(DELIVERY_S, "deliver", recipient=recipient, subject=subject, body=body)


def deliver(shop, job):
    shop.store.run("INSERT INTO mail (recipient, subject, body) VALUES (?, ?, ?)",
                   job["recipient"], job["subject"], job["body"])


def mailbox(shop, recipient):
    rows = shop.store.all("SELECT subject, body FROM mail WHERE recipient = ? ORDER BY id", recipient)
    return [dict(row) for row in rows]
