"""The fake Jenkins controller itself: what it does with builds, agents, restarts and faults."""

import base64
import http.client
import json
import signal
import ssl
import urllib.parse

import pytest

from fakejenkins import MODERN, labels

COUNTING = 'i=0; while [ $i -lt "${SECS:-0}" ]; do echo tick $i; sleep 0.1; i=$((i+1)); done'


class Client:
    """One keep-alive connection to a controller."""

    def __init__(self, jenkins, trust=None):
        self.jenkins, place = jenkins, urllib.parse.urlsplit(jenkins.url)
        self.base = place.path
        context = ssl.create_default_context(cafile=trust) if place.scheme == "https" else None
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        self.http = kinds[place.scheme](place.netloc, timeout=20, **({"context": context} if context else {}))

    def ask(self, method, path, body=None, **headers):
        """(status, headers, body) of a request below the controller's URL."""
        token = base64.b64encode(f"{self.jenkins.user}:{self.jenkins.token}".encode()).decode()
        self.http.request(method, self.base + path, body, {"Authorization": f"Basic {token}", **headers})
        reply = self.http.getresponse()
        return reply.status, reply.headers, reply.read()

    def get(self, path):
        status, _, body = self.ask("GET", f"{path}/api/json" if "?" not in path else path.replace("?", "/api/json?"))
        assert status == 200, (path, status, body)
        return json.loads(body)

    def trigger(self, job="acceptance", **parameters):
        """The queue item's id."""
        form = urllib.parse.urlencode(parameters)
        status, headers, _ = self.ask("POST", f"job/{job}/buildWithParameters", form,
                                      **{"Content-Type": "application/x-www-form-urlencoded"})
        assert status in (201, 303)
        return int(headers["Location"].rstrip("/").rpartition("/")[2])


def test_a_build_runs_its_shell_and_keeps_its_artifacts(jenkins):
    jenkins.create_job(shell='mkdir -p out; echo "$TANDA_KEY by $USER_GIVEN" >out/r.txt; echo said', archive="out/**",
                       parameters=["TANDA_KEY", "USER_GIVEN"])
    client = Client(jenkins)
    number = client.trigger(TANDA_KEY="k 1", USER_GIVEN="é&=", NOT_A_PARAMETER="x")
    jenkins.wait_until_idle()
    left = client.get(f"queue/item/{number}")
    assert left["_class"] == "hudson.model.Queue$LeftItem" and left["executable"]["number"] == 1
    assert left["actions"][0]["parameters"][0]["value"] == "k 1"
    assert [value["name"] for value in left["actions"][0]["parameters"]] == ["TANDA_KEY", "USER_GIVEN"]
    build = client.get("job/acceptance/1")
    assert (build["result"], build["building"], build["builtOn"]) == ("SUCCESS", False, "")
    assert client.ask("GET", "job/acceptance/1/artifact/out/r.txt")[2] == "k 1 by é&=\n".encode()
    assert b"\nsaid\n" in client.ask("GET", "job/acceptance/1/consoleText")[2]


def test_a_stopped_build_ends_with_all_its_processes(jenkins):
    jenkins.create_job(shell="setsid sleep 600 & sleep 600")
    client = Client(jenkins)
    client.trigger(TANDA_KEY="k")
    jenkins.wait_for(lambda: len(jenkins.processes()) >= 3, "the shell has started both")
    assert client.ask("POST", "job/acceptance/1/stop")[0] == 302
    jenkins.wait_until_idle()
    assert [build["result"] for build in jenkins.builds()] == ["ABORTED"]
    assert jenkins.processes() == []
    assert "Aborted by " in jenkins.log("acceptance", 1)


def test_labels_and_executors_decide_where_and_when(fake_jenkins):
    jenkins = fake_jenkins(executors=0, agents={"a1": {"executors": 2, "labels": "linux gpu"},
                                                "a2": {"executors": 1, "labels": "linux"}})
    jenkins.create_job(shell='echo "$NODE_NAME"; while [ ! -e ../../../../go ]; do sleep 0.01; done', label="linux && !gpu")
    client = Client(jenkins)
    client.trigger(TANDA_KEY="1")
    second = client.trigger(TANDA_KEY="2")
    jenkins.wait_for(jenkins.running, "one runs")
    jenkins.wait_for(lambda: client.get(f"queue/item/{second}")["why"], "the queue has looked at the other")
    assert client.get(f"queue/item/{second}")["why"] == "Waiting for next available executor on ‘a2’"
    assert client.get("label/linux")["idleExecutors"] == 2
    assert client.get("computer?tree=busyExecutors,totalExecutors") == {
        "_class": "hudson.model.ComputerSet", "busyExecutors": 1, "totalExecutors": 3}
    (jenkins.home / "go").touch()
    jenkins.wait_until_idle()
    assert {build["node"] for build in jenkins.builds()} == {"a2"}


