"""The fields that Jenkins' API shows of each class, in its order, with their visibilities."""

import shutil
import time

from fakejenkins import items, labels
from fakejenkins.tree import Field, View

RUN_CLASSES = {items.FREESTYLE: "hudson.model.FreeStyleBuild",
               items.PIPELINE: "org.jenkinsci.plugins.workflow.job.WorkflowRun"}
BALL = {"SUCCESS": "blue", "UNSTABLE": "yellow", "FAILURE": "red", "ABORTED": "aborted", "NOT_BUILT": "notbuilt"}
ESTIMATE_BUILDS = 3


class Views:
    """The views of one controller, whose URLs they carry."""

    def __init__(self, controller):
        self.controller = controller
        self.make_small()
        self.make_runs()
        self.make_jobs()
        self.make_queue()
        self.make_nodes()
        self.make_root()

    def url(self, path=""):
        return self.controller.root_url + path

    def make_small(self):
        self.no_fields = View(None)
        self.value = View(lambda value: value.definition.value_class(), Field("name", lambda value: value.name, 3))
        self.told_value = View(self.value.class_name, *self.value.fields, Field("value", lambda value: value.value, 3))
        self.parameters = View("hudson.model.ParametersAction", Field("parameters", self.values_of, 2))
        self.cause = View("hudson.model.Cause$UserIdCause",
                          Field("shortDescription", lambda user: f"Started by user {user}", 3),
                          Field("userId", lambda user: user, 3), Field("userName", lambda user: user, 3))
        self.causes = View("hudson.model.CauseAction", Field("causes", lambda thing: self.cause.each(thing.causes), 2))
        self.test_action = View("hudson.tasks.junit.TestResultAction",
                                Field("failCount", lambda build: build.test_result["failCount"], 2),
                                Field("skipCount", lambda build: build.test_result["skipCount"], 2),
                                Field("totalCount", lambda build: sum(
                                    build.test_result[name] for name in ("failCount", "passCount", "skipCount")), 2),
                                Field("urlName", lambda build: "testReport", 2))
        self.artifact = View(None, Field("displayPath", lambda path: path.rpartition("/")[2], 3),
                             Field("fileName", lambda path: path.rpartition("/")[2], 3),
                             Field("relativePath", lambda path: path, 3))
        self.test_result = View("hudson.tasks.junit.TestResult", *plain_fields(
            "testActions duration empty failCount passCount skipCount"),
            Field("suites", lambda result: self.test_suite.each(result["suites"]), inline=True))
        self.test_suite = View(None, Field("cases", lambda suite: self.test_case.each(suite["cases"]), inline=True),
                               *plain_fields("duration enclosingBlockNames enclosingBlocks id name nodeId stderr "
                                             "stdout timestamp"))
        self.test_case = View(None, *plain_fields(
            "testActions age className duration errorDetails errorStackTrace failedSince name skipped skippedMessage "
            "status stderr stdout"))

    def values_of(self, thing):
        return [(self.value if value.definition.kind in ("File", "Password") else self.told_value)(value)
                for value in thing.values]

    def actions_of(self, thing):
        return ([self.parameters(thing)] if thing.values else []) + [self.causes(thing)]

    def make_runs(self):
        run = [
            Field("actions", self.actions_of_run),
            Field("artifacts", lambda build: self.artifact.each(build.artifacts)),
            Field("building", lambda build: build.building),
            Field("description", lambda build: None),
            Field("displayName", lambda build: f"#{build.number}"),
            Field("duration", lambda build: build.duration_ms),
            Field("estimatedDuration", lambda build: estimate(build.job)),
            Field("executor", lambda build: self.executor(build.executor) if build.building else None),
            Field("fullDisplayName", lambda build: f"{build.job.full_name.replace('/', ' » ')} #{build.number}"),
            Field("id", lambda build: str(build.number)),
            Field("keepLog", lambda build: build.keep),
            Field("number", lambda build: build.number, 2),
            Field("queueId", lambda build: build.queue_id),
            Field("result", lambda build: build.result),
            Field("timestamp", lambda build: build.started_ms),
            Field("url", lambda build: self.url(f"{build.job.path()}{build.number}/"), 2)]
        change_set = View("hudson.scm.EmptyChangeLogSet", Field("items", lambda build: [], 2),
                          Field("kind", lambda build: None, 2))
        self.freestyle_run = View(RUN_CLASSES[items.FREESTYLE], *run,
                                  Field("builtOn", lambda build: build.node_name), Field("changeSet", change_set),
                                  Field("culprits", lambda build: []))
        self.pipeline_run = View(RUN_CLASSES[items.PIPELINE], *run, Field("changeSets", lambda build: []),
                                 Field("culprits", lambda build: []), Field("nextBuild", lambda build: None),
                                 Field("previousBuild", lambda build: None))

    def run(self, build):
        if build is None:
            return None
        return (self.pipeline_run if build.job.is_pipeline else self.freestyle_run)(build)

    def runs(self, builds):
        return [self.run(build) for build in builds]

    def actions_of_run(self, build):
        tested = [self.test_action(build)] if build.test_result else []
        return self.actions_of(build) + tested + [self.no_fields(build)]

    def make_jobs(self):
        self.definition = View(lambda definition: definition.definition_class(),
                               Field("defaultParameterValue",
                                     lambda one: None if one.kind == "File" else self.told_value(one.value(None)), 2),
                               Field("description", lambda one: one.description, 2),
                               Field("name", lambda one: one.name, 2),
                               Field("type", lambda one: f"{one.kind}ParameterDefinition", 2))
        self.definitions = View("hudson.model.ParametersDefinitionProperty",
                                Field("parameterDefinitions", lambda job: self.definition.each(job.definitions), 2,
                                      inline=True))
        last = [Field(name, lambda job, which=which: self.run(which(job.numbered())))
                for name, which in LAST_BUILDS.items()]
        head = [
            Field("actions", lambda job: self.properties(job) + [self.no_fields(job)]),
            Field("description", lambda job: job.description),
            Field("displayName", lambda job: job.name),
            Field("displayNameOrNull", lambda job: None),
            Field("fullDisplayName", lambda job: job.full_name.replace("/", " » ")),
            Field("fullName", lambda job: job.full_name),
            Field("name", lambda job: job.name, 3),
            Field("url", lambda job: self.url(job.path()), 3)]
        job = head + [
            Field("allBuilds", lambda job: self.runs(job.numbered()), -2),
            Field("buildable", lambda job: not job.disabled),
            Field("builds", lambda job: self.runs(job.numbered()[:100])),
            Field("color", color, 2)] + last[:1] + [
            Field("healthReport", lambda job: []),
            Field("inQueue", lambda job: self.queued(job) is not None),
            Field("keepDependencies", lambda job: False)] + last[1:] + [
            Field("nextBuildNumber", lambda job: job.next_number),
            Field("property", self.properties),
            Field("queueItem", lambda job: self.item(self.queued(job))),
            Field("concurrentBuild", lambda job: job.concurrent)]
        scm = View("hudson.scm.NullSCM")
        self.freestyle = View(items.FREESTYLE, *job, Field("disabled", lambda job: job.disabled),
                              Field("downstreamProjects", lambda job: []),
                              Field("labelExpression", lambda job: job.label), Field("scm", scm),
                              Field("upstreamProjects", lambda job: []))
        self.pipeline = View(items.PIPELINE, *job, Field("resumeBlocked", lambda job: False))
        self.folder = View(lambda folder: folder.class_name, *head,
                           Field("jobs", lambda folder: self.jobs(folder)), Field("primaryView", lambda folder: None),
                           Field("views", lambda folder: []))

    def job(self, job):
        if isinstance(job, items.Folder):
            return self.folder(job)
        return (self.pipeline if job.is_pipeline else self.freestyle)(job)

    def jobs(self, folder):
        return [self.job(folder.children[name]) for name in sorted(folder.children)]

    def properties(self, job):
        return [self.definitions(job)] if getattr(job, "definitions", None) else []

    def queued(self, job):
        return next((item for item in self.controller.queue.items if item.job is job), None)

    def make_queue(self):
        task = View(lambda job: job.class_name, Field("name", lambda job: job.name, 3),
                    Field("url", lambda job: self.url(job.path()), 3), Field("color", color, 2))
        common = [
            Field("actions", self.actions_of),
            Field("blocked", lambda item: item.state == "Blocked"),
            Field("buildable", lambda item: item.state == "Buildable"),
            Field("id", lambda item: item.id),
            Field("inQueueSince", lambda item: item.since_ms),
            Field("params", lambda item: "".join(f"\n{value.name}={value.told()}" for value in item.values)),
            Field("stuck", lambda item: item.stuck),
            Field("task", lambda item: task(item.job)),
            Field("url", lambda item: f"queue/item/{item.id}/"),
            Field("why", lambda item: item.why)]
        since = Field("buildableStartMilliseconds", lambda item: item.buildable_ms)
        extra = {
            "Waiting": [Field("timestamp", lambda item: int((item.due - time.monotonic() + time.time()) * 1000))],
            "Blocked": [since],
            "Buildable": [since, Field("pending", lambda item: item.pending)],
            "Left": [Field("cancelled", lambda item: item.cancelled), Field("executable", self.executable)]}
        self.queue_items = {state: View(f"hudson.model.Queue${state}Item", *common, *more)
                            for state, more in extra.items()}
        self.queue = View("hudson.model.Queue", Field("discoverableItems", lambda queue: []),
                          Field("items", lambda queue: [self.item(item) for item in reversed(queue.items)],
                                inline=True))

    def executable(self, item):
        view = View(RUN_CLASSES[item.job.class_name], Field("number", lambda build: build.number, 2),
                    Field("url", lambda build: self.url(f"{item.job.path()}{build.number}/"), 2))
        return view(item.build)

    def item(self, item):
        return None if item is None else self.queue_items[item.state](item)

    def make_nodes(self):
        builds_of = self.controller.running_on
        self.executor = View(None, Field("currentExecutable", lambda one: self.executing(one)),
                             Field("idle", lambda one: one.build is None), Field("likelyStuck", lambda one: False),
                             Field("number", lambda one: one.number),
                             Field("progress", lambda one: -1))
        load = View("hudson.model.Label$1", *[Field(name, lambda one: {}) for name in
                                              ("availableExecutors", "busyExecutors", "connectingExecutors",
                                               "definedExecutors", "idleExecutors", "onlineExecutors", "queueLength",
                                               "totalExecutors")])
        node = View(lambda node: "hudson.model.Hudson" if node.is_builtin else "hudson.slaves.DumbSlave",
                    Field("nodeName", lambda node: node.name, 999))
        nodes_of = self.controller.nodes_with
        self.label = View(
            lambda label: None if label.kind == "Atom" and label.nested else label.class_name,
            Field("actions", lambda label: []),
            Field("busyExecutors", lambda label: sum(len(one.busy()) for one in nodes_of(label) if not one.offline)),
            Field("clouds", lambda label: []), Field("description", lambda label: None),
            Field("idleExecutors", lambda label: sum(len(one.free()) for one in nodes_of(label))),
            Field("loadStatistics", load), Field("name", lambda label: label.name, 2),
            Field("nodes", lambda label: node.each(nodes_of(label))),
            Field("offline", lambda label: all(one.offline for one in nodes_of(label))),
            Field("tiedJobs", lambda label: []),
            Field("totalExecutors",
                  lambda label: sum(len(one.executors) for one in nodes_of(label) if not one.offline)),
            Field("propertiesList", lambda label: []))
        cause = View(lambda one: "hudson.slaves.OfflineCause$" + (
            "UserCause" if one.temporarily_offline else "ChannelTermination"),
            Field("timestamp", lambda one: one.lost_at_ms or int(time.time() * 1000)))
        self.computer = View(
            lambda one: "hudson.model.Hudson$MasterComputer" if one.is_builtin else "hudson.slaves.SlaveComputer",
            Field("actions", lambda one: []),
            Field("assignedLabels", lambda one: self.label.each(atoms(one))),
            Field("description", lambda one: "the master Jenkins node" if one.is_builtin else ""),
            Field("displayName", lambda one: one.shown, 2),
            Field("executors", lambda one: self.executor.each(one.executors[::-1])),
            Field("icon", lambda one: "computer-x.png" if one.offline else "computer.png"),
            Field("iconClassName", lambda one: "icon-computer-x" if one.offline else "icon-computer"),
            Field("idle", lambda one: not builds_of(one)), Field("jnlpAgent", lambda one: False),
            Field("launchSupported", lambda one: True), Field("loadStatistics", load),
            Field("manualLaunchAllowed", lambda one: True), Field("monitorData", monitors),
            Field("numExecutors", lambda one: len(one.executors)), Field("offline", lambda one: one.offline),
            Field("offlineCause", lambda one: cause(one) if one.offline else None),
            Field("offlineCauseReason", lambda one: one.reason()), Field("oneOffExecutors", lambda one: []),
            Field("temporarilyOffline", lambda one: one.temporarily_offline))
        self.computers = View(
            "hudson.model.ComputerSet", Field("busyExecutors", lambda nodes: sum(len(one.busy()) for one in nodes)),
            Field("computer", self.computer.each, inline=True), Field("displayName", lambda nodes: "Nodes"),
            Field("totalExecutors", lambda nodes: sum(len(one.executors) for one in nodes if not one.offline)))

    def executing(self, executor):
        return self.run(executor.build) if executor.build is not None and hasattr(executor.build, "building") else None

    def make_root(self):
        view = View("hudson.model.AllView", Field("name", lambda root: "all", 2), Field("url", lambda root: self.url(), 2))
        load = View("hudson.model.OverallLoadStatistics")
        self.root = View(
            "hudson.model.Hudson",
            Field("assignedLabels", lambda root: [self.no_fields(root)]), Field("mode", lambda root: "NORMAL"),
            Field("nodeDescription", lambda root: "the master Jenkins node"), Field("nodeName", lambda root: ""),
            Field("numExecutors", lambda root: len(root.nodes[0].executors)), Field("description", lambda root: None),
            Field("jobs", lambda root: self.jobs(root.top)), Field("overallLoad", load), Field("primaryView", view),
            Field("quietingDown", lambda root: root.quieting), Field("slaveAgentPort", lambda root: -1),
            Field("unlabeledLoad", load), Field("url", lambda root: self.url()),
            Field("useCrumbs", lambda root: root.crumbs), Field("useSecurity", lambda root: True),
            Field("views", lambda root: [view(root)]))


