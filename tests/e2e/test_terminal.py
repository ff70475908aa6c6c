"""A run as somebody at a terminal sees it: in tmux, by its screen, its keys and its size."""

import os
import re
import signal
import subprocess
import time

import pytest

import invariants
from conftest import TANDA, wait_until
from screen import Screen

GATE = "while [ ! -e go ]; do sleep 0.05; done"


@pytest.fixture
def screens(project):
    opened = []

    def open_screen(command, **kwargs):
        env = {**project.environment(kwargs.pop("env", {})), "TERM": "screen-256color", "PS1": "$ "}
        opened.append(Screen(project.folder, command, env=env, **kwargs))
        return opened[-1]
    yield open_screen
    (project.folder / "go").touch()
    # What ends by itself is let end: closing the terminal would be a signal to it.
    wait_until(lambda: not [line for line in invariants.processes_with(f"TANDA_E2E={project.mark}") if line.split()[1].endswith("/tanda")],
               "tanda has ended")
    for screen in opened:
        screen.close()
    # What a terminal's end takes with it was not tanda's to wait for.
    wait_until(lambda: not invariants.processes_with(f"TANDA_E2E={project.mark}"), "all that ran there is gone")
    invariants.adopted_zombies()


def gated(project):
    """Two tests that pass at once, and two that wait until `go` is there."""
    project.scripts(first="true", second="true", pay=f"echo paying; {GATE}", refund=f"echo refunding; {GATE}")
    project.config()


def masked(lines):
    """Without what differs from run to run: ids, times."""
    text = "\n".join(lines)
    text = re.sub(r"tanda \S+  run \S+", "tanda V  run R", text)
    text = re.sub(r"\[ *[\d.]+s\]", "[T]", text)
    text = re.sub(r"(\d+/\d+) .*", r"\1 T", text)
    text = re.sub(r"w[0-3] ", "w? ", text)
    return text.split("\n")


def footer(lines):
    return [line for line in lines if line.startswith("     Running ")]


def finish(project, screen, last="exit 0:"):
    (project.folder / "go").touch()
    return screen.wait(last, "the end", history=True)


def test_what_runs_stands_below_the_results(project, screens):
    gated(project)
    screen = screens(f"{TANDA} run -j 4", width=100, height=20)
    lines = screen.wait(lambda lines: footer(lines) and "2/4" in footer(lines)[0] and len(lines) == 6, "both gated tests run")
    assert masked(lines[:1]) == [" tanda V  run R  4 tests in 1 area, 1 suite, 4 workers"]
    assert sorted(masked(lines[1:3])) == ["        PASS [T] w? cmd  tests/a/first.sh",
                                          "        PASS [T] w? cmd  tests/a/second.sh"]
    assert masked(lines[3:4]) == ["     Running " + "█" * 14 + "░" * 14 + " 2/4 T"]
    assert sorted(masked(lines[4:])) == ["             [T] w? cmd  tests/a/pay.sh", "             [T] w? cmd  tests/a/refund.sh"]
    lines = finish(project, screen)
    assert not footer(lines), "the footer is taken away at the end"
    assert [line for line in masked(lines) if "PASS" in line][2:] != []


def test_without_unicode_nothing_but_ascii(project, screens):
    gated(project)
    screen = screens(f"{TANDA} run -j 4", env={"LC_ALL": "C"})
    lines = screen.wait(lambda lines: footer(lines) and "2/4" in footer(lines)[0], "two results")
    assert "==============>" in footer(lines)[0]
    assert "\n".join(finish(project, screen)).isascii()


def test_a_window_that_changes_all_the_time_shows_each_line_once(project, screens):
    names = [f"t{number:02}" for number in range(40)]
    project.scripts(**{name: "sleep 0.05" for name in names})
    project.config()
    screen = screens(f"sh -c '{TANDA} run -j 2; echo over'", width=100, height=24)
    widths = [100, 70, 90, 61, 120, 80]
    turn = torn = 0
    while "over" not in screen.shows():
        screen.resize(widths[turn % len(widths)], 20 + turn % 9)
        lines = screen.shows()
        torn += len(footer(lines)) > 1
        turn += 1
    screen.resize(100, 24)
    lines = screen.wait("over", "the end", history=True)
    text = "\n".join(lines)
    assert turn > 10
    assert torn <= turn // 10, "only what was on its way when the window changed may stand twice"
    for name in names:
        assert len(re.findall(rf"PASS .*tests/a/{name}\.sh", text)) == 1, text


@pytest.mark.parametrize("width, height", [(39, 5), (20, 4), (15, 3), (5, 2)])
def test_a_tiny_window_is_no_reason_to_fail(project, screens, width, height):
    gated(project)
    screen = screens(f"sh -c '{TANDA} run -j 4 --progress bar; echo over $?'", width=100, height=24)
    screen.wait(lambda lines: footer(lines), "a footer")
    screen.resize(width, height)
    wait_until(lambda: screen.value("window_width") == str(width), "the new size")
    (project.folder / "go").touch()
    wait_until(lambda: (project.folder / "tanda-out" / "summary.json").exists(), "the reports")
    screen.resize(100, 24)
    screen.wait("over 0", "the end")


