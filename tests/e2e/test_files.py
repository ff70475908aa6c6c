"""Configuration, journal, history, out folder: bad input is told, nothing is lost."""

import json
import os
import sqlite3
import subprocess

import pytest

from conftest import ROOT, TANDA, let_others_in


@pytest.mark.parametrize("text, where, words", [
    ('{\n  "retires": 2,\n  "suites": {}\n}', "tanda.json:2:3", "retries"),
    ('{"suites": {"a": {"framework": "behave", "flies": "x"}}}', "tanda.json:1:", "files"),
    ('{"suites": {},}', "tanda.json:1:", "comma"),
    ('{"suites": {}, "suites": {}}', "tanda.json:1:", "duplicate"),
    ('{"retries": "two", "suites": {}}', "tanda.json:1:", "retries"),
    ('{"suites": {"a": {"framework": "behave", "files": "x"}}, "hooks": {"test": {}}}', "tanda.json:1:", "known are run, node, worker, area"),
    ('// hello\n{}', "tanda.json:1:", "//"),
    ("", "tanda.json", ""),
])
def test_bad_configuration_is_told_with_its_place(project, text, where, words):
    project.write("tanda.json", text)
    result = project.tanda("run")
    assert result.code == 2
    assert where in result.err and words in result.err
    assert not (project.folder / "tanda-out").exists()


def test_comments_by_key_are_fine(project):
    project.config(**{"//": "why", "x-owner": "team"})
    project.scripts(one="true")
    assert project.tanda("run").code == 0


def test_nothing_to_run(project):
    project.config()
    result = project.tanda("run")
    assert result.code == 4
    assert result.err.rstrip().splitlines()[-1] == "exit 4: nothing to run"
    assert project.tanda("run", "--allow-empty").code == 0


def test_report_is_the_same_byte_for_byte(project):
    project.config(retries=1)
    project.scripts(good="true", bad="echo x; exit 1", crash="kill -9 $$", later="exit 77")
    result = project.tanda("run")
    out = project.folder / "tanda-out"
    names = ["junit.xml", "summary.json", "last-failed.txt", "report.html", "trace.json", "summary.md"]
    before = [(out / name).read_bytes() for name in names]
    for name in names:
        (out / name).unlink()
    assert project.tanda("report").code == 0
    assert [(out / name).read_bytes() for name in names] == before
    assert result.code == 1


