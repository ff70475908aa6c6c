"""report.html, trace.json and summary.md: what they say is what the journal says, and no stranger's
text is more than text. The page is looked at in a real browser where there is one."""

import html.parser
import json
import os
import re
import shutil
import subprocess
import sys

import pytest

import invariants
from conftest import ROOT, TANDA

sys.path.insert(0, str(ROOT / "tests"))
import made_journal  # noqa: E402

BROWSER = ROOT / "tests" / "browser"
# HTML 5's elements, which an HTML 4 parser (xmllint) calls invalid.
NEW_TAGS = set("article circle defs desc details fieldset g header main nav path pattern rect section summary svg "
               "text title".split())


def chromium():
    return next((path for name in ("chromium", "chromium-browser", "google-chrome")
                 for path in [shutil.which(name)] if path), None)


needs_browser = pytest.mark.skipif(
    not chromium() or not shutil.which("node") or not (BROWSER / "node_modules" / "playwright-core").exists(),
    reason="no chromium, or no `npm ci` in tests/browser: ./dev setup browser")


def report(make, folder):
    folder.mkdir(parents=True, exist_ok=True)
    make(folder / "journal.ndjson")
    done = subprocess.run([TANDA, "report", str(folder)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    return report(made_journal.rich, tmp_path_factory.mktemp("rich"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return report(made_journal.hostile, tmp_path_factory.mktemp("hostile"))


def events(folder, kind):
    lines = (folder / "journal.ndjson").read_text().split("\n")[:-1]
    return [event for event in map(json.loads, lines) if event["kind"] == kind]


# --- in a browser -----------------------------------------------------------------------------------


def look(folder, pictures=None):
    command = ["node", "look.js", str(folder / "report.html")] + ([str(pictures)] if pictures else [])
    done = subprocess.run(command, cwd=BROWSER, env={**os.environ, "CHROMIUM": chromium()}, capture_output=True,
                          text=True, timeout=240, check=False)
    invariants.adopted_zombies()  # a browser leaves some; they are none of tanda's
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def seen(rich):
    return look(rich)


@needs_browser
def test_the_page_is_silent_and_asks_for_nothing(seen, rich):
    for scheme in seen["schemes"].values():
        assert scheme["said"] == []
        assert scheme["asked"] == [f"file://{rich}/report.html"]
    assert seen["said_in_search"] == []
    assert seen["links"] == {"dead": [], "outside": [], "twice": []}


@needs_browser
def test_counts_are_those_of_the_summary(seen, rich):
    assert seen["counts"] == json.loads((rich / "summary.json").read_text())["verdicts"]


@needs_browser
def test_no_serious_fault_in_light_and_dark(seen):
    assert {name: scheme["faults"] for name, scheme in seen["schemes"].items()} == {"light": [], "dark": []}
    assert seen["schemes"]["light"]["ground"] != seen["schemes"]["dark"]["ground"]


def batches_by_worker(folder):
    """By worker, (start, end) of each batch's command, in seconds since the first; and the makespan."""
    running = {event["batch"]: event["at_s"] for event in events(folder, "batch_running")}
    started = {event["batch"]: event for event in events(folder, "batch_started")}
    first = min(running.values())
    found = {}
    for event in events(folder, "batch_ended"):
        start = running[event["batch"]]
        end = start + min(event["elapsed_s"], event["at_s"] - start)
        found.setdefault(started[event["batch"]]["worker"], []).append((start - first, end - first))
    last = max(event["at_s"] for event in events(folder, "batch_ended"))
    return found, last - first


def joined(spans, gap):
    """Spans in order, those that touch made one."""
    out = []
    for start, end in sorted(spans):
        if out and start - out[-1][1] <= gap:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([start, end])
    return out


@needs_browser
def test_bars_match_the_journal_to_the_pixel(seen, rich):
    batches, wall_s = batches_by_worker(rich)
    for lane in seen["lanes"]:
        left, width = lane["idle"]
        scale = width / wall_s
        for bar, after in zip(lane["bars"], lane["bars"][1:]):
            assert bar["x"] + bar["width"] <= after["x"] + 0.02, (bar, after)
        drawn = joined([(bar["x"], bar["x"] + bar["width"]) for bar in lane["bars"]], 0.5)
        wanted = joined([(left + start * scale, left + end * scale) for start, end in batches[lane["worker"]]], 0.5)
        assert len(drawn) == len(wanted)
        for (x, end), (wanted_x, wanted_end) in zip(drawn, wanted):
            assert abs(x - wanted_x) < 1 and abs(end - wanted_end) < 1
    assert {lane["worker"] for lane in seen["lanes"]} == set(batches)


@needs_browser
def test_a_bar_is_as_long_as_its_test_took(seen, rich):
    _, wall_s = batches_by_worker(rich)
    ids = {event["test"]: event["id"] for event in events(rich, "test_planned")}
    times = {}
    for event in events(rich, "case_reported"):
        key = event["test"], event["batch"]
        times[key] = times.get(key, 0) + event["time_s"]
    known = {}
    for (test, _), time_s in times.items():
        known.setdefault(test, []).append(time_s)
    compared = 0
    for lane in seen["lanes"]:
        scale = lane["idle"][1] / wall_s
        for bar in lane["bars"]:
            if bar["test"] in known and bar["title"].startswith(ids[bar["test"]]):
                assert min(abs(bar["width"] - time_s * scale) for time_s in known[bar["test"]]) < 1, bar
                compared += 1
    assert compared > 100
    assert seen["bar_leads"] is True


@needs_browser
def test_search_filter_and_sort(seen, rich):
    found, planned = seen["search"], events(rich, "test_planned")
    wanted = {event["id"] for event in planned if event["area"] == "checkout" or "checkout" in event["id"]}
    assert found["slash_focuses"] and found["table_is_open"]
    assert set(found["checkout"]) == wanted
    assert found["said"] == f"{len(wanted)} of {len(planned)} tests"
    assert found["all"] == len(planned)
    assert len(found["failed"]) == 3 and found["blocks"] == ["failed"] * 3
    assert found["slowest"] == "features/checkout/pay.feature"


@needs_browser
def test_the_page_says_all_without_a_script(seen, rich):
    text = seen["without_script"]["text"]
    assert seen["without_script"]["find_is_hidden"]
    for event in events(rich, "test_planned"):
        assert event["id"] in text
    for event in events(rich, "case_reported"):
        if event["status"] == "failed" and "flaky" not in event["message"] and event["test"] not in (25, 90):
            assert event["message"] in text
    assert "tanda run features/" in text and seen["narrow_overflow"] <= 0


@needs_browser
def test_hostile_texts_do_nothing_in_a_browser(hostile):
    seen = look(hostile)
    for scheme in seen["schemes"].values():
        assert scheme["said"] == [] and len(scheme["asked"]) == 1
    assert seen["said_in_search"] == []
    assert seen["links"] == {"dead": [], "outside": [], "twice": []}


# --- the page as text -------------------------------------------------------------------------------


class Shape(html.parser.HTMLParser):
    """Which elements with which attributes a page has, and its text."""

    def __init__(self, page):
        super().__init__()
        self.shapes, self.links, self.text = set(), [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.shapes.add((tag, tuple(sorted(name for name, _ in attrs))))
        self.links += [value for name, value in attrs if name in ("href", "src", "action", "xlink:href")]

    def handle_data(self, data):
        self.text.append(data)


def test_hostile_texts_bring_no_tag_and_no_attribute(rich, hostile):
    harmless = Shape((rich / "report.html").read_text())
    shape = Shape((hostile / "report.html").read_text())
    allowed_tags = {tag for tag, _ in harmless.shapes} | {"circle"}
    assert {tag for tag, _ in shape.shapes} <= allowed_tags
    attributes = {name for _, names in harmless.shapes for name in names}
    assert {name for _, names in shape.shapes for name in names} <= attributes
    assert not any(name.startswith("on") or name in ("style", "srcdoc") for name in attributes)
    assert all(re.fullmatch(r"#[a-z0-9-]+|logs/\d+\.log|data:,", link) for link in shape.links)
    text = "".join(shape.text)
    for words in ("</script><img src=x onerror=alert(1)>", "{{7*7}}${7*7}", "javascript:alert(4)", "&lt;b&gt;"):
        assert words in text
    for hidden in ("\u202e", "\u200b", "\x1b", "\x07"):
        assert hidden not in text
    assert "a\\u{202e}gpj.exe" in text


@pytest.mark.parametrize("which", ["rich", "hostile"])
def test_an_old_parser_finds_only_new_tags(which, request):
    if not shutil.which("xmllint"):
        pytest.skip("no xmllint")
    folder = request.getfixturevalue(which)
    done = subprocess.run(["xmllint", "--html", "--noout", str(folder / "report.html")], capture_output=True, text=True,
                          timeout=60, check=False)
    faults = [line for line in done.stderr.splitlines() if "parser error" in line]
    tags = {re.search(r"Tag (\w+) invalid", line) for line in faults}
    assert None not in tags, done.stderr[:3000]
    assert {match[1] for match in tags} <= NEW_TAGS


def test_nothing_is_taken_from_elsewhere(rich):
    page = (rich / "report.html").read_text()
    assert not re.search(r"""(src|href)=["']?(https?:)?//|@import|url\((?!#)""", page)
    assert "default-src 'none'" in page and "'unsafe-inline'" not in page


# --- trace.json and summary.md ----------------------------------------------------------------------


@pytest.mark.parametrize("which", ["rich", "hostile"])
def test_the_trace_is_in_order_and_nothing_overlaps(which, request):
    folder = request.getfixturevalue(which)
    trace = json.loads((folder / "trace.json").read_text())
    timed = [event for event in trace["traceEvents"] if event["ph"] != "M"]
    assert [event["ts"] for event in timed] == sorted(event["ts"] for event in timed)
    threads = {}
    for event in timed:
        assert event["ph"] in "XCisf" and event["name"]
        if event["ph"] == "X":
            threads.setdefault((event["pid"], event["tid"]), []).append((event["ts"], event["ts"] + event["dur"]))
    for spans in threads.values():
        assert all(end <= start + 0.0015 for (_, end), (start, _) in zip(spans, spans[1:]))
    named = {(event["pid"], event["tid"]) for event in trace["traceEvents"]
             if event["ph"] == "M" and event["name"] == "thread_name"}
    assert set(threads) <= named
    flows = {phase: sorted(event["id"] for event in timed if event["ph"] == phase) for phase in "sf"}
    assert flows["s"] == flows["f"]


@needs_browser
@pytest.mark.skipif(not (BROWSER / "node_modules" / "speedscope").exists(), reason="no speedscope: npm ci in tests/browser")
@pytest.mark.parametrize("which", ["rich", "hostile"])
def test_another_reader_opens_the_trace_and_finds_nothing_wrong(which, request):
    folder = request.getfixturevalue(which)
    done = subprocess.run(["node", "trace.js", str(folder / "trace.json")], cwd=BROWSER,
                          env={**os.environ, "CHROMIUM": chromium()}, capture_output=True, text=True, timeout=120, check=False)
    invariants.adopted_zombies()
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert "w0" in seen["text"] and "went wrong" not in seen["text"], seen
    complaints = [line for line in seen["said"]
                  if not line.startswith(("speedscope v", "WebGL initialized", "Importing as Trace Event", "import: "))]
    assert not complaints, "what it mended is wrong in the file"


def test_the_trace_holds_every_attempt(rich):
    trace = json.loads((rich / "trace.json").read_text())["traceEvents"]
    tests = [event for event in trace if event["ph"] == "X" and event["cat"] == "test"]
    assert len(tests) == sum(len(event["tests"]) for event in events(rich, "batch_started"))
    assert {event["args"]["outcome"] for event in tests} >= {"passed", "failed", "lost"}
    assert any(event["ph"] == "s" for event in trace) and any(event["ph"] == "i" for event in trace)
    assert {event["name"] for event in trace if event["ph"] == "C"} == {"running", "CPU %", "load"}


def test_the_markdown_cannot_be_formatted_by_strangers(hostile):
    text = (hostile / "summary.md").read_text()
    prose = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", text)
    assert len(text.encode()) <= 1024 * 1024
    assert set(re.findall(r"</?(\w+)", prose)) <= {"code", "details", "summary"}
    for mark in ("@everyone", "https://", "www.evil", "![", "```", "{{"):
        assert mark not in prose
    for table_row in re.findall(r"(?m)^\|.*", prose):
        assert table_row.count("|") in (4, 9, 10)


def test_the_markdown_goes_to_the_step_summary(project):
    project.config()
    project.scripts(good="true", bad="echo no; exit 1")
    target = project.folder / "step.md"
    target.write_text("before\n")
    project.tanda("run", env={"GITHUB_STEP_SUMMARY": str(target)})
    assert target.read_text() == "before\n" + (project.folder / "tanda-out" / "summary.md").read_text()
    unwritable = project.tanda("run", env={"GITHUB_STEP_SUMMARY": str(project.folder)})
    assert unwritable.code == 1 and "warning" in unwritable.err


def test_reports_go_where_tanda_json_says(project):
    project.config(reports={"html": "build/a/page.html", "junit": "build/a/all.xml"})
    project.scripts(bad="echo no; exit 1")
    project.tanda("run")
    page = (project.folder / "build" / "a" / "page.html").read_text()
    assert "tests/a/bad.sh" in page and 'href="logs/' not in page
    assert 'href="logs/' in (project.folder / "tanda-out" / "report.html").read_text()
    assert (project.folder / "build" / "a" / "all.xml").read_bytes() == \
        (project.folder / "tanda-out" / "junit.xml").read_bytes()


def test_a_run_that_died_still_has_its_page(project):
    project.config()
    project.scripts(one="true", two="exit 1", three="echo x")
    project.tanda("run")
    journal = project.folder / "tanda-out" / "journal.ndjson"
    whole = journal.read_bytes()
    cut = whole.index(b'"kind":"batch_ended"')
    journal.write_bytes(whole[:whole.rindex(b"\n", 0, cut) + 1])
    assert project.tanda("report").code == 0
    assert "tanda did not end by itself" in (project.folder / "tanda-out" / "report.html").read_text()
    journal.write_bytes(whole)
    project.tanda("report")


def test_of_many_tests_none_that_failed_is_left_out(tmp_path):
    folder = report(lambda path: made_journal.passing(path, 12000), tmp_path / "many")
    page = (folder / "report.html").read_text()
    assert len(page) <= 5 * 1024 * 1024
    assert page.count('class="test failed"') == 12
    assert "tests are not listed here" in page
