"""Help, the manual and completion, as the shells themselves see them."""
import os
import re
import shutil
import subprocess

import pytest

from screen import Screen

TANDA = os.environ.get('TANDA', 'build/release/runner/tanda')


def says(*argv, code=0):
    done = subprocess.run([TANDA, *argv], capture_output=True, text=True, timeout=30)
    assert done.returncode == code, done.stderr
    return done.stdout


def options_of(command):
    return set(re.findall(r'^  (?:-.,|   ) (--[a-z-]+)', says(command, '--help'), re.M))


def commands():
    return set(re.findall(r'^  tanda ([a-z]+)  ', says('--help'), re.M))


def shell(name):
    if shutil.which(name) is None:
        pytest.skip(f'no {name} here')
    return name


@pytest.fixture
def script(tmp_path):
    def write(name):
        path = tmp_path / f'tanda.{name}'
        path.write_text(says('completion', shell(name)))
        return path
    return write


def bash_completes(script, line):
    words = line.split(' ')
    driver = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tanda; printf "%s\\n" "${COMPREPLY[@]}"'
    # bash itself splits at '='
    words = [part for word in words for part in re.split('(=)', word) if part or not word]
    done = subprocess.run(['bash', '--norc', '-c', driver, 'bash', script, *words], capture_output=True, text=True, timeout=30)
    assert not done.stderr
    return set(done.stdout.split())


def test_bash_completes_commands_options_and_values(script):
    path = script('bash')
    assert bash_completes(path, 'tanda ') == commands() | {'--help', '--version'}
    for command in commands():
        assert bash_completes(path, f'tanda {command} --') == options_of(command)
    assert bash_completes(path, 'tanda run --output ') == {'failed', 'all', 'live', 'none'}
    assert bash_completes(path, 'tanda run --output=f') == {'failed'}
    assert bash_completes(path, 'tanda config s') == {'show', 'schema'}
    assert bash_completes(path, 'tanda run --retries ') == set()
    assert str(path) in bash_completes(path, f'tanda run --config {str(path)[:-2]}')


def fish_completes(script, line):
    done = subprocess.run(['fish', '--no-config', '-c', f'source {script}; complete -C {line!r}'],
                          capture_output=True, text=True, timeout=30)
    assert not done.stderr
    return {found.split('\t')[0] for found in done.stdout.splitlines()}


def test_fish_completes_commands_options_and_values(script):
    path = script('fish')
    assert fish_completes(path, 'tanda ') >= commands()
    for command in commands():
        assert fish_completes(path, f'tanda {command} --') == options_of(command)
    assert fish_completes(path, 'tanda run --output ') == {'failed', 'all', 'live', 'none'}
    assert fish_completes(path, 'tanda config s') == {'show', 'schema'}


def zsh_completes(screen, line, pattern, expected):
    """^D lists the matches below the line."""
    screen.keys("C-u", "C-l", line, "C-d")
    screen.wait(lambda lines: set(re.findall(pattern, "\n".join(lines[1:]), re.M)) == expected, f"{line}: {expected}")


def test_zsh_completes_commands_options_and_values(script, tmp_path):
    path = script("zsh")
    screen = Screen(tmp_path, f"{shell('zsh')} -f -i", dict(os.environ), width=160, height=60)
    try:
        screen.keys(f"autoload -U compinit; compinit -u -D; source {path}; PS1='p> '; clear", "Enter")
        screen.wait(lambda lines: lines == ["p>"], "a prompt")
        zsh_completes(screen, "tanda ", r"^([a-z]+) +-- ", commands())
        for command in commands():
            zsh_completes(screen, f"tanda {command} --", r"^(--[a-z-]+) ", options_of(command))
        zsh_completes(screen, "tanda run --output=", r"[a-z]+", {"failed", "all", "live", "none"})
    finally:
        screen.close()


def test_manual_has_every_option_and_reads_without_a_warning():
    template = os.path.join(os.path.dirname(__file__), '../../docs/tanda.1.in')
    with open(template, 'rb') as page:
        done = subprocess.run([TANDA, '__manual'], stdin=page, capture_output=True, timeout=30)
    assert done.returncode == 0
    manual = done.stdout.decode().replace('\\-', '-')
    for command in commands():
        assert f'\\fBtanda {command}\\fR' in manual
        for option in options_of(command):
            assert f'\\fB{option}\\fR' in manual
    assert '@' not in re.sub(r'"@a and not @b"', '', manual)
    if shutil.which('man'):
        read = subprocess.run(['man', '--warnings', '-l', '-'], input=done.stdout, capture_output=True, timeout=60,
                              env={**os.environ, 'MANPAGER': 'cat', 'LC_ALL': 'C.UTF-8'})
        assert read.returncode == 0 and not read.stderr, read.stderr


def test_help_of_a_command_and_of_the_command_help_are_one():
    for command in commands():
        assert says('help', command) == says(command, '--help') == says(command, '-h')
