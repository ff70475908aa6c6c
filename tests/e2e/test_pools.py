"""Pools: members that batches hold by name, brought up when they are needed and always taken down."""
import json
import os
import signal

import pytest

from conftest import wait_until

UP = 'echo "$1 comes up"; touch "up-$1"\n'
DOWN = 'echo "$1" >> downs; rm -f "up-$1"\n'
READY = 'test -e "up-$1"\n'
TEST = 'echo "$TANDA_POOL_SHOP" >> used; test -e "up-$TANDA_POOL_SHOP" && sleep 0.05\n'


def pool(count=2, **keys):
    members = [{"name": f"s{i + 1}", "url": f"http://s{i + 1}:80", "port": 8000 + i} for i in range(count)]
    return {"members": members, "up": ["sh", "up.sh", "{name}"], "ready": ["sh", "ready.sh", "{name}"],
            "down": ["sh", "down.sh", "{name}"], **keys}


def shop(project, tests=4, count=2, up=UP, ready=READY, down=DOWN, body=TEST, workers=2, config=None, **keys):
    """A pool "shop" whose members are files, and tests that each need one."""
    for name, text in (("up", up), ("ready", ready), ("down", down)):
        project.write(f"{name}.sh", text)
    project.scripts(**{f"t{i}": body for i in range(tests)})
    project.config(pools={"shop": pool(count, **keys)}, areas={"*": {"pools": {"shop": 1}}},
                   nodes={"local": workers}, **(config or {}))


def lines(project, name):
    path = project.folder / name
    return path.read_text().split() if path.exists() else []


def errands(result, what=""):
    return [event for event in result.journal() if event["kind"] == "errand_ended" and what in event["what"]]


def test_members_are_brought_up_used_in_turns_and_taken_down(project):
    # A slow machine's second worker would find nothing left to do.
    shop(project, body="until test -e up-s1 -a -e up-s2; do sleep 0.02; done; " + TEST, config={"test_timeout": "60s"})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert set(lines(project, "used")) == {"s1", "s2"}
    assert sorted(lines(project, "downs")) == ["s1", "s2"]
    assert not list(project.folder.glob("up-*"))
    assert "s1 comes up" in (project.folder / "tanda-out/logs/pool-shop-s1-up.log").read_text()
    assert {event["members"] for event in result.journal() if event["kind"] == "batch_started"} == \
        {"shop: s1", "shop: s2"}
    assert sorted(event["subject"] for event in errands(result, ".up")) == ["s1", "s2"]


def test_no_more_members_come_up_than_are_needed(project):
    shop(project, tests=1, count=4, workers=4)
    result = project.tanda("run")
    assert result.code == 0
    assert [event["subject"] for event in errands(result, ".up")] == ["s1"]


def test_a_batch_is_told_all_that_its_members_have(project):
    project.write("tests/a/t.sh", 'env | grep ^TANDA_POOL | sort > seen; echo "$1" > argument\n')
    project.config(
        suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "env": {"BASE": "{pool.shop.url}/x"},
                        "run": ["sh", "{id}", "{pool.shop.url} {pool.db.name}"]}},
        pools={"shop": {"members": [{"name": "s1", "url": "http://s1", "base-path": "/a=b"}]},
               "db": {"members": [{"name": "d1", "n": 1}, {"name": "d2", "n": 2}, {"name": "d3", "n": 3}]}},
        areas={"a": {"pools": {"shop": 1, "db": 2}}})
    assert project.tanda("run", env={"TANDA_POOL_OUTER": "no"}).code == 0
    assert lines(project, "argument") == ["http://s1", "d1,d2"]
    assert (project.folder / "seen").read_text().splitlines() == [
        "TANDA_POOL_DB=d1,d2", "TANDA_POOL_DB_1_N=1", "TANDA_POOL_DB_1_NAME=d1", "TANDA_POOL_DB_2_N=2",
        "TANDA_POOL_DB_2_NAME=d2", "TANDA_POOL_DB_N=1,2", "TANDA_POOL_SHOP=s1", "TANDA_POOL_SHOP_BASE_PATH=/a=b",
        "TANDA_POOL_SHOP_URL=http://s1"]


