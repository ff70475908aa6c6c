"""Nodes that are a job on a Jenkins controller: builds for batches, whatever happens to either."""

import base64
import json
import signal
import urllib.request

import pytest

from conftest import wait_until
from fakejenkins import MODERN
from fakejenkins.items import freestyle_xml

JOB = "acceptance/shard"


def job_xml(project, label=None):
    """The job that tanda prints, with a check-out of the project, as its administrator adds one."""
    xml = project.tanda("check", "nodes", "--jenkins-job").out
    checkout = f"<hudson.tasks.Shell><command>rm -rf tests; cp -R '{project.folder}/tests' .</command></hudson.tasks.Shell>"
    if label:
        xml = xml.replace("<canRoam>true</canRoam>", f"<assignedNode>{label}</assignedNode><canRoam>false</canRoam>")
    return xml.replace("<builders>", f"<builders>{checkout}")


def farm(project, jenkins, executors=2, job=JOB, **keys):
    """The project's only node is that job."""
    project.orphans_allowed = True  # what waits for what a build leaves is its agent's own init
    login = {"url": jenkins.url, "job": job, "user": "$JENKINS_USER", "token": "$JENKINS_TOKEN"}
    login.update(keys.pop("login", {}))
    project.config(nodes={"farm": {"jenkins": login, "executors": executors, "launch_retries": 0}}, **keys)


def run(project, jenkins, *args, env=None):
    return project.tanda("run", *args, env={**jenkins.environment(), **(env or {})})


def set_up(project, jenkins, label=None, **keys):
    jenkins.create_job(JOB, xml=job_xml(project, label))
    farm(project, jenkins, **keys)


def post(jenkins, path):
    login = base64.b64encode(f"{jenkins.user}:{jenkins.token}".encode()).decode()
    urllib.request.urlopen(urllib.request.Request(f"{jenkins.url}{path}", method="POST",
                                                  headers={"Authorization": f"Basic {login}"}))


def triggers(jenkins):
    return [request for request in jenkins.requests(method="POST") if "buildWithParameters" in request["url"]]


def test_batches_are_builds(project, jenkins):
    project.scripts(good='echo "on $TANDA_NODE as $TANDA_WORKER"', bad="echo oh; exit 3", skipped="exit 77",
                    loud="yes | head -c 300000", words='[ "$TANDA_AREA" = a ] && [ -d "$TANDA_TMP" ] && [ "$1" = "" ]')
    set_up(project, jenkins)
    result = run(project, jenkins)
    assert result.code == 1, result.log()
    assert result.verdicts() == {"tests/a/good.sh": "passed", "tests/a/bad.sh": "failed", "tests/a/skipped.sh": "skipped",
                                 "tests/a/loud.sh": "passed", "tests/a/words.sh": "passed"}
    logs = "".join(path.read_text() for path in (project.folder / "tanda-out" / "logs").iterdir())
    assert "on farm as " in logs and "oh\n" in logs and len(logs) > 300000
    assert len(jenkins.builds()) == len(triggers(jenkins)) == 5
    assert not jenkins.processes()


def test_reports_and_wanted_files_come_home(project, jenkins):
    project.scripts(one='mkdir -p shots; echo picture >shots/one.png; touch -r "$TMPDIR/../../since" shots/one.png; printf %s "<testsuite><testcase name=\'c\' file=\'$1\'>'
                        '<failure message=\'boom\'/></testcase></testsuite>" >"$TANDA_REPORT"; exit 1')
    set_up(project, jenkins, suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}", "{id}"],
                                             "reports": ["*.xml"], "case_key": "path", "collect": ["shots/**"]}})
    result = run(project, jenkins)
    assert result.code == 1, result.log()
    assert "boom" in result.err
    collected = list((project.folder / "tanda-out" / "collected").rglob("one.png"))
    assert [path.read_text() for path in collected] == ["picture\n"]


def test_secrets_stay_where_they_belong(project, jenkins):
    project.scripts(one='[ "$SHOP_PASSWORD" = "hunter 2\'s" ]')
    set_up(project, jenkins, suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}"],
                                             "env": {"SHOP_PASSWORD": "hunter 2's"}}})
    result = run(project, jenkins)
    assert result.code == 0, result.log()
    written = b"".join(path.read_bytes() for path in project.folder.joinpath("tanda-out").rglob("*") if path.is_file())
    assert jenkins.token.encode() not in written and b"hunter" not in written
    assert jenkins.token not in result.err + result.out
    assert jenkins.token not in json.dumps([request["url"] for request in jenkins.requests()])
    assert "hunter" not in jenkins.log(JOB, 1)


