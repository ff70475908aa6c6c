"""The build queue: what waits and why, and which executor takes it."""

import time

from fakejenkins import labels

LEFT_ITEMS_KEPT_S = 301


class Waiting:
    """One item of the queue. `state` is Waiting (quiet period), Blocked, Buildable or Left."""

    def __init__(self, number, job, values, causes, delay_s):
        self.id, self.job, self.values, self.causes = number, job, values, list(causes)
        self.since_ms = int(time.time() * 1000)
        self.due = time.monotonic() + delay_s
        self.state = "Waiting"
        self.why = None
        self.stuck = self.pending = self.cancelled = False
        self.buildable_ms = None
        self.build = None
        self.left = None

    def same_as(self, job, values):
        return (self.job is job and len(values) == len(self.values) and
                all(ours.same(theirs) for ours, theirs in zip(self.values, values)))

    def leave(self, build=None):
        self.state, self.why, self.stuck, self.pending = "Left", None, False, False
        self.build, self.cancelled, self.left = build, build is None, time.monotonic()

    def saved(self):
        return {"id": self.id, "job": self.job.full_name, "values": [value.saved() for value in self.values],
                "causes": self.causes}


class Queue:
    def __init__(self):
        self.next_id = 1
        self.items = []  # what waits, oldest first
        self.gone = {}
        self.held = False  # a slow queue: nothing leaves it

    def add(self, job, values, causes, delay_s):
        """The new item, or the one that already waits with equal parameters; and whether it is new."""
        for item in self.items:
            if item.same_as(job, values):
                item.causes += causes
                item.due = min(item.due, time.monotonic() + delay_s)
                return item, False
        item = Waiting(self.next_id, job, values, causes, delay_s)
        self.next_id += 1
        self.items.append(item)
        return item, True

    def find(self, number):
        """The item that waits under this id or left within five minutes; None."""
        for item in self.items:
            if item.id == number:
                return item
        item = self.gone.get(number)
        return item if item and time.monotonic() - item.left < LEFT_ITEMS_KEPT_S else None

    def cancel(self, item):
        if item not in self.items:
            return False
        self.leave(item)
        return True

    def leave(self, item, build=None):
        self.items.remove(item)
        item.leave(build)
        self.gone[item.id] = item

    def next_due(self):
        """Seconds until a quiet period ends; None when there is none."""
        waits = [item.due - time.monotonic() for item in self.items if item.state == "Waiting"]
        return max(0, min(waits)) if waits else None

    def assign(self, nodes, quieting):
        """Bring every item's state up to date; the (item, executor) pairs that may start now."""
        starts = []
        for item in list(self.items):
            executor = self.look_at(item, nodes, quieting)
            if executor:
                executor.build = item
                item.pending = True
                starts.append((item, executor))
        return starts

    def look_at(self, item, nodes, quieting):
        item.stuck = False
        if item.pending:
            return None
        if item.due > time.monotonic() and item.state == "Waiting":
            item.why = f"In the quiet period. Expires in {item.due - time.monotonic():.1f} sec"
            return None
        running = [build for build in item.job.builds.values() if build.building]
        if running and not item.job.concurrent:
            item.state = "Blocked"
            item.why = f"Build #{running[0].number} is already in progress (ETA: N/A)"
            return None
        if item.state != "Buildable":
            item.state, item.buildable_ms = "Buildable", int(time.time() * 1000)
        if quieting:
            item.why = "Jenkins is about to shut down"
            return None
        return self.executor_for(item, nodes)

    def executor_for(self, item, nodes):
        label = labels.parse(item.job.label) if item.job.label else None
        suited = [node for node in nodes if node.takes(label)]
        item.why = waiting_for(label, suited)
        item.stuck = not any(not node.offline and node.executors for node in suited)
        free = [] if self.held else [node for node in suited if node.free()]
        if not free:
            return None
        return max(free, key=lambda node: len(node.free())).free()[0]


def waiting_for(label, suited):
    """What Jenkins tells about an item that no executor has taken yet; `suited` are the label's nodes."""
    if not label:
        return "Waiting for next available executor"
    if not suited:
        return f"There are no nodes with the label ‘{label.name}’"
    name = suited[0].shown if len(suited) == 1 else label.name
    if any(not node.offline for node in suited):
        return f"Waiting for next available executor on ‘{name}’"
    return f"‘{name}’ is offline" if len(suited) == 1 else f"All nodes of label ‘{name}’ are offline"