def plain_fields(names):
    return [Field(name, lambda thing, name=name: thing[name]) for name in names.split()]


def first(builds, accepts):
    return next((build for build in builds if not build.building and build.result in accepts), None)


LAST_BUILDS = {
    "firstBuild": lambda builds: builds[-1] if builds else None,
    "lastBuild": lambda builds: builds[0] if builds else None,
    "lastCompletedBuild": lambda builds: next((build for build in builds if not build.building), None),
    "lastFailedBuild": lambda builds: first(builds, ("FAILURE",)),
    "lastStableBuild": lambda builds: first(builds, ("SUCCESS",)),
    "lastSuccessfulBuild": lambda builds: first(builds, ("SUCCESS", "UNSTABLE")),
    "lastUnstableBuild": lambda builds: first(builds, ("UNSTABLE",)),
    "lastUnsuccessfulBuild": lambda builds: first(builds, ("FAILURE", "UNSTABLE", "ABORTED", "NOT_BUILT")),
}


def color(job):
    if isinstance(job, items.Folder):
        return None
    builds = job.numbered()
    done = LAST_BUILDS["lastCompletedBuild"](builds)
    name = "disabled" if job.disabled else BALL[done.result] if done else "notbuilt"
    return name + ("_anime" if builds and builds[0].building else "")


