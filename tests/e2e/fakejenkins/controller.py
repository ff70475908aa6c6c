"""The state of one controller and what may be done to it; all under one lock, `change`."""

import json
import pathlib
import secrets
import signal
import threading

from fakejenkins import items, labels
from fakejenkins.builds import Build
from fakejenkins.items import Value
from fakejenkins.nodes import Node
from fakejenkins.waiting import Queue

IDLE_LOOK_S = 5.0


class Controller:
    def __init__(self, home, settings):
        self.home = pathlib.Path(home)
        self.settings = settings
        self.root_url = settings["root_url"]
        self.version = settings["version"]
        self.is_modern = int(self.version.split(".")[1]) >= 308
        self.crumbs = True
        self.session = secrets.token_hex(4)  # new at each start: how a client notices one
        self.cookie = secrets.token_hex(16)
        self.change = threading.Condition(threading.RLock())
        self.quieting = self.ending = False
        self.top = items.Folder("", None)
        self.queue = Queue()
        self.nodes = []
        self.add_node(self.builtin())
        self.agents = {}
        self.threads = []
        self.load()

    def builtin(self):
        called, shown = ("built-in", "Built-In Node") if self.is_modern else ("master", "master")
        return Node("", self.home, self.settings["executors"], self.settings["labels"], called, shown)

    def add_node(self, node):
        self.nodes.append(node)
        node.on_lost = lambda: self.lose_node(node, processes_too=False)

    def add_agent(self, name, entry):
        with self.change:
            self.add_node(Node(name, self.home / "agents" / name, int(entry.get("executors", 1)),
                               entry.get("labels", ""), exclusive=entry.get("exclusive", False)))
            self.agents[name] = entry
            self.save_agents()

    def remove_agent(self, node):
        with self.change:
            self.nodes.remove(node)
            del self.agents[node.name]
            self.save_agents()

    def save_agents(self):
        (self.home / "agents.json").write_text(json.dumps(self.agents))
        self.change.notify_all()

    # --- kept over a restart ---

    def folder_of(self, item):
        return self.home.joinpath("jobs", *item.full_name.replace("/", "/jobs/").split("/"))

    def load(self):
        agents = self.home / "agents.json"
        for name, entry in (json.loads(agents.read_text()) if agents.exists() else self.settings["agents"]).items():
            self.add_agent(name, entry)
        for path in sorted((self.home / "jobs").glob("**/config.xml")):
            names = path.parent.relative_to(self.home / "jobs").parts[::2]
            self.load_item(self.find("/".join(names[:-1])), names[-1], path)
        saved = self.home / "queue.json"
        if saved.exists():
            self.load_queue(json.loads(saved.read_text()))
            saved.unlink()
        last = self.home / "queue-id"
        self.queue.next_id = int(last.read_text()) if last.exists() else 1

    def load_item(self, parent, name, path):
        item = items.made(name, parent, path.read_text())
        parent.children[name] = item
        if isinstance(item, items.Job):
            number = path.parent / "nextBuildNumber"
            item.next_number = int(number.read_text()) if number.exists() else 1
            for folder in (path.parent / "builds").glob("*"):
                build = Build.loaded(item, folder)
                if build:
                    item.builds[build.number] = build

    def load_queue(self, saved):
        for entry in saved:
            job = self.find(entry["job"])
            item, _ = self.queue.add(job, [Value.loaded(value) for value in entry["values"]], entry["causes"], 0)
            item.id = entry["id"]

    def save_queue_id(self):
        """What a crash goes back to."""
        (self.home / "queue-id").write_text(str(self.queue.next_id))

    def shut_down(self):
        """As SIGTERM does: builds end as failures, the queue is kept."""
        with self.change:
            self.ending = True
            self.save_queue_id()
            (self.home / "queue.json").write_text(json.dumps([item.saved() for item in self.queue.items]))
            for build in self.running():
                build.go_down()
            self.change.notify_all()
        for thread in self.threads:
            thread.join(10)

    # --- items ---

    def find(self, full_name):
        """The job or folder of this name; KeyError."""
        item = self.top
        for name in full_name.split("/") if full_name else []:
            item = item.children[name]
        return item

    def create(self, parent, name, xml):
        """ValueError when the name is taken or the XML is not understood."""
        with self.change:
            if name in parent.children:
                raise ValueError(f"A job already exists with the name ‘{name}’")
            item = parent.children[name] = items.made(name, parent, xml)
            self.write_config(item)
            return item

    def write_config(self, item):
        folder = self.folder_of(item)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.xml").write_text(item.xml)

    # --- triggers ---

    def trigger(self, job, given, user, delay_s=None):
        """Queue a build with what a form gave; (item, is it new). Names that the job has not are dropped."""
        values = [definition.value(given.get(definition.name)) for definition in job.definitions]
        with self.change:
            added = self.queue.add(job, [value for value in values if value], [user],
                                   job.quiet_s if delay_s is None else delay_s)
            self.change.notify_all()
            return added

    def running(self):
        return [build for job in self.top.jobs() for build in job.builds.values() if build.building]

    def running_on(self, node):
        return [executor.build for executor in node.busy() if isinstance(executor.build, Build)]

    def nodes_with(self, label):
        return [node for node in self.nodes if label.matches(node.labels)]

    def node(self, name):
        """By the name in the URL; KeyError."""
        for node in self.nodes:
            if name == (f"({node.called})" if node.is_builtin else node.name):
                return node
        raise KeyError(name)

    def cancel_jobs_of(self, item):
        """Before it is deleted: nothing of it waits or runs on."""
        for job in item.jobs() if isinstance(item, items.Folder) else [item]:
            for waiting in [waiting for waiting in self.queue.items if waiting.job is job]:
                self.queue.cancel(waiting)
            for build in job.builds.values():
                if build.building:
                    build.stop("SYSTEM")

    # --- the threads ---

    def schedule(self):
        """Until the end: give executors what waits."""
        with self.change:
            while not self.ending:
                for item, executor in self.queue.assign(self.nodes, self.quieting):
                    thread = threading.Thread(target=self.execute, args=(item, executor), daemon=True)
                    self.threads = [other for other in self.threads if other.is_alive()] + [thread]
                    thread.start()
                due = self.queue.next_due()
                self.change.wait(IDLE_LOOK_S if due is None else due + 0.001)

    def execute(self, item, executor):
        """One build on one executor."""
        with self.change:
            if item not in self.queue.items:  # cancelled in between
                executor.build = None
                self.change.notify_all()
                return
            build = self.start(item, executor)
        result = build.run(self)
        with self.change:
            build.leave_executor(result)
            executor.build = None
            self.change.notify_all()

    def start(self, item, executor):
        job = item.job
        folder = self.folder_of(job)
        number = job.next_number
        build = Build(job, number, item.id, item.values, item.causes, folder / "builds" / str(number))
        build.take_executor(executor, self.running_on(executor.node))
        job.builds[number] = executor.build = build
        job.next_number += 1
        (folder / "nextBuildNumber").write_text(str(job.next_number))
        self.queue.leave(item, build)
        return build

    def lose_node(self, node, processes_too):
        """Its agent is killed, or was; with `processes_too` the whole machine."""
        with self.change:
            running = [build for build in self.running_on(node) if not build.lost]
            for build in running:
                build.lose(processes_too)
            node.lose()
            self.change.notify_all()
        for build in running if processes_too else []:
            build.signal(signal.SIGKILL)

    def label(self, text):
        return labels.parse(text)