def test_a_dry_run_shows_a_member(project):
    shop(project)
    project.write("tanda.json", (project.folder / "tanda.json").read_text().replace('"{id}"', '"{id}", "{pool.shop.url}"'))
    assert "http://s1:80" in project.tanda("run", "--dry-run").out
    assert not lines(project, "used")


def test_several_batches_share_a_member_that_says_so(project):
    shop(project, tests=3, count=1, workers=3, share=3,
         body="touch in-$TANDA_WORKER; i=0; while [ $(ls in-* | wc -l) -lt 3 ]; do sleep 0.05; i=$((i + 1)); "
              "[ $i -lt 200 ] || exit 1; done\n")
    assert project.tanda("run").code == 0


def test_an_area_gets_the_member_that_it_had(project):
    """x takes the first member, as the largest file goes first; when it is over, a stays where it is."""
    project.write("tests/x/one.sh", "while [ ! -e third ]; do sleep 0.05; done\n" + "#" * 30000 + "\n")
    for number in range(8):
        project.write(f"tests/a/t{number}.sh", "[ $(ls begun-* 2>/dev/null | wc -l) -lt 3 ] || touch third\n"
                      "touch begun-$$; sleep 0.1\n")
    project.config(pools={"shop": {"members": [{"name": "s1"}, {"name": "s2"}]}}, nodes={"local": 2},
                   areas={"*": {"pools": {"shop": 1}}, "a": {"pools": {"shop": 1}, "keep_together": True}})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    areas = {e["test"]: e["area"] for e in result.journal() if e["kind"] == "test_planned"}
    held = {"a": [], "x": []}
    for event in result.journal():
        if event["kind"] == "batch_started":
            held[areas[event["tests"][0]]].append(event["members"])
    assert held["x"] == ["shop: s1"]
    assert held["a"] == ["shop: s2"] * 8


@pytest.mark.parametrize("up, ready, keys, why", [
    ("exit 3", READY, {}, 'its "up" exited 3'),
    ("sleep 60", READY, {"up_timeout": "300ms"}, 'its "up" was not done after 0.3 s'),
    ("true", READY, {"up_timeout": "300ms"}, 'its "ready" exited 1'),
    ("true", "sleep 60", {"up_timeout": "300ms"}, 'its "ready" was not done after'),
    ("kill -9 $$", READY, {}, 'its "up" was killed by signal 9'),
])
def test_members_that_do_not_come_up_leave_their_tests_not_run(project, up, ready, keys, why):
    shop(project, tests=3, up=up + "\n", ready=ready + "\n", **keys)
    result = project.tanda("run")
    assert result.code == 3, result.log()
    assert result.summary()["verdicts"]["not_run"] == 3
    assert why in result.err
    assert "pool shop has 0 of its 2 members left" in (project.folder / "tanda-out/junit.xml").read_text()
    assert sorted(lines(project, "downs")) == ["s1", "s2"]  # whatever there was of them


def test_a_program_that_is_not_there_is_named(project):
    shop(project)
    text = (project.folder / "tanda.json").read_text()
    project.write("tanda.json", text.replace('"sh",\n          "up.sh"', '"/no/such/deploy"').replace('"sh",\n        "up.sh"', '"/no/such/deploy"'))
    result = project.tanda("run")
    assert result.code == 3, result.log()
    assert "/no/such/deploy" in result.err


def test_another_member_stands_in_for_one_that_fails(project):
    shop(project, up='[ "$1" != s1 ] || exit 1\n' + UP)
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert set(lines(project, "used")) == {"s2"}
    assert "member s1 of pool shop is set aside" in result.err


def test_what_up_leaves_running_stays_until_the_end(project):
    shop(project, count=1, up=UP + 'sh -c "trap \'touch ended; exit\' TERM; while :; do sleep 0.1; done" &\necho $! > server\n',
         body=TEST + "kill -0 $(cat server)\n")
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert (project.folder / "ended").exists()


