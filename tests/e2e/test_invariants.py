"""The invariants that watch over every other test must themselves be able to fail."""
import json
import os
import sys
import time

import pytest

from conftest import Project

SUMMARY = {'exit': {'code': 0, 'reason': '1 passed'}, 'planned': 1, 'quarantines': [],
           'wall_s': 3.0, 'lower_bound_s': 2.0, 'lost_to': {'start_up_s': 0.4, 'pools_s': None, 'idle_s': 0.6},
           'verdicts': {'passed': 1, 'flaky': 0, 'failed': 0, 'error': 0, 'skipped': 0, 'lost': 0, 'not_run': 0},
           'cases': {'passed': 1, 'failed': 0, 'error': 0, 'skipped': 0}}
JOURNAL = ['{"seq":1,"kind":"run_started"}', '{"seq":2,"kind":"test_planned"}']
JUNIT = ('<testsuites tests="1" failures="0" errors="0" skipped="0"><testsuite name="s" tests="1" failures="0" '
         'errors="0" skipped="0"><testcase name="a"/></testsuite></testsuites>')


@pytest.fixture
def impostor(tmp_path):
    """A function: what the invariants say of a program that does `act` beside the given files."""
    def faults(act='pass', summary=SUMMARY, journal=JOURNAL, junit=JUNIT, check=0, **how):
        program = tmp_path / 'impostor'
        program.write_text(f'#!{sys.executable}\nimport os, signal, subprocess, sys, time\n'
                           f'if sys.argv[1] == "report":\n    sys.exit({check})\n{act}\n')
        program.chmod(0o755)
        project = Project(tmp_path / 'project', str(program))
        project.write('tanda-out/summary.json', json.dumps(summary))
        project.write('tanda-out/journal.ndjson', '\n'.join(journal) + '\n')
        project.write('tanda-out/junit.xml', junit)
        project.tanda('run', **how)
        return project.faults()
    return faults


def with_exit(code):
    return {**SUMMARY, 'exit': {'code': code, 'reason': ''}}


def test_a_faultless_run_has_no_faults(impostor):
    assert impostor() == []


def test_a_process_that_outlives_tanda_is_found_and_ended(impostor):
    faults = impostor('subprocess.Popen(["sleep", "300"], start_new_session=True, stdout=-3, stderr=-3)')
    assert len(faults) == 1 and 'outlived tanda' in faults[0] and 'sleep 300' in faults[0]
    pid = int(faults[0].split('tanda: ')[1].split()[0])
    with pytest.raises(ProcessLookupError):
        while True:  # it dies at once, but not in this very moment
            os.kill(pid, 0)
            os.waitpid(pid, os.WNOHANG)
            time.sleep(0.01)


def test_after_a_kill_the_tree_has_a_moment_to_end(impostor):
    act = 'subprocess.Popen(["sleep", "1"], stdout=-3, stderr=-3)\nos.kill(os.getpid(), signal.SIGKILL)'
    killed = {**SUMMARY, 'exit': {'code': 137, 'reason': ''}}
    assert impostor(act, summary=killed) == []


@pytest.mark.parametrize('what, changes', [
    ('summary.json says exit 1', {'summary': with_exit(1)}),
    ("exit 0 with {'failed': 1}", {'summary': {**SUMMARY, 'verdicts': {**SUMMARY['verdicts'], 'passed': 0, 'failed': 1}}}),
    ("exit 0 with {'failed': 1}", {'summary': {**SUMMARY, 'verdicts': {**SUMMARY['verdicts'], 'passed': 0, 'failed': 2},
                                               'quarantines': [{'expired': False, 'failed': 1}]}}),
    ('expired', {'summary': {**SUMMARY, 'quarantines': [{'expired': True, 'failed': 0}]}}),
    ('a bound of 4.0 s', {'summary': {**SUMMARY, 'lower_bound_s': 4.0}}),
    ('less than nothing', {'summary': {**SUMMARY, 'lost_to': {'start_up_s': 1.4, 'idle_s': -0.4}}}),
    ('do not add up', {'summary': {**SUMMARY, 'lost_to': {'idle_s': 0.4}}}),
    ('2 tests planned in the journal', {'journal': JOURNAL + ['{"seq":3,"kind":"test_planned"}']}),
    ('2 verdicts', {'summary': {**SUMMARY, 'verdicts': {**SUMMARY['verdicts'], 'skipped': 1}}}),
    ('the journal has gaps', {'journal': JOURNAL + ['{"seq":4,"kind":"run_finished"}']}),
    ('JSONDecodeError', {'journal': JOURNAL + ['{"seq":']}),
    ('ParseError', {'junit': JUNIT[:-4]}),
    ('junit.xml says', {'junit': JUNIT.replace('suites tests="1"', 'suites tests="2"')}),
    ("'s' says", {'junit': JUNIT.replace('"s" tests="1"', '"s" tests="2"')}),
    ('junit.xml says', {'summary': {**SUMMARY, 'cases': {**SUMMARY['cases'], 'passed': 2}}}),
    ('report --check: 3', {'check': 3}),
])
def test_files_that_disagree_are_found(impostor, what, changes):
    faults = impostor(**changes)
    assert any(what in fault for fault in faults), faults


def test_a_sanitizers_report_is_found(impostor):
    faults = impostor('open(os.environ["HOME"] + "/asan.123", "w").write("heap-use-after-free")')
    assert len(faults) == 1 and 'heap-use-after-free' in faults[0]


def test_a_hang_is_ended_and_told(impostor):
    with pytest.raises(pytest.fail.Exception, match='tanda hangs'):
        impostor('time.sleep(300)', timeout=0.3)
