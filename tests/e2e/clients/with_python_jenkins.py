"""One cycle by python3-jenkins: URL USER TOKEN CONFIG_XML; prints what it saw as JSON."""

import json
import sys
import time

import jenkins
import requests


def until(value_of):
    while True:
        value = value_of()
        if value:
            return value
        time.sleep(0.02)


def executable(server, number):
    return until(lambda: server.get_queue_item(number).get("executable"))["number"]


def ended(server, job, number):
    until(lambda: not server.get_build_info(job, number)["building"])
    return server.get_build_info(job, number)


def main(url, user, token, config):
    server = jenkins.Jenkins(url, username=user, password=token, timeout=20)
    seen = {"user": server.get_whoami()["id"], "version": server.get_version()}
    server.create_job("folder", jenkins.EMPTY_FOLDER_XML)
    server.create_job("folder/cycle", config)
    seen["jobs"] = sorted(job["fullname"] for job in server.get_all_jobs())
    first = executable(server, server.build_job("folder/cycle", {"KEY": "one", "SECS": "0"}))
    build = ended(server, "folder/cycle", first)
    seen["result"], seen["artifacts"] = build["result"], [one["relativePath"] for one in build["artifacts"]]
    seen["log"] = server.get_build_console_output("folder/cycle", first)
    seen["artifact"] = server.jenkins_request(requests.Request("GET", build["url"] + "artifact/out/key")).text
    second = executable(server, server.build_job("folder/cycle", {"KEY": "two", "SECS": "600"}))
    waiting = server.build_job("folder/cycle", {"KEY": "three", "SECS": "0"})
    until(lambda: server.get_queue_info())
    seen["waits"] = [item["id"] == waiting for item in server.get_queue_info()]
    try:
        server.cancel_queue(waiting)
    except jenkins.EmptyResponseException:
        pass  # this client does not take the 204 that Jenkins has for it
    seen["cancelled"] = server.get_queue_item(waiting)["cancelled"]
    server.stop_build("folder/cycle", second)
    seen["stopped"] = ended(server, "folder/cycle", second)["result"]
    seen["builds"] = [one["number"] for one in server.get_job_info("folder/cycle")["builds"]]
    seen["nodes"] = sorted(node["name"] for node in server.get_nodes())
    server.disable_node("agent", "rest")
    seen["offline"] = server.get_node_info("agent")["offline"]
    server.disable_job("folder/cycle")
    try:
        server.build_job("folder/cycle", {"KEY": "four"})
    except requests.exceptions.HTTPError as error:
        seen["disabled"] = error.response.status_code == 409
    server.delete_job("folder/cycle")
    seen["left"] = bool(server.job_exists("folder/cycle"))
    print(json.dumps(seen))


main(*sys.argv[1:])
