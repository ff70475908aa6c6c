"""The shop as one object: database, queue of delayed work, search index, faults on request."""

from shop import checkout, mail, search
from shop.jobs import Jobs
from shop.store import Store

AREAS = frozenset(["catalog", "search", "cart", "checkout", "accounts", "orders"])


class Shop:
    """`broken` names areas that misbehave on purpose; `pace` stretches every delay."""

    def __init__(self, database, broken=frozenset(), pace=1.0):
        unknown = broken - AREAS - {"crash"}
        if unknown:
            raise SystemExit(f"TIENDA_BREAK: no such area: {', '.join(sorted(unknown))}")
        self.broken = broken
        self.store = Store(database)
        self.index = search.Index(self)
        self.jobs = Jobs(
            self.store,
            pace,
            {
                "deliver": lambda job: mail.deliver(self, job),
                "payment": lambda job: checkout.payment_answered(self, job),
                "expiry": lambda job: checkout.payment_expired(self, job),
                "shipment": lambda job: checkout.shipped(self, job),
                "reindex": lambda job: self.index.rebuild(),
            },
        )

    def is_broken(self, area):
        return area in self.broken

    def reset(self):
        """Back to the day the shop opened; delayed work is forgotten with the rest."""
        with self.store.lock:
            self.store.reset()
            self.index.forget()

    def close(self):
        self.jobs.close()
        self.store.close()
