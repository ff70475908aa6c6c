"""A workspace that is kept on a node: only what differs is sent, and nothing old or foreign is left unnoticed."""

import json
import os
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from conftest import let_others_in, wait_until
from test_nodes import NAMES, away, cut, in_repository, of_busybox

NOT_SENT = ("tanda-out", ".tanda", ".git")
UNPACKS = "case $1 in -x*) ;; *) false;; esac"  # in a stand-in for tar


@pytest.fixture(scope="session")
def without_rsync(tmp_path_factory):
    """A PATH that has all programs but rsync."""
    folder = tmp_path_factory.mktemp("programs")
    for path in (Path(name) for name in os.environ["PATH"].split(":") if name):
        for program in path.iterdir() if path.is_dir() else ():
            if program.name != "rsync" and not (folder / program.name).is_symlink():
                (folder / program.name).symlink_to(program)
    return str(folder)


def kept(project, name="box", path=None, **keys):
    made = away(project, name, keep=True, **keys)
    if path:
        made["exec"] = ["env", f"PATH={path}", *made["exec"][1:]]
    return made


def with_rsync(project):
    """A PATH whose rsync leaves a line in a file."""
    if not shutil.which("rsync"):
        pytest.skip("rsync is not installed: ./dev setup test")
    tools = project.home / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "rsync").write_text(f'#!/bin/sh\necho "$*" >>{project.home}/rsyncs\nexec {shutil.which("rsync")} "$@"\n')
    (tools / "rsync").chmod(0o755)
    return f"{tools}:{os.environ['PATH']}"


def rsyncs(project):
    path = project.home / "rsyncs"
    return len(path.read_text().splitlines()) if path.exists() else 0


def boxes(box):
    root = Path(box["remote_root"])
    return sorted(root.glob("tanda-keep-*")) if root.exists() else []


def tree_of(box):
    found = boxes(box)
    assert len(found) == 1, found
    return found[0] / "tree"