@pytest.mark.parametrize("settings", [{"context": "/ci"}, {"version": MODERN}, {"root_url": "http://elsewhere.example/x/"}])
def test_any_jenkins_will_do(project, fake_jenkins, settings):
    jenkins = fake_jenkins(**settings)
    project.scripts(one="exit 0", two="exit 0")
    set_up(project, jenkins)
    result = run(project, jenkins)
    assert result.code == 0, result.log()


def test_a_pipeline_will_do(project, jenkins):
    xml = project.tanda("check", "nodes", "--jenkins-job").out
    script = xml[xml.index("pipeline {"):xml.index("-->")]
    script = script.replace("&", "&amp;").replace("<", "&lt;")
    jenkins.create_job("shop/feature%2Flogin", xml=f"<flow-definition><definition><script>{script}</script></definition>"
                                                   "</flow-definition>")
    project.scripts(one="exit 0")
    farm(project, jenkins, job="shop/feature%2Flogin",
         suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "-c", "echo {id}"]}})
    result = run(project, jenkins)
    assert result.code == 0, result.log()


# --- a request that goes wrong ---

@pytest.mark.parametrize("fault", [
    {"kind": "status", "status": 504, "when": "after"}, {"kind": "reset", "when": "after"},
    {"kind": "status", "status": 503}, {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}},
    {"kind": "status", "status": 500}, {"kind": "half", "when": "after"}, {"kind": "html"}, {"kind": "login", "when": "after"}])
def test_a_trigger_that_nobody_answers_starts_one_build(project, jenkins, fault):
    project.scripts(one="echo x >>" + str(project.folder / "ran"))
    set_up(project, jenkins)
    jenkins.fault(path="buildWithParameters", times=1, **fault)
    result = run(project, jenkins)
    assert result.code == 0, result.log()
    assert (project.folder / "ran").read_text() == "x\n"
    assert len(jenkins.builds()) == 1


@pytest.mark.parametrize("fault", [
    {"kind": "status", "status": 502, "times": 2}, {"kind": "html", "times": 1}, {"kind": "half", "times": 1},
    {"kind": "reset", "times": 2}, {"kind": "login", "times": 1}, {"kind": "length", "by": 5, "times": 1}])
@pytest.mark.parametrize("path", ["queue/api", "allBuilds", "artifact"])
def test_answers_that_are_none_are_asked_for_again(project, jenkins, path, fault):
    project.scripts(one="exit 0")
    set_up(project, jenkins)
    jenkins.fault(path=path, **fault)
    result = run(project, jenkins)
    assert result.code == 0, result.log()
    assert len(jenkins.builds()) == 1


@pytest.mark.parametrize("change, words", [
    ({"env": {"JENKINS_TOKEN": "wrong"}}, "make an API token at"),
    ({"login": {"job": "nope"}}, 'there is no job "nope"'),
    ({"login": {"job": "acceptance"}}, "it is no job that can be built"),
    ({"fault": {"kind": "redirect", "location": "http://127.0.0.1:1/login"}}, "which is not followed"),
    ({"fault": {"kind": "html"}}, "It works!"),
    ({"xml": freestyle_xml("true")}, "--jenkins-job"),
    ({"disabled": True}, "is disabled"),
    ({"env": {"JENKINS_TOKEN": None}}, "the variable is not set"),
])
def test_a_job_that_cannot_be_used_is_left_out_with_a_remedy(project, jenkins, change, words):
    project.scripts(one="exit 0")
    xml = change.get("xml") or job_xml(project)
    if change.get("disabled"):
        xml = xml.replace("<disabled>false</disabled>", "<disabled>true</disabled>")
    jenkins.create_job(JOB, xml=xml)
    farm(project, jenkins, login=change.get("login", {}))
    if "fault" in change:
        jenkins.fault(**change["fault"])
    result = run(project, jenkins, env=change.get("env"))
    assert result.code in (2, 3), result.log()
    assert words in result.err, result.err
    assert not jenkins.builds()


