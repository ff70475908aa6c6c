"""Each key of a suite does what README says, seen from the tests that it starts."""

import pytest


def suite(project, **keys):
    project.config(suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}", "{args}"],
                                   **keys}}, nodes={"local": 1})


def log_of(project, number=0):
    return (project.folder / "tanda-out" / "logs" / f"{number:05}.log").read_text().splitlines()


def test_dir_is_where_globs_begin_and_commands_run(project):
    suite(project, dir="web", files="tests/{area}/*.sh")
    project.write("web/tests/cart/one.sh", "pwd; exit 1\n")
    project.write("tests/cart/other.sh", "exit 1\n")
    result = project.tanda("run")
    assert len(result.verdicts()) == 1
    assert log_of(project) == [str(project.folder / "web")]


def test_a_dir_that_is_not_there_is_told(project):
    suite(project, dir="wbe")
    result = project.tanda("run")
    assert result.code in (2, 4)
    assert "wbe" in result.err


def test_env_reaches_the_test_with_its_placeholders(project):
    suite(project, env={"BASE_URL": "http://localhost:80{worker}", "EMPTY": "", "BRACE": "{{x}"})
    project.scripts(one="echo $BASE_URL $BRACE \"${EMPTY-unset}\" $HOME_OF; exit 1")
    project.tanda("run", env={"BASE_URL": "outer", "HOME_OF": "kept"})
    assert log_of(project) == ["http://localhost:800 {x}  kept"]


def test_args_stand_where_the_command_has_them_and_are_never_taken_apart(project):
    suite(project, args=["a b", "$HOME", "*", "-x", "{worker}"])
    project.scripts(one='for a in "$@"; do echo "[$a]"; done; exit 1')
    project.tanda("run")
    assert log_of(project) == ["[a b]", "[$HOME]", "[*]", "[-x]", "[0]"]


def test_exclude_leaves_files_out_without_a_word(project):
    suite(project, exclude=["**/wip/**", "tests/*/slow_*.sh"])
    for name in ("a/one", "wip/two", "a/slow_three"):
        project.write(f"tests/{name}.sh", "true\n")
    result = project.tanda("run")
    assert result.verdicts() == {"tests/a/one.sh": "passed"}
    assert "two" not in result.err and "three" not in result.err


def test_prefix_wraps_the_command(project):
    suite(project, prefix=["./wrap", "--"])
    project.write("wrap", '#!/bin/sh\nshift\necho "wrapped: $*"\nexec "$@"\n', 0o755)
    project.scripts(one="echo inner; exit 1")
    assert project.tanda("run").code == 1
    assert log_of(project) == ["wrapped: sh tests/a/one.sh", "inner"]


def test_collect_keeps_what_each_attempt_wrote_and_nothing_from_outside(project):
    project.config(suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}"],
                                   "collect": ["shots/**"]}}, nodes={"local": 1}, retries=1)
    project.scripts(one="mkdir -p shots; echo $TANDA_ATTEMPT > shots/at.txt; ln -sf /etc/passwd shots/link; exit 1")
    result = project.tanda("run")
    assert result.code == 1
    kept = sorted((project.folder / "tanda-out" / "collected").rglob("at.txt"))
    assert [path.read_text().strip() for path in kept] == ["1", "2"]
    assert not [path for path in (project.folder / "tanda-out" / "collected").rglob("link") if path.read_text().count("root:")]


@pytest.mark.parametrize("pattern", ["../outside/*", "/etc/*"])
def test_collect_stays_within_the_suite(project, pattern):
    suite(project, collect=[pattern])
    project.scripts(one="true")
    result = project.tanda("run")
    assert result.code == 2 and "collect" in result.err


def test_dry_run_shows_all_of_it(project):
    suite(project, dir="web", env={"BASE": "x y"}, args=["--flag"], prefix=["env", "A=1"])
    project.write("web/tests/cart/one.sh", "touch ran\n")
    out = project.tanda("run", "--dry-run").out
    assert "env A=1 sh tests/cart/one.sh --flag" in out
    assert "BASE=x y" in out and str(project.folder / "web") in out
    assert not list(project.folder.rglob("ran"))


def test_max_fail_lets_what_runs_end(project):
    project.config(nodes={"local": 2})
    project.scripts(a1="exit 1 #" + "x" * 900, a2="sleep 0.5; exit 0 #" + "x" * 800, **{f"b{i}": "sleep 0.3" for i in range(8)})
    result = project.tanda("run", "-x", "1")
    verdicts = result.summary()["verdicts"]
    assert result.code == 1
    assert verdicts["failed"] == 1 and verdicts["not_run"] >= 5 and verdicts["error"] == 0
    assert "max" in result.err


# --- the numbers of workers ---

@pytest.mark.parametrize("offset,variable,numbers", [
    (None, "3", {"0:", "1:2"}), (10, "3", {"10:11", "11:12"}), ("$EXECUTOR_NUMBER", "3", {"6:7", "7:8"}),
    ("$EXECUTOR_NUMBER", "0", {"0:", "1:2"}), ("$EXECUTOR_NUMBER", "", {"0:", "1:2"})])
def test_runs_of_one_machine_have_workers_of_their_own(project, offset, variable, numbers):
    # Each waits until the other has begun, so that both workers run one.
    body = 'touch in-$TANDA_WORKER; while [ $(ls | grep -c ^in-) -lt 2 ]; do sleep 0.05; done; echo "said $1 $TANDA_WORKER:$TEST_ENV_NUMBER"'
    project.scripts(one=body, two=body)
    keys = {} if offset is None else {"worker_offset": offset}
    project.config(suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}", "{worker}"]}}, **keys)
    result = project.tanda("run", env={"EXECUTOR_NUMBER": variable})
    assert result.code == 0, result.log()
    logs = "".join(path.read_text() for path in (project.folder / "tanda-out" / "logs").iterdir())
    said = [line.split()[1:] for line in logs.splitlines() if line.startswith("said")]
    assert {words for _, words in said} == numbers
    assert all(words.startswith(f"{worker}:") for worker, words in said)


@pytest.mark.parametrize("offset,words", [(-1, "expected a whole number from 0 to 1000000"), ("3", "$EXECUTOR_NUMBER"), (True, "a number up to")])
def test_a_worker_offset_that_makes_no_sense_is_refused(project, offset, words):
    project.scripts(one="exit 0")
    project.config(worker_offset=offset)
    result = project.tanda("run")
    assert result.code == 2 and words in result.err, result.log()


def test_a_variable_that_counts_nothing_is_told(project):
    project.scripts(one="exit 0")
    project.config(worker_offset="$EXECUTOR_NUMBER")
    result = project.tanda("run", env={"EXECUTOR_NUMBER": "many"})
    assert result.code == 2, result.log()
    assert '"many" is not a number up to 1000000\n     --> $EXECUTOR_NUMBER' in result.err
