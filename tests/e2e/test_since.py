"""`--since REF`: the tests that a change concerns, told from git; whatever git cannot tell is an error."""

import os
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


def git(folder, *args):
    env = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
           "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
           "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}
    return subprocess.run(["git", *args], cwd=folder, env=env, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder, message="change"):
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)


def selected(project, *args):
    """The tests that `list` shows, by their file's last segment, and what was said."""
    result = project.tanda("list", *args)
    assert result.code == 0, result.err
    return {line.split()[-1].rpartition("/")[2] for line in result.out.splitlines() if line.startswith(" ")}, result.err


AREAS = {"cart": {"paths": ["src/cart/**"]}, "pay": {"paths": "src/pay/**"}}


@pytest.fixture
def shop(project):
    """Two areas with paths and one without, committed on main; the branch `work` is checked out."""
    project.scripts(cart__add="true", cart__clear="true", pay__card="true", search__find="true")
    for path in ("src/cart/cart.py", "src/pay/pay.py", "src/shared.py", "docs/index.md"):
        project.write(path, "one\n")
    project.config(areas=AREAS)
    project.write(".gitignore", "ignored/\n")
    git(project.folder, "init", "-q", "-b", "main")
    commit(project.folder)
    git(project.folder, "checkout", "-q", "-b", "work")
    return project


ALL = {"add.sh", "clear.sh", "card.sh", "find.sh"}


def test_a_changed_file_selects_the_areas_that_claim_it(shop):
    shop.write("src/cart/cart.py", "two\n")
    commit(shop.folder)
    tests, said = selected(shop, "--since", "main")
    assert tests == {"add.sh", "clear.sh"}
    assert "1 file changed since" in said and "area cart: 2 of 4 tests" in said
    result = shop.tanda("run", "--since", "main")
    assert result.code == 0 and set(result.verdicts()) == {"tests/cart/add.sh", "tests/cart/clear.sh"}


def test_what_main_did_meanwhile_does_not_count(shop):
    shop.write("src/cart/cart.py", "two\n")
    commit(shop.folder)
    git(shop.folder, "checkout", "-q", "main")
    shop.write("src/pay/pay.py", "two\n")
    commit(shop.folder)
    git(shop.folder, "checkout", "-q", "work")
    assert selected(shop, "--since", "main")[0] == {"add.sh", "clear.sh"}


@pytest.mark.parametrize("state", ["staged", "not staged", "untracked", "deleted"])
def test_what_is_not_committed_counts(shop, state):
    if state == "untracked":
        shop.write("src/pay/new file.py", "one\n")
    elif state == "deleted":
        (shop.folder / "src/pay/pay.py").unlink()
    else:
        shop.write("src/pay/pay.py", "two\n")
    if state == "staged":
        git(shop.folder, "add", "-A")
    assert selected(shop, "--since", "HEAD")[0] == {"card.sh"}


def test_both_names_of_a_renamed_file_count(shop):
    git(shop.folder, "mv", "src/cart/cart.py", "src/pay/moved.py")
    commit(shop.folder)
    assert selected(shop, "--since", "main")[0] == {"add.sh", "clear.sh", "card.sh"}


def test_a_changed_test_selects_itself_and_one_that_is_gone_nothing(shop):
    shop.write("tests/search/find.sh", "exit 0\n", 0o755)
    (shop.folder / "tests/cart/add.sh").unlink()
    tests, said = selected(shop, "--since", "main")
    assert tests == {"find.sh"} and "1 changed test" in said


def test_what_no_path_claims_selects_everything_or_nothing_by_choice(shop):
    shop.write("src/shared.py", "two\n")
    tests, said = selected(shop, "--since", "main")
    assert tests == ALL and "src/shared.py is in no area's \"paths\": 4 of 4 tests" in said
    assert selected(shop, "--since", "main", "--unclaimed", "nothing")[0] == set()
    shop.config(areas=AREAS, since={"unclaimed": "nothing", "ignore": ["tanda.json"]})
    tests, said = selected(shop, "--since", "main")
    assert tests == set() and "src/shared.py" in said
    shop.write("src/cart/cart.py", "two\n")
    assert selected(shop, "--since", "main")[0] == {"add.sh", "clear.sh"}


