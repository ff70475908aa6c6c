"""What may go wrong between tanda and a Jenkins controller: one verdict for each test, and no build left behind."""

import random
import signal

import pytest

from conftest import wait_until
from fakejenkins.routes import BUILD_POSTS
from test_jenkins import JOB, farm, job_xml, run, set_up

# On the agent, after the batch: puts other archives into its bundle, with sizes and checksums that are right.
HOSTILE = r'''
import glob, io, os, re, subprocess, sys, tarfile
part, outside = sys.argv[1:]
kind = re.search(r"tests/a/(\w+)\.sh", os.environ["TANDA_SCRIPT"]).group(1)
path, = glob.glob("tanda-result/*.bundle")
head, _, rest = open(path, "rb").read().partition(b"\n\n")
lines = head.decode().split("\n")
sizes = {line.split()[0]: int(line.split()[2]) for line in lines if line.split()[0] in ("report", "files", "log")}
parts = {}
for name in ("report", "files", "log"):
    parts[name], rest = rest[:sizes[name]], rest[sizes[name]:]
buffer = io.BytesIO()
with tarfile.open(fileobj=buffer, mode="w") as tar:
    def add(name, data=b"<testsuite/>", type=tarfile.REGTYPE, link=""):
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.size = type, link, len(data) if type == tarfile.REGTYPE else 0
        tar.addfile(info, io.BytesIO(data))
    if kind == "above":
        add("../" * 12 + outside.lstrip("/") + "/escaped")
    elif kind == "absolute":
        add(outside + "/escaped")
    elif kind == "link":
        add("way", type=tarfile.SYMTYPE, link=outside)
        add("way/escaped")
    elif kind == "hard_link":
        add("copy.xml", type=tarfile.LNKTYPE, link=outside + "/secret")
    elif kind == "pipe":
        add("pipe.xml", type=tarfile.FIFOTYPE)
    elif kind == "device":
        add("null.xml", type=tarfile.CHRTYPE)
    elif kind == "same_name":
        add("one.xml")
        add("one.xml", type=tarfile.SYMTYPE, link=outside + "/escaped")
        add("one.xml")
data = buffer.getvalue()
if kind == "huge":
    info = tarfile.TarInfo("huge.xml")
    info.size = 1 << 40
    data = info.tobuf() + b"\0" * 512
parts[part] = data
for index, line in enumerate(lines):
    name = line.split()[0]
    if name in parts:
        lines[index] = name + " " + subprocess.run(["cksum"], input=parts[name], capture_output=True).stdout.decode().strip()
open(path, "wb").write("\n".join(lines).encode() + b"\n\n" + b"".join(parts.values()))
'''
KINDS = ["above", "absolute", "link", "hard_link", "pipe", "device", "same_name", "huge"]


def started(project, jenkins, count=1, **scripts):
    """A run whose builds have begun; each script has its name in `ran`."""
    process = project.popen("run", env=jenkins.environment())
    ran = project.folder / "ran"
    wait_until(lambda: ran.exists() and len(ran.read_text().split()) >= count, "its tests run")
    return process


def says_so(project, body):
    """A script that tells when it begins, then does this."""
    return f"echo x >>'{project.folder}/ran'; {body}"


def at_first(project, body):
    """A script that does this at its first run only."""
    return says_so(project, f"[ $(wc -l <'{project.folder}/ran') -gt 1 ] || {{ {body}; }}")


def nothing_left(jenkins):
    wait_until(lambda: not jenkins.queue() and not jenkins.running() and not jenkins.processes(), "nothing is left")


# --- artifacts ---

@pytest.mark.parametrize("part", ["report", "files"])
def test_hostile_bundles_reach_nothing(project, fake_jenkins, tmp_path_factory, part):
    jenkins = fake_jenkins(executors=len(KINDS))
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret").write_text("hush")
    spoil = project.write("spoil.py", HOSTILE)
    project.scripts(**{kind: "exit 0" for kind in KINDS})
    jenkins.create_job(JOB, xml=job_xml(project).replace(
        'exec sh -c "$TANDA_SCRIPT"', f'sh -c "$TANDA_SCRIPT"\npython3 "{spoil}" {part} "{outside}" || exit 9'))
    farm(project, jenkins, executors=len(KINDS), run_timeout="5s")
    result = run(project, jenkins)
    assert not [build for build in jenkins.builds() if "Traceback" in jenkins.log(JOB, build["number"])]
    assert result.verdicts() == {f"tests/a/{kind}.sh": "lost" for kind in KINDS}, result.log()
    assert sorted(path.name for path in outside.iterdir()) == ["secret"]
    assert (outside / "secret").stat().st_nlink == 1
    brought = list(project.folder.joinpath("tanda-out").rglob("*"))
    assert all(path.is_dir() or (path.is_file() and not path.is_symlink()) for path in brought)
    assert not any("hush" in path.read_text(errors="replace") for path in brought if path.is_file())


