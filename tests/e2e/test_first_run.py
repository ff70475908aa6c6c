"""The first things that anybody does with tanda, with plain commands as tests."""
import json
import signal

from project import wait_until

CONFIG = {'name': 'first', 'nodes': {'local': 2},
          'suites': {'shell': {'framework': 'command', 'files': 'acceptance/{area}/*.sh', 'run': ['sh', '{id}']}}}

SUMMARY_KEYS = {'schema', 'run', 'name', 'started', 'exit', 'planned', 'verdicts', 'cases', 'unplanned', 'wall_s',
                'work_s', 'predicted_s', 'lower_bound_s', 'efficiency', 'lost_to', 'workers', 'areas'}
VERDICTS = {'passed', 'flaky', 'failed', 'error', 'skipped', 'lost', 'not_run'}


def shop(project, scripts):
    """A project whose tests are `scripts`, {"AREA/NAME": text}."""
    return project({'tanda.json': CONFIG, **{f'acceptance/{name}.sh': text for name, text in scripts.items()}})


def test_passing_tests_end_with_0(project):
    result = shop(project, {'cart/add': 'exit 0\n', 'search/find': 'true\n'}).run('run')
    assert result.code == 0
    assert result.verdicts == {'passed': 2}
    assert result.last_line.startswith('exit 0: ')


def test_a_failing_test_ends_with_1_and_shows_its_output(project):
    result = shop(project, {'cart/add': 'exit 0\n', 'cart/pay': 'echo no card; exit 3\n'}).run('run')
    assert result.code == 1
    assert result.verdicts == {'passed': 1, 'failed': 1}
    assert 'no card' in result.stderr
    assert result.last_line.startswith('exit 1: ')
    assert (result.out / 'last-failed.txt').read_text('utf-8') == 'shell\tacceptance/cart/pay.sh\n'


def test_77_means_skipped(project):
    result = shop(project, {'cart/add': 'exit 0\n', 'cart/later': 'exit 77\n'}).run('run')
    assert result.code == 0
    assert result.verdicts == {'passed': 1, 'skipped': 1}


def test_a_command_killed_by_a_signal_is_an_error_and_ends_with_3(project):
    result = shop(project, {'cart/crash': 'kill -SEGV $$\n', 'cart/add': 'exit 0\n'}).run('run')
    assert result.code == 3
    assert result.verdicts == {'passed': 1, 'error': 1}
    assert 'SIGSEGV' in result.stderr


def test_nothing_to_run_ends_with_4_unless_allowed(project):
    empty = shop(project, {})
    assert empty.run('run').code == 4
    assert empty.run('run', '--allow-empty').code == 0


def test_an_unknown_key_is_refused_with_its_place_and_the_nearest_key(project):
    made = project({'tanda.json': '{\n  "retires": 2,\n  "suites": {"api": {"framework": "pytest"}}\n}\n'})
    result = made.run('run')
    assert result.code == 2
    assert 'tanda.json:2:3' in result.stderr
    assert 'retires' in result.stderr and 'retries' in result.stderr
    assert not result.out.exists()


def test_a_dry_run_starts_nothing_and_writes_nothing(project):
    made = shop(project, {'cart/add': 'touch started\n'})
    result = made.run('run', '--dry-run')
    assert result.code == 0
    assert 'sh acceptance/cart/add.sh' in result.stdout
    assert 'TANDA_AREA=cart' in result.stdout
    assert not (made.dir / 'started').exists()
    assert not result.out.exists()


def test_list_as_json_names_every_test_once(project):
    result = shop(project, {'cart/add': '', 'cart/pay': '', 'search/find': ''}).run('list', '--json')
    assert result.code == 0
    listed = json.loads(result.stdout)
    assert listed['schema'] == 'tanda.list/1'
    assert [(test['id'], test['area'], test['suite'], test['file']) for test in listed['tests']] == [
        ('acceptance/cart/add.sh', 'cart', 'shell', 'acceptance/cart/add.sh'),
        ('acceptance/cart/pay.sh', 'cart', 'shell', 'acceptance/cart/pay.sh'),
        ('acceptance/search/find.sh', 'search', 'shell', 'acceptance/search/find.sh')]
    assert all(test['expected_s'] is None for test in listed['tests'])


def test_the_summary_has_the_promised_keys(project):
    summary = shop(project, {'cart/add': '', 'search/find': 'exit 1\n'}).run('run', '-j', '2').summary
    assert summary['schema'] == 'tanda.summary/1'
    assert set(summary) == SUMMARY_KEYS
    assert set(summary['verdicts']) == VERDICTS
    assert summary['exit']['code'] == 1
    assert summary['name'] == 'first'
    assert [worker['worker'] for worker in summary['workers']] == [0, 1]
    assert {area['area']: (area['tests'], area['failed']) for area in summary['areas']} == {
        'cart': (1, 0), 'search': (1, 1)}


def test_the_merged_report_counts_every_case(project):
    result = shop(project, {'cart/add': '', 'cart/pay': 'exit 1\n', 'cart/later': 'exit 77\n'}).run('run')
    root = result.junit
    assert root.tag == 'testsuites'
    assert [root.get(key) for key in ('tests', 'failures', 'errors', 'skipped')] == ['3', '1', '0', '1']
    assert {case.get('name') for case in root.iter('testcase')} == {
        'acceptance/cart/add.sh', 'acceptance/cart/pay.sh', 'acceptance/cart/later.sh'}


def test_the_second_run_knows_how_long_tests_take(project):
    made = shop(project, {'cart/add': 'sleep 0.05\n'})
    assert made.run('run').code == 0
    listed = json.loads(made.run('list', '--json').stdout)
    assert 0.04 <= listed['tests'][0]['expected_s'] < 10


def test_tests_of_two_workers_overlap(project):
    """Each waits for the other: one after the other they would never end by themselves."""
    wait = 'touch here-{0}; until [ -e here-{1} ]; do sleep 0.01; done\n'
    result = shop(project, {'a/one': wait.format('a', 'b'), 'b/two': wait.format('b', 'a')}).run('run', '-j', '2')
    assert result.code == 0


def test_an_interrupt_leaves_a_whole_account_and_no_process(project):
    made = shop(project, {'cart/hang': 'echo hanging; touch hanging; sleep 300\n', 'cart/never': 'exit 0\n'})
    running = made.start('run', '-j', '1')
    wait_for_file(made, running, 'hanging')
    running.signal(signal.SIGINT)
    result = running.finish(20)
    assert result.code == -signal.SIGINT
    assert result.summary['planned'] == 2
    assert result.summary['verdicts']['not_run'] >= 1


def test_a_kill_of_tanda_leaves_no_process(project):
    made = shop(project, {'cart/hang': 'touch hanging; sleep 300\n'})
    running = made.start('run', '-j', '1', expects_orphans=True)
    wait_for_file(made, running, 'hanging')
    running.signal(signal.SIGKILL)
    assert running.finish(20).code == -signal.SIGKILL


def wait_for_file(made, running, name):
    wait_until(lambda: (made.dir / name).exists() or running.process.poll() is not None, f'{name} is there')
