"""A fake Jenkins controller for tests: a process of its own, real HTTP on loopback, the standard library only.

Its behaviour is that of Jenkins 2.263.4, as recorded (tests/e2e/test_fake_jenkins.py compares), or of a version since
2.308 where they differ (`version=MODERN`). It runs a job's shell for real, on simulated agents with labels and
executors, archives artifacts and stops builds by signals. In a test:

    def test_something(jenkins):                   # the fixture: two executors on the built-in node
        jenkins.create_job("acceptance/shard", shell='echo "$TANDA_KEY"; mkdir out; date >out/r', archive="out/**")
        ...                                        # jenkins.url, .user, .token, .environment()
        jenkins.wait_until_idle()
        assert [build["result"] for build in jenkins.builds()] == ["SUCCESS"]

`fake_jenkins(**settings)`, the other fixture, makes one with agents, a context path, TLS or another version:

    jenkins = fake_jenkins(executors=0, agents={"a1": {"executors": 2, "labels": "linux"}}, context="/ci")

Faults of HTTP are rules (faults.py), switched while it runs:

    jenkins.fault("status", status=503, path="/queue", times=3)
    jenkins.fault("status", status=504, path="buildWithParameters", when="after", times=1)     # it was carried out
    jenkins.fault("status", status=429, headers={"Retry-After": "1"}, times=2)
    jenkins.fault("half", path=r"/artifact/", times=1)
    jenkins.fault("body", path=r"/artifact/", body=b"any bytes")
    "reset", "length" (by=-3), "hang", "login", "html", "redirect" (location=...), "starting"
    jenkins.heal()                                 # all off: {number: how often it was met}

Faults of the rest: jenkins.kill() and .start(), .restart(starting=5, orderly=False);
jenkins.control("kill_agent", name="a1"), "reconnect_agent", "hold_queue", "save_queue_id", "artifacts" (control.py).
What was asked of it: jenkins.requests().
"""

from fakejenkins.handle import MEASURED, MODERN, FakeJenkins

__all__ = ["FakeJenkins", "MEASURED", "MODERN"]
