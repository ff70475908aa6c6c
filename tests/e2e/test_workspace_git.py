"""A workspace that the node itself fetches: the commit that stands here, and nothing else."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import wait_until
from test_nodes import node
from test_workspace import bring

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


def git(project, *args, cwd=None):
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    env.update(HOME=str(project.home), GIT_CONFIG_NOSYSTEM="1")
    return subprocess.run(["git", "-c", "user.email=a@b", "-c", "user.name=a", *args], cwd=cwd or project.folder, env=env, check=True,
                          capture_output=True, text=True).stdout.strip()


def commit(project, message="x", push=True):
    git(project, "add", "-A")
    git(project, "commit", "-qm", message)
    if push:
        git(project, "push", "-q", "origin", "HEAD:main")
    return git(project, "rev-parse", "HEAD")


def origin_of(project):
    return project.home / "origin.git"


def by_git(project, name="box", **keys):
    return {**node(project, name), "workspace": "git", **keys}


@pytest.fixture
def repository(project):
    """A project whose origin is a bare repository beside it."""
    (project.home / ".gitconfig").write_text('[protocol "file"]\n\tallow = always\n[init]\n\tdefaultBranch = main\n')
    git(project, "init", "-q", "--bare", str(origin_of(project)), cwd=project.home)
    git(project, "init", "-q")
    git(project, "remote", "add", "origin", f"file://{origin_of(project)}")
    project.scripts(one=f'pwd >>{project.home}/folders; git rev-parse HEAD >>{project.home}/heads; cat data; [ "$(cat data)" = "$WANTED" ]')
    project.write("data", "first")
    return project


def ready(project, **keys):
    box = by_git(project, **keys)
    box["env"] = {"WANTED": "first"}
    project.config(nodes={"box": box})
    return box


def wants(project, box, text):
    box["env"]["WANTED"] = text
    project.config(nodes={"box": box})


def told(project, name):
    return (project.home / name).read_text().splitlines()


def left(box):
    root = Path(box["remote_root"])
    return sorted(path.name for path in root.iterdir()) if root.exists() else []


def clone_of(box):
    return next(Path(box["remote_root"]).glob("tanda-keep-*")) / "clone"


def test_the_commit_that_stands_here_is_fetched_and_checked_out(repository):
    box = ready(repository)
    repository.write("data", "older")
    commit(repository)
    repository.write("data", "first")
    head = commit(repository)
    bring(repository, box)
    assert told(repository, "heads") == [head]
    assert "/tanda-work-" in told(repository, "folders")[0]
    wait_until(lambda: not left(box), "nothing is left there")


def test_a_clone_that_is_kept_fetches_only_what_is_new(repository):
    box = ready(repository, keep=True)
    repository.write("large", os.urandom(300000))
    commit(repository)
    bring(repository, box)
    packs = sum(path.stat().st_size for path in (clone_of(box) / ".git" / "objects").rglob("*") if path.is_file())
    bring(repository, box)
    wants(repository, box, "second")
    repository.write("data", "second")
    head = commit(repository)
    bring(repository, box)
    assert told(repository, "heads")[-1] == head and len(set(told(repository, "folders"))) == 1
    grown = sum(path.stat().st_size for path in (clone_of(box) / ".git" / "objects").rglob("*") if path.is_file())
    assert packs > 300000 and grown < packs + 50000
    assert git(repository, "-C", str(clone_of(box)), "rev-parse", "--is-shallow-repository") == "true"


def test_a_commit_on_another_branch_of_the_remote_will_do(repository):
    box = ready(repository)
    commit(repository)
    repository.write("more", "x")
    head = commit(repository, push=False)
    git(repository, "push", "-q", "origin", "HEAD:refs/heads/feature/x")
    git(repository, "checkout", "-q", "--detach")
    bring(repository, box)
    assert told(repository, "heads") == [head]


def fails(project, *words, final=True):
    """Another node does the work."""
    result = project.tanda("run")
    assert result.code == 3, result.log()
    line = next(line for line in result.err.splitlines() if "node box is left out" in line)
    for word in words:
        assert word in line, result.log()
    return result


def test_a_commit_that_was_not_pushed_is_refused(repository):
    ready(repository, launch_retries=0)
    commit(repository)
    repository.write("data", "second")
    head = commit(repository, push=False)
    fails(repository, f"commit {head} is not at file://", "push it, or let")
    assert not (repository.home / "heads").exists()


def change(project):
    project.write("data", "other")


def add(project):
    project.write("two words", "new")


def stage(project):
    project.write("data", "other")
    git(project, "add", "data")


def hide(project):
    git(project, "update-index", "--skip-worktree", "data")
    project.write("data", "other")


def look_away(project):
    git(project, "update-index", "--assume-unchanged", "data")
    project.write("data", "other")


def add_unseen(project):
    git(project, "config", "status.showUntrackedFiles", "no")
    project.write("two words", "new")


def close(project):
    git(project, "config", "core.fileMode", "false")
    (project.folder / "data").chmod(0o755)


@pytest.mark.parametrize("spoil", [change, add, stage, hide, look_away, add_unseen, close], ids=lambda spoil: spoil.__name__)
def test_what_is_not_committed_here_is_named_and_nothing_is_tested(repository, spoil):
    ready(repository)
    commit(repository)
    spoil(repository)
    name = "two words" if spoil in (add, add_unseen) else "data"
    fails(repository, f"is what is committed, and here '{name}' is not: commit and push it")
    assert not (repository.home / "heads").exists()


@pytest.mark.parametrize("url, words", [
    ("file:///nowhere/at.all", "git cannot fetch from file:///nowhere/at.all: fatal: "),
    ("ssh://127.0.0.1:1/x.git", "git cannot fetch from ssh://127.0.0.1:1/x.git: ssh: connect to host 127.0.0.1 port 1"),
])
def test_an_address_that_leads_nowhere_is_told(repository, url, words):
    ready(repository, launch_retries=0, git_url=url)
    commit(repository)
    fails(repository, words)


@pytest.mark.parametrize("url, words", [
    ("../origin.git", "origin's address, '../origin.git', leads nowhere from another machine"),
    ("https://me:geheim@host/x.git", "origin's address holds a password"),
    (None, 'no remote "origin": name the address'),
])
def test_an_origin_that_is_none_for_a_node_is_told(repository, url, words):
    ready(repository)
    commit(repository)
    git(repository, "remote", "remove", "origin")
    if url:
        git(repository, "remote", "add", "origin", url)
    result = fails(repository, words)
    assert "geheim" not in result.out + result.err


def test_the_address_may_be_named(repository):
    box = ready(repository, git_url=str(origin_of(repository)))
    commit(repository)
    git(repository, "remote", "set-url", "origin", "/nowhere.git")
    bring(repository, box)


def test_a_node_without_git_is_told(repository):
    box = ready(repository, launch_retries=0)
    commit(repository)
    tools = repository.home / "tools"
    tools.mkdir()
    for path in (Path(name) for name in os.environ["PATH"].split(":") if name):
        for program in path.iterdir() if path.is_dir() else ():
            if program.name != "git" and not (tools / program.name).is_symlink():
                (tools / program.name).symlink_to(program)
    box["exec"] = ["env", f"PATH={tools}", *box["exec"][1:]]
    repository.config(nodes={"box": box})
    commit(repository)
    fails(repository, "there is no git: install it there")


@pytest.mark.parametrize("is_named", [True, False])
def test_who_fetches_is_not_told(repository, is_named):
    """A user's name in an address may be a token; the node's git knows its own."""
    url = "http://ghp_token@127.0.0.1:1/x.git"
    box = ready(repository, launch_retries=0, keep=True, **({"git_url": url} if is_named else {}))
    git(repository, "remote", "set-url", "origin", url)
    commit(repository, push=False)
    result = fails(repository, "git cannot fetch from http://127.0.0.1:1/x.git")
    shown = subprocess.run(["grep", "-rl", "ghp_token", box["remote_root"], str(repository.folder / "tanda-out")], capture_output=True, text=True,
                           check=False).stdout
    assert shown == "" and "ghp_token" not in result.out + result.err


def set_up_there(project, box, *words):
    """The user of the node has a configuration of git."""
    home = project.home / "there"
    home.mkdir(exist_ok=True)
    shutil.copy(project.home / ".gitconfig", home / ".gitconfig")
    subprocess.run(["git", "config", "--file", str(home / ".gitconfig"), *words], check=True)
    box["exec"] = ["env", f"HOME={home}", *box["exec"]]
    project.config(nodes={"box": box})
    commit(project)


@pytest.mark.parametrize("key, value", [("core.autocrlf", "true"), ("core.symlinks", "false"), ("core.eol", "crlf")])
def test_files_are_what_was_committed_whatever_the_user_there_has_set_up(repository, key, value):
    box = ready(repository)
    repository.write("data", "first\n")
    repository.write(".gitattributes", "data text\n")
    (repository.folder / "link").symlink_to("data")
    repository.scripts(one='[ -h link ] && [ "$(wc -c <data)" -eq 6 ]')
    set_up_there(repository, box, key, value)
    bring(repository, box)


def test_a_filter_that_is_not_there_is_told(repository):
    """As of Git LFS: its files would be something else."""
    box = ready(repository, launch_retries=0)
    repository.write(".gitattributes", "*.bin filter=large\n")
    repository.write("a.bin", "content\n")
    commit(repository)
    fails(repository, "want git's filter large, which git there does not know")
    assert left(box) == []
    repository.scripts(one='[ "$(cat a.bin)" = CONTENT ]')
    subprocess.run(["git", "config", "--file", str(repository.home / ".gitconfig"), "filter.large.clean", "tr A-Z a-z"], check=True)
    set_up_there(repository, box, "filter.large.smudge", "tr a-z A-Z")
    bring(repository, box)


def test_the_ssh_that_the_user_there_has_for_git_is_used(repository):
    box = ready(repository, git_url="ssh://nowhere.invalid/x.git")
    ssh = repository.home / "ssh"
    ssh.write_text(f"#!/bin/sh\nexec git-upload-pack {origin_of(repository)}\n")
    ssh.chmod(0o755)
    set_up_there(repository, box, "core.sshCommand", str(ssh))
    bring(repository, box)


def test_outside_a_repository_it_is_refused(project):
    project.scripts(one="exit 0")
    project.config(nodes={"box": by_git(project)})
    fails(project, "git cannot tell what stands here: fatal: not a git repository")


def test_submodules_are_checked_out_and_their_commits_too(repository):
    inner = repository.home / "inner"
    inner.mkdir()
    git(repository, "init", "-q", cwd=inner)
    (inner / "file").write_text("first")
    git(repository, "add", "-A", cwd=inner)
    git(repository, "commit", "-qm", "x", cwd=inner)
    git(repository, "submodule", "--quiet", "add", f"file://{inner}", "sub")
    box = ready(repository, keep=True)
    repository.scripts(one='[ "$(cat sub/file)" = "$WANTED" ] && [ ! -e sub/left ] && touch sub/left && echo spoilt >sub/file')
    commit(repository)
    bring(repository, box)
    bring(repository, box)
    sub, victim = clone_of(box) / "sub", repository.home / "victim"
    subprocess.run(["git", "update-index", "--skip-worktree", "file"], cwd=sub, check=True)
    (sub / "left").write_text("hidden")
    (clone_of(box) / ".git" / "modules" / "sub" / "info").mkdir(exist_ok=True)
    (clone_of(box) / ".git" / "modules" / "sub" / "info" / "exclude").write_text("left\n")
    bring(repository, box)
    victim.mkdir()
    (victim / "own").touch()
    subprocess.run(["git", "config", "core.worktree", str(victim)], cwd=sub, check=True)
    bring(repository, box)
    assert os.listdir(victim) == ["own"]
    (inner / "file").write_text("second")
    git(repository, "commit", "-qam", "y", cwd=inner)
    git(repository, "pull", "-q", cwd=repository.folder / "sub")
    wants(repository, box, "second")
    commit(repository)
    bring(repository, box)
    repository.write("sub/file", "third")
    fails(repository, "here 'sub' is not")


def test_a_project_below_the_top_of_its_repository(repository):
    box = ready(repository)
    commit(repository)
    below = repository.folder / "services" / "a shop"
    below.mkdir(parents=True)
    for name in ("tests", "tanda.json", "data", "hop"):
        shutil.move(repository.folder / name, below / name)
    box["exec"][2] = str(below / "hop")
    (below / "tanda.json").write_text((below / "tanda.json").read_text().replace(f"{repository.folder}/hop", f"{below}/hop"))
    commit(repository)
    top, repository.folder = repository.folder, below
    try:
        bring(repository, box)
    finally:
        repository.folder = top
    assert told(repository, "folders")[0].endswith("/clone/services/a shop")
    wait_until(lambda: not left(box), "nothing is left there")


def in_work_tree(clone):
    (clone / "data").write_text("firsT")
    (clone / "tests" / "a" / "one.sh").unlink()
    (clone / "new").write_text("x")
    (clone / "nested" / ".git").mkdir(parents=True)
    (clone / ".git" / "info").mkdir(exist_ok=True)
    (clone / ".git" / "info" / "exclude").write_text("new\n")


def hidden_from_git(clone):
    subprocess.run(["git", "update-index", "--assume-unchanged", "data"], cwd=clone, check=True)
    (clone / "data").write_text("other")
    (clone / "tests" / "a" / "one.sh").chmod(0o644)
    subprocess.run(["git", "config", "core.fileMode", "false"], cwd=clone, check=True)


def locked(clone):
    (clone / ".git" / "index.lock").touch()
    (clone / "data").write_text("other")


def broken(clone):
    shutil.rmtree(clone / ".git" / "objects")
    (clone / "data").write_text("other")


def on_another_branch(clone):
    for argv in (["checkout", "-qb", "other"], ["-c", "user.email=a@b", "-c", "user.name=a", "commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run(["git", *argv], cwd=clone, check=True)
    hook = clone / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho other >data\n")
    hook.chmod(0o755)


def elsewhere(clone):
    victim = clone.parents[2] / "victim"
    victim.mkdir()
    (victim / "own").touch()
    subprocess.run(["git", "config", "core.worktree", str(victim)], cwd=clone, check=True)
    (clone / "data").write_text("other")


def replaced(clone):
    subprocess.run(["git", "mktree"], cwd=clone, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    other = subprocess.run(["git", "-c", "user.email=a@b", "-c", "user.name=a", "commit-tree", "-m", "x", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"],
                           cwd=clone, check=True, capture_output=True, text=True).stdout.strip()
    subprocess.run(["git", "replace", "HEAD", other], cwd=clone, check=True)


SPOILS = [in_work_tree, hidden_from_git, locked, broken, on_another_branch, elsewhere, replaced]


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__)
def test_what_a_test_did_to_the_clone_is_undone(repository, spoil):
    box = ready(repository, keep=True)
    repository.write(".gitignore", "node_modules\n")
    repository.write("tests/a/two.sh", "[ -x tests/a/one.sh ] && [ ! -e new ]\n")
    head = commit(repository)
    bring(repository, box)
    clone = clone_of(box)
    if spoil is not broken:
        (clone / "node_modules").mkdir()
    spoil(clone)
    bring(repository, box)
    assert told(repository, "heads") == [head, head]
    assert (clone / "node_modules").exists() == (spoil is not broken)
    victim = clone.parents[2] / "victim"
    assert not victim.exists() or os.listdir(victim) == ["own"]


@pytest.mark.parametrize("has_head", [True, False])
def test_nothing_of_another_clone_is_touched(repository, has_head):
    """Which is where this one leads to, or is in."""
    box = ready(repository, keep=True)
    commit(repository)
    other = Path(box["remote_root"]).parent / "other"
    subprocess.run(["git", "clone", "-q", str(origin_of(repository)), str(other)], check=True)
    box["remote_root"] = str(other / "inside")
    repository.config(nodes={"box": box})
    commit(repository)
    bring(repository, box)
    (other / "data").write_text("work of an evening")
    clone = clone_of(box)
    if has_head:
        shutil.rmtree(clone)
        clone.symlink_to(other)
    else:
        (clone / ".git" / "HEAD").unlink()
        (clone / "data").write_text("stale")
    bring(repository, box)
    assert (other / "data").read_text() == "work of an evening"


def test_a_server_that_lets_nobody_ask_for_a_commit_gives_its_branches(repository):
    """As servers of the first protocol do."""
    box = ready(repository, keep=True)
    commit(repository)
    repository.write("more", "x")
    head = commit(repository)
    repository.write("later", "x")
    commit(repository)
    git(repository, "checkout", "-q", head)
    with open(repository.home / ".gitconfig", "a", encoding="utf-8") as config:
        config.write("[protocol]\n\tversion = 0\n")
    bring(repository, box)
    assert told(repository, "heads") == [head]
    repository.write("later", "y")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "not pushed")
    box["launch_retries"] = 0
    repository.config(nodes={"box": box})
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "not pushed either")
    fails(repository, "is not at file://")


def test_check_nodes_says_whether_it_was_fetched(repository):
    ready(repository, keep=True)
    commit(repository)
    first, second = (repository.tanda("check", "nodes").out for _ in range(2))
    assert "(by git, fetched), 1 executor" in first and "(by git, the commit was there), 1 executor" in second, first + second


def test_a_hook_of_git_that_starts_tanda_does_not_mislead_it(repository):
    """What a hook's environment says of the repository is for git's own commands."""
    box = ready(repository)
    commit(repository)
    bring(repository, box, env={"GIT_DIR": "/nowhere", "GIT_INDEX_FILE": "/nowhere/index", "GIT_WORK_TREE": "/nowhere"})


def test_two_runs_at_once_have_a_clone_each(repository):
    box = ready(repository, keep=True)
    repository.scripts(one=f"pwd >>{repository.home}/folders; until [ -e {repository.home}/go ]; do sleep 0.05; done")
    commit(repository)
    folders = repository.home / "folders"
    processes = [repository.popen("run")]
    wait_until(folders.exists, "the first runs")
    processes.append(repository.popen("run", "--out", str(repository.home / "second-out")))
    wait_until(lambda: len(told(repository, "folders")) == 2, "the second runs, too")
    (repository.home / "go").touch()
    for process in processes:
        result = repository.finish(process)
        assert result.code == 0, result.log()
    assert told(repository, "folders")[0] == str(clone_of(box)) and "/tanda-work-" in told(repository, "folders")[1]