def test_tests_on_a_member_that_dies_run_again_on_another(project):
    shop(project, tests=4, count=2, body='[ -e killed ] || { touch killed; rm up-$TANDA_POOL_SHOP; }\n' + TEST)
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert "died while the batch ran" in result.err
    assert result.summary()["verdicts"]["passed"] == 4
    assert any(event.get("reason") == "moved" for event in result.journal() if event["kind"] == "batch_started")


def test_a_server_that_dies_is_noticed_and_brought_up_again(project):
    shop(project, tests=2, count=1, workers=1, up=UP + 'sleep 300 & echo $! > "server-$1"\n',
         ready='kill -0 $(cat server-$1)\n',
         body='if [ ! -e killed ]; then touch killed; kill -9 $(cat server-$TANDA_POOL_SHOP); exit 1; fi\n')
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert len(errands(result, ".up")) == 2


def test_a_test_that_kills_every_member_it_meets_fails(project):
    shop(project, tests=1, count=2, body='rm -f up-$TANDA_POOL_SHOP; exit 1\n')
    result = project.tanda("run")
    assert result.code == 1, result.log()
    assert result.summary()["verdicts"]["failed"] == 1


def test_a_failed_test_on_a_sound_member_is_just_that(project):
    shop(project, tests=1, body="exit 1\n")
    result = project.tanda("run")
    assert result.code == 1
    assert "died" not in result.err


def test_waiting_for_a_member_counts_in_no_limit(project):
    shop(project, tests=3, count=1, workers=3, up="sleep 1\n" + UP, config={"test_timeout": "700ms"})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert all(event["waited_s"] > 0 for event in result.journal() if event["kind"] == "batch_started")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_members_are_taken_down_after_an_interruption(project, number):
    shop(project, body="touch started; sleep 60\n")
    process = project.popen("run")
    wait_until(lambda: len(list(project.folder.glob("up-*"))) == 2 and (project.folder / "started").exists(),
               "both members are up, and a test runs")
    process.send_signal(number)
    result = project.finish(process)
    assert result.code == -number
    assert sorted(lines(project, "downs")) == ["s1", "s2"]


@pytest.mark.parametrize("verb", ["up", "ready"])
def test_a_member_that_is_up_only_after_the_interruption_goes_down_too(project, verb):
    late = {verb: "trap 'exit 0' TERM; touch rising-$1; sleep 60 & wait\n"}
    shop(project, tests=1, count=1, **late)
    process = project.popen("run")
    wait_until((project.folder / "rising-s1").exists, "a member comes up")
    process.terminate()
    result = project.finish(process)
    assert result.code == -signal.SIGTERM
    assert lines(project, "downs") == ["s1"]


def test_an_interruption_while_members_come_up_takes_them_down_too(project):
    shop(project, up="touch rising; sleep 60\n")
    process = project.popen("run")
    wait_until((project.folder / "rising").exists, "a member comes up")
    process.terminate()
    result = project.finish(process)
    assert result.code == -signal.SIGTERM
    assert result.summary()["verdicts"]["not_run"] == 4
    assert sorted(lines(project, "downs")) == ["s1", "s2"]


def test_the_next_run_takes_down_what_a_killed_one_left(project):
    shop(project, count=1, body="touch started; sleep 60\n")
    process = project.popen("run")
    wait_until((project.folder / "started").exists, "a test runs")
    process.kill()
    project.finish(process)
    assert (project.folder / "up-s1").exists() and not lines(project, "downs")
    for path in project.folder.glob("tests/a/*.sh"):
        path.write_text(TEST)
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert lines(project, "downs") == ["s1", "s1"]
    assert "member s1 of pool shop was left up by a run that was killed" in result.err