def test_t_and_sigusr1_print_what_runs_with_its_last_output(project, screens):
    gated(project)
    screen = screens(f"sh -c 'echo $$ > pid; exec {TANDA} run -j 4'")
    screen.wait(lambda lines: footer(lines) and "2/4" in footer(lines)[0], "two results")
    screen.keys("t")
    lines = screen.wait("refunding", "the output of what runs")
    assert "2 running, 2 of 4 done" in lines
    assert any(re.match(r"  w\d tests/a/pay\.sh \d", line) for line in lines)
    assert any(line.endswith("│ paying") for line in lines)
    os.kill(int((project.folder / "pid").read_text()), signal.SIGUSR1)
    screen.wait(lambda lines: lines.count("2 running, 2 of 4 done") == 2, "the same by a signal")
    finish(project, screen)


def test_sigusr1_prints_to_a_log_as_well(project):
    gated(project)
    process = project.popen("run", "-j", "4")
    journal = project.folder / "tanda-out" / "journal.ndjson"
    wait_until(lambda: journal.exists() and journal.read_text().count("batch_running") == 4, "all of them run")
    wait_until(lambda: len(list((project.folder / "tanda-out" / "logs").glob("*.log"))) == 2, "both have said something")
    process.send_signal(signal.SIGUSR1)
    time.sleep(0.2)
    (project.folder / "go").touch()
    _, err = process.communicate(timeout=30)
    assert "2 running, 2 of 4 done\n" in err and "│ paying\n" in err


def modes(project, screen):
    """What the terminal does with keys, as stty says."""
    marker = project.folder / "modes"
    marker.unlink(missing_ok=True)
    screen.keys(f"stty -a > {marker}.new; mv {marker}.new {marker}", "Enter")
    wait_until(marker.exists, "the terminal's modes")
    return set(re.findall(r"-?\b(?:echo|icanon)\b", marker.read_text()))


def test_suspended_it_leaves_the_terminal_as_it_was_and_goes_on(project, screens):
    gated(project)
    screen = screens("bash --norc")
    screen.keys(f"{TANDA} run -j 4", "Enter")
    screen.wait(lambda lines: footer(lines) and "2/4" in footer(lines)[0], "two results")
    screen.keys("C-z")
    lines = screen.wait("Stopped", "the shell")
    assert not footer(lines)
    assert modes(project, screen) == {"echo", "icanon"}
    screen.keys("fg", "Enter")
    screen.wait(lambda lines: footer(lines), "the footer again")
    finish(project, screen)
    assert modes(project, screen) == {"echo", "icanon"}
    assert screen.value("cursor_flag") == "1"


def test_in_the_background_it_draws_nothing_and_takes_no_keys(project, screens):
    gated(project)
    screen = screens("bash --norc")
    screen.keys(f"{TANDA} run -j 4 &", "Enter")
    screen.wait(lambda lines: sum("PASS" in line for line in lines) == 2, "two results")
    screen.keys("echo typed", "Enter")
    lines = screen.wait(lambda lines: "typed" in lines, "the shell has its keys")
    assert not footer(lines)
    finish(project, screen)


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV, signal.SIGTERM, signal.SIGKILL])
def test_however_it_ends_the_terminal_works(project, screens, number):
    if number == signal.SIGSEGV and "sanitize" in TANDA:
        pytest.skip("the sanitizer has this signal")
    gated(project)
    screen = screens("bash --norc")
    screen.keys(f"sh -c 'echo $$ > pid; exec {TANDA} run -j 4'", "Enter")
    screen.wait(lambda lines: footer(lines) and "2/4" in footer(lines)[0], "two results")
    os.kill(int((project.folder / "pid").read_text()), number)
    words = {signal.SIGABRT: "Abort", signal.SIGSEGV: "Segmentation", signal.SIGTERM: "Terminated", signal.SIGKILL: "Killed"}
    screen.wait(words[number], "the shell says how it ended")
    assert modes(project, screen) == {"echo", "icanon"}
    assert screen.value("cursor_flag") == "1"


def test_when_interrupted_it_says_what_it_waits_for(project, screens):
    project.scripts(stubborn="trap '' INT TERM; touch deaf; while [ ! -e go ]; do sleep 0.05; done")
    project.config(grace="30s")
    screen = screens(f"{TANDA} run -j 1")
    screen.wait(lambda lines: footer(lines), "it runs")
    wait_until((project.folder / "deaf").exists, "the test ignores signals")
    screen.keys("C-c")
    lines = screen.wait("    Stopping waiting for 1 batch, killed in", "what it waits for")
    assert "stopping: interrupted by SIGINT" in lines
    waiting = [line for line in lines if "waiting for w0 tests/a/stubborn.sh" in line]
    assert waiting and "killed after 5.50s, another signal kills now" in waiting[0]
    screen.keys("C-c")
    screen.wait("exit 130: interrupted by SIGINT", "the second kills at once")


