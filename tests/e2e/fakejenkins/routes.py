"""What a request does: the REST API's URLs, walked segment by segment as Stapler does."""

import json
import mimetypes
import re
import shutil
from email.utils import formatdate

from fakejenkins import archive, items, pages, tree
from fakejenkins.views import LAST_BUILDS, Views

DELAY = re.compile(r"(\d+)\s*(?:sec|secs|seconds)?$")
BUILD_POSTS = ("stop", "term", "kill", "doDelete")


class NotFound(Exception):
    pass


class NotAllowed(Exception):
    """The permission that lacks."""


class PostWanted(Exception):
    pass


class Routes:
    def __init__(self, controller):
        self.controller = controller
        self.views = Views(controller)

    def answer(self, request):
        """The Reply to an authenticated request."""
        try:
            if request.user is None:
                raise NotAllowed("hudson.model.Hudson.Read")
            return self.top(request, request.segments)
        except (NotFound, KeyError):
            return pages.container_error(404, "Not Found", request.path)
        except NotAllowed as lacking:
            return pages.login_wanted(request.path, request.user_name(), str(lacking))
        except PostWanted:
            return pages.page(405, "Form post required", "You must use POST.", [("Allow", "POST")])
        except ValueError as error:
            return pages.page(400, "Error", str(error), [("X-Error", header_safe(str(error)))])

    def post(self, request, permission=None):
        if request.method != "POST":
            raise PostWanted
        if permission and not request.user["may_build"]:
            raise NotAllowed(permission)

    def api(self, request, shown, rest):
        """`shown` for .../api/json, which ends every URL that shows something; its page without that."""
        if not rest:
            return pages.page(200, shown.view.title(shown.thing), "A page for people.")
        if rest not in (["api", "json"], ["api", "python"]):
            raise NotFound
        return pages.as_json(shown.export(tree.cut_of(request.query)), request.query.get("pretty") == "true")

    def top(self, request, segments):
        if not segments:
            return pages.page(200, "Dashboard", "Welcome to Jenkins!")
        if segments[0] == "job":
            return self.in_folder(request, self.controller.top, segments)
        if segments[0] == "api":
            return self.api(request, self.views.root(self.controller), segments)
        method = TOP.get(segments[0])
        if method is None:
            raise NotFound
        return method(self, request, segments[1:])

    # --- who and whether ---

    def who_am_i(self, request, rest):
        view = tree.View("hudson.security.WhoAmI", tree.Field("anonymous", lambda user: False),
                         tree.Field("authenticated", lambda user: True),
                         tree.Field("authorities", lambda user: ["authenticated"]),
                         tree.Field("name", lambda user: user["name"]))
        return self.api(request, view(request.user), rest)

    def me(self, request, rest):
        url = self.controller.root_url
        view = tree.View("hudson.model.User",
                         tree.Field("absoluteUrl", lambda user: f"{url}user/{user['name']}"),
                         tree.Field("description", lambda user: None),
                         tree.Field("fullName", lambda user: user["name"]), tree.Field("id", lambda user: user["name"]),
                         tree.Field("property", lambda user: []))
        return self.api(request, view(request.user), rest)

    def crumb_issuer(self, request, rest):
        if not self.controller.crumbs:
            raise NotFound
        crumb = request.new_crumb()
        view = tree.View("hudson.security.csrf.DefaultCrumbIssuer", tree.Field("crumb", lambda one: crumb),
                         tree.Field("crumbRequestField", lambda one: "Jenkins-Crumb"))
        return self.api(request, view(crumb), rest)

    def quiet_down(self, request, rest, quieting=True):
        self.post(request)
        with self.controller.change:
            self.controller.quieting = quieting
            self.controller.change.notify_all()
        return pages.redirect(302, self.controller.root_url)

    def cancel_quiet_down(self, request, rest):
        return self.quiet_down(request, rest, quieting=False)

    # --- the queue ---

    def queue(self, request, rest):
        queue = self.controller.queue
        if rest[:1] == ["item"] and len(rest) > 1 and rest[1].isdigit():
            item = queue.find(int(rest[1]))
            if item is None:
                raise NotFound
            if rest[2:] == ["cancelQueue"]:
                self.post(request, "hudson.model.Item.Cancel")
                queue.cancel(item)
                return pages.redirect(302, self.controller.root_url)
            return self.api(request, self.views.item(item), rest[2:])
        if rest == ["cancelItem"]:
            self.post(request, "hudson.model.Item.Cancel")
            return self.cancel_item(request)
        return self.api(request, self.views.queue(queue), rest)

    def cancel_item(self, request):
        queue = self.controller.queue
        item = queue.find(int(request.values.get("id", 0)))
        if item is not None and queue.cancel(item):
            return pages.Reply(204)
        if self.controller.is_modern and item is None:
            return pages.container_error(404, "Provided id not found", request.path)
        return pages.page(500, "Oops!", "Could not cancel run")

    # --- nodes ---

    def computer(self, request, rest):
        controller = self.controller
        if rest[:1] in ([], ["api"]):
            return self.api(request, self.views.computers(controller.nodes), rest)
        if rest == ["doCreateItem"]:
            self.post(request, "hudson.model.Computer.Create")
            return self.create_node(request)
        node = controller.node(rest[0])
        if rest[1:] == ["toggleOffline"]:
            self.post(request, "hudson.model.Computer.Disconnect")
            node.toggle(request.values.get("offlineMessage", ""))
            controller.change.notify_all()
            return pages.redirect(302, f"{controller.root_url}computer/{rest[0]}/")
        if rest[1:] == ["doDelete"]:
            self.post(request, "hudson.model.Computer.Delete")
            controller.remove_agent(node)
            return pages.redirect(302, f"{controller.root_url}computer/")
        return self.api(request, self.views.computer(node), rest[1:])

    def create_node(self, request):
        form = json.loads(request.values["json"])
        entry = {"executors": form.get("numExecutors", 1), "labels": form.get("labelString", ""),
                 "exclusive": form.get("mode") == "EXCLUSIVE"}
        self.controller.add_agent(form["name"], entry)
        return pages.redirect(302, f"{self.controller.root_url}computer/")

    def label(self, request, rest):
        if not rest:
            raise NotFound
        return self.api(request, self.views.label(self.controller.label(rest[0])), rest[1:])

    # --- folders and jobs ---

    def create_item(self, request, rest, parent=None):
        self.post(request, "hudson.model.Item.Create")
        self.controller.create(parent or self.controller.top, request.values["name"], request.text())
        return pages.Reply(200)

    def in_folder(self, request, folder, rest):
        """`rest` is what follows the folder's own URL."""
        if rest[:1] == ["job"] and len(rest) > 1:
            item = folder.children[rest[1]]
            step = self.in_folder if isinstance(item, items.Folder) else self.in_job
            return step(request, item, rest[2:])
        if rest == ["createItem"]:
            return self.create_item(request, [], folder)
        return self.item_actions(request, folder, rest) or self.api(request, self.views.job(folder), rest)

    def item_actions(self, request, item, rest):
        """What folders and jobs have in common; None for what it is not."""
        if rest == ["config.xml"]:
            if request.method == "POST":
                self.post(request, "hudson.model.Item.Configure")
                item.configure(request.text())
                self.controller.write_config(item)
                return pages.Reply(200)
            return pages.Reply(200, item.xml, "application/xml")
        if rest == ["doDelete"]:
            self.post(request, "hudson.model.Item.Delete")
            self.controller.cancel_jobs_of(item)
            del item.parent.children[item.name]
            shutil.rmtree(self.controller.folder_of(item), ignore_errors=True)
            return pages.redirect(302, self.controller.root_url)
        return None

    def in_job(self, request, job, rest):
        if rest in (["buildWithParameters"], ["build"]):
            self.post(request)
            return self.trigger(request, job, rest[0])
        if rest in (["enable"], ["disable"]):
            self.post(request, "hudson.model.Item.Configure")
            job.disable(rest == ["disable"])
            return pages.redirect(302, self.controller.root_url + job.path())
        if rest and (rest[0].isdigit() or rest[0].startswith("last")):
            return self.in_build(request, self.build_of(job, rest[0]), rest[1:])
        return self.item_actions(request, job, rest) or self.api(request, self.views.job(job), rest)

    def trigger(self, request, job, way):
        controller = self.controller
        if not request.user["may_build"]:
            raise NotAllowed("hudson.model.Item.Build")
        if job.disabled:
            return pages.page(409, "Error", f"{job.full_name} is not buildable")
        given = request.values
        if way == "build" and job.definitions:
            if "json" not in given:
                return pages.container_error(400, "Nothing is submitted", request.path)
            given = items.form_parameters(given["json"])
        if way == "buildWithParameters" and not job.definitions:
            raise ValueError(f"{job.full_name} is not parameterized")
        delay = DELAY.match(request.values.get("delay", ""))
        item, new = controller.trigger(job, given, request.user["name"], int(delay.group(1)) if delay else None)
        if way == "build" and job.definitions and not controller.is_modern:
            return pages.redirect(201, controller.root_url + job.path())
        return pages.redirect(201 if new or not controller.is_modern else 303,
                              f"{controller.root_url}queue/item/{item.id}/")

    def build_of(self, job, name):
        if name.isdigit():
            return job.builds[int(name)]
        build = LAST_BUILDS[name](job.numbered()) if name in LAST_BUILDS else None
        if build is None:
            raise NotFound
        return build

    def in_build(self, request, build, rest):
        url = f"{self.controller.root_url}{build.job.path()}{build.number}/"
        if len(rest) == 1 and rest[0] in BUILD_POSTS:
            self.post(request, "hudson.model.Item.Cancel")
            return self.end_build(request, build, rest[0], url)
        if rest == ["consoleText"]:
            return pages.Reply(200, build.log_from(0)[0], "text/plain;charset=utf-8")
        if rest[:1] == ["logText"] and rest[1:] in (["progressiveText"], ["progressiveHtml"]):
            return self.progressive(request, build)
        if rest[:1] == ["artifact"]:
            return self.artifact(request, build, rest[1:])
        if rest[:1] == ["testReport"]:
            if build.test_result is None:
                raise NotFound
            return self.api(request, self.views.test_result(build.test_result), rest[1:])
        return self.api(request, self.views.run(build), rest)

    def end_build(self, request, build, how, url):
        if how == "doDelete":
            del build.job.builds[build.number]
            shutil.rmtree(build.folder, ignore_errors=True)
            return pages.redirect(302, self.controller.root_url + build.job.path())
        if how == "stop":
            if build.building:
                build.stop(request.user["name"])
            return pages.redirect(302, url)
        if build.job.is_pipeline and build.building:
            build.kill(request.user["name"])
        return pages.redirect(302, f"{url}{how}/")

    def progressive(self, request, build):
        text, end = build.log_from(int(request.values.get("start") or 0))
        headers = [("X-Text-Size", str(end))] + ([("X-More-Data", "true")] if build.building else [])
        return pages.Reply(200, text.replace(b"\n", b"\r\n"), "text/plain;charset=utf-8", headers)

    def artifact(self, request, build, rest):
        folder = build.folder / "archive"
        if rest and rest[0] == "*zip*":
            if not build.artifacts:
                raise NotFound
            return pages.Reply(200, archive.zipped(folder), "application/zip")
        path = folder.joinpath(*rest)
        if ".." in rest or not path.is_file():
            raise NotFound
        stamp = formatdate(path.stat().st_mtime, usegmt=True)
        headers = [("Content-Security-Policy", "sandbox; default-src 'none';"), ("Last-Modified", stamp),
                   ("Expires", stamp), ("Accept-Ranges", "bytes")]
        kind = {".xml": "application/xml", ".tar": "application/x-tar"}.get(path.suffix)
        kind = kind or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return ranged(request, pages.Reply(200, path.read_bytes(), kind, headers))


def ranged(request, reply):
    """As the container serves files: one range of bytes, when it is asked for."""
    wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
    if not wanted:
        return reply
    size = len(reply.body)
    start, end = int(wanted.group(1)), int(wanted.group(2) or size - 1)
    if start >= size or end < start:
        return pages.Reply(416, headers=[("Content-Range", f"bytes */{size}")])
    reply.status, reply.body = 206, reply.body[start:end + 1]
    reply.headers.append(("Content-Range", f"bytes {start}-{min(end, size - 1)}/{size}"))
    return reply


def header_safe(text):
    return re.sub(r"[^ -~]", " ", text)


TOP = {"whoAmI": Routes.who_am_i, "me": Routes.me, "crumbIssuer": Routes.crumb_issuer, "queue": Routes.queue,
       "computer": Routes.computer, "label": Routes.label, "createItem": Routes.create_item,
       "quietDown": Routes.quiet_down, "cancelQuietDown": Routes.cancel_quiet_down}
