"""tanda merge: reports of any producer become one that every reader understands."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest

import consumers
from conftest import ROOT

SHARED = pathlib.Path(os.environ.get("TANDA_SHARED", ROOT.parent / "shared"))
CORPORA = [folder for folder in (SHARED / "junit-corpus", SHARED / "runner-samples") if (folder / "index.tsv").exists()]
PEERS = ROOT / "tests" / "peers" / "node_modules"


def suite(name, *cases, **attributes):
    shown = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<testsuite name="{name}"{shown}>{"".join(cases)}</testsuite>'


def case(name, inside="", time="1.0", classname="c"):
    return f'<testcase classname="{classname}" name="{name}" time="{time}">{inside}</testcase>'


def merge(project, *args, code=0):
    """Merge into all.xml; the result is what every reader must be able to read alike."""
    result = project.tanda("merge", "-o", "all.xml", *args)
    assert result.code == code, result.log()
    root = ET.parse(project.folder / "all.xml").getroot()
    for read in consumers.ALL:
        assert read(root) == consumers.root_counts(root), read.__name__
    validate(project.folder / "all.xml")
    return result, root


def validate(path):
    if not shutil.which("xmllint"):
        return
    schema = ROOT / "tests" / "e2e" / "jenkins-junit.xsd"
    done = subprocess.run(["xmllint", "--huge", "--noout", "--schema", schema, path], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr[:2000]


def counts(root):
    return consumers.root_counts(root)


def find(root, name):
    found = [item for item in root.iter("testcase") if item.get("name") == name]
    assert len(found) == 1, [item.get("name") for item in root.iter("testcase")]
    return found[0]


def properties(element):
    return {item.get("name"): item.get("value") for item in element.findall("properties/property")}


# ---- the classes of error that other mergers have ----

def test_counts_are_of_cases_not_of_elements_or_declarations(project):
    project.write("a.xml", suite("a", case("both", "<failure/><error/>"), case("ok"), tests=9, failures=7))
    _, root = merge(project, "a.xml")
    assert counts(root) == (2, 0, 1, 0)
    assert properties(root.find("testsuite"))["tanda.declared"] == "9"


def test_nested_suites_are_counted_once_and_come_out_flat(project):
    inner = suite("inner", case("x"), case("y", "<failure/>"), tests=2, failures=1)
    project.write("a.xml", f'<testsuites tests="2">{suite("outer", inner, case("own"), tests=3)}</testsuites>')
    _, root = merge(project, "a.xml")
    assert counts(root) == (3, 1, 0, 0)
    assert [item.get("name") for item in root] == ["inner", "outer"]


def test_equal_names_of_nested_suites_are_told_apart_by_their_paths(project):
    for outer in "ab":
        project.write(f"{outer}.xml", f'<testsuites>{suite(outer, suite("same", case("x")))}</testsuites>')
    _, root = merge(project, ".")
    assert [item.get("name") for item in root] == ["a / same", "b / same"]


@pytest.mark.parametrize("first, second, wall, basis", [
    ("2026-01-01T10:00:00Z", "2026-01-01T10:00:05+00:00", "15.000", None),      # overlapping: not the sum, not the longest
    ("2026-01-01T10:00:00Z", "2026-01-01T12:00:08+02:00", "18.000", None),      # zones are known
    ("2026-01-01T10:00:00", "2026-01-01T10:00:05", "20.000", "sum"),            # of no zone: not one clock
    ("", "2026-01-01T10:00:05Z", "20.000", "sum")])
def test_the_roots_time_is_the_wall_clocks_where_that_is_known(project, first, second, wall, basis):
    for name, started in (("a", first), ("b", second)):
        project.write(f"{name}.xml", suite(name, case("x", time="10"), time="10.0", timestamp=started))
    _, root = merge(project, ".")
    assert root.get("time") == wall
    assert properties(root[0]).get("tanda.time.basis") == basis
    assert [item.get("time") for item in root] == ["10.000", "10.000"]


def test_suites_of_one_name_are_one_with_all_that_they_had(project):
    for number, start in ((1, "10:00:05"), (2, "10:00:00")):
        project.write(f"{number}.xml", suite(
            "s", f'<properties><property name="tanda.shard" value="{number}/2"/></properties>', case(f"t{number}"),
            timestamp=f"2026-01-01T{start}Z", hostname=f"host{number}", time="1"))
    _, root = merge(project, ".")
    assert len(root) == 1 and counts(root) == (2, 0, 0, 0)
    values = [item.get("value") for item in root[0].iter("property")]
    assert values == ["1/2", "2/2", "1.xml", "2.xml"]
    assert (root[0].get("time"), root[0].get("hostname")) == ("2.000", "host1")
    assert root[0].get("timestamp") == "2026-01-01T10:00:00.000+00:00"


def test_suites_that_only_count_become_an_error(project):
    project.write("a.xml", '<testsuites><testsuite name="gone" tests="3" failures="0"/><testsuite name="none" tests="0"/>'
                           '</testsuites>')
    _, root = merge(project, "a.xml")
    assert counts(root) == (1, 0, 1, 0)
    assert find(root, "(no cases)").find("error").get("type") == "tanda.CountMismatch"
    assert [item.get("name") for item in root] == ["gone", "none"]


def test_attempts_inside_a_case_stay_attempts(project):
    project.write("a.xml", suite(
        "s", case("flaky", '<flakyFailure message="m" type="E"><stackTrace>at x</stackTrace><system-out>o</system-out>'
                           '</flakyFailure><flakyError message="n"/>'),
        case("broken", '<failure message="first"/><rerunFailure message="second"/>'),
        case("only reruns", '<rerunError message="first" type="E"/><rerunFailure message="second"/>')))
    _, root = merge(project, "a.xml")
    assert counts(root) == (3, 1, 1, 0)
    flaky = find(root, "flaky").findall("flakyFailure")
    assert [item.get("message") for item in flaky] == ["m", "n"]
    assert flaky[0].findtext("stackTrace") == "m\nat x" and flaky[0].findtext("system-out") == "o"
    assert find(root, "broken").find("rerunFailure").get("message") == "second"
    assert find(root, "only reruns").find("error").get("message") == "first"
    assert len(find(root, "only reruns").findall("rerunFailure")) == 1


@pytest.mark.parametrize("order", [("1", "2", "3"), ("3", "1", "2")])
def test_equal_cases_are_attempts_only_when_asked_for(project, order):
    bodies = ('<failure message="one"/>', "", '<error message="three" type="E"/>')
    for number, body in zip(order, bodies):
        project.write(f"{number}.xml", suite("s", case("x", body), case(f"only{number}")))
    _, root = merge(project, ".")
    assert counts(root) == (6, 1, 1, 0)
    assert sorted(item.get("name") for item in root.iter("testcase"))[3:] == ["x", "x [2]", "x [3]"]
    assert properties(find(root, "x [2]")) == {"tanda.duplicate": "true"}
    _, root = merge(project, "--attempts", ".")
    assert counts(root) == (4, 0, 0, 0)
    assert {item.get("message") for item in find(root, "x").findall("flakyFailure")} == {"one", "three"}
    assert properties(find(root, "x")) == {"tanda.attempt": "3"}


def test_attempts_that_all_failed_show_the_first(project):
    for number in (1, 2):
        project.write(f"{number}.xml", suite("s", case("x", f'<failure message="{number}"/>', time=number),
                                             timestamp=f"2026-01-01T10:00:0{3 - number}Z", time="1"))
    _, root = merge(project, "--attempts", ".")
    item = find(root, "x")
    assert counts(root) == (1, 1, 0, 0)
    assert item.find("failure").get("message") == "2", "by their starts it was the first"
    assert item.find("rerunFailure").get("message") == "1" and item.get("time") == "1.000"


def test_a_bad_file_costs_only_itself_and_is_told(project):
    project.write("cut.xml", '<testsuite name="cut">\n' + case("whole") + '\n<testcase name="half"><fail')
    project.write("empty.xml", "")
    project.write("good.xml", suite("good", case("x")))
    result, root = merge(project, ".", "missing.xml", code=3)
    assert counts(root) == (5, 0, 3, 0)
    assert re.search(r"^warning: cut.xml:3: not well-formed: .*$", result.err, re.M)
    assert "warning: empty.xml: the report is empty" in result.err
    assert "warning: missing.xml: there is no report" in result.err
    assert find(root, "cut.xml").find("error").get("type") == "tanda.BadReport"
    assert find(root, "empty.xml").find("error").get("type") == "tanda.EmptyReport"
    find(root, "whole")


def test_what_is_no_report_is_left_out_of_folders_but_not_ignored_when_named(project):
    project.write("r/pom.xml", "<project/>")
    project.write("r/a.xml", suite("a", case("x")))
    result, root = merge(project, "r")
    assert counts(root) == (1, 0, 0, 0) and "r/pom.xml: left out: line 1: not a JUnit report" in result.err
    _, root = merge(project, "r/pom.xml", "r/a.xml", code=3)
    assert counts(root) == (2, 0, 1, 0)


def test_the_same_report_twice_counts_once(project):
    text = suite("s", case("x"))
    for name in ("a.xml", "copy/a.xml"):
        project.write(name, text)
    result, root = merge(project, ".", "a.xml", "./a.xml")
    assert counts(root) == (1, 0, 0, 0)
    assert "warning: copy/a.xml: left out: it is the same as a.xml" in result.err


def test_its_own_output_is_no_input(project):
    project.write("a.xml", suite("s", case("x")))
    for _ in range(3):
        _, root = merge(project, ".")
        assert counts(root) == (1, 0, 0, 0)
    _, root = merge(project, "a.xml", "all.xml")
    assert counts(root) == (1, 0, 0, 0)


def test_the_order_of_arguments_does_not_matter_and_merging_again_changes_nothing(project):
    for number in range(40):
        project.write(f"r{number % 5}/{number}.xml", suite(
            f"s{number % 7}", *(case(f"t{number}.{index}", "<failure>f</failure>" if index == 3 else "",
                                     time=f"0.00{index}5") for index in range(5))))
    folders = [f"r{number}" for number in range(5)]
    merge(project, *folders)
    first = (project.folder / "all.xml").read_bytes()
    merge(project, *reversed(folders))
    assert (project.folder / "all.xml").read_bytes() == first
    (project.folder / "all.xml").rename(project.folder / "once.xml")
    merge(project, "once.xml")
    assert (project.folder / "all.xml").read_bytes() == first


def test_merging_in_steps_gives_the_same_cases(project):
    for name in "abc":
        project.write(f"{name}.xml", suite("s", case(f"in {name}"), case("same")))
    merge(project, "a.xml", "b.xml", "c.xml")
    at_once = (project.folder / "all.xml").read_text()
    project.tanda("merge", "-o", "ab.xml", "a.xml", "b.xml")
    _, root = merge(project, "ab.xml", "c.xml")
    assert counts(root) == counts(ET.fromstring(at_once)) == (6, 0, 0, 0)


# ---- dialects ----

@pytest.mark.parametrize("time, shown", [
    ("1,024.12", "1024.120"), ("0,160", "0.160"), ("1e-3", "0.001"), ("0.", "0.000"), (".5", "0.500"), ("-1", "0.000"),
    ("NaN", "0.000"), ("1e308", "0.000"), ("", "0.000"), ("8,926.953", "8926.953"), ("3", "3.000")])
def test_times_in_every_odd_form(project, time, shown):
    project.write("a.xml", suite("s", case("x", time=time)))
    _, root = merge(project, "a.xml", "--name", "n")
    assert find(root, "x").get("time") == shown
    assert merge(project, "a.xml")[1].get("name") == "tanda"


@pytest.mark.parametrize("stamp, shown", [
    ("2026-01-02T03:04:05", "2026-01-02T03:04:05.000"), ("2026-01-02T03:04:05.678901+02:00", "2026-01-02T01:04:05.678"),
    ("2026-01-02 03:04:05Z", "2026-01-02T03:04:05.000"), ("1646311967953", "2022-03-03T12:52:47.953"),
    ("Sun, 04 Apr 2021 01:01:28 GMT", "2021-04-04T01:01:28.000"), ("17 Sep 2018 07:57:34 GMT", "2018-09-17T07:57:34.000"),
    ("2026-01-02", "2026-01-02T00:00:00.000"), ("2026-01-02T 12:40:13", "2026-01-02T12:40:13.000"),
    ("2026-01-02 03:04:05 UTC", "2026-01-02T03:04:05.000")])
def test_timestamps_in_every_form_become_one(project, stamp, shown):
    project.write("a.xml", suite("s", case("x"), timestamp=stamp))
    _, root = merge(project, "a.xml")
    assert root[0].get("timestamp") == shown + "+00:00"


@pytest.mark.parametrize("name, report, expected, check", [
    ("playwright", '<testsuites id="" name="">' + "".join(
        f'<testsuite name="a.spec.ts" hostname="{browser}"><testcase classname="a.spec.ts" name="t"/></testsuite>'
        for browser in ("chromium", "firefox")) + "</testsuites>", (2, 0, 0, 0), ["[chromium] t", "[firefox] t"]),
    ("gtest", suite("s", '<testcase name="d" status="notrun" time="0."/>', '<testcase name="" classname=""><failure/></testcase>'),
     (2, 1, 0, 1), ["d", "(unnamed)"]),
    ("testng", suite("s", case("a"), "<system-out>of a</system-out>", case("b"), "<system-out>of b</system-out>"),
     (2, 0, 0, 0), ["a", "b"]),
    ("newman", '<testsuites><testsuite name="r" tests="0" errors="1"><system-err>no host</system-err></testsuite></testsuites>',
     (1, 0, 1, 0), ["(no cases)"]),
    ("ant", suite("s", '<error message="class failed to load"/>', case("x")), (2, 0, 1, 0), ["(suite error)", "x"]),
    ("behave", suite("f", case("undefined", "<failure/><skipped/>")), (1, 1, 0, 0), ["undefined"]),
    ("phpunit", '<testsuites><testsuite name="cfg"><testsuite name="T" file="t.php"><testcase name="m" class="A.B" line="7"/>'
                "</testsuite></testsuite></testsuites>", (1, 0, 0, 0), ["m"]),
    ("surefire", suite("s", '<properties><property name="java.version" value="17"/><property name="mine" value="1"/>'
                            "</properties>", case("x")), (1, 0, 0, 0), ["x"]),
    ("k6", "<testsuites><testsuite name='k6'><testcase name='p95'><failure message='failed'/></testcase></testsuite ></testsuites>",
     (1, 1, 0, 0), ["p95"]),
    ("namespaced", '<j:testsuites xmlns:j="urn:j"><j:testsuite name="s"><j:testcase name="x"/></j:testsuite></j:testsuites>',
     (1, 0, 0, 0), ["x"])])
def test_dialects(project, name, report, expected, check):
    project.write(f"{name}.xml", report)
    _, root = merge(project, f"{name}.xml")
    assert counts(root) == expected
    assert [item.get("name") for item in root.iter("testcase")] == check
    if name == "testng":
        assert find(root, "a").findtext("system-out") == "of a"
    if name == "newman":
        assert "no host" in find(root, "(no cases)").findtext("error")
    if name == "phpunit":
        assert (find(root, "m").get("classname"), find(root, "m").get("line")) == ("A.B", "7")
    if name == "surefire":
        assert properties(root[0]) == {"mine": "1", "tanda.source": "surefire.xml", "tanda.time.basis": "sum"}


@pytest.mark.parametrize("data, says", [
    (b"\xef\xbb\xbf\n <?xml version='1.0'?><testsuite name='s'><testcase name='x'/></testsuite>", None),
    ("<?xml version='1.0' encoding='UTF-16'?><testsuite name='s'><testcase name='x'/></testsuite>".encode("utf-16"), None),
    ("<?xml version='1.0' encoding='ISO-8859-1'?><testsuite name='s'><testcase name='x'/></testsuite>".encode("latin-1"), None),
    (b"<testsuite name='s'><testcase name='x'><failure>\x1b[31m&#27;\x00\xff</failure></testcase></testsuite>", "made harmless"),
    (b"<testsuite name='s'><testcase name='x'/></testsuite>Tests done", "something follows the report's end")])
def test_encodings_and_illegal_characters_are_repaired_and_told(project, data, says):
    project.write("a.xml", data)
    result, root = merge(project, "a.xml")
    assert len(list(root.iter("testcase"))) == 1
    assert ("warning: a.xml:1: " in result.err) == (says is not None) and (says or "") in result.err


@pytest.mark.parametrize("prolog", [
    '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]>', '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'])
def test_a_doctype_ends_the_reading(project, prolog):
    project.write("a.xml", prolog + suite("s", case("&e;")))
    result, root = merge(project, "a.xml", code=3)
    assert "a.xml:1: a DOCTYPE is refused" in result.err and "root:" not in (project.folder / "all.xml").read_text()
    assert counts(root) == (1, 0, 1, 0)


def test_instructions_and_inclusions_are_neither_followed_nor_echoed(project):
    project.write("secret.txt", "TOPSECRET")
    project.write("a.xml", '<?xml version="1.0"?><?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>' + suite(
        "s", case("x", '<failure>f<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="secret.txt" parse="text"/>'
                       "<?php evil ?></failure>"),
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="secret.txt" parse="text"/>'))
    _, root = merge(project, "a.xml")
    assert counts(root) == (1, 1, 0, 0)
    text = (project.folder / "all.xml").read_text()
    assert all(word not in text for word in ("TOPSECRET", "XInclude", "<?php", "stylesheet"))


def test_reserved_types_do_not_reach_rails(project):
    project.write("a.xml", suite("s", *(case(kind, f'<failure type="{kind}">f</failure>')
                                        for kind in ("symbol", "yaml", "integer", "date", "file", "array"))))
    _, root = merge(project, "a.xml")
    assert find(root, "yaml").find("failure").get("type") == "reported.yaml"


# ---- attachments ----

def test_attachments_are_found_from_where_the_report_is_read(project):
    project.write("shard1/shots/a.png", "png")
    project.write("shot.png", "png")
    marks = "[[ATTACHMENT|shots/a.png]] and [[ATTACHMENT|shot.png]]\n[[ATTACHMENT|shots\\a.png]]"
    project.write("shard1/r.xml", suite("s", case("x", f"<failure/><system-out>before {marks}</system-out>")))
    _, root = merge(project, "shard1")
    lines = find(root, "x").findtext("system-out").splitlines()
    assert lines[:2] == ["[[ATTACHMENT|shard1/shots/a.png]]", "[[ATTACHMENT|shot.png]]"] and "before" in lines[2]
    merge_absolute = project.tanda("merge", "--attachments", "absolute", "shard1")
    assert f"[[ATTACHMENT|{project.folder}/shard1/shots/a.png]]" in merge_absolute.out


@pytest.mark.parametrize("path", ["/etc/passwd", "../../etc/passwd", "a/../../b"])
def test_attachments_outside_of_the_project_are_shown_but_not_linked(project, path):
    project.write("r.xml", suite("s", case("x", f"<failure/><system-out>[[ATTACHMENT|{path}]]</system-out>")))
    result, root = merge(project, "r.xml")
    assert find(root, "x").findtext("system-out") == f"[ATTACHMENT|{path}]"
    assert "1 attachments are outside of this folder" in result.err


@pytest.mark.parametrize("name", [b"\x1b[31mred\n<&\".xml", b"caf\xe9.xml", "\u4e2d \ufffe.xml".encode()])
def test_files_may_have_any_name(project, name):
    folder = os.fsencode(project.folder)
    for place, text in ((name, suite("", case("x"))), (b"bad " + name, "<testsuite")):
        with open(os.path.join(folder, place), "w", encoding="utf-8") as stream:
            stream.write(text)
    result, root = merge(project, ".", code=3)
    assert counts(root) == (2, 0, 1, 0) and "\x1b" not in result.err
    told = json.loads(project.tanda("merge", "--json", "-o", "all.xml", ".").out)
    assert len(told["files"]) == 2


# ---- sizes ----

def test_output_of_what_passed_is_cut_and_of_what_failed_kept(project):
    lines = "".join(f"line {number}\n" for number in range(2000))
    project.write("a.xml", suite("s", case("ok", f"<system-out>{lines}</system-out>"),
                                 case("bad", f"<failure/><system-out>{lines}</system-out>")))
    _, root = merge(project, "a.xml")
    assert len(find(root, "ok").findtext("system-out")) <= 1024 and "full: a.xml]" in find(root, "ok").findtext("system-out")
    assert find(root, "bad").findtext("system-out") == lines.rstrip()
    _, root = merge(project, "--output", "all", "a.xml")
    assert find(root, "ok").findtext("system-out") == lines.rstrip()
    _, root = merge(project, "--output", "none", "a.xml")
    assert not list(root.iter("system-out"))


def test_a_large_report_stays_below_what_gitlab_reads(project):
    log = "some line of a log that nobody will ever read & so on\n".replace("&", "&amp;") * 1100
    for number in range(4):
        project.write(f"{number}.xml", suite(f"s{number}", *(
            case(f"t{number}.{index}", f"<failure>f</failure><system-out>{log}</system-out>") for index in range(150))))
    _, root = merge(project, ".")
    assert (project.folder / "all.xml").stat().st_size < 26_000_000
    assert counts(root) == (600, 600, 0, 0) and "truncated" in find(root, "t3.149").findtext("system-out")


def test_long_texts_come_through_as_they_are(project):
    text = "".join(f"{number} <tag> & 'quote' \u00e9\u4e2d ]]> \x41\n" for number in range(1500))
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    cdata = "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
    project.write("a.xml", suite("s", case("escaped", f"<failure>m\n{escaped}</failure>"),
                                 case("cdata", f"<failure>m\n{cdata}</failure>"),
                                 case("mixed", f"<failure>m\n{escaped[:3000]}<![CDATA[<b>]]><!-- no -->{'x' * 300}</failure>")))
    _, root = merge(project, "a.xml")
    assert find(root, "escaped").findtext("failure") == "m\n" + text.rstrip()
    assert find(root, "cdata").findtext("failure") == "m\n" + text.rstrip()
    assert find(root, "mixed").findtext("failure").endswith("<b>" + "x" * 300)


# ---- ways in and out ----

def test_standard_input_and_output(project):
    report = project.write("a.xml", suite("s", case("x")))
    with open(report, "rb") as stream:
        done = subprocess.run([project.program, "merge", "-"], stdin=stream, cwd=project.folder, capture_output=True,
                              text=True, check=False, env=project.environment())
    assert done.returncode == 0 and counts(ET.fromstring(done.stdout)) == (1, 0, 0, 0)
    assert 'value="-"' in done.stdout


def test_json_tells_the_same_to_programs(project):
    project.write("a.xml", suite("s", case("x", "<failure/>")))
    project.write("bad.xml", "<testsuite")
    result = project.tanda("merge", "--json", "-o", "all.xml", ".")
    told = json.loads(result.out)
    assert result.code == told["exit"]["code"] == 3 and told["schema"] == "tanda.merge/1"
    assert (told["tests"], told["failures"], told["errors"], told["suites"]) == (2, 1, 1, 2)
    assert [(item["path"], item["state"]) for item in told["files"]] == [("a.xml", "whole"), ("bad.xml", "broken")]
    assert told["warnings"][0]["where"].startswith("bad.xml") and told["exit"]["reason"].startswith("bad.xml")


def test_split_writes_a_report_for_each_suite(project):
    for name in ("a b", "a/b"):
        project.write(f"{len(name)}{ord(name[1])}.xml", suite(name, case("x"), case("y", "<skipped/>")))
    result = project.tanda("merge", "--split", "out", ".")
    assert result.code == 0, result.log()
    files = sorted((project.folder / "out").iterdir())
    assert len(files) == 2 and all(file.name.startswith("TEST-a_b-") for file in files)
    assert {counts(ET.parse(file).getroot()) for file in files} == {(2, 0, 0, 1)}
    again = project.tanda("merge", "--split", "out", "332.xml")
    assert again.code == 2 and "already" in again.err


def test_timings_for_the_next_run(project):
    project.write("a.xml", suite("features/a.feature", case("x", time="2"), case("y", time="3"), file="features/a.feature"))
    merge(project, "--timings", "times.json", "a.xml")
    assert json.loads((project.folder / "times.json").read_text())["suites"] == {
        "tests": {"tests": {"features/a.feature": 5.0}}}


@pytest.mark.parametrize("args, says", [
    ((), "wants reports to merge"), (("-o", "x.xml", "--split", "d", "a"), "leave one of the two out"),
    (("--json", "a"), "name a file for it with -o"), (("-o", "x.xml", "empty"), "there is no report to merge"),
    (("--expect", "two", "a"), "whole number"), (("--plan", "none.json", "a"), "none.json"),
    (("-o", "no/such/x.xml", "a.xml"), "its folder cannot be opened")])
def test_mistakes_are_told_with_a_remedy(project, args, says):
    (project.folder / "empty").mkdir()
    project.write("a.xml", suite("s", case("x")))
    result = project.tanda("merge", *args)
    assert result.code in (2, 3) and says in result.err and not result.out


# ---- shards ----

def shard(number, count, *cases, run="r", digest="d1"):
    return suite(f"s{number}", "<properties>" + "".join(
        f'<property name="tanda.{name}" value="{value}"/>'
        for name, value in (("shard", f"{number}/{count}"), ("run", f"{run}{number}"), ("plan", digest))) +
        "</properties>", *cases)


def test_missing_twice_unexpected_and_empty_shards_are_named(project):
    project.write("1.xml", shard(1, 4, case("a")))
    project.write("2.xml", shard(2, 4, case("b")))
    project.write("2-again.xml", shard(2, 4, case("b"), run="other"))
    project.write("3.xml", shard(3, 4))
    project.write("9.xml", shard(9, 9, case("c")))
    project.write("none.xml", suite("none", case("d")))
    result, root = merge(project, "--expect", "4", ".", code=3)
    for line in ("shard 4/4: no report is of it", "shard 2/4: it is there twice, of different runs: 2-again.xml, 2.xml",
                 "shard 3/4: it tells of no case", "9.xml: it is of shard 9/9, where 4 shards are expected",
                 "none.xml: no property tanda.shard"):
        assert f"warning: {line}" in result.err
    assert {item.find("error").get("type") for item in root.iter("testcase") if item.find("error") is not None} == {
        "tanda.MissingShard", "tanda.DuplicateShard", "tanda.EmptyShard", "tanda.UnexpectedShard"}


def test_shards_of_different_plans_are_refused(project):
    project.write("1.xml", shard(1, 2, case("a")))
    project.write("2.xml", shard(2, 2, case("b"), digest="d2"))
    result = project.tanda("merge", "--expect", "2", "-o", "all.xml", ".")
    assert result.code == 2 and "their shards do not add up" in result.err and not (project.folder / "all.xml").exists()
    merge(project, ".")  # without an expectation they are reports like others


def test_every_planned_test_is_accounted_for(project):
    project.scripts(one="exit 0", two="exit 0", three="exit 0")
    project.config()
    assert project.tanda("plan", "--shards", "2", "-o", "plan.json").code == 0
    for number in (1, 2):
        run = project.tanda("run", "--plan", "plan.json", "--shard", f"{number}/2", "-o", f"out{number}")
        assert run.code == 0, run.log()
    reports = [f"out{number}/junit.xml" for number in (1, 2)]
    _, root = merge(project, "--plan", "plan.json", *reports)
    assert counts(root) == (3, 0, 0, 0)
    text = (project.folder / reports[0]).read_text()
    lost = re.search(r'name="tanda.test" value="([^"]+)"', text)[1]
    (project.folder / reports[0]).write_text(text.replace(f'value="{lost}"', 'value="other"').replace(lost, "other"))
    result, root = merge(project, "--plan", "plan.json", *reports, code=3)
    assert find(root, lost).find("error").get("type") == "tanda.NoResult" and f"warning: {lost}: planned" in result.err


# ---- judges from elsewhere ----

def corpus_index(folder):
    lines = (folder / "index.tsv").read_text().splitlines()
    names = lines[0].split("\t")
    return [dict(zip(names, line.split("\t"))) for line in lines[1:]]


@pytest.mark.skipif(not CORPORA, reason="no corpus beside this check-out")
def test_the_whole_corpus_merges_in_one_call_with_the_indexs_totals(project):
    result, root = merge(project, "--output", "all", *map(str, CORPORA), code=3)
    rows = [row for folder in CORPORA for row in corpus_index(folder)]
    refused = {row["path"] for row in rows if row["state"] != "ok"}
    cases = list(root.iter("testcase"))
    made = [item for item in cases if item.get("classname") == "tanda.merge" or item.get("name") in (
        "(suite error)", "(no cases)")]
    kept = [item for element in root if {os.path.basename(prop.get("value")) for prop in element.iter("property")} & refused
            for item in element.findall("testcase")]  # a strict parser gives these up, and we kept what is whole
    assert len(cases) == sum(int(row["tests"]) for row in rows if row["state"] == "ok") + len(made) + len(kept)
    skipped = sum(int(row["skipped"]) + int(row.get("cases_attr_skipped") or 0) for row in rows if row["state"] == "ok")
    assert counts(root)[3] == skipped + sum(item.find("skipped") is not None for item in kept)
    bad = sum(int(row["tests"]) - int(row["passed"]) - int(row["skipped"]) for row in rows if row["state"] == "ok")
    assert counts(root)[1] + counts(root)[2] == bad + len(made) + sum(
        item.find("failure") is not None or item.find("error") is not None for item in kept)
    assert {row["state"] for row in rows} >= {"ok", "malformed", "not-junit"}
    assert all(path in result.err for path in refused), "a fault that nobody tells of"


def count_with_junitparser(path):
    python = "/usr/bin/python3"
    script = ("import sys; from junitparser import JUnitXml; x = JUnitXml.fromfile(sys.argv[1])\n"
              "c = [k for s in x for k in s]; n = lambda t: sum(any(type(r).__name__ == t for r in k.result) for k in c)\n"
              "print(len(c), n('Failure'), n('Error'), n('Skipped'))")
    done = subprocess.run([python, "-c", script, path], capture_output=True, text=True, check=False)
    return tuple(map(int, done.stdout.split())) if done.returncode == 0 else None


def count_with_junit2json(path):
    script = ("import('file://' + process.argv[1] + '/junit2json/dist/esm/index.js').then(async m => {"
              "const x = await m.parse(require('fs').readFileSync(process.argv[2], 'utf8'));"
              "const c = x.testsuite.flatMap(s => s.testcase || []); const n = k => c.filter(t => t[k]).length;"
              "console.log(c.length, n('failure'), n('error'), n('skipped'))})")
    done = subprocess.run(["node", "-e", script, str(PEERS), path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return tuple(map(int, done.stdout.split()))


@pytest.mark.parametrize("count", [count_with_junitparser, count_with_junit2json])
def test_independent_readers_count_the_same(project, count):
    if count is count_with_junit2json and not (PEERS / "junit2json").exists():
        pytest.skip("tests/peers is not installed")
    project.write("a.xml", suite("s", case("a"), case("b", "<failure/><error/>"), case("c", "<skipped/>"),
                                 case("d", '<flakyFailure message="m"/>'), case("d")))
    _, root = merge(project, "a.xml", *map(str, CORPORA), code=3 if CORPORA else 0)
    counted = count(str(project.folder / "all.xml"))
    if counted is None:
        pytest.skip("junitparser is not installed")
    assert counted == counts(root)
