"""What was tested, and where: version, commit, branch and build are in every report and in the history."""

import json
import shutil
import sqlite3

import pytest

from test_since import commit, git

needs_git = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
JENKINS = {"JENKINS_URL": "http://ci/", "BUILD_URL": "http://bot:pw@ci/job/a%20b/4/", "BUILD_NUMBER": "4",
           "GIT_COMMIT": "0123456789abcdef0123456789abcdef01234567", "GIT_BRANCH": "origin/main",
           "BUILD_TAG": "jenkins-a-b-4", "NODE_NAME": "agent 7", "CHANGE_ID": "31"}


def properties(result):
    return {item.get("name"): item.get("value") for item in result.junit().iter("property")}


def test_a_build_of_a_ci_server_is_in_every_report(project):
    project.write("VERSION.txt", "4.2.1-rc<1>\n# more\n")
    project.scripts(a__one="true")
    project.config(build_version={"file": "VERSION.txt"})
    result = project.tanda("run", env=JENKINS)
    assert result.code == 0, result.err
    assert result.summary()["build"] == {
        "version": "4.2.1-rc<1>", "commit": JENKINS["GIT_COMMIT"], "branch": "main", "modified": False,
        "ci": "Jenkins", "number": "4", "url": "http://ci/job/a%20b/4/",
        "tag": "jenkins-a-b-4", "node": "agent 7", "change": "31"}
    found = properties(result)
    assert (found["tanda.build_version"], found["tanda.commit"]) == ("4.2.1-rc<1>", JENKINS["GIT_COMMIT"])
    assert (found["tanda.branch"], found["tanda.build_url"]) == ("main", "http://ci/job/a%20b/4/")
    assert (found["tanda.build_tag"], found["tanda.build_node"], found["tanda.change"]) == ("jenkins-a-b-4", "agent 7", "31")
    page = (project.folder / "tanda-out" / "report.html").read_text()
    assert "version 4.2.1-rc&lt;1&gt;, commit 0123456789ab on main, Jenkins build 4, change 31, on its node agent 7" in page
    assert '<a rel="noreferrer" href="http://ci/job/a%20b/4/">' in page
    assert JENKINS["GIT_COMMIT"] in (project.folder / "tanda-out" / "summary.md").read_text()
    assert "bot:pw" not in (project.folder / "tanda-out" / "journal.ndjson").read_text()
    assert project.tanda("report", "--check").code == 0
    run = json.loads(project.tanda("history", "--json").out)["runs"][0]
    assert (run["commit"], run["branch"], run["version"]) == (JENKINS["GIT_COMMIT"], "main", "4.2.1-rc<1>")


def test_without_a_server_or_git_it_is_not_known(project):
    project.scripts(a__one="true")
    project.config()
    result = project.tanda("run")
    assert set(result.summary()["build"].values()) == {None}
    assert "no run knew its commit" in project.tanda("history", "trend").out


@needs_git
def test_on_a_desk_git_tells_the_commit_and_whether_it_was_changed(project):
    project.scripts(a__one="true")
    project.config()
    git(project.folder, "init", "-q", "-b", "trunk")
    commit(project.folder)
    head = git(project.folder, "rev-parse", "HEAD")
    told = project.tanda("run").summary()["build"]
    assert (told["commit"], told["branch"], told["modified"], told["ci"]) == (head, "trunk", False, None)
    project.scripts(a__one="exit 0")
    assert project.tanda("run").summary()["build"]["modified"] is True
    git(project.folder, "checkout", "-q", "--detach")
    assert project.tanda("run").summary()["build"]["branch"] is None


@needs_git
def test_the_trend_is_told_by_commit(project):
    project.scripts(a__one="true", a__two="true")
    project.config()
    git(project.folder, "init", "-q", "-b", "trunk")
    commits = []
    for number in range(3):
        project.write("app.txt", f"{number}")
        commit(project.folder, f"change {number}")
        commits.append(git(project.folder, "rev-parse", "HEAD"))
        assert project.tanda("run").code == 0
        assert project.tanda("run", "--match", "one").code == 0
    project.write("app.txt", "not committed")
    project.tanda("run")
    told = json.loads(project.tanda("history", "trend", "--json").out)["commits"]
    assert [item["commit"] for item in told] == commits[::-1]
    assert [item["runs"] for item in told] == [3, 2, 2]
    assert all(item["tests"] == 2 and item["wall_s"] is not None for item in told)
    shown = project.tanda("history", "trend").out
    assert commits[2][:12] in shown and "trunk" in shown


@pytest.mark.parametrize("setting, said", [
    ({"file": "missing.txt"}, "missing.txt: it cannot be read"), ({"command": ["./none"]}, "none"),
    ({"command": ["sh", "-c", "exit 3"]}, "sh: it ended with 3"), ({"command": ["true"]}, "it is empty"),
])
def test_a_version_that_cannot_be_had_is_a_warning(project, setting, said):
    project.scripts(a__one="true")
    project.config(build_version=setting)
    result = project.tanda("run")
    assert result.code == 0 and result.summary()["build"]["version"] is None
    assert "warning: the application's version is not known: " in result.err and said in result.err


def test_a_command_tells_the_version_that_is_deployed(project):
    project.scripts(a__one="true")
    project.config(build_version={"command": ["sh", "-c", "echo; echo ' 7.1 '; echo noise >&2"]})
    assert project.tanda("run").summary()["build"]["version"] == "7.1"


def test_an_older_history_is_brought_up_to_date(project):
    project.scripts(a__one="true")
    project.config()
    project.tanda("run")
    database = project.folder / ".tanda" / "history.db"
    script = "".join(f"ALTER TABLE runs DROP COLUMN {name};" for name in
                     ("commit_id", "branch", "version", "build_url", "is_modified"))
    with sqlite3.connect(database) as db:
        db.executescript(script + "DROP TABLE comings; PRAGMA user_version = 4;")
    result = project.tanda("run", env=JENKINS)
    assert result.code == 0 and "warning" not in result.err
    runs = json.loads(project.tanda("history", "--json").out)["runs"]
    assert [run["commit"] for run in runs] == [JENKINS["GIT_COMMIT"], None]