def look(folder):
    """What is in it, without what is not for a node: kind and content of each name."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if name.split("/")[0] in NOT_SENT:
            continue
        if path.is_symlink():
            found[name] = ("link", os.readlink(path))
        elif path.is_file():
            found[name] = ("file", path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
        elif path.is_dir():
            found[name] = ("folder",)
    return found


def bring(project, box, *args, env=None, code=0):
    """A run; what was sent."""
    result = project.tanda("run", *args, env=env)
    assert result.code == code, result.log()
    up = [event for event in result.journal() if event["kind"] == "node_changed" and event["change"] == "up"]
    assert len(up) == 1, result.log()
    wait_until(lambda: [path.name for path in Path(box["remote_root"]).iterdir() if not path.name.startswith("tanda-keep-")] == [],
               "the run has cleared away")
    return up[0].get("sent_bytes", 0)


def is_same(project, box):
    there, here = look(tree_of(box)), look(project.folder)
    for name in sorted(set(there) | set(here)):
        assert there.get(name) == here.get(name), (name, there.get(name), here.get(name))
    return True


@pytest.fixture(params=["tar", "rsync", "busybox"])
def box(project, request, without_rsync):
    """A node whose tree holds the project as it was brought once."""
    path = {"tar": lambda: without_rsync, "rsync": lambda: with_rsync(project), "busybox": lambda: of_busybox(project)}[request.param]()
    project.scripts(one="exit 0")
    for name in NAMES:
        project.write(f"data/{name}", f"content of {name}\n")
    project.write("deep/er/file", "deep\n")
    project.write("bin/tool", "#!/bin/sh\n", 0o755)
    project.write("empty", "")
    os.symlink("data", project.folder / "link")
    made = kept(project, path=path)
    made["how"] = request.param
    project.config(nodes={"box": {key: value for key, value in made.items() if key != "how"}})
    assert bring(project, made) > 0
    assert is_same(project, made)
    return made


def test_an_unchanged_project_is_not_sent_again(project, box):
    before = {path: path.lstat().st_ino for path in tree_of(box).rglob("*")}
    assert bring(project, box) == 0
    assert {path: path.lstat().st_ino for path in tree_of(box).rglob("*")} == before
    assert is_same(project, box)


def test_only_what_changed_is_sent(project, box):
    project.write("data/two words", "other content\n")
    project.write("deep/er/new", "new\n")
    assert bring(project, box) == len("other content\n" + "new\n")
    assert is_same(project, box)
    assert (rsyncs(project) > 0) == (box["how"] == "rsync")
    assert bring(project, box) == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_kind_is_compared(project, box, name):
    path = project.folder / "data" / name
    before = path.stat()
    path.write_bytes(b"X" + path.read_bytes()[1:])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # as long, and as old
    assert bring(project, box) == before.st_size
    assert is_same(project, box)
    path.unlink()
    assert bring(project, box) == 0
    assert is_same(project, box)


def remove(folder):
    (folder / "data" / "it's").unlink()


def remove_folder(folder):
    shutil.rmtree(folder / "deep")


def change_mode(folder):
    (folder / "bin" / "tool").chmod(0o644)
    (folder / "empty").chmod(0o755)


def change_link(folder):
    (folder / "link").unlink()
    (folder / "link").symlink_to("deep")


def link_to_file(folder):
    (folder / "link").unlink()
    (folder / "link").write_text("no link\n")


def file_to_link(folder):
    (folder / "empty").unlink()
    (folder / "empty").symlink_to("two\nlines\n")


def folder_to_file(folder):
    shutil.rmtree(folder / "deep")
    (folder / "deep").write_text("a file\n")


def file_to_folder(folder):
    (folder / "empty").unlink()
    (folder / "empty").mkdir()
    (folder / "empty" / "inner").write_text("inner\n")


def folder_to_link(folder):
    shutil.rmtree(folder / "deep")
    (folder / "deep").symlink_to("data")


def link_to_folder(folder):
    (folder / "link").unlink()
    (folder / "link").mkdir()
    (folder / "link" / "two words").write_text("content of two words\n")


CHANGES = [remove, remove_folder, change_mode, change_link, link_to_file, file_to_link, folder_to_file, file_to_folder,
           folder_to_link, link_to_folder]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_here_arrives_and_goes_again(project, box, change):
    copy = project.home / "copy"
    shutil.copytree(project.folder, copy, symlinks=True)
    change(project.folder)
    bring(project, box)
    assert is_same(project, box)
    assert bring(project, box) == 0
    for name in ("data", "deep", "empty", "link", "bin"):
        path = project.folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        if (copy / name).is_dir() and not (copy / name).is_symlink():
            shutil.copytree(copy / name, path, symlinks=True)
        else:
            shutil.copy2(copy / name, path, follow_symlinks=False)
    bring(project, box)
    assert is_same(project, box)


def in_its_place(tree):
    path = tree / "data" / "two words"
    before = path.stat()
    with open(path, "r+", encoding="utf-8") as file:
        file.write("X")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def all_closed(tree):
    (tree / "data" / "two words").chmod(0)
    (tree / "deep").chmod(0)


def folder_through_link(tree):
    elsewhere = tree.parent.parent / "elsewhere"
    shutil.move(tree / "deep", elsewhere)
    (tree / "deep").symlink_to(elsewhere)


def tree_through_link(tree):
    elsewhere = tree.parent.parent / "elsewhere"
    shutil.move(tree, elsewhere)
    tree.symlink_to(elsewhere)


SPOILS = [change_mode, change_link, link_to_file, file_to_link, folder_to_file, file_to_folder, folder_to_link,
          link_to_folder, remove, remove_folder, in_its_place, all_closed, folder_through_link, tree_through_link]


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__)
def test_what_a_test_did_to_the_project_there_is_undone(project, box, spoil):
    tree = tree_of(box)
    spoil(tree)
    elsewhere = tree.parent.parent / "elsewhere"
    before = look(elsewhere) if elsewhere.exists() else {}
    project.write("data/more", "more\n")
    result = project.tanda("run")
    assert result.code == 0, result.log()
    left = look(tree)
    for name, what in look(project.folder).items():
        if spoil is all_closed and os.geteuid() == 0:
            what, left[name] = what[:2], left.get(name, ())[:2]  # nothing is closed to root
        assert left.get(name) == what, name
    assert (look(elsewhere) if elsewhere.exists() else {}) == before


def test_what_comes_later_is_newer_than_what_was_built_there_before(project, box):
    """Make would take the file for done that was built while its source was edited here."""
    built = tree_of(box) / "built"
    built.write_text("of the old\n")
    path = project.write("data/two words", "of the new\n")
    long_ago = path.stat().st_mtime_ns - 3600 * 10**9
    os.utime(path, ns=(long_ago, long_ago))
    bring(project, box)
    assert is_newer(tree_of(box) / "data" / "two words", built)
    (tree_of(box) / "built").unlink()
    assert is_same(project, box)


def is_newer(path, other):
    return path.stat().st_mtime_ns >= other.stat().st_mtime_ns


def test_what_the_node_made_stays_and_what_was_brought_goes(project, box):
    tree = tree_of(box)
    (tree / "deep" / "node_modules").mkdir()
    (tree / "deep" / "node_modules" / "made").write_text("there")
    shutil.rmtree(project.folder / "deep")
    bring(project, box)
    assert (tree / "deep" / "node_modules" / "made").exists() and not (tree / "deep" / "er").exists()


def test_nothing_is_removed_through_a_link(project, box):
    tree = tree_of(box)
    elsewhere = Path(box["remote_root"]).parent / "elsewhere"
    (elsewhere / "er").mkdir(parents=True)
    (elsewhere / "er" / "file").write_text("mine\n")
    shutil.rmtree(tree / "deep")
    (tree / "deep").symlink_to(elsewhere)
    shutil.rmtree(project.folder / "deep")
    bring(project, box)
    assert (elsewhere / "er" / "file").read_text() == "mine\n"


def test_a_list_that_was_tampered_with_leads_nowhere(project, box):
    victim = Path(box["remote_root"]).parent / "victim"
    victim.write_text("mine\n")
    with open(tree_of(box).parent / "names", "ab") as names:
        names.write(f"./../../../victim\0{victim}\0../victim\0./\0.\0".encode())
    bring(project, box)
    assert victim.read_text() == "mine\n" and is_same(project, box)
    assert bring(project, box) == 0


def test_an_interrupted_transfer_is_not_taken_for_a_whole_one(project, without_rsync):
    """The connection ends after some of the archive has been unpacked."""
    project.scripts(one="exit 0")
    for number in range(200):
        project.write(f"data/{number:03}", f"{number}\n" * 500)
    tools = project.home / "tools"
    tools.mkdir()
    (tools / "tar").write_text(f'#!/bin/sh\n! {UNPACKS} || [ -e {project.home}/whole ] || '
                               f'{{ head -c 300000 | {shutil.which("tar")} "$@"; kill -KILL $PPID; }}\nexec {shutil.which("tar")} "$@"\n')
    (tools / "tar").chmod(0o755)
    box = kept(project, path=f"{tools}:{without_rsync}", launch_retries=0)
    project.config(nodes={"box": box})
    result = project.tanda("run")
    assert result.code == 3 and "the project could not be brought there" in result.err, result.log()
    assert 0 < len(look(tree_of(box))) < 200
    (project.home / "whole").touch()
    assert 0 < bring(project, box) < 200 * 2000
    assert is_same(project, box)


def test_a_file_that_is_missing_before_its_first_whole_transfer_is_removed_too(project, without_rsync):
    project.scripts(one="exit 0")
    project.write("data/old", "old\n" * 100)
    tools = project.home / "tools"
    tools.mkdir()
    (tools / "tar").write_text(f'#!/bin/sh\n! {UNPACKS} || [ -e {project.home}/whole ] || '
                               f'{{ {shutil.which("tar")} "$@"; kill -KILL $PPID; }}\nexec {shutil.which("tar")} "$@"\n')
    (tools / "tar").chmod(0o755)
    box = kept(project, path=f"{tools}:{without_rsync}", launch_retries=0)
    project.config(nodes={"box": box})
    assert project.tanda("run").code == 3
    assert (tree_of(box) / "data" / "old").exists()
    shutil.rmtree(project.folder / "data")
    (project.home / "whole").touch()
    bring(project, box)
    assert is_same(project, box)


def test_two_runs_at_once_do_not_share_the_folder(project, without_rsync):
    """The second has one of its own; the first one's is free again when it has ended."""
    project.scripts(one=f'pwd >>{project.home}/folders; until [ -e {project.home}/go ]; do sleep 0.05; done')
    box = kept(project, path=without_rsync)
    project.config(nodes={"box": box})
    folders = project.home / "folders"
    first = project.popen("run")
    wait_until(lambda: folders.exists(), "the first runs")
    second = project.popen("run", "--out", str(project.home / "second-out"))
    wait_until(lambda: len(folders.read_text().splitlines()) == 2, "the second runs, too")
    (project.home / "go").touch()
    for process in (first, second):
        result = project.finish(process)
        assert result.code == 0, result.log()
    one, two = folders.read_text().splitlines()
    assert one == str(tree_of(box)) and "/tanda-work-" in two
    assert bring(project, box) == 0
    assert folders.read_text().splitlines()[2] == one