def test_a_controller_that_is_not_there_is_told(project, jenkins):
    project.scripts(one="exit 0")
    set_up(project, jenkins)
    jenkins.kill()
    result = run(project, jenkins)
    assert result.code == 3 and "onnect" in result.err, result.log()


def test_a_certificate_of_a_stranger_is_not_trusted(project, fake_jenkins, tls):
    jenkins = fake_jenkins(tls=tls)
    project.scripts(one="exit 0")
    set_up(project, jenkins)
    result = run(project, jenkins)
    assert result.code == 3 and "certificate" in result.err, result.log()
    farm(project, jenkins, login={"ca": str(tls.authority)})
    result = run(project, jenkins)
    assert result.code == 0, result.log()


# --- a build that goes wrong ---

@pytest.mark.parametrize("body", [b"", b"not a bundle", b"tanda-bundle 1\nkey other.1.1.x\nexit 0\n\n",
                                  b"tanda-bundle 1\nkey "])
def test_what_is_no_bundle_is_no_result(project, jenkins, body):
    project.scripts(one="exit 0")
    set_up(project, jenkins)
    jenkins.fault("body", path="artifact", body=body, times=4)
    result = run(project, jenkins)
    assert result.code == 0, result.log()
    assert "TRY 1 LOST" in result.err and "bundle is not whole" in result.err
    assert [build["result"] for build in jenkins.builds()] == ["SUCCESS", "SUCCESS"]


def test_a_green_build_without_a_bundle_is_no_result(project, jenkins):
    project.scripts(one="exit 0")
    did = project.folder / "did"
    jenkins.create_job(JOB, xml=job_xml(project).replace("exec sh", f"[ -e {did} ] || exec touch {did}\nexec sh"))
    farm(project, jenkins)
    result = run(project, jenkins)
    assert result.code == 0, result.log()
    assert [build["result"] for build in jenkins.builds()] == ["SUCCESS", "SUCCESS"]
    assert "TRY 1 LOST" in result.err
    assert "ended SUCCESS on 'the built-in node' and left no bundle; its log ends: Finished: SUCCESS" in result.err


def test_an_agent_that_dies_costs_the_test_nothing(project, fake_jenkins):
    jenkins = fake_jenkins(executors=0, agents={"a1": {"executors": 1, "labels": "linux"},
                                                "a2": {"executors": 1, "labels": "linux"}})
    project.scripts(one=f"echo $$ >>'{project.folder}/ran'; n=$(wc -l <'{project.folder}/ran'); [ $n -gt 1 ] || sleep 60")
    set_up(project, jenkins, label="linux")
    process = project.popen("run", env=jenkins.environment())
    node = wait_until(lambda: (project.folder / "ran").exists() and jenkins.running(), "it runs")[0]["node"]
    jenkins.control("kill_agent", name=node)
    result = project.finish(process)
    assert result.code == 0, result.log()
    assert len(jenkins.builds()) == 2
    assert result.verdicts() == {"tests/a/one.sh": "passed"}


def test_a_controller_that_comes_back_is_asked_by_key(project, jenkins):
    """Queue ids begin anew: the one of a stranger's build must not be taken for ours."""
    ran = project.folder / "ran"
    project.scripts(one=f"echo x >>'{ran}'; n=$(wc -l <'{ran}'); [ $n -gt 1 ] || sleep 60")
    set_up(project, jenkins)
    process = project.popen("run", env=jenkins.environment())
    wait_until(ran.exists, "it runs")
    jenkins.restart(starting=3)
    result = project.finish(process)
    assert result.code == 0, result.log()
    assert ran.read_text() == "x\nx\n"
    wait_until(lambda: not jenkins.processes(), "what the old build ran has ended by itself")


def test_somebody_may_take_it_out_of_the_queue(project, jenkins):
    project.scripts(one="exit 0")
    set_up(project, jenkins)
    jenkins.control("hold_queue")
    process = project.popen("run", env=jenkins.environment())
    item = wait_until(jenkins.queue, "it is queued")[0]
    post(jenkins, f"queue/cancelItem?id={item['id']}")
    jenkins.control("hold_queue", held=False)
    result = project.finish(process)
    assert result.code == 0, result.log()
    assert len(triggers(jenkins)) == 2 and len(jenkins.builds()) == 1


