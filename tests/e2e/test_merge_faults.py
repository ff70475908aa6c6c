"""tanda merge: nothing that a report tells is lost, counted twice or written over without a word."""
import json
import os
import subprocess

import pytest

from test_merge import case, counts, find, merge, properties, suite


def shard(number, tests, digest="d"):
    told = "".join(f'<property name="tanda.test" value="{test}"/>' for test in tests)
    return suite("f.py", f'<properties><property name="tanda.shard" value="{number}/2"/><property name="tanda.run" value="r"/>'
                         f'<property name="tanda.plan" value="{digest}"/>{told}</properties>',
                 *(case(test) for test in tests), file="f.py")


def test_every_test_of_a_file_is_told_of(project):
    tests = [f"t{i}" for i in range(120)]
    project.write("a.xml", shard(1, tests[:60]))
    project.write("b.xml", shard(2, tests[60:]))
    _, root = merge(project, "a.xml", "b.xml")
    assert [item.get("value") for item in root.iter("property") if item.get("name") == "tanda.test"] == tests


def test_shards_are_found_in_a_merged_report(project):
    project.write("a.xml", shard(1, ["x"]))
    project.write("b.xml", shard(2, ["y"]))
    merge(project, "a.xml", "b.xml")
    result = project.tanda("merge", "--expect", "2", "-o", "again.xml", "all.xml")
    assert result.code == 0, result.log()


@pytest.mark.parametrize("between", ["\n", "\n<?xml version='1.0'?>\n", "words " * 40000], ids=["line", "prolog", "words"])
@pytest.mark.parametrize("by_pipe", [False, True])
def test_a_second_document_is_no_green(project, between, by_pipe):
    report = suite("s", case("a")) + between + suite("t", case("b", "<failure/>"))
    project.write("a.xml", report)
    if by_pipe:
        done = subprocess.run([os.environ["TANDA"], "merge", "-"], input=report, cwd=project.folder, text=True,
                              capture_output=True, check=False)
        assert (done.returncode, "another document follows" in done.stderr) == (3, True), done.stderr
        return
    _, root = merge(project, "a.xml", code=3)
    assert find(root, "a.xml").find("error").get("type") == "tanda.BadReport"


@pytest.mark.parametrize("args", [("-o", "in.xml"), ("-o", "all.xml", "--timings", "in.xml"), ("-o", "link.xml")])
def test_an_input_is_not_written_over(project, args):
    report = suite("s", case("a", "<failure/>"))
    project.write("in.xml", report)
    project.write("other.xml", suite("t", case("b")))
    (project.folder / "link.xml").symlink_to("in.xml")
    result = project.tanda("merge", *args, "in.xml", "other.xml")
    assert result.code == 2 and "would replace it" in result.err, result.log()
    assert (project.folder / "in.xml").read_text() == report and not (project.folder / "all.xml").exists()


def test_a_report_that_is_found_is_not_written_over(project):
    project.write("out1/junit.xml", suite("s", case("a", "<failure/>")))
    project.write("out2/junit.xml", suite("t", case("b")))
    result = project.tanda("merge", "-o", "out1/junit.xml", "out1", "out2")
    assert result.code == 2 and "would replace it" in result.err, result.log()


def test_the_last_merge_may_be_named(project):
    project.write("a.xml", suite("s", case("a")))
    merge(project, "a.xml")
    result, root = merge(project, "a.xml", "all.xml")
    assert counts(root) == (1, 0, 0, 0) and "all.xml is the output, too" in result.err


def test_the_plan_is_not_written_over(project):
    project.write("a.xml", suite("s", case("a")))
    project.write("plan.json", "{}")
    for args in (["-o", "plan.json"], ["-o", "all.xml", "--timings", "plan.json"]):
        result = project.tanda("merge", *args, "--plan", "plan.json", "a.xml")
        assert result.code == 2 and "the plan itself would be replaced" in result.err, result.log()


def test_what_is_no_file_stays_what_it_is(project):
    project.write("a.xml", suite("s", case("a")))
    os.mkfifo(project.folder / "pipe")
    result = project.tanda("merge", "-o", "pipe", "a.xml")
    assert result.code == 2 and (project.folder / "pipe").is_fifo(), result.log()


def test_raw_reports_beside_the_merged_one_count_once(project):
    for name in ("junit.xml", "batches/0/report.xml", "collected/0/report.xml"):
        project.write(f"out/{name}", suite("s", case("a"), name))
    project.write("out/journal.ndjson", "")
    _, root = merge(project, "out")
    assert counts(root) == (1, 0, 0, 0)