def test_a_run_that_was_cut_off_does_not_return_into_the_folder_of_another(project, without_rsync):
    """Its only shell there ends, another run takes the folder over, and only then the way there is free again."""
    folders, gate, way = (project.home / name for name in ("folders", "gate", "way"))
    project.scripts(one=f'pwd >>{folders}; until [ -e {project.home}/go ]; do sleep 0.05; done')
    box = kept(project, path=without_rsync, executors=1)
    gated = f'[ ! -e {gate} ] || case $* in *begin_turn*) ;; *) until [ -e {way} ]; do sleep 0.05; done;; esac; exec "$@"'
    project.config(nodes={"box": {**box, "exec": ["sh", "-c", gated, "sh", *box["exec"]]}})
    first = project.popen("run")
    wait_until(folders.exists, "the first runs")
    gate.touch()
    cut(project, "box")
    wait_until(lambda: not list(Path(box["remote_root"]).glob("tanda-*/beat")), "its shell there has ended")
    project.config(nodes={"box": box})
    second = project.popen("run", "--out", str(project.home / "second-out"))
    wait_until(lambda: len(folders.read_text().splitlines()) == 2, "the second has taken the folder over", 60)
    way.touch()
    wait_until(lambda: len(folders.read_text().splitlines()) == 3, "the first is back", 60)
    (project.home / "go").touch()
    for process in (first, second):
        result = project.finish(process)
        assert result.code == 0, result.log()
    one, two, three = folders.read_text().splitlines()
    assert one == two == str(tree_of(box)) and "/tanda-work-" in three