def test_any_torn_journal_reports(project):
    project.config()
    project.scripts(one="true", two="exit 1", three="echo x")
    project.tanda("run")
    journal = project.folder / "tanda-out" / "journal.ndjson"
    whole = journal.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in list(range(first, len(whole), max(1, len(whole) // 40))) + [len(whole) - 1]:
        journal.write_bytes(whole[:cut])
        result = project.tanda("report")
        assert result.code == 0, (cut, result.err)
        assert project.tanda("report", "--check").code == 0
    journal.write_bytes(whole)
    assert project.tanda("report").code == 0


def test_a_damaged_journal_is_told(project):
    project.config()
    project.scripts(one="true", two="true")
    project.tanda("run")
    journal = project.folder / "tanda-out" / "journal.ndjson"
    whole = journal.read_bytes()
    middle = whole.index(b'"kind":"batch_ended"')
    journal.write_bytes(whole[:middle] + b"X" + whole[middle + 1:])
    result = project.tanda("report", "--check")
    assert result.code == 3
    assert "damaged" in result.err
    journal.write_bytes(whole)


@pytest.mark.parametrize("fault", ["garbage", "folder", "newer", "unreadable"])
def test_a_bad_history_is_only_a_warning(project, fault):
    project.config()
    project.scripts(one="true")
    path = project.folder / ".tanda" / "history.db"
    path.parent.mkdir()
    if fault == "garbage":
        path.write_bytes(b"no database " * 100)
    elif fault == "folder":
        path.mkdir()
    elif fault == "newer":
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 999")
            db.execute("CREATE TABLE t (x)")
    else:
        path.symlink_to("/nonexistent/x")
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert "warning" in result.err


def test_one_run_at_a_time_per_out_folder(project):
    project.config()
    project.scripts(slow="touch started; sleep 3")
    first = project.popen("run")
    while not (project.folder / "started").exists():
        assert first.poll() is None
    second = project.tanda("run")
    assert second.code == 2
    assert str(first.pid) in second.err and "--out" in second.err
    assert project.finish(first).code == 0


def test_a_strangers_folder_is_never_emptied(project):
    project.config()
    project.scripts(one="true")
    project.write("mine/precious.txt", "x")
    result = project.tanda("run", "--out", "mine")
    assert result.code == 2
    assert (project.folder / "mine" / "precious.txt").exists()


def test_a_planted_link_is_replaced_not_followed(project):
    project.config()
    project.scripts(one="true")
    target = project.write("target.txt", "precious")
    assert project.tanda("run").code == 0
    junit = project.folder / "tanda-out" / "junit.xml"
    junit.unlink()
    junit.symlink_to(target)
    assert project.tanda("run").code == 0
    assert target.read_text() == "precious"
    assert not junit.is_symlink()


def test_an_unwritable_out_folder_is_told_before_anything_runs(project):
    if os.geteuid() == 0 and subprocess.run(["sh", "-c", "command -v setpriv"], capture_output=True,
                                            check=False).returncode != 0:
        pytest.skip("root writes everywhere, and setpriv is not there")
    project.config()
    project.scripts(one="touch ran")
    project.folder.chmod(0o555)
    command = [TANDA, "run"]
    if os.geteuid() == 0:
        let_others_in(project.folder)
        project.folder.chmod(0o555)
        command = ["setpriv", "--reuid=65534", "--clear-groups", *command]
    done = subprocess.run(command, cwd=project.folder, env=project.environment(), capture_output=True,
                          text=True, timeout=30, check=False)
    project.folder.chmod(0o755)
    assert done.returncode == 2, done.stderr
    assert "tanda-out" in done.stderr and "permission denied" in done.stderr and "help:" in done.stderr
    assert not (project.folder / "ran").exists()


def test_failed_runs_what_failed_until_nothing_is_left(project):
    project.config()
    project.scripts(good="true", bad="test -e fixed")
    assert project.tanda("run").code == 1
    again = project.tanda("run", "--failed")
    assert again.code == 1 and again.summary()["planned"] == 1
    project.write("fixed", "")
    assert project.tanda("run", "--failed").code == 0
    last = project.tanda("run", "--failed")
    assert last.code == 0 and "nothing" in last.err.splitlines()[-1]


def test_selection(project):
    project.config()
    project.scripts(cart__add="true", cart__drop="true", search__find="true")
    listed = json.loads(project.tanda("list", "--json", "--area", "cart").out)
    assert listed["schema"] == "tanda.list/1"
    assert [test["id"] for test in listed["tests"]] == ["tests/cart/add.sh", "tests/cart/drop.sh"]
    assert set(listed["tests"][0]) == {"id", "area", "suite", "file", "expected_s"}
    assert len(json.loads(project.tanda("list", "--json", "--match", "FIND").out)["tests"]) == 1
    assert len(json.loads(project.tanda("list", "--json", "tests/cart").out)["tests"]) == 2
    unknown = project.tanda("list", "--area", "crat")
    assert unknown.code == 2 and "cart" in unknown.err
    missing = project.tanda("run", "tests/cart/ad.sh")
    assert missing.code == 2 and "tests/cart/add.sh" in missing.err


def test_a_selection_that_leaves_nothing_is_told(project):
    project.config()
    project.scripts(one="true", two="true")
    result = project.tanda("run", "--match", "oen")
    assert result.code == 4
    assert "--match 'oen' leaves none of 2 tests" in result.err


def test_a_dry_run_starts_nothing(project):
    project.config()
    project.scripts(one="touch ran")
    result = project.tanda("run", "--dry-run")
    assert result.code == 0
    assert "sh tests/a/one.sh" in result.out and "TANDA_WORKER=" in result.out
    assert not (project.folder / "ran").exists() and not (project.folder / "tanda-out").exists()


def test_times_have_a_point_in_every_locale(project):
    project.config()
    project.scripts(one="sleep 0.1")
    assert project.tanda("run", env={"LC_ALL": "de_DE.UTF-8", "LC_NUMERIC": "de_DE.UTF-8"}).code == 0
    text = (project.folder / "tanda-out" / "junit.xml").read_text()
    assert 'time="0.1' in text and 'time="0,' not in text


def test_flags_beat_variables_beat_the_file(project):
    project.config(retries=5)
    project.scripts(bad="exit 1")

    def starts(*args, env=None):
        journal = project.tanda("run", *args, env=env).journal()
        return len([line for line in journal if line["kind"] == "batch_started"])

    assert starts() == 6
    assert starts(env={"TANDA_RETRIES": "2"}) == 3
    assert starts("--retries", "0", env={"TANDA_RETRIES": "2"}) == 1
    assert "TANDA_RETRIES" in project.tanda("config", "show", env={"TANDA_RETRIES": "2"}).out


def test_few_open_files_are_enough_or_told(project):
    project.config()
    project.scripts(**{f"t{i}": "true" for i in range(20)})
    done = subprocess.run(["bash", "-c", f"ulimit -n 40; exec '{TANDA}' run -j 16"], cwd=project.folder,
                          env=project.environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, 3), done.stderr
    summary = json.loads((project.folder / "tanda-out" / "summary.json").read_text())
    assert sum(summary["verdicts"].values()) == 20


def test_collected_files_and_timings_are_kept(project):
    project.config(suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}"],
                                   "collect": ["shots/**"]}}, timings="times.json")
    project.write("shots/old.png", "old")
    os.utime(project.folder / "shots" / "old.png", (0, 0))
    project.scripts(one="mkdir -p shots/x; echo new > shots/x/new.png; sleep 0.05", two="sleep 0.05")
    assert project.tanda("run", "--timings", "times.json").code == 0
    kept = sorted(path.name for path in (project.folder / "tanda-out" / "collected").rglob("*.png"))
    assert "new.png" in kept and "old.png" not in kept
    assert project.tanda("run", "--timings", "times.json", "--match", "one").code == 0
    times = json.loads((project.folder / "times.json").read_text())
    assert times["schema"] == "tanda.timings/1"
    assert set(times["suites"]["cmd"]["tests"]) == {"tests/a/one.sh", "tests/a/two.sh"}


def test_the_first_run_needs_no_configuration(project):
    project.write("checks/test_it.py", "def test_it(): pass\n")
    result = project.tanda("run")
    assert result.code == 0, result.err
    assert "no tanda.json: found pytest" in result.err
    assert project.tanda("init", "--write").code == 0
    assert json.loads((project.folder / "tanda.json").read_text())["suites"]
    assert project.tanda("run").code == 0


def test_a_misspelt_option_names_the_nearest(project):
    project.config()
    result = project.tanda("run", "--retires", "2")
    assert result.code == 2 and "--retries" in result.err
