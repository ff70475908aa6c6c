"""The first things that anybody does with tanda, with plain commands as tests."""
import json
import signal

import pytest

from conftest import wait_until

SUMMARY_KEYS = {'schema', 'run', 'name', 'started', 'exit', 'planned', 'verdicts', 'cases', 'unplanned', 'wall_s',
                'work_s', 'predicted_s', 'lower_bound_s', 'efficiency', 'lost_to', 'workers', 'nodes', 'areas', 'shard',
                'build', 'errands', 'quarantines'}
VERDICTS = {'passed', 'flaky', 'failed', 'error', 'skipped', 'lost', 'not_run'}


@pytest.fixture
def suite(project):
    """A function: the project with these tests, AREA__NAME=script."""
    def make(**scripts):
        project.config(name='first')
        project.scripts(**scripts)
        return project
    return make


def verdicts(result):
    """The verdicts that occurred, with their counts."""
    return {word: count for word, count in result.summary()['verdicts'].items() if count}


def last_line(result):
    return result.err.strip().split('\n')[-1]


def wait_for_file(project, process, name):
    wait_until(lambda: (project.folder / name).exists() or process.poll() is not None, f'{name} is there')


def test_passing_tests_end_with_0(suite):
    result = suite(cart__add='exit 0', search__find='true').tanda('run')
    assert result.code == 0
    assert verdicts(result) == {'passed': 2}
    assert last_line(result).startswith('exit 0: ')


def test_a_failing_test_ends_with_1_and_shows_its_output(suite):
    project = suite(cart__add='exit 0', cart__pay='echo no card; exit 3')
    result = project.tanda('run')
    assert result.code == 1
    assert verdicts(result) == {'passed': 1, 'failed': 1}
    assert 'no card' in result.err
    assert last_line(result).startswith('exit 1: ')
    assert (project.folder / 'tanda-out/last-failed.txt').read_text() == 'cmd\ttests/cart/pay.sh\n'


def test_77_means_skipped(suite):
    result = suite(cart__add='exit 0', cart__later='exit 77').tanda('run')
    assert result.code == 0
    assert verdicts(result) == {'passed': 1, 'skipped': 1}


def test_a_command_killed_by_a_signal_is_an_error_and_ends_with_3(suite):
    result = suite(cart__add='exit 0', cart__crash='kill -SEGV $$').tanda('run')
    assert result.code == 3
    assert verdicts(result) == {'passed': 1, 'error': 1}
    assert 'SIGSEGV' in result.err


def test_nothing_to_run_ends_with_4_unless_allowed(suite):
    project = suite()
    assert project.tanda('run').code == 4
    assert project.tanda('run', '--allow-empty').code == 0


def test_an_unknown_key_is_refused_with_its_place_and_the_nearest_key(project):
    project.write('tanda.json', '{\n  "retires": 2,\n  "suites": {"api": {"framework": "pytest"}}\n}\n')
    result = project.tanda('run')
    assert result.code == 2
    assert 'tanda.json:2:3' in result.err
    assert 'retires' in result.err and 'retries' in result.err
    assert not (project.folder / 'tanda-out').exists()


def test_a_dry_run_starts_nothing_and_writes_nothing(suite):
    project = suite(cart__add='touch started')
    result = project.tanda('run', '--dry-run')
    assert result.code == 0
    assert 'sh tests/cart/add.sh' in result.out
    assert 'TANDA_AREA=cart' in result.out
    assert not (project.folder / 'started').exists()
    assert not (project.folder / 'tanda-out').exists()


def test_list_as_json_names_every_test_once(suite):
    result = suite(cart__add='', cart__pay='', search__find='').tanda('list', '--json')
    assert result.code == 0
    listed = json.loads(result.out)
    assert listed['schema'] == 'tanda.list/1'
    assert [(test['id'], test['area'], test['suite'], test['file']) for test in listed['tests']] == [
        ('tests/cart/add.sh', 'cart', 'cmd', 'tests/cart/add.sh'),
        ('tests/cart/pay.sh', 'cart', 'cmd', 'tests/cart/pay.sh'),
        ('tests/search/find.sh', 'search', 'cmd', 'tests/search/find.sh')]
    assert all(test['expected_s'] is None for test in listed['tests'])


def test_the_summary_has_the_promised_keys(suite):
    summary = suite(cart__add='', search__find='exit 1').tanda('run', '-j', '2').summary()
    assert summary['schema'] == 'tanda.summary/1'
    assert set(summary) == SUMMARY_KEYS
    assert set(summary['verdicts']) == VERDICTS
    assert summary['exit']['code'] == 1
    assert summary['name'] == 'first'
    assert [worker['worker'] for worker in summary['workers']] == [0, 1]
    assert {area['area']: (area['tests'], area['failed']) for area in summary['areas']} == {
        'cart': (1, 0), 'search': (1, 1)}


def test_the_merged_report_counts_every_case(suite):
    root = suite(cart__add='', cart__pay='exit 1', cart__later='exit 77').tanda('run').junit()
    assert root.tag == 'testsuites'
    assert [root.get(key) for key in ('tests', 'failures', 'errors', 'skipped')] == ['3', '1', '0', '1']
    assert {case.get('name') for case in root.iter('testcase')} == {
        'tests/cart/add.sh', 'tests/cart/pay.sh', 'tests/cart/later.sh'}


def test_the_second_run_knows_how_long_tests_take(suite):
    project = suite(cart__add='sleep 0.05')
    assert project.tanda('run').code == 0
    listed = json.loads(project.tanda('list', '--json').out)
    assert 0.04 <= listed['tests'][0]['expected_s'] < 10


def test_tests_of_two_workers_overlap(suite):
    """Each waits for the other: one after the other they would never end by themselves."""
    wait = 'touch here-{0}; until [ -e here-{1} ]; do sleep 0.01; done'
    result = suite(a__one=wait.format('a', 'b'), b__two=wait.format('b', 'a')).tanda('run', '-j', '2')
    assert result.code == 0


def test_an_interrupt_leaves_a_whole_account_and_no_process(suite):
    project = suite(cart__hang='touch hanging; sleep 300', cart__never='exit 0')
    process = project.popen('run', '-j', '1')
    wait_for_file(project, process, 'hanging')
    process.send_signal(signal.SIGINT)
    result = project.finish(process, timeout=20)
    assert result.code == -signal.SIGINT
    assert result.summary()['planned'] == 2
    assert result.summary()['verdicts']['not_run'] >= 1


def test_a_kill_of_tanda_leaves_no_process(suite):
    project = suite(cart__hang='touch hanging; sleep 300')
    process = project.popen('run', '-j', '1')
    wait_for_file(project, process, 'hanging')
    process.kill()
    assert project.finish(process, timeout=20).code == -signal.SIGKILL