def test_what_is_removed_there_is_not_believed_unseen(project, without_rsync):
    """Only something is to be removed, and while that is done a file of the project is written over."""
    project.scripts(one='[ "$(cat data)" = ours ]')
    project.write("data", "ours\n")
    project.write("old", "old\n")
    box = kept(project, path=without_rsync)
    spoils = f'case "$*" in *"sh clear "*) "$@"; for x in {box["remote_root"]}/*/tree/data; do echo theirs >$x; done; exit;; esac; exec "$@"'
    box["exec"] = ["sh", "-c", spoils, "sh", *box["exec"]]
    project.config(nodes={"box": box})
    bring(project, box)
    (project.folder / "old").unlink()
    bring(project, box)
    assert (tree_of(box) / "data").read_text() == "ours\n"


def test_what_a_dead_tanda_has_begun_to_send_does_not_arrive_later(project, without_rsync):
    """It was killed while the node unpacked; that goes on by itself, and brings what was here then."""
    project.scripts(one='[ "$(cat data)" = new ]')
    project.write("data", "old")
    tools = project.home / "tools"
    tools.mkdir()
    (tools / "tar").write_text(f'#!/bin/sh\nif {UNPACKS} && mkdir {project.home}/begun 2>/dev/null; then\n'
                               f'until [ -e {project.home}/go ]; do sleep 0.05; done; fi\nexec {shutil.which("tar")} "$@"\n')
    (tools / "tar").chmod(0o755)
    box = kept(project, path=f"{tools}:{without_rsync}")
    project.config(nodes={"box": box})
    first = project.popen("run", env={"TMPDIR": str(project.home)})  # what it cannot remove any more
    wait_until((project.home / "begun").exists, "the archive arrives")
    first.kill()
    first.communicate()
    wait_until(lambda: not list(Path(box["remote_root"]).glob("tanda-*/beat")), "its shells there have ended")
    project.write("data", "new")
    second = project.popen("run")
    turn = Path(tree_of(box).parent / "owner")
    before = os.readlink(turn)
    wait_until(lambda: turn.is_symlink() and os.readlink(turn) != before, "the second has the folder", 60)
    (project.home / "go").touch()
    result = project.finish(second)
    assert result.code == 0, result.log()
    assert is_same(project, box)