def estimate(job):
    """The mean of the last successful ones; -1 when there is none."""
    done = [build.duration_ms for build in job.numbered() if build.result in ("SUCCESS", "UNSTABLE")][:ESTIMATE_BUILDS]
    return sum(done) // len(done) if done else -1


def atoms(node):
    """A node's labels, each as one that needs no class of its own in a list."""
    found = [labels.Label("Atom", name, lambda has, name=name: name in has) for name in sorted(node.labels)]
    for label in found:
        label.nested = True
    return found


def monitors(node):
    now, disk = int(time.time() * 1000), shutil.disk_usage("/").free
    if node.offline:
        return {f"hudson.node_monitors.{name}": None for name in MONITORS}

    def space(path):
        return {"_class": "hudson.node_monitors.DiskSpaceMonitorDescriptor$DiskSpace", "timestamp": now,
                "path": path, "size": disk}

    values = [{"_class": "hudson.node_monitors.SwapSpaceMonitor$MemoryUsage2", "availablePhysicalMemory": 1 << 33,
               "availableSwapSpace": 0, "totalPhysicalMemory": 1 << 34, "totalSwapSpace": 0},
              space("/tmp"), space(str(node.root)), "Linux (amd64)",
              {"_class": "hudson.node_monitors.ResponseTimeMonitor$Data", "timestamp": now, "average": 0},
              {"_class": "hudson.util.ClockDifference", "diff": 0}]
    return {f"hudson.node_monitors.{name}": value for name, value in zip(MONITORS, values)}


MONITORS = ["SwapSpaceMonitor", "TemporarySpaceMonitor", "DiskSpaceMonitor", "ArchitectureMonitor",
            "ResponseTimeMonitor", "ClockMonitor"]
