"""What holds after every run, whatever happened in it, as far as it can be seen from outside."""
import ctypes
import json
import os
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
ORDERLY_WAIT_S = 0.5
ORPHANS_WAIT_S = 5
ROUNDING_S = 0.0011  # summary.json tells thousandths


def adopt_orphans():
    """Make this process the parent of all that outlives tanda, so that it can be seen."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b''  # it ended meanwhile, is a zombie (which has no environment), or another user's


def all_processes():
    """(pid, parent, state, command line, environment) of every process."""
    for folder in Path('/proc').iterdir():
        stat = _read(folder / 'stat').rpartition(b')')[2].split() if folder.name.isdigit() else []
        if stat:
            command = _read(folder / 'cmdline').replace(b'\0', b' ').decode('utf-8', 'replace').strip()
            yield int(folder.name), int(stat[1]), stat[0], command, _read(folder / 'environ')


def processes_with(variable):
    """The living processes whose environment holds this NAME=VALUE: "PID COMMAND" each."""
    return [f'{pid} {command}' for pid, _, state, command, environ in all_processes()
            if state != b'Z' and variable.encode() in environ.split(b'\0')]


def adopted_zombies():
    """Reap what has ended as a child of ours that nobody here started: its own parent never waited."""
    reaped = []
    for pid, parent, state, _, _ in all_processes():
        if parent == os.getpid() and state == b'Z':
            try:
                reaped.append(os.waitpid(pid, os.WNOHANG)[0])
            except ChildProcessError:
                pass
    return [pid for pid in reaped if pid]


def of_processes(mark, orphans_allowed):
    """No process of the run lives on; none ended without being waited for. When tanda died at once
    (orphans_allowed) its supervisors have a moment, and nobody is left to wait for them."""
    deadline = time.monotonic() + (ORPHANS_WAIT_S if orphans_allowed else ORDERLY_WAIT_S)
    alive = processes_with(f'TANDA_E2E={mark}')
    while alive and time.monotonic() < deadline:
        time.sleep(0.02)
        alive = processes_with(f'TANDA_E2E={mark}')
    for line in alive:
        os.kill(int(line.split()[0]), 9)
    faults = [f'a process outlived tanda: {line}' for line in alive]
    zombies = adopted_zombies()
    if zombies and not orphans_allowed and not alive:
        faults.append(f'{len(zombies)} processes were never waited for')
    return faults


def of_sanitizers(folder):
    return [f'a sanitizer spoke: {file.read_text("utf-8", "replace")[:4000]}'
            for file in sorted(folder.glob('*san.*'))]


def of_run(tanda, out, code, env):
    """The files of one run agree with one another, and with its exit code when that is known."""
    try:
        summary = json.loads((out / 'summary.json').read_text('utf-8'))
        events = [json.loads(line) for line in (out / 'journal.ndjson').read_text('utf-8').split('\n')[:-1]]
        root = ElementTree.parse(out / 'junit.xml').getroot()
        faults = _of_exit(summary, code) + _of_bound(summary) + _of_plan(summary, events) + _of_junit(summary, root)
    except (OSError, ValueError, KeyError, ElementTree.ParseError) as fault:
        faults = [f'{type(fault).__name__}: {fault}']
    return [f'{out.name}: {fault}' for fault in faults + _of_report_check(tanda, out, env)]


def _of_exit(summary, code):
    faults = []
    said = summary['exit']['code']
    if code is not None and said != (code if code >= 0 else 128 - code):
        faults.append(f'tanda ended with {code}, summary.json says exit {said}')
    bad = {word: count for word, count in summary['verdicts'].items()
           if count and word in ('failed', 'error', 'lost', 'not_run')}
    excused = sum(item['failed'] for item in summary['quarantines'] if not item['expired'])
    if excused:
        left = bad.pop('failed', 0) + bad.pop('error', 0) - excused
        bad.update({'failed': left} if left else {})
    if said == 0 and any(item['expired'] for item in summary['quarantines']):
        faults.append('exit 0 with a quarantine that has expired')
    if said == 0 and bad:
        faults.append(f'exit 0 with {bad}')
    return faults


def _of_bound(summary):
    bound, wall = summary['lower_bound_s'], summary['wall_s']
    if not bound or not wall:
        return []
    faults = [] if bound <= wall + ROUNDING_S else [f'summary.json: a bound of {bound} s, but the run took {wall} s']
    lost = {name: part for name, part in summary['lost_to'].items() if part is not None}
    if any(part < -ROUNDING_S for part in lost.values()):
        faults.append(f'summary.json: less than nothing was lost: {lost}')
    if abs(sum(lost.values()) - (wall - bound)) > 5 * ROUNDING_S:
        faults.append(f'summary.json: {lost} do not add up to {wall} - {bound}')
    return faults


def _of_plan(summary, events):
    planned = sum(event['kind'] == 'test_planned' for event in events)
    total = sum(summary['verdicts'].values())
    faults = []
    if not planned == total == summary['planned']:
        faults.append(f'{planned} tests planned in the journal, {summary["planned"]} in summary.json, '
                      f'{total} verdicts')
    sequence = [event['seq'] for event in events]
    if sequence != list(range(1, len(sequence) + 1)):
        faults.append('the journal has gaps')
    return faults


def _counts(element):
    return {key: int(element.get(key)) for key in ('tests', 'failures', 'errors', 'skipped')}


def _found(element):
    cases = list(element.iter('testcase'))
    return {'tests': len(cases), **{key: sum(case.find(tag) is not None for case in cases)
                                    for key, tag in (('failures', 'failure'), ('errors', 'error'),
                                                     ('skipped', 'skipped'))}}


def _of_junit(summary, root):
    cases = summary['cases']
    wanted = {'tests': sum(cases.values()), 'failures': cases['failed'], 'errors': cases['error'],
              'skipped': cases['skipped']}
    faults = [f'junit.xml: {suite.get("name")!r} says {_counts(suite)}, holds {_found(suite)}'
              for suite in root.iter('testsuite') if _counts(suite) != _found(suite)]
    if not _counts(root) == _found(root) == wanted:
        faults.append(f'junit.xml says {_counts(root)} and holds {_found(root)}, summary.json says {cases}')
    return faults


def _of_report_check(tanda, out, env):
    check = subprocess.run([tanda, 'report', '--check', str(out)], env=env, cwd=out.parent, text=True,
                           stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    if check.returncode == 0:
        return []
    return [f'tanda report --check: {check.returncode}: {check.stdout}{check.stderr}']