def test_equal_parameters_wait_only_once(fake_jenkins):
    for version, status in (("2.263.4", 201), (MODERN, 303)):
        jenkins = fake_jenkins(version=version)
        jenkins.create_job()
        jenkins.control("hold_queue")
        client = Client(jenkins)
        replies = [client.ask("POST", "job/acceptance/buildWithParameters?TANDA_KEY=k") for _ in range(2)]
        assert [reply[0] for reply in replies] == [201, status]
        assert replies[0][1]["Location"] == replies[1][1]["Location"]
        assert len(jenkins.queue()) == 1


def test_a_crash_forgets_builds_and_uses_queue_ids_again(jenkins):
    jenkins.create_job(shell="[ -z $SECS ] || sleep 600", parameters=["TANDA_KEY", "SECS"])
    client = Client(jenkins)
    client.trigger(TANDA_KEY="done")
    jenkins.wait_until_idle()
    jenkins.control("save_queue_id")
    lost = client.trigger(TANDA_KEY="lost", SECS="1")
    jenkins.wait_for(jenkins.running, "it runs")
    before = client.ask("GET", "api/json")[1]["X-Jenkins-Session"]
    jenkins.kill()
    with pytest.raises(ConnectionRefusedError):
        Client(jenkins).ask("GET", "api/json")
    jenkins.start(faults=[{"kind": "starting", "times": 2}])
    client = Client(jenkins)
    assert [client.ask("GET", "api/json")[0] for _ in range(3)] == [503, 503, 200]
    assert client.ask("GET", "api/json")[1]["X-Jenkins-Session"] != before
    assert [client.ask("GET", f"job/acceptance/{number}/api/json")[0] for number in (1, 2)] == [200, 404]
    assert client.trigger(TANDA_KEY="after") == lost
    jenkins.wait_until_idle()
    assert [build["number"] for build in jenkins.builds()] == [1, 3]


def test_an_orderly_end_fails_builds_and_keeps_the_queue(jenkins):
    jenkins.create_job(shell="sleep 600", archive="**")
    client = Client(jenkins)
    client.trigger(TANDA_KEY="runs")
    jenkins.wait_for(jenkins.running, "it runs")
    jenkins.control("hold_queue")
    number = client.trigger(TANDA_KEY="waits")
    jenkins.restart(orderly=True)
    assert jenkins.builds(number=1)[0]["result"] == "FAILURE" and not jenkins.builds(number=1)[0]["artifacts"]
    jenkins.wait_for(jenkins.running, "what waited runs")
    assert jenkins.running()[0]["queue_id"] == number


def test_a_killed_agent_fails_its_build(fake_jenkins):
    jenkins = fake_jenkins(executors=0, agents={"a1": {}})
    jenkins.create_job(shell="sleep 600", label="a1")
    client = Client(jenkins)
    client.trigger(TANDA_KEY="k")
    jenkins.wait_for(jenkins.processes, "it runs")
    jenkins.control("kill_agent", name="a1")
    jenkins.wait_until_idle()
    assert jenkins.builds()[0]["result"] == "FAILURE" and not jenkins.processes()
    assert "Unexpected termination of the channel" in jenkins.log("acceptance", 1)
    assert client.get("computer/a1")["offlineCauseReason"].startswith("Connection was broken")
    number = client.trigger(TANDA_KEY="waits")
    jenkins.wait_for(lambda: client.get(f"queue/item/{number}").get("stuck"), "it is stuck")
    assert client.get(f"queue/item/{number}")["why"] == "‘a1’ is offline"


def test_a_log_is_read_in_pieces(jenkins):
    jenkins.create_job(shell=f"set +x; {COUNTING}", parameters=["TANDA_KEY", "SECS"])
    client = Client(jenkins)
    client.trigger(TANDA_KEY="k", SECS="3")
    jenkins.wait_for(jenkins.builds, "it has begun")
    start, text, more = 0, b"", True
    while more:
        _, headers, piece = client.ask("GET", f"job/acceptance/1/logText/progressiveText?start={start}")
        start, more, text = int(headers["X-Text-Size"]), headers["X-More-Data"], text + piece
    assert start > len(text)  # what is hidden counts
    assert text.replace(b"\r\n", b"\n") == client.ask("GET", "job/acceptance/1/consoleText")[2]
    assert b"tick 2\r\n" in text and text.endswith(b"Finished: SUCCESS\r\n")
    assert client.ask("GET", "job/acceptance/1/logText/progressiveText?start=99999")[2] == text