@pytest.mark.parametrize("fault, words", [({"kind": "redirect", "location": "http://127.0.0.1:1/"}, "which is not followed"),
                                          ({"kind": "status", "status": 403}, "it needs Overall/Read")])
def test_an_artifact_that_is_refused_is_a_lost_build(project, jenkins, fault, words):
    project.scripts(one="exit 0")
    set_up(project, jenkins, run_timeout="3s")
    jenkins.fault(path="/artifact/", **fault)
    result = run(project, jenkins)
    assert result.code == 3, result.log()
    assert words in result.err and result.verdicts() == {"tests/a/one.sh": "lost"}


def test_a_build_without_a_bundle_and_with_a_log_of_12_mb_is_told(project, jenkins):
    project.scripts(one="exit 0")
    jenkins.create_job(JOB, xml=job_xml(project).replace("exec sh", "yes | head -c 12000000; echo the end; exit 5; sh"))
    farm(project, jenkins, run_timeout="4s")
    result = run(project, jenkins)
    assert result.code == 3, result.log()
    assert "ended FAILURE" in result.err and result.verdicts() == {"tests/a/one.sh": "lost"}
    nothing_left(jenkins)


# --- the controller ---

@pytest.mark.release
def test_an_orderly_restart_costs_the_test_nothing(project, jenkins):
    project.scripts(one=at_first(project, "sleep 60"), two="exit 0")
    set_up(project, jenkins)
    process = started(project, jenkins)
    jenkins.restart(orderly=True, starting=2)
    result = project.finish(process)
    assert result.code == 0, result.log()
    assert result.verdicts() == {"tests/a/one.sh": "passed", "tests/a/two.sh": "passed"}


def test_what_ended_before_a_restart_is_fetched_after_it(project, jenkins):
    project.scripts(one=says_so(project, "exit 0"))
    set_up(project, jenkins)
    jenkins.fault("status", status=503, path="/artifact/")
    process = started(project, jenkins)
    wait_until(lambda: jenkins.requests(fault="status"), "its bundle is asked for")
    jenkins.restart(starting=1)
    result = project.finish(process)
    assert result.code == 0, result.log()
    assert len(jenkins.builds()) == 1


def test_a_slow_queue_counts_for_no_limit(project, jenkins):
    project.scripts(one="exit 0", two="exit 0")
    set_up(project, jenkins, test_timeout="2s")
    jenkins.control("hold_queue")
    process = project.popen("run", env=jenkins.environment())
    wait_until(lambda: len([1 for request in jenkins.requests() if "/queue/api" in request["url"]]) >= 3, "it looks")
    jenkins.control("hold_queue", held=False)
    result = project.finish(process)
    assert result.code == 0, result.log()
    assert len(jenkins.builds()) == 2


def test_who_is_told_to_come_later_comes_later(project, jenkins):
    project.scripts(one="exit 0")
    set_up(project, jenkins)
    jenkins.fault("status", status=429, headers={"Retry-After": "3"}, path="/queue/api", times=1)
    result = run(project, jenkins)
    assert result.code == 0, result.log()
    looks = [request for request in jenkins.requests() if "/queue/api" in request["url"]]
    refused = next(index for index, look in enumerate(looks) if look["status"] == 429)
    assert looks[refused + 1]["time"] - looks[refused]["time"] >= 3


@pytest.mark.parametrize("status, words", [(401, "make an API token"), (403, "it needs Overall/Read"), (404, "no job")])
def test_who_is_no_longer_let_in_is_told_why(project, jenkins, status, words):
    project.scripts(one=says_so(project, "sleep 2"), two=says_so(project, "sleep 2"), three="exit 0")
    set_up(project, jenkins)
    process = started(project, jenkins, count=2)
    jenkins.fault("status", status=status)
    result = project.finish(process)
    assert result.code == 3 and words in result.err, result.log()
    assert set(result.verdicts()) == {"tests/a/one.sh", "tests/a/two.sh", "tests/a/three.sh"}
    assert "passed" not in result.verdicts().values()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 414, 422])
def test_a_trigger_that_is_refused_starts_nothing(project, jenkins, status):
    project.scripts(one=says_so(project, "exit 0"), two=says_so(project, "exit 0"))
    set_up(project, jenkins, executors=1, run_timeout="20s")
    jenkins.fault("status", status=status, path="buildWithParameters")
    result = run(project, jenkins)
    assert result.code == 3 and f"{status}" in result.err, result.log()
    assert sorted(result.verdicts()) == ["tests/a/one.sh", "tests/a/two.sh"]
    assert set(result.verdicts().values()) <= {"error", "not_run"}
    assert not jenkins.builds() and not (project.folder / "ran").exists()


