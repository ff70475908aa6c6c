"""Time whole programs side by side: interleaved rounds, and ratios within each round, because the
same command may swing twofold between rounds on a shared machine."""
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TANDA = Path(os.environ.get('TANDA', ROOT / 'build/release/runner/tanda'))
SCRATCH = ROOT / 'build/bench'


@dataclass
class Sample:
    wall_s: float
    peak_mb: float
    code: int


def timed(argv, cwd, stdin=None, codes=(0,)):
    """Run argv to its end; ends this program when it does not exit with one of `codes`."""
    with open(stdin or os.devnull, 'rb') as source, open(SCRATCH / 'last.log', 'wb') as log:
        started = time.monotonic()
        child = subprocess.Popen([str(word) for word in argv], cwd=cwd, stdin=source, stdout=log, stderr=log)
        _, status, usage = os.wait4(child.pid, 0)
        wall_s = time.monotonic() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in codes:
        sys.exit(f'{argv[0]}: exit {child.returncode}, see {SCRATCH / "last.log"}')
    return Sample(wall_s, usage.ru_maxrss / 1024, child.returncode)


def scratch(name):
    """A new, empty folder for a bench's files."""
    folder = SCRATCH / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def present(program):
    """Is a peer there? Says so when it is not."""
    if shutil.which(program):
        return True
    print(f'{program} is not here: its rows are left out')
    return False


def median_ratio(mine, theirs):
    """The median over the rounds of mine / theirs, each within its round."""
    return statistics.median(a / b for a, b in zip(mine, theirs))


def verdict(met, text):
    print(f'{"MET   " if met else "MISSED"} {text}')
    return met


def tool_versions(*programs):
    lines = []
    for program in programs:
        if shutil.which(program):
            shown = subprocess.run([program, '--version'], capture_output=True, text=True, check=False)
            lines.append((shown.stdout or shown.stderr).split('\n')[0])
    return '; '.join(lines)
