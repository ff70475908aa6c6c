"""Work that is done later: mails, payments, shipments, the search index."""

import json
import sys
import threading
import time
import traceback


class Jobs:
    """A thread that does what is due; the queue lives in the database, so a reset empties it."""

    def __init__(self, store, pace, handlers):
        self.store = store
        self.pace = pace
        self.handlers = handlers
        self.changed = threading.Condition(store.lock)
        self.is_closed = False
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def later(self, delay_s, kind, **payload):
        with self.changed:
            self.store.run(
                "INSERT INTO job (due, kind, payload) VALUES (?, ?, ?)",
                time.monotonic() + delay_s * self.pace,
                kind,
                json.dumps(payload),
            )
            self.changed.notify()

    def close(self):
        with self.changed:
            self.is_closed = True
            self.changed.notify()
        self.thread.join()

    def _work(self):
        with self.changed:
            while not self.is_closed:
                job = self.store.one("SELECT * FROM job ORDER BY due, id LIMIT 1")
                wait_s = job["due"] - time.monotonic() if job else None
                if job and wait_s <= 0:
                    self._do(job)
                else:
                    self.changed.wait(wait_s)

    def _do(self, job):
        self.store.run("DELETE FROM job WHERE id = ?", job["id"])
        try:
            self.handlers[job["kind"]](json.loads(job["payload"]))
        except Exception:  # one bad job must not stop the queue
            traceback.print_exc(file=sys.stderr)
