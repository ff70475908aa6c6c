"""What tests print: floods, bytes of all kinds, early ends; the account stays true and small."""

import json
import os
import xml.etree.ElementTree

import pytest


def log_of(project, number=0):
    return (project.folder / "tanda-out" / "logs" / f"{number:05}.log").read_bytes()


def peak_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return max(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


@pytest.mark.release
@pytest.mark.parametrize("body", ["yes | head -c 1000000000; exit 1", "head -c 300000000 /dev/zero | tr '\\0' a; exit 1"])
def test_a_flood_costs_neither_memory_nor_disk(project, body):
    project.config(nodes={"local": 1})
    project.scripts(flood=body + "; ", last="echo the end; touch done; sleep 0.5")
    process = project.popen("run")
    peaks = [0]
    while process.poll() is None and not (project.folder / "done").exists():
        try:
            peaks.append(peak_kb(process.pid))
        except (OSError, ValueError):
            break
    result = project.finish(process)
    assert result.code == 1
    assert max(peaks) < 64 * 1024
    flood = max((project.folder / "tanda-out" / "logs").iterdir(), key=os.path.getsize)
    assert flood.stat().st_size < 17 * 1024 * 1024
    assert max(line.get("dropped_bytes", 0) for line in result.journal()) > 200_000_000
    assert b"dropped" in flood.read_bytes() or b"omitted" in flood.read_bytes()


def test_bytes_that_are_no_text_survive_in_the_log_and_harm_no_report(project):
    project.config()
    payload = bytes(range(256)) * 40 + b"\xff\xfe\x00]]>&<\x1b[31m"
    project.write("payload", payload)
    project.scripts(binary="cat payload; exit 1")
    result = project.tanda("run", "--output", "all")
    assert result.code == 1
    assert log_of(project) == payload
    for name in ("summary.json", "journal.ndjson", "junit.xml"):
        (project.folder / "tanda-out" / name).read_bytes().decode("utf-8")
    texts = "".join(result.junit().itertext())
    assert "\x1b" not in texts and "\x00" not in texts


def test_characters_that_come_byte_by_byte_stay_whole(project):
    text = "größe 日本語 🎉\n" * 3
    project.write("drip.py", f"import sys, time\nfor byte in {text!r}.encode():\n"
                             "    sys.stdout.buffer.write(bytes([byte])); sys.stdout.flush()\nsys.exit(1)\n")
    project.config()
    project.scripts(drip="exec python3 drip.py")
    result = project.tanda("run", "--output", "live")
    assert log_of(project).decode() == text
    assert "größe 日本語 🎉" in result.err and "\ufffd" not in result.err
    assert "日本語" in "".join(result.junit().itertext())


def test_output_that_ends_early_is_not_the_tests_end(project):
    project.config()
    project.scripts(silent="exec >&- 2>&-; sleep 0.5; exit 3")
    result = project.tanda("run")
    assert result.code == 1 and "exited 3" in result.err
    assert result.summary()["wall_s"] > 0.4


@pytest.mark.parametrize("what, shown", [
    ("failed", {"bad"}), ("all", {"bad", "good"}), ("none", set()), ("live", {"bad", "good"}),
])
def test_output_shows_what_was_asked_for(project, what, shown):
    project.config(nodes={"local": 1})
    project.scripts(good="echo words of good", bad="echo words of bad; exit 1")
    result = project.tanda("run", "--output", what)
    assert {name for name in ("good", "bad") if f"words of {name}" in result.err} == shown
    assert result.code == 1


def test_output_of_another_kind_is_refused(project):
    project.config()
    wrong = project.tanda("run", "--output", "loud")
    assert wrong.code == 2 and "failed|all|live|none" in wrong.err


def test_live_output_tells_whose_it_is_while_it_runs(project):
    project.config()
    project.scripts(one="echo first; until [ -e go ]; do sleep 0.02; done", two="true")
    process = project.popen("run", "--output", "live")
    seen = ""
    while "first" not in seen:
        line = process.stderr.readline()
        assert line, seen
        seen += line
    project.write("go", "")
    assert project.finish(process).code == 0
    assert [line for line in seen.splitlines() if "first" in line][0].lstrip().startswith("w")


def test_the_locale_changes_no_number(project):
    """Where de_DE is not installed, LC_ALL alone would prove nothing: a point must be there anyway."""
    project.config()
    project.scripts(one="sleep 0.15; exit 1")
    result = project.tanda("run", env={"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"})
    root = xml.etree.ElementTree.parse(project.folder / "tanda-out" / "junit.xml").getroot()
    assert float(root.get("time")) > 0.1
    assert json.loads((project.folder / "tanda-out" / "summary.json").read_text())["wall_s"] > 0.1
    assert result.code == 1