def test_a_limit_holds_on_the_agent(project, jenkins):
    project.scripts(slow="trap 'echo told to end; exit 9' TERM; sleep 60 & wait", quick="exit 0")
    set_up(project, jenkins, test_timeout="2s", grace="2s")
    result = run(project, jenkins)
    assert result.code == 1, result.log()
    assert result.verdicts() == {"tests/a/slow.sh": "failed", "tests/a/quick.sh": "passed"}
    assert "timed out" in result.err
    assert not jenkins.processes()


# --- the end ---

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("is_held", [True, False])
def test_a_signal_leaves_no_build(project, jenkins, number, is_held):
    ran = project.folder / "ran"
    project.scripts(one=f"touch {ran}; sleep 60", two="sleep 60")
    set_up(project, jenkins)
    jenkins.control("hold_queue", held=is_held)
    process = project.popen("run", env=jenkins.environment())
    wait_until(lambda: len(jenkins.queue()) == 2 if is_held else ran.exists(), "both are in the queue, or run")
    process.send_signal(number)
    result = project.finish(process)
    assert result.code == -number, result.log()
    assert set(result.verdicts().values()) == {"not_run"}
    assert not jenkins.queue()
    wait_until(lambda: not jenkins.running() and not jenkins.processes(), "nothing runs")


def test_who_holds_the_only_executor_is_told_so(project, fake_jenkins):
    jenkins = fake_jenkins(executors=1)
    project.scripts(one="exit 0")
    set_up(project, jenkins)
    jenkins.create_job("pipeline", shell="sleep 60")
    jenkins.control("trigger", job="pipeline", parameters={})
    wait_until(jenkins.running, "the pipeline runs")
    result = run(project, jenkins, env={"BUILD_URL": f"{jenkins.url}job/pipeline/1/"})
    assert result.code == 3, result.log()
    assert "the only executor" in result.err and "another executor" in result.err


def test_offline_nodes_are_named(project, fake_jenkins):
    jenkins = fake_jenkins(executors=0, agents={"a1": {"executors": 1, "labels": "linux"}})
    project.scripts(one="exit 0")
    set_up(project, jenkins, label="linux")
    jenkins.control("kill_agent", name="a1")
    process = project.popen("run", env=jenkins.environment())
    wait_until(lambda: any("label" in request["url"] for request in jenkins.requests()), "it asks for the label")
    jenkins.control("reconnect_agent", name="a1")
    result = project.finish(process)
    assert result.code == 0, result.log()


def test_two_requests_a_look_whatever_the_number_of_builds(project, fake_jenkins):
    jenkins = fake_jenkins(executors=8)
    project.scripts(**{f"t{i}": "sleep 2.5" for i in range(8)})
    set_up(project, jenkins, executors=8)
    result = run(project, jenkins)
    assert result.code == 0, result.log()
    looks = [request for request in jenkins.requests() if "/queue/api" in request["url"]]
    builds = [request for request in jenkins.requests() if "allBuilds" in request["url"]]
    assert abs(len(looks) - len(builds)) <= 1
    assert all(later["time"] - first["time"] > 0.9 for first, later in zip(looks, looks[1:]))


# --- tanda dies, and another goes on ---

def killed_with_builds(project, jenkins, executors=2, **keys):
    """Four tests that note each start and wait for a gate; tanda is killed when builds of two run."""
    gate, ran = project.folder / "gate", project.folder / "ran"
    ran.write_text("")
    body = f"echo $1 >>'{ran}'; while [ ! -e '{gate}' ]; do sleep 0.05; done"
    project.scripts(one=body, two=body, three=body, four=body)
    set_up(project, jenkins, executors=executors, retries=0,
           suites={"cmd": {"framework": "command", "files": "tests/{area}/*.sh", "run": ["sh", "{id}", "{id}"]}}, **keys)
    process = project.popen("run", env=jenkins.environment())
    wait_until(lambda: len(ran.read_text().split()) == 2, "two builds run")
    process.kill()
    process.communicate()
    return gate, ran


def resumed(project, jenkins):
    result = run(project, jenkins, "--resume")
    assert project.tanda("report", "--check").code == 0
    return result