def test_a_number_that_is_another_process_now_holds_nobody_up(project, box):
    other = subprocess.Popen(["sleep", "60"])
    try:
        (tree_of(box).parent / "writer").write_text(f"{other.pid} 0123456789abcdef\n")
        project.write("data/two words", "new\n")
        assert bring(project, box) == 4
        assert is_same(project, box)
    finally:
        other.kill()
        other.wait()


def test_a_transfer_that_comes_late_does_not_begin(project, box):
    """What a dead tanda has started reaches the node when another one's turn has begun."""
    tree = tree_of(box)
    if box["how"] == "rsync":
        late = tree.parent / "late"
        tools = project.home / "tools"
        (tools / "rsync").write_text(f'#!/bin/sh\n[ "$1" != --server ] || {{ touch {late}; }}\nexec {shutil.which("rsync")} "$@"\n')
        wrapper = project.folder.parent / f"{project.folder.name}-late"
        wrapper.write_text(f'#!/bin/sh\ncase "$*" in *../turn*) echo other >{tree.parent}/turn;; esac\nexec "$@"\n')
    else:
        wrapper = project.folder.parent / f"{project.folder.name}-late"
        wrapper.write_text(f'#!/bin/sh\ncase "$*" in *"sh renew "*) echo other >{tree.parent}/turn;; esac\nexec "$@"\n')
    wrapper.chmod(0o755)
    made = {key: value for key, value in box.items() if key != "how"}
    project.config(nodes={"box": {**made, "exec": [str(wrapper), *made["exec"]], "launch_retries": 0}})
    project.write("data/two words", "late\n")
    result = project.tanda("run")
    assert (tree / "data" / "two words").read_text() == "content of two words\n"
    assert not (tree.parent / "late").exists()
    assert result.code == 3 and "the project could not be brought there: another run has taken its folder over" in result.err, result.log()


def test_what_rsync_left_unfinished_is_thrown_away(project, box):
    left = tree_of(box).parent / "parts" / ".file.X4fg2a"
    left.write_text("part")
    bring(project, box)
    assert not left.exists()


def test_a_run_that_was_killed_gives_its_folder_up(project, without_rsync):
    project.scripts(one=f'pwd >>{project.home}/folders; [ -e {project.home}/go ] || sleep 60')
    box = kept(project, path=without_rsync)
    project.config(nodes={"box": box})
    folders = project.home / "folders"
    process = project.popen("run")
    wait_until(lambda: folders.exists(), "it runs")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    root = Path(box["remote_root"])
    wait_until(lambda: [path for path in root.iterdir() if not path.name.startswith("tanda-keep-")] == [], "the node has cleared away", 40)
    (project.home / "go").touch()
    assert bring(project, box) == 0
    assert folders.read_text().splitlines() == [str(tree_of(box))] * 2


def test_a_node_that_returns_finds_its_folder_and_no_old_job_in_it(project, without_rsync):
    project.scripts(one=f'pwd >>{project.home}/folders; [ -e {project.home}/again ] || {{ touch {project.home}/again; sleep 60; }}')
    box = kept(project)
    project.config(nodes={"box": box})
    process = project.popen("run")
    wait_until((project.home / "again").exists, "it runs")
    cut(project, "box")
    result = project.finish(process)
    assert result.code == 0, result.log()
    assert (project.home / "folders").read_text().splitlines() == [str(tree_of(box))] * 2


def test_the_folder_of_somebody_else_is_not_used(project, without_rsync):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    project.scripts(one="pwd")
    box = kept(project, path=without_rsync)
    project.config(nodes={"box": box})
    bring(project, box)
    found = boxes(box)[0]
    os.chown(found, 12345, 12345)
    project.write("secret", "s")
    result = project.tanda("run", "--output", "all")
    assert result.code == 0 and "/tanda-work-" in result.out + result.err, result.log()
    assert not (found / "tree" / "secret").exists()
    os.chown(found, 0, 0)