def test_what_is_to_be_ignored_concerns_no_test(shop):
    shop.config(areas=AREAS, since={"ignore": ["docs/**", "tanda.json"]}, timings="times.json")
    commit(shop.folder)
    shop.write("docs/index.md", "two\n")
    shop.write("times.json", '{"schema": "tanda.timings/1", "suites": {}}')
    shop.write("ignored/by.git", "x")
    tests, said = selected(shop, "--since", "HEAD")
    assert tests == set() and "0 files changed" in said
    result = shop.tanda("run", "--since", "HEAD")
    assert result.code == 4 and result.err.rstrip().endswith("exit 4: nothing to run")
    assert shop.tanda("run", "--since", "HEAD", "--allow-empty").code == 0


def test_it_narrows_what_else_is_selected(shop):
    shop.write("src/cart/cart.py", "two\n")
    assert selected(shop, "--since", "main", "--match", "add")[0] == {"add.sh"}
    assert selected(shop, "--since", "main", "--area", "pay")[0] == set()
    assert selected(shop, "--since", "main", "tests/cart/clear.sh")[0] == {"clear.sh"}


def test_a_project_in_a_folder_of_its_repository(project):
    """Paths are the project's; those beside it begin with `../`."""
    top = project.folder.parent / "top"
    shutil.copytree(project.folder, top / "services" / "my shop")
    project.folder = top / "services" / "my shop"
    project.scripts(cart__add="true", pay__card="true")
    project.config(areas={"cart": {"paths": ["src/**"]}, "pay": {"paths": "../../libs/pay/**"}},
                   since={"ignore": "../other/**"})
    git(top, "init", "-q", "-b", "main")
    commit(top)
    for path, want in (("services/my shop/src/x.py", {"add.sh"}), ("libs/pay/x.py", {"card.sh"}),
                       ("services/other/x.py", set())):
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text("x")
        assert selected(project, "--since", "HEAD")[0] == want, path
        (top / path).unlink()


def test_within_a_hook_of_git_it_is_this_repository_that_counts(shop):
    shop.write("src/cart/cart.py", "two\n")
    result = shop.tanda("list", "--since", "main", env={"GIT_DIR": "/nonexistent/.git", "GIT_INDEX_FILE": "/nonexistent"})
    assert result.code == 0 and "area cart" in result.err


def refusal(project, *args, **kwargs):
    result = project.tanda("run", *args, **kwargs)
    assert result.code == 2 and not (project.folder / "tanda-out").exists()
    return result.err


def test_a_commit_that_is_not_there_is_told(shop):
    assert "git knows no commit 'mian'" in refusal(shop, "--since", "mian")
    assert "git knows no commit '--all'" in refusal(shop, "--since", "--all")
    assert "git knows no commit 'main..work'" in refusal(shop, "--since", "main..work")
    assert "expected a commit, got nothing" in refusal(shop, "--since", "")
    git(shop.folder, "update-ref", "refs/remotes/origin/trunk", "main")
    assert "did you mean origin/trunk?" in refusal(shop, "--since", "trunk")


def test_a_shallow_clone_says_so(shop):
    shop.write("src/cart/cart.py", "two\n")
    commit(shop.folder)
    clone = shop.folder.parent / "clone"
    git(shop.folder.parent, "clone", "-q", "--depth", "1", "-b", "work", f"file://{shop.folder}", str(clone))
    base = git(shop.folder, "rev-parse", "main")
    shop.folder = clone
    assert "--unshallow" in refusal(shop, "--since", "main")
    git(clone, "fetch", "-q", "--depth", "1", "origin", base)
    said = refusal(shop, "--since", "FETCH_HEAD")
    assert "no commit in common in this shallow clone" in said and "--unshallow" in said
    git(clone, "fetch", "-q", "--unshallow")
    assert selected(shop, "--since", "origin/work~1")[0] == {"add.sh", "clear.sh"}


def test_no_common_commit_is_told(shop):
    git(shop.folder, "checkout", "-q", "--orphan", "other")
    commit(shop.folder, "another beginning")
    assert "'main' and HEAD have no commit in common" in refusal(shop, "--since", "main")


def test_no_repository_and_no_git_are_told(project):
    project.scripts(one="true")
    project.config()
    said = refusal(project, "--since", "main", env={"GIT_CEILING_DIRECTORIES": str(project.folder.parent)})
    assert "not a git repository" in said and "--area" in said
    said = refusal(project, "--since", "main", env={"PATH": "/nonexistent"})
    assert "git" in said and "install git" in said