def test_a_job_that_loses_its_key_starts_nothing(project, jenkins):
    """Jenkins drops what a job has no parameter for, and says 201."""
    project.scripts(one=says_so(project, "sleep 2"), two=says_so(project, "exit 0"))
    set_up(project, jenkins, executors=1, run_timeout="6s")
    process = started(project, jenkins)
    xml = job_xml(project).replace("TANDA_KEY", "SOMETHING_ELSE")
    jenkins.control("configure", job=JOB, xml=xml)
    result = project.finish(process)
    assert result.code == 3, result.log()
    assert sorted(result.verdicts().values()) in (["lost", "passed"], ["not_run", "passed"]), result.log()
    assert (project.folder / "ran").read_text() == "x\n"
    nothing_left(jenkins)


# --- agents ---

@pytest.mark.release  # a lease must have run out
def test_two_attempts_never_run_at_once(project, fake_jenkins):
    """An agent's process dies; what it has started does not, and must have ended before it is tried again."""
    jenkins = fake_jenkins(executors=0, agents={"a1": {"labels": "linux"}, "a2": {"labels": "linux"}})
    folder = project.folder
    project.scripts(one=f"exec 9>'{folder}/lock'; flock -n 9 || echo x >>'{folder}/together'; " + at_first(project, "sleep 60"))
    set_up(project, jenkins, label="linux")
    process = started(project, jenkins)
    jenkins.control("kill_agent", name=jenkins.running()[0]["node"], processes_too=False)
    result = project.finish(process)
    assert result.code == 0, result.log()
    assert not (folder / "together").exists()
    nothing_left(jenkins)


# --- the end ---

@pytest.mark.parametrize("fault", [{"kind": "status", "status": 500, "times": 1}, {"kind": "reset", "times": 1},
                                   {"kind": "reset", "times": 1, "when": "after"}])
def test_a_stop_that_is_not_heard_is_said_again(project, jenkins, fault):
    project.scripts(one=says_so(project, "sleep 60"), two=says_so(project, "sleep 60"))
    set_up(project, jenkins)
    process = started(project, jenkins, count=2)
    jenkins.fault(path=f"/({'|'.join(BUILD_POSTS)})$", **fault)
    process.send_signal(signal.SIGTERM)
    result = project.finish(process)
    assert result.code == -signal.SIGTERM, result.log()
    assert set(result.verdicts().values()) == {"not_run"}
    nothing_left(jenkins)


def test_a_test_that_ignores_its_end_is_ended(project, jenkins):
    project.scripts(one=says_so(project, "trap '' TERM INT HUP; while :; do sleep 1; done"))
    set_up(project, jenkins, grace="1s")
    process = started(project, jenkins)
    process.send_signal(signal.SIGTERM)
    result = project.finish(process)
    assert result.code == -signal.SIGTERM, result.log()
    nothing_left(jenkins)


def test_a_controller_that_says_nothing_does_not_hold_up_the_end(project, jenkins):
    project.scripts(one=says_so(project, "sleep 60"))
    set_up(project, jenkins)
    process = started(project, jenkins)
    jenkins.fault("hang")
    process.send_signal(signal.SIGTERM)
    result = project.finish(process)
    assert result.code == -signal.SIGTERM, result.log()
    assert set(result.verdicts().values()) == {"not_run"}


# --- all of it ---

@pytest.mark.release
def test_whatever_goes_wrong_each_test_has_one_verdict(project, fake_jenkins):
    chance = random.Random(1)
    jenkins = fake_jenkins(executors=1, agents={"a1": {"executors": 2}})
    names = [f"t{number}" for number in range(8)]
    project.scripts(**{name: "exit 0" for name in names})
    set_up(project, jenkins, executors=3)
    kinds = [{"kind": "reset"}, {"kind": "half"}, {"kind": "html"}, {"kind": "length", "by": 9},
             {"kind": "status", "status": 500}, {"kind": "status", "status": 502, "when": "after"},
             {"kind": "reset", "when": "after"}, {"kind": "starting"}]
    for kind in kinds:
        jenkins.fault(times=1, skip=chance.randrange(4, 30), **kind)
    result = run(project, jenkins)
    assert result.verdicts() == {f"tests/a/{name}.sh": "passed" for name in names}, result.log()
    assert result.code == 0
    nothing_left(jenkins)