def test_without_rsync_here_tar_brings_it(project, without_rsync):
    path = with_rsync(project)
    project.scripts(one="exit 0")
    project.write("data", "old\n")
    box = kept(project, path=path)
    project.config(nodes={"box": box})
    bring(project, box, env={"PATH": without_rsync})
    project.write("data", "new\n")
    assert bring(project, box, env={"PATH": without_rsync}) == 4
    assert is_same(project, box) and rsyncs(project) == 0


def test_where_rsync_fails_tar_brings_it(project):
    path = with_rsync(project)
    (project.home / "tools" / "rsync").write_text(f"#!/bin/sh\necho x >>{project.home}/rsyncs; exit 12\n")
    project.scripts(one="exit 0")
    project.write("data", "old\n")
    box = kept(project, path=path)
    project.config(nodes={"box": box})
    bring(project, box)
    project.write("data", "new\n")
    bring(project, box)
    assert is_same(project, box) and rsyncs(project) == 1


def test_a_root_that_cannot_be_written_is_told(project, without_rsync):
    if os.geteuid() == 0 and subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("nothing is closed to root here")
    project.scripts(one="while ! grep -q unreachable tanda-out/journal.ndjson; do sleep 0.1; done")
    box = kept(project, path=without_rsync, launch_retries=0)
    box["remote_root"] = "/proc/tanda-root"
    project.config(nodes={"box": box, "local": 1})
    result = project.tanda("run")
    assert result.code == 0 and "/proc/tanda-root" in result.err, result.log()


def test_a_full_disk_is_told_and_the_next_run_finishes_the_work(project, without_rsync):
    project.scripts(one="while [ ! -e go ] && ! grep -q unreachable tanda-out/journal.ndjson; do sleep 0.1; done")
    project.write(".gitignore", "go\n")
    tools = project.home / "tools"
    tools.mkdir()
    (tools / "tar").write_text(f'#!/bin/sh\nif {UNPACKS} && [ ! -e {project.home}/room ]; then cat >/dev/null; '
                               f'echo "tar: x: No space left on device" >&2; exit 2; fi\nexec {shutil.which("tar")} "$@"\n')
    (tools / "tar").chmod(0o755)
    box = kept(project, path=f"{tools}:{without_rsync}", launch_retries=0)
    project.config(nodes={"box": box, "local": 1})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert "the project could not be brought there: tar: x: No space left on device" in result.err
    (project.home / "room").touch()
    project.config(nodes={"box": box})
    project.write("go", "")
    bring(project, box)
    assert (tree_of(box) / "tests" / "a" / "one.sh").exists()


def test_a_workspace_that_a_dead_run_left_goes_though_it_holds_closed_folders(project):
    """By another user, where this is root: to root nothing is closed."""
    project.scripts(one="exit 0")
    box = kept(project)
    root = Path(box["remote_root"])
    closed = root / "tanda-work-dead" / "closed"
    closed.mkdir(parents=True)
    (closed / "file").write_text("x")
    closed.chmod(0o555)
    os.utime(closed.parent, (0, 0))
    if os.geteuid() == 0:
        let_others_in(root)
        for path in (root, closed.parent, closed):
            os.chown(path, 12345, 12345)
        box["exec"] = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", *box["exec"]]
        (project.home / "hops-box").touch(0o666)
        (project.home / "hops-box").chmod(0o666)
        let_others_in(project.folder)
        let_others_in(project.home)
    project.config(nodes={"box": box})
    bring(project, box)
    assert not closed.parent.exists()


def test_what_is_written_all_the_time_does_not_keep_the_node_away(project, without_rsync):
    project.scripts(one="exit 0")
    project.write("log", "begun\n")
    box = kept(project, path=without_rsync)
    project.config(nodes={"box": box})
    bring(project, box)
    writer = subprocess.Popen(["sh", "-c", f"while :; do date +%N >>{project.folder}/log; sleep 0.01; done"])
    try:
        assert project.tanda("run").code == 0
    finally:
        writer.kill()
        writer.wait()