@pytest.mark.parametrize("name", ["x" + "é" * 100, "p" + "é" * 100], ids=["odd", "even"])
def test_json_is_whole_whatever_the_names(project, name):
    project.write(f"{name}/{'é' * 61}.xml", "<testsuite>")
    done = subprocess.run([os.environ["TANDA"], "merge", "--json", "-o", b"\xff.xml", name], cwd=project.folder,
                          capture_output=True, check=False)
    assert json.loads(done.stdout)["exit"]["code"] == 3, done.stderr


@pytest.mark.parametrize("value", ["0", ""])
def test_no_shards_are_no_expectation(project, value):
    project.write("a.xml", suite("s", case("a")))
    assert project.tanda("merge", f"--expect={value}", "-o", "all.xml", "a.xml").code == 2


@pytest.mark.parametrize("code, text", [("windows-1255", "שלום"), ("windows-1258", "aêà")])
def test_letters_that_others_may_join(project, code, text):
    head = f"<?xml version='1.0' encoding='{code}'?>"
    project.write("a.xml", (head + suite("s", case(text))).encode(code.replace("windows-", "cp")))
    _, root = merge(project, "a.xml")
    find(root, text)


def test_a_foreign_doctype_in_a_folder_is_left_out(project):
    project.write("r/a.xml", suite("s", case("a")))
    project.write("r/jacoco.xml", '<!DOCTYPE report PUBLIC "-//JACOCO//DTD" "report.dtd"><report name="x"/>')
    merge(project, "r")


def test_times_of_a_file_are_those_of_all_its_suites(project):
    project.write("a.xml", "<testsuites>" + suite("A", case("a", time="5"), file="f.py") +
                  suite("B", case("b", time="7"), file="f.py") + "</testsuites>")
    merge(project, "--timings", "t.json", "a.xml")
    assert "12.000" in (project.folder / "t.json").read_text()


def test_a_sum_stays_a_sum(project):
    for name in "ab":
        project.write(f"{name}.xml", suite(name, case("x", time="50"), time="50", timestamp="2026-01-01T00:00:00"))
    merge(project, "a.xml", "b.xml")
    (project.folder / "all.xml").rename(project.folder / "first.xml")
    _, root = merge(project, "first.xml")
    assert root.get("time") == "100.000" and properties(root[0])["tanda.time.basis"] == "sum"


def test_spans_of_centuries_are_a_wrong_clock(project):
    for name, year in (("a", 2026), ("b", 9000)):
        project.write(f"{name}.xml", suite(name, case("x", time="1"), time="1", timestamp=f"{year}-01-01T00:00:00Z"))
    _, root = merge(project, "a.xml", "b.xml")
    assert root.get("time") == "2.000"


def test_attributes_without_a_prefix_count(project):
    project.write("a.xml", suite("s", case("a", '<failure xsi:type="xs:string" type="Err" message="m"/>'),
                                 **{"xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"}))
    _, root = merge(project, "a.xml")
    assert find(root, "a").find("failure").get("type") == "Err"


def test_no_suite_is_lost_by_its_title(project):
    project.write("a.xml", "<testsuites>" + suite("x", case("1")) + suite(" x", case("2", "<failure/>")) +
                  suite("x [1]", case("3")) + "</testsuites>")
    assert project.tanda("merge", "--split", "out", "a.xml").code == 0
    assert len(list((project.folder / "out").glob("TEST-*.xml"))) == 3


def test_a_suite_shares_its_time_once(project):
    inner = suite("B", case("x", time="1"))
    project.write("a.xml", f'<testsuite name="A" time="10"><testcase name="a"/>{inner}<testcase name="b"/></testsuite>')
    _, root = merge(project, "a.xml")
    assert {item.get("name"): item.get("time") for item in root} == {"A": "10.000", "B": "1.000"}


def test_attempts_keep_the_reruns_of_those_not_shown(project):
    project.write("1.xml", suite("s", case("x", '<failure message="first"/><rerunFailure message="second"/>'),
                                 timestamp="2026-01-01T10:00:00Z"))
    project.write("2.xml", suite("s", case("x"), timestamp="2026-01-01T11:00:00Z"))
    _, root = merge(project, "--attempts", "1.xml", "2.xml")
    assert [item.get("message") for item in find(root, "x").findall("flakyFailure")] == ["first", "second"]


def test_a_file_named_like_standard_input(project):
    project.write("-", suite("s", case("a")))
    _, root = merge(project, "./-")
    assert counts(root) == (1, 0, 0, 0)


def test_what_a_comment_swallows_is_told(project):
    project.write("a.xml", f'<testsuite name="s">{case("a")}<!-->{case("b", "<failure/>")}<!-- x -->{case("c")}</testsuite>')
    merge(project, "a.xml", code=3)