def test_a_down_that_fails_is_told_and_tried_again_by_the_next_run(project):
    shop(project, count=1, down=DOWN + "exit 4\n")
    result = project.tanda("run")
    assert result.code == 0
    assert 'may still be up, as its "down": exited 4' in result.err
    assert project.tanda("run").code == 0
    assert lines(project, "downs") == ["s1", "s1", "s1"]


def test_two_runs_that_share_members_take_turns(project):
    shop(project, count=1, tests=2, lease_dir="leases",
         body="mkdir inside || exit 1; touch started; i=0; while [ ! -e go ] && [ $i -lt 200 ]; do sleep 0.05; "
              "i=$((i + 1)); done; rmdir inside\n")
    first = project.popen("run", "--out", "one")
    wait_until((project.folder / "started").exists, "the first run has the member")
    second = project.popen("run", "--out", "two")
    journal = project.folder / "two/journal.ndjson"
    wait_until(lambda: journal.exists() and "another run has s1" in journal.read_text(), "the second run waits")
    holder = json.loads((project.folder / "one/journal.ndjson").read_text().splitlines()[0])["run"]
    assert f"(run {holder}, pid {first.pid} on " in journal.read_text()
    (project.folder / "go").touch()
    assert project.finish(first).code == 0
    assert project.finish(second).code == 0


def test_the_lease_of_a_run_that_was_killed_is_free(project):
    shop(project, count=1, lease_dir="leases", body="touch started; sleep 60\n")
    process = project.popen("run", "--out", "one")
    wait_until((project.folder / "started").exists, "the first run has the member")
    process.kill()
    project.finish(process)
    for path in project.folder.glob("tests/a/*.sh"):
        path.write_text(TEST)
    result = project.tanda("run", "--out", "two")
    assert result.code == 0, result.log()
    assert "was left up by a run that was killed" in result.err


def test_members_without_commands_are_leased_batch_by_batch(project):
    project.scripts(**{f"t{i}": "mkdir inside || exit 1; sleep 0.05; rmdir inside" for i in range(4)})
    project.config(pools={"db": {"members": [{"name": "d1"}], "lease_dir": str(project.folder / "leases")}},
                   areas={"a": {"pools": {"db": 1}}})
    runs = [project.popen("run", "--out", name) for name in ("one", "two")]
    assert [project.finish(run).code for run in runs] == [0, 0]


def test_a_folder_for_leases_that_cannot_be_made_is_named(project):
    project.write("file", "")
    shop(project, lease_dir="file/leases")
    result = project.tanda("run")
    assert result.code == 3, result.log()
    assert "/file: cannot make the folder" in result.err


@pytest.mark.parametrize("keys, message", [
    ({"pools": {"shop": {"members": [{"name": "s1"}], "share": 2}}, "areas": {"a": {"pools": {"shop": 2}}}},
     "area 'a' wants 2 of pool 'shop' at once, but it has 1"),
    ({"pools": {"shop": {"members": [{"name": "s1", "url": "x"}]}}, "areas": {}},
     "uses {pool.shop...}, but area 'a' wants no member of that pool"),
    ({"pools": {"shop": {"members": [{"name": "s1"}]}}, "areas": {"a": {"pools": {"shop": 1}}}},
     "uses {pool.shop.url}, but not every member of that pool has the key"),
])
def test_what_cannot_be_is_refused(project, keys, message):
    project.scripts(t="true")
    project.config(**keys)
    if "uses" in message:
        text = (project.folder / "tanda.json").read_text()
        project.write("tanda.json", text.replace('"{id}"', '"{id}", "{pool.shop.url}"'))
    result = project.tanda("run")
    assert result.code == 2, result.log()
    assert message in result.err


def test_the_second_signal_does_not_wait_for_down(project):
    shop(project, count=1, body="touch started; sleep 60\n", down="touch going-down; sleep 60\n")
    process = project.popen("run")
    wait_until((project.folder / "started").exists, "a test runs")
    process.send_signal(signal.SIGINT)
    wait_until((project.folder / "going-down").exists, "the member is taken down")
    process.send_signal(signal.SIGINT)
    result = project.finish(process)
    assert result.code == -signal.SIGINT
    assert "may still be up" in result.err
    assert os.path.exists(project.folder / "tanda-out/junit.xml")