@pytest.mark.parametrize("is_done", [False, True])
def test_builds_of_a_killed_tanda_are_taken_over(project, jenkins, is_done):
    gate, ran = killed_with_builds(project, jenkins)
    if is_done:
        gate.touch()
        wait_until(lambda: not any(build["building"] for build in jenkins.builds()), "the builds are done")
        result = resumed(project, jenkins)
    else:
        process = project.popen("run", "--resume", env=jenkins.environment())
        wait_until(lambda: "batch_submitted" in [event["kind"] for event in resumed_events(project)], "it has taken over")
        gate.touch()
        result = project.finish(process)
    assert result.code == 0, result.log()
    assert sorted(ran.read_text().split()) == sorted(result.verdicts()), "what was running ran again"
    assert set(result.verdicts().values()) == {"passed"} and len(result.verdicts()) == 4
    assert len(jenkins.builds()) == 4 and not jenkins.processes()


def resumed_events(project):
    journal = project.folder / "tanda-out" / "journal.ndjson"
    told = [json.loads(line) for line in journal.read_text(errors="replace").split("\n")[:-1]]
    kinds = [event["kind"] for event in told]
    return told[kinds.index("run_resumed"):] if "run_resumed" in kinds else []


def test_who_takes_over_may_be_killed_as_well(project, jenkins):
    gate, ran = killed_with_builds(project, jenkins)
    process = project.popen("run", "--resume", env=jenkins.environment())
    wait_until(lambda: [event["kind"] for event in resumed_events(project)].count("batch_submitted") == 2, "it has taken over")
    process.kill()
    process.communicate()
    gate.touch()
    result = resumed(project, jenkins)
    assert result.code == 0, result.log()
    assert sorted(ran.read_text().split()) == sorted(result.verdicts())
    assert len(jenkins.builds()) == 4


def test_who_takes_over_may_be_killed_before_the_controller_answers(project, jenkins):
    gate, ran = killed_with_builds(project, jenkins)
    with jenkins.faulty("hang"):
        process = project.popen("run", "--resume", env=jenkins.environment())
        wait_until(lambda: resumed_events(project) and any(jenkins.control("hits").values()), "it asks")
        process.kill()
        process.communicate()
    gate.touch()
    result = resumed(project, jenkins)
    assert result.code == 0, result.log()
    assert sorted(ran.read_text().split()) == sorted(result.verdicts())
    assert len(jenkins.builds()) == 4


def test_a_build_that_is_gone_runs_again(project, jenkins):
    gate, ran = killed_with_builds(project, jenkins)
    gate.touch()
    wait_until(lambda: not any(build["building"] for build in jenkins.builds()), "the builds are done")
    for build in jenkins.builds():
        post(jenkins, f"job/acceptance/job/shard/{build['number']}/doDelete")
    result = resumed(project, jenkins)
    assert result.code == 0, result.log()
    assert len(ran.read_text().split()) == 6 and len(result.verdicts()) == 4


def test_a_stop_ends_what_was_taken_over(project, jenkins):
    killed_with_builds(project, jenkins)
    process = project.popen("run", "--resume", env=jenkins.environment())
    wait_until(lambda: [event["kind"] for event in resumed_events(project)].count("batch_submitted") == 2, "it has taken over")
    process.send_signal(signal.SIGTERM)
    process.communicate()
    wait_until(lambda: not any(build["building"] for build in jenkins.builds()) and not jenkins.processes(),
               "no build is left")


def test_what_a_build_costs_is_learned_and_builds_get_larger(project, jenkins):
    body = ('for id; do cases="$cases<testcase file=\'$id\' name=\'x\' time=\'0.1\'/>"; sleep 0.1; done; '
            'echo "<testsuite>$cases</testsuite>" >"$TANDA_REPORT"')
    project.write("all.sh", f"#!/bin/sh\n{body}\n", 0o755)
    for number in range(24):
        project.write(f"tests/a/t{number:02}.t", "")
    set_up(project, jenkins, suites={"cmd": {"framework": "command", "files": "tests/{area}/*.t", "reports": "report.xml",
                                             "run": ["sh", str(project.folder / "all.sh"), "{ids}"], "case_key": "path", "batch_max": 24,
                                             "exit": {"complete": [0]}}})
    counts = []
    for _ in range(2):
        before = len(jenkins.builds())
        result = run(project, jenkins)
        assert result.code == 0, result.log()
        counts.append(len(jenkins.builds()) - before)
    assert counts[1] < counts[0], counts