def test_progress_is_as_asked(project):
    project.scripts(one="true")
    project.config()
    counted = project.tanda("run", "--progress", "counter").err
    assert re.search(r"^\(1/1\) PASS ", counted, re.M)
    columns = project.tanda("run", "--progress", "none").err
    assert re.search(r"^        PASS \[ ", columns, re.M) and "(1/1)" not in columns
    assert "\x1b" not in project.tanda("run", "--progress", "bar").err, "there is no terminal to draw on"


def test_an_unknown_progress_names_the_known(project):
    project.config()
    wrong = project.tanda("run", "--dry-run", "--progress", "bars")
    assert wrong.code == 2 and "auto|bar|counter|none" in wrong.err


@pytest.mark.parametrize("prepare", ["stty cols 0 rows 0", "TERM=dumb; export TERM", "unset TERM", "CI=true; export CI"])
def test_where_nothing_can_be_drawn_results_are_plain_lines(project, screens, prepare):
    project.scripts(one="true", two="sleep 1")
    project.config()
    screen = screens(f"sh -c '{prepare}; exec script -qc \"{TANDA} run\" out.raw'")
    screen.wait("exit 0:", "the end")
    raw = (project.folder / "out.raw").read_bytes()
    assert b"\x1b[J" not in raw


def test_hostile_names_and_output_give_a_terminal_no_orders(project, screens):
    name = "\u202eevil\u200b##[error]::error::x"
    project.write(f"tests/a/{name}.sh", f"printf '\\033]0;owned\\007\\033[2J\\033[?25l\\033[31mred\\n'; {GATE}; exit 1\n")
    project.config()
    screen = screens(f"{TANDA} run --output all", width=120)
    screen.wait(lambda lines: footer(lines) and "\\u{202e}evil\\u{200b}" in lines[-1], "the footer with the name")
    screen.keys("t")
    screen.wait("│ red", "its output")
    assert "owned" not in screen.value("pane_title") and screen.value("cursor_flag") == "1"
    lines = finish(project, screen, "exit 1:")
    assert "│ red" in "\n".join(lines) and lines[0].startswith(" tanda"), "the screen was not cleared"
    assert "\u202e" not in "\n".join(lines) and "##[error]" not in "\n".join(lines)


def test_a_hostile_name_in_an_error_gives_no_orders(project):
    project.write("tests/a/a\x1b[2Jb.sh", "")
    project.config()
    result = project.tanda("run")
    assert result.code == 2 and "control character" in result.err and "\x1b" not in result.err


def test_a_reader_that_takes_nothing_holds_up_no_time_limit(project):
    flood = "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done"
    project.scripts(**{f"flood{n}": flood for n in range(8)}, stuck="sleep 60")
    project.config(test_timeout="2s")
    process = project.popen("run", "-j", "2", "--output", "all", "--test-timeout", "2s")
    summary = project.folder / "tanda-out" / "summary.json"
    wait_until(summary.exists, "the run is over though nobody reads what it says", timeout_s=60)
    assert process.poll() is None
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1 and "TIMEOUT" in err and err.rstrip().endswith("exit 1: 1 test failed")


def test_at_the_end_a_reader_that_takes_nothing_can_be_left(project):
    flood = "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done"
    project.scripts(**{f"flood{n}": flood for n in range(8)})
    project.config()
    process = project.popen("run", "--output", "all")
    wait_until((project.folder / "tanda-out" / "summary.json").exists, "the run is over", timeout_s=60)
    assert process.poll() is None
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    assert process.returncode == 0, "the run was over, and its reports are whole"
    process.communicate(timeout=30)


def test_a_stopped_pager_does_not_outlive_a_signal(project):
    """A CI server that aborts does not read any more; tanda must be gone in time all the same."""
    flood = "i=0; while [ $i -lt 9000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done"
    project.scripts(**{f"flood{n}": f"{flood}; sleep 0.1" for n in range(8)}, stuck="sleep 60")
    project.config(grace="1s")
    process = project.popen("run", "-j", "2", "--output", "all")
    wait_until(lambda: len(list(project.folder.glob("tanda-out/logs/*"))) == 8, "all have spoken")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == -signal.SIGTERM
    assert (project.folder / "tanda-out" / "summary.json").exists()
    process.communicate(timeout=30)


def test_the_screen_is_drawn_at_most_ten_times_a_second(project):
    """Each drawing begins by taking the old footer away, with CSI J: they are counted."""
    project.scripts(**{f"t{n}": "sleep 0.02" for n in range(40)})
    project.config()
    raw = project.folder / "out.raw"
    started = time.monotonic()
    subprocess.run(["script", "-qc", f"stty cols 100 rows 30; {TANDA} run -j 4", str(raw)], cwd=project.folder, check=True,
                   env={**project.environment(), "TERM": "xterm"}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60)
    spent = time.monotonic() - started
    drawn = raw.read_bytes().count(b"\x1b[J")
    assert 1 <= drawn <= spent * 10 + 2