# --- a member alone ---

def test_an_area_may_want_a_shared_member_alone(project):
    """Every test notes who else is on its member when it begins; those of "admin" must be alone all the time."""
    body = ('m=$TANDA_POOL_SHOP; echo "$1" >>on-$m-$$; ls on-$m-* | wc -l >>saw-$1; sleep 0.1; ls on-$m-* | wc -l >>saw-$1; rm on-$m-$$')
    for number in range(12):
        project.write(f"tests/{'admin' if number % 3 == 0 else 'shop'}/t{number:02}.sh", body + "\n")
    project.config(suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "-c", 'exec sh "$0" $(basename "$(dirname "$0")")', "{id}"]}},
                   pools={"shop": {"members": [{"name": "s1"}, {"name": "s2"}], "share": 3}},
                   areas={"admin": {"pools": {"shop": {"count": 1, "exclusive": True}}}, "shop": {"pools": {"shop": 1}}}, nodes={"local": 6})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert set(lines(project, "saw-admin")) == {"1"}, "it was not alone"
    assert max(int(seen) for seen in lines(project, "saw-shop")) > 1, "nobody shared"


def test_whoever_wants_a_member_alone_has_its_turn(project):
    """One member, always in use by somebody: the exclusive one is not passed over for ever."""
    for number in range(12):
        project.write(f"tests/shop/t{number:02}.sh", "sleep 0.15\n")
    project.write("tests/admin/one.sh", "echo admin >>order; sleep 0.1\n")
    project.config(pools={"shop": {"members": [{"name": "s1"}], "share": 3}},
                   areas={"admin": {"pools": {"shop": {"exclusive": True}}}, "shop": {"pools": {"shop": 1}}}, nodes={"local": 3})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    batches = [event for event in result.journal() if event["kind"] in ("batch_started", "batch_ended")]
    assert len(lines(project, "order")) == 1 and batches
    assert project.tanda("report", "--check").code == 0


@pytest.mark.parametrize("want,words", [({"cuont": 1}, 'expected "count" or "exclusive"'), ({"count": 0}, "expected a whole number from 1"),
                                        ({"exclusive": "yes"}, "expected true or false"), ({"count": 3, "exclusive": True}, "wants 3 of pool")])
def test_a_want_that_makes_no_sense_is_refused(project, want, words):
    project.scripts(one="exit 0")
    project.config(pools={"shop": {"members": [{"name": "s1"}, {"name": "s2"}]}}, areas={"a": {"pools": {"shop": want}}})
    result = project.tanda("run")
    assert result.code == 2 and words in result.err, result.log()


def test_what_commands_of_pools_print_is_masked(project):
    project.scripts(one="exit 0")
    project.config(pools={"shop": {"members": [{"name": "s1"}], "up": ["sh", "-c", 'echo "with $SHOP_TOKEN"']}}, areas={"*": {"pools": {"shop": 1}}},
                   secrets=["*_TOKEN"])
    result = project.tanda("run", env={"SHOP_TOKEN": "s3cret-and-long"})
    assert result.code == 0, result.log()
    log = (project.folder / "tanda-out" / "logs" / "pool-shop-s1-up.log").read_text()
    assert log.startswith("with ") and "s3cret" not in log


def test_reports_do_not_wait_for_a_slow_down(project):
    shop(project, body="touch started; sleep 60\n", down="touch going-down; sleep 60\n")
    process = project.popen("run")
    wait_until((project.folder / "started").exists, "a test runs")
    process.terminate()
    wait_until(lambda: (project.folder / "going-down").exists(), "its members go down")
    folder = project.folder / "tanda-out"
    assert {"junit.xml", "report.html", "summary.md"} <= {path.name for path in folder.iterdir()}
    assert process.poll() is None, "it is still at it"
    assert "interrupted" in (folder / "junit.xml").read_text()
    process.kill()
    process.communicate()