def test_a_folder_that_does_not_stay_as_it_is_left_is_told(project, without_rsync):
    """Whatever is sent, something there writes over it."""
    project.scripts(one="while ! grep -q unreachable tanda-out/journal.ndjson; do sleep 0.1; done")
    project.write("data", "ours\n")
    tools = project.home / "tools"
    tools.mkdir()
    (tools / "tar").write_text(f'#!/bin/sh\n{shutil.which("tar")} "$@" || exit\n! {UNPACKS} || echo theirs >data\n')
    (tools / "tar").chmod(0o755)
    box = kept(project, path=f"{tools}:{without_rsync}", launch_retries=0)
    project.config(nodes={"box": box, "local": 1})
    result = project.tanda("run")
    assert result.code == 0 and "'data' is not there as it is here, though it was sent 3 times" in result.err, result.log()


def test_nothing_is_written_through_a_link_in_place_of_a_folder_that_git_knows(project, without_rsync):
    """Git still lists what was in it, and it leads to something else there."""
    project.scripts(one="exit 0")
    project.write("deep/file", "deep\n")
    in_repository(project)
    subprocess.run(["git", "add", "-A"], cwd=project.folder, check=True)
    box = kept(project, path=without_rsync)
    project.config(nodes={"box": box})
    bring(project, box)
    for around, tree, text in ((project.folder.parent, project.folder, "here\n"), (tree_of(box).parent, tree_of(box), "there\n")):
        (around / "outside").mkdir()
        (around / "outside" / "file").write_text(text)
        shutil.rmtree(tree / "deep")
        (tree / "deep").symlink_to("../outside")
    bring(project, box)
    assert (tree_of(box).parent / "outside" / "file").read_text() == "there\n"


def test_submodules_are_kept_up_to_date(project, without_rsync):
    other = project.home / "other"
    other.mkdir()
    (other / "inner").write_text("inner\n")
    who = ["-c", "user.email=a@b", "-c", "user.name=a", "-c", "protocol.file.allow=always"]
    project.scripts(one='[ "$(cat sub/inner)" = "$(cat wanted)" ] && [ ! -e sub/.git ]')
    project.write("wanted", "inner\n")
    in_repository(project)
    for folder, argv in ((other, ["init", "-q"]), (other, ["add", "-A"]), (other, ["commit", "-qm", "x"]),
                         (project.folder, ["submodule", "--quiet", "add", str(other), "sub"])):
        subprocess.run(["git", *who, *argv], cwd=folder, check=True)
    box = kept(project, path=without_rsync)
    project.config(nodes={"box": box})
    bring(project, box)
    project.write("sub/inner", "outer\n")
    project.write("wanted", "outer\n")
    assert bring(project, box) == 12


def test_what_git_ignores_stays_on_the_node(project, without_rsync):
    project.scripts(one="[ -e node_modules/made ] || { mkdir node_modules && touch node_modules/made; }")
    in_repository(project)
    project.write(".gitignore", "node_modules\n")
    box = kept(project, path=without_rsync)
    project.config(nodes={"box": box})
    bring(project, box)
    made = tree_of(box) / "node_modules" / "made"
    before = made.stat().st_ino
    bring(project, box)
    assert made.stat().st_ino == before


def test_check_nodes_says_what_was_sent(project, box):
    result = project.tanda("check", "nodes")
    assert result.code == 0 and "(nothing had changed), 1 executor" in result.out, result.log()
    project.write("data/two words", "x" * 2345)
    result = project.tanda("check", "nodes")
    how = "rsync" if box["how"] == "rsync" else "tar"
    assert result.code == 0 and f"(1 file, 2.3 kB, by {how}), 1 executor" in result.out, result.log()
    project.write("new", "y" * 10)
    nodes = json.loads(project.tanda("check", "nodes", "--json").out)["nodes"]
    told = next(node for node in nodes if node["name"] == "box")
    assert (told["sent_files"], told["sent_bytes"], told["sent_by"]) == (1, 10, "tar")


def test_check_nodes_says_why_a_workspace_was_not_kept(project, without_rsync):
    project.scripts(one=f"touch {project.home}/runs; until [ -e {project.home}/go ]; do sleep 0.05; done")
    project.config(nodes={"box": kept(project, path=without_rsync)})
    process = project.popen("run")
    wait_until((project.home / "runs").exists, "it runs")
    try:
        result = project.tanda("check", "nodes")
    finally:
        (project.home / "go").touch()
    assert "its workspace was not kept: the run " in result.out and "works in it" in result.out, result.log()
    assert project.finish(process).code == 0
