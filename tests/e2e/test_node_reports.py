"""What the reports say of each node, and what bounded a run whose tests wait for processors."""

import json
import re

from test_nodes import node
from test_report_page import made_journal, report


def plain(text):
    return re.sub("</?(span|code|b)[^>]*>", "", text)


def told(make, tmp_path):
    """The page, summary.md, summary.json of a journal that was made up."""
    folder = report(make, tmp_path / "out")
    return (folder / "report.html").read_text(), (folder / "summary.md").read_text(), \
        json.loads((folder / "summary.json").read_text())


def test_two_groups_on_one_node_are_bounded_by_its_processors(tmp_path):
    page, markdown, summary = told(made_journal.contended, tmp_path)
    sentence = ("The processors of box bounded this run: 2 executors shared 1 processor, which were over 90 % busy for "
                "100 % of the time and waited for in 48 % of it; more executors there bring nothing, another node does.")
    assert sentence in plain(page)
    assert sentence in plain(markdown)
    box, = summary["nodes"]
    assert (box["cpus"], box["cpu_busy"], box["cpu_waited_for"], box["speed"]) == (1, 1.0, 0.48, 0.5)


def test_the_same_on_two_nodes_is_not(tmp_path):
    page, markdown, summary = told(made_journal.spread, tmp_path)
    assert "bounded this run" not in page + markdown
    assert [entry["speed"] for entry in summary["nodes"]] == [1.0, 1.0]


def test_who_has_room_is_named_and_each_node_told(tmp_path):
    page, markdown, summary = told(made_journal.lopsided, tmp_path)
    assert re.search("; give it fewer and (crate|local), which had room, more", plain(markdown))
    local, box, crate = summary["nodes"]
    assert (local["node"], local["opened_s"], local["changes"]) == ("local", None, [])
    assert (crate["speed"], local["speed"], box["executors"]) == (0.5, 1.0, 4)
    assert (box["opened_s"], box["prepared_s"], box["sent_bytes"]) == (0.64, 1.6, 3400000)
    assert [change["change"] for change in box["changes"]] == ["up", "lost", "up"]
    assert "| node | executors | tests | busy | processors | waited for them | speed | a start | came and went |" in markdown
    assert "reached in 0.32s, its workspace there in 0.80s (3.4 MB); lost at " in markdown
    assert "; back at " in markdown
    row, = (line for line in markdown.splitlines() if line.startswith("| box |"))
    assert row.count("|") - row.count("\\|") == 10, "a reason is no cell of its own"
    assert '<section id="nodes">' in page and '<a href="#nodes">' in page
    assert "&lt;b&gt;for&lt;/b&gt;" in page and "<b>for</b>" not in page


def test_a_run_on_this_machine_alone_says_nothing_of_nodes(project):
    project.scripts(t1="exit 0")
    project.config(nodes={"local": 1})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert "\n Nodes " not in result.err
    assert 'id="nodes"' not in (project.folder / "tanda-out" / "report.html").read_text()
    assert [entry["node"] for entry in result.summary()["nodes"]] == ["local"]


def test_the_console_tells_of_each_node(project):
    project.scripts(t1="exit 0", t2="exit 0")
    project.config(nodes={"one": node(project, "one")})
    result = project.tanda("run")
    assert result.code == 0, result.log()
    assert "\n Nodes    one: 1 executor, 2 tests, busy " in result.err
    assert "reached in " in result.err
    one, = result.summary()["nodes"]
    assert one["tests"] == 2 and one["opened_s"] > 0 and one["changes"][0]["change"] == "up"


def test_a_journal_of_a_great_many_nodes_is_reported(tmp_path):
    names = [(f"n{number}", 1, 2) for number in range(3000)]
    folder = report(lambda path: made_journal.Made(path, made_journal.tests_of(20), names).write(0, "20 passed"), tmp_path / "out")
    assert len(json.loads((folder / "summary.json").read_text())["nodes"]) == 1000
