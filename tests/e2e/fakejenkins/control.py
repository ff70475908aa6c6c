"""What a test may do to a running controller, over a port of its own: a JSON object a line, answered by one."""

import json
import socketserver
import time

from fakejenkins import items


class Control:
    """Each public method is an operation."""

    def __init__(self, controller, server):
        self.controller, self.server = controller, server

    def fault(self, **given):
        return self.server.faults.add(**given)

    def unfault(self, number=None):
        return self.server.faults.remove(number)

    def hits(self):
        return self.server.faults.hits()

    def create_job(self, name, xml):
        parent = self.controller.top
        *folders, last = name.split("/")
        for folder in folders:
            if folder not in parent.children:
                self.controller.create(parent, folder, f"<{items.FOLDER}/>")
            parent = parent.children[folder]
        self.controller.create(parent, last, xml)

    def trigger(self, job, parameters):
        job = self.controller.find(job)
        files = [one.name for one in job.definitions if one.kind == "File" and one.name in parameters]
        parameters.update({name: parameters[name].encode() for name in files})
        item, _ = self.controller.trigger(job, parameters, "admin")
        return item.id

    def stop(self, job, number):
        self.controller.find(job).builds[number].stop("admin")

    def configure(self, job, xml):
        with self.controller.change:
            self.controller.find(job).configure(xml)

    def disable(self, job, off=True):
        self.controller.find(job).disable(off)

    def hold_queue(self, held=True):
        with self.controller.change:
            self.controller.queue.held = held
            self.controller.change.notify_all()

    def save_queue_id(self, next_id=None):
        """What a crash goes back to; with `next_id`, what comes next, too."""
        with self.controller.change:
            self.controller.queue.next_id = next_id or self.controller.queue.next_id
            self.controller.save_queue_id()

    def next_build(self, job, number):
        with self.controller.change:
            self.controller.find(job).next_number = number

    def kill_agent(self, name, processes_too=True):
        self.controller.lose_node(self.controller.node(name), processes_too)

    def signal_agent(self, name, number):
        """SIGSTOP: a network that lets nothing through."""
        self.controller.node(name).channel.process.send_signal(number)

    def reconnect_agent(self, name):
        with self.controller.change:
            self.controller.node(name).reconnect()
            self.controller.change.notify_all()

    def add_agent(self, name, executors=1, labels="", exclusive=False):
        entry = {"executors": executors, "labels": labels, "exclusive": exclusive}
        self.controller.add_agent(name, entry)

    def set(self, **given):
        """root_url, crumbs, quieting."""
        with self.controller.change:
            for name, value in given.items():
                assert name in ("root_url", "crumbs", "quieting"), name
                setattr(self.controller, name, value)
            self.controller.change.notify_all()

    def artifacts(self, job, number, paths):
        """What a build says it has archived, whatever it has."""
        with self.controller.change:
            self.controller.find(job).builds[number].artifacts = paths

    def requests(self, since=0):
        return [request for request in self.server.requests if request["time"] >= since]

    def state(self):
        with self.controller.change:
            builds = [told(build) for job in self.controller.top.jobs() for build in job.builds.values()]
            waits = [{"id": item.id, "job": item.job.full_name, "why": item.why, "state": item.state,
                      "parameters": {value.name: value.told() for value in item.values}}
                     for item in self.controller.queue.items]
            return {"session": self.controller.session, "builds": builds, "queue": waits}

    def now(self):
        return time.time()


def told(build):
    return {"job": build.job.full_name, "number": build.number, "queue_id": build.queue_id, "node": build.node_name,
            "building": build.building, "result": build.result, "started_ms": build.started_ms,
            "duration_ms": build.duration_ms, "artifacts": build.artifacts, "stopped_by": build.stopped_by,
            "parameters": {value.name: value.told() for value in build.values}}


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            asked = json.loads(line)
            try:
                answer = {"ok": getattr(self.server.control, asked.pop("do"))(**asked)}
            except Exception as error:  # told to the test, whatever it is
                answer = {"error": f"{type(error).__name__}: {error}"}
            self.wfile.write(json.dumps(answer).encode() + b"\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, control):
        super().__init__(("127.0.0.1", 0), Handler)
        self.control = control