def test_tls_is_of_an_authority_of_its_own(fake_jenkins, tls):
    jenkins = fake_jenkins(tls=tls, context="/ci")
    assert Client(jenkins, tls.authority).get("whoAmI")["name"] == jenkins.user
    with pytest.raises(ssl.SSLCertVerificationError):
        Client(jenkins).get("whoAmI")


FAULTS = {  # what a client makes of it, and whether the build was queued nevertheless
    "status": (dict(status=504), 504, False),
    "status, too late": (dict(status=502, when="after"), 502, True),
    "reset": ({}, ConnectionResetError, False),
    "reset, too late": (dict(when="after"), ConnectionResetError, True),
    "login": ({}, 200, False),
    "html": ({}, 200, False),
    "redirect": (dict(location="http://127.0.0.1:1/"), 302, False),
    "starting": ({}, 503, False),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_trigger_that_goes_wrong(jenkins, fault):
    jenkins.create_job()
    jenkins.control("hold_queue")
    rule, seen, queued = FAULTS[fault]
    jenkins.fault(fault.partition(",")[0], path="buildWithParameters", times=1, **rule)
    client = Client(jenkins)
    if isinstance(seen, int):
        assert client.ask("POST", "job/acceptance/buildWithParameters?TANDA_KEY=k")[0] == seen
    else:
        with pytest.raises(seen):
            client.ask("POST", "job/acceptance/buildWithParameters?TANDA_KEY=k")
    assert len(jenkins.queue()) == queued
    assert list(jenkins.heal().values()) == [1]
    assert Client(jenkins).ask("POST", "job/acceptance/buildWithParameters?TANDA_KEY=k")[0] == 201


def test_answers_that_are_not_whole(jenkins):
    whole = Client(jenkins).ask("GET", "api/json")[2]
    for kind, options in (("half", {}), ("length", {"by": 7})):
        jenkins.fault(kind, times=1, path="/api/json", **options)
        with pytest.raises(http.client.IncompleteRead):
            Client(jenkins).ask("GET", "api/json")
    jenkins.fault("length", times=1, by=-7)
    assert Client(jenkins).ask("GET", "api/json")[2] == whole[:-7]
    jenkins.fault("body", times=1, body=whole[:-1])
    assert Client(jenkins).ask("GET", "api/json")[2] == whole[:-1]
    assert Client(jenkins).ask("GET", "api/json")[2] == whole


def test_a_rule_counts_what_it_meets(jenkins):
    jenkins.fault("status", status=429, headers={"Retry-After": "7"}, method="GET", path="/queue", skip=1, times=2)
    client = Client(jenkins)
    replies = [client.ask("GET", path) for path in ("queue/api/json", "api/json", *["queue/api/json"] * 3)]
    assert [status for status, _, _ in replies] == [200, 200, 429, 429, 200]
    assert replies[2][1]["Retry-After"] == "7"
    assert [request["status"] for request in jenkins.requests(fault="status")] == [429, 429]


def test_who_hangs_is_let_go(jenkins):
    rule = jenkins.fault("hang", times=1)
    client = Client(jenkins)
    client.http.request("GET", "/api/json")
    jenkins.wait_for(lambda: jenkins.control("hits")[str(rule)], "it hangs")
    jenkins.heal(rule)
    assert client.http.getresponse().status == 403


def test_an_agent_that_is_not_heard_says_nothing(fake_jenkins):
    jenkins = fake_jenkins(executors=0, agents={"a1": {}})
    jenkins.create_job(shell="while [ ! -e ../../../../go ]; do sleep 0.01; done")
    Client(jenkins).trigger(TANDA_KEY="k")
    jenkins.wait_for(jenkins.processes, "it runs")
    jenkins.control("signal_agent", name="a1", number=signal.SIGSTOP)
    (jenkins.home / "go").touch()
    jenkins.wait_for(lambda: not jenkins.processes(), "the shell has ended")
    assert jenkins.running()
    jenkins.control("signal_agent", name="a1", number=signal.SIGCONT)
    jenkins.wait_until_idle()
    assert jenkins.builds()[0]["result"] == "SUCCESS"


def test_sizes_at_which_jenkins_breaks(jenkins):
    jenkins.create_job(shell="yes 0123456789 | head -c 12000000", parameters=["TANDA_KEY", "BIG"])
    client = Client(jenkins)
    assert client.ask("POST", f"job/acceptance/buildWithParameters?TANDA_KEY={'k' * 20_000}")[0] == 414
    client.trigger(TANDA_KEY="large", BIG="x" * 190_000)
    jenkins.wait_until_idle()  # else the second may be the first to be given a number
    client.trigger(TANDA_KEY="small", BIG="x" * 50_000)
    jenkins.wait_until_idle()
    assert [build["result"] for build in jenkins.builds()] == ["FAILURE", "SUCCESS"]
    assert "Argument list too long" in jenkins.log("acceptance", 1)
    _, headers, log = client.ask("GET", "job/acceptance/2/logText/progressiveText?start=0")
    assert len(log) > 12_000_000 and int(headers["X-Text-Size"]) > 12_000_000


def test_orphans_outlive_their_agent_and_their_controller(fake_jenkins):
    jenkins = fake_jenkins(executors=0, agents={"a1": {}, "a2": {}})
    jenkins.create_job("one", shell="sleep 600", label="a1")
    jenkins.create_job("other", shell="sleep 600", label="a2")
    client = Client(jenkins)
    client.trigger("one", TANDA_KEY="1")
    client.trigger("other", TANDA_KEY="2")
    jenkins.wait_for(lambda: len(jenkins.processes()) == 4, "both run")
    jenkins.control("kill_agent", name="a1", processes_too=False)
    jenkins.wait_for(lambda: jenkins.builds(job="one")[0]["result"] == "FAILURE", "its build failed")
    assert len(jenkins.processes()) == 4
    jenkins.kill()
    assert len(jenkins.processes()) == 4
    jenkins.start()
    assert [build["job"] for build in jenkins.builds()] == ["one"]
    jenkins.close()
    assert jenkins.processes() == []


def test_a_branch_is_found_by_its_encoded_name(jenkins):
    jenkins.create_job("team/shard/feature%2Fx", shell='echo "$JOB_NAME"')
    client = Client(jenkins)
    client.trigger("team/job/shard/job/feature%252Fx", TANDA_KEY="k")
    jenkins.wait_until_idle()
    assert b"\nteam/shard/feature%2Fx\n" in client.ask("GET", "job/team/job/shard/job/feature%252Fx/1/consoleText")[2]


def test_a_password_parameter_is_told_to_the_build_alone(jenkins):
    jenkins.create_job(shell='[ "$SECRET" = hush ]', passwords=["SECRET"])
    client = Client(jenkins)
    number = client.trigger(TANDA_KEY="k", SECRET="hush")
    jenkins.wait_until_idle()
    assert jenkins.builds()[0]["result"] == "SUCCESS"
    told = json.dumps([client.get(f"queue/item/{number}"), client.get("job/acceptance/1"), jenkins.builds()])
    assert "SECRET" in told and "hush" not in told
    assert "hush" not in "".join(path.read_text() for path in jenkins.home.glob("jobs/acceptance/builds/**/*.json"))


@pytest.mark.parametrize("expression, matches", [
    ("linux", True), ("!linux", False), ("linux && gpu", True), ("linux && !gpu || a1", True), ("windows || gpu", True),
    ("!(linux && gpu)", False), ("windows -> gpu", True), ("linux -> windows", False), ("linux <-> gpu", True),
    ("linux <-> windows", False), ("a || b && c", False), ('"two words"', False), ("a-1 || linux", True)])
def test_labels_are_of_jenkins_grammar(expression, matches):
    assert labels.parse(expression).matches({"a1", "linux", "gpu"}) == matches


@pytest.mark.parametrize("expression", ["", "linux &&", "(linux", "linux gpu", "&& linux", "!"])
def test_a_bad_label_expression_is_refused(expression):
    with pytest.raises(ValueError):
        labels.parse(expression)


def test_a_tree_shows_what_it_names(jenkins):
    jenkins.create_job()
    client = Client(jenkins)
    for key in "abc":
        client.trigger(TANDA_KEY=key)
    jenkins.wait_until_idle()
    assert numbers(client.get("job/acceptance?tree=allBuilds[number]{0,2}")) == [3, 2]
    assert numbers(client.get("job/acceptance?tree=allBuilds[number]{1,}")) == [2, 1]
    assert client.get("job/acceptance?tree=name") == {"_class": "hudson.model.FreeStyleProject", "name": "acceptance"}
    assert client.get("job/acceptance?tree=builds[*]{0,1}")["builds"][0]["actions"][0] == {
        "_class": "hudson.model.ParametersAction"}
    assert client.ask("GET", "job/acceptance/api/json?tree=builds[number")[0] == 400


def numbers(job):
    return [build["number"] for build in job["allBuilds"]]
