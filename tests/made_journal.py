"""Journals of runs that never ran, for the reports' tests and benches: seeded, so equal every time."""
import heapq
import json
import random
import zlib

ERROR_TRACE = """Traceback (most recent call last):
  File "/app/features/steps/checkout.py", line {line}, in step_impl
    assert basket.total == expected, f"expected {{expected}}, got {{basket.total}}"
AssertionError: expected {wanted}, got {got}
"""
OUTPUT = """GET /basket 200 12 ms
POST /basket/voucher 200 31 ms
\x1b[33mwarning\x1b[0m: voucher service answered late
GET /basket 200 9 ms
"""


class Journal:
    """Writes events in the journal's own form: sequence, time, checksum."""

    def __init__(self, path):
        self.file = open(path, 'w', encoding='utf-8')
        self.sequence = 0

    def event(self, at_s, kind, **fields):
        self.sequence += 1
        head = f'{{"seq":{self.sequence},"at_s":{at_s:.9f},"kind":"{kind}"'
        body = ''.join(f',"{key}":{_value(key, value)}' for key, value in fields.items())
        line = head + body
        self.file.write(f'{line},"crc":"{zlib.crc32(line.encode()):08x}"}}\n')

    def close(self):
        self.file.close()


def _value(key, value):
    if isinstance(value, float):
        digits = 3 if key in ('limit_s', 'busy', 'stalled', 'load') else 9
        return f'{value:.{digits}f}'
    return json.dumps(value)


def _hash(text):
    value = 0xcbf29ce484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001b3 % 2**64
    return value


def digest(tests):
    """The plan's digest over (suite, id, expected nanoseconds), as the ledger has it."""
    value = _hash('tanda.plan/1')
    for suite, name, expected_ns in tests:
        for part in (_hash(suite), _hash(name), expected_ns):
            value = (value * 0x9e3779b97f4a7c15 + part) % 2**64
    return f'{value:016x}'


class Made:
    """A run: nodes with workers, tests with outcomes, batches in the order of time."""

    def __init__(self, path, tests, nodes, seed=1, name='tienda', suites=(('web', 'behave'), ('api', 'pytest')),
                 batch_s=25.0, start_up_s=1.1, predicted_s=None,
                 load=None, speeds=None):
        self.journal = Journal(path)
        self.random = random.Random(seed)
        self.tests = tests  # dicts: id, area, suite, time_s, outcome, and what their outcome needs
        self.nodes = nodes  # (name, workers, cpus)
        self.workers = [node for node, count, _ in nodes for _ in range(count)]
        self.suites, self.name = suites, name
        self.batch_s, self.start_up_s, self.predicted_s = batch_s, start_up_s, predicted_s
        self.load = load or {}  # of a node: (busy, stalled); else by chance
        self.speeds = speeds or {}
        self.events = []  # (at, order, kind, fields)
        self.batches = 0
        self.skipped = [i for i, test in enumerate(tests) if test['outcome'] in ('skipped', 'not_run')]

    # --- the plan ---

    def _plan(self):
        event = self.journal.event
        event(0.0, 'run_started', schema='tanda.journal/1', run='20261125-090000-7f3a11c2', name=self.name,
              version='0.1.0', started='2026-11-25T09:00:00.123+00:00', host='ci-3',
              system='Linux 6.1.0-18-amd64 x86_64', cpus=self.nodes[0][2])
        for number, node in enumerate(self.workers):
            event(0.0, 'worker_planned', worker=number, node=node)
        for number, (suite, framework) in enumerate(self.suites):
            event(0.0, 'suite_planned', suite=number, name=suite, framework=framework, dir='.',
                  env_names='BASE_URL, SHOP_TOKEN')
        for number, test in enumerate(self.tests):
            fields = {'test': number, 'suite': test['suite'], 'id': test['id'], 'file': test['id'],
                      'area': test['area']}
            expected = test.get('expected_s', test['time_s'])
            if expected:
                fields |= {'expected_s': float(expected), 'expected_known': True}
            if test['outcome'] == 'skipped':
                fields['skip_reason'] = test['reason']
            event(0.001, 'test_planned', **fields)
        planned = [(self.suites[test['suite']][0], test['id'], round(test.get('expected_s', test['time_s']) * 1e9))
                   for test in self.tests]
        total = sum(test['time_s'] for test in self.tests)
        bound = max(total / len(self.workers), max((test['time_s'] for test in self.tests), default=0))
        event(0.01, 'plan_sealed', tests=len(self.tests), predicted_s=self.predicted_s or bound * 1.03,
              lower_bound_s=float(bound), digest=digest(planned))

    # --- batches ---

    def _at(self, at, kind, **fields):
        self.events.append((at, len(self.events), kind, fields))

    def _batch(self, worker, start, tests, reason='planned', alone=None):
        """Put one batch on the worker; returns when it ends. `alone` overrides outcomes."""
        number, self.batches = self.batches, self.batches + 1
        outcomes = {test: alone or self.tests[test]['outcome'] for test in tests}
        speed = self.speeds.get(self.workers[worker], 1)
        times = {test: self.tests[test]['time_s'] / speed for test in tests}
        start_up = self.start_up_s * self.random.uniform(0.9, 1.2)
        elapsed = start_up + sum(times.values())
        end = start + elapsed + 0.004
        self._at(start, 'batch_started', batch=number, worker=worker, reason=reason, tests=list(tests),
                 expected_s=float(elapsed), limit_s=650.0)
        self._at(start + 0.003, 'batch_running', batch=number, handle=str(8000 + number))
        crashed = any(outcome == 'crash' for outcome in outcomes.values())
        lost = any(outcome == 'lost' for outcome in outcomes.values())
        failed = False
        if not crashed and not lost:
            for test in tests:
                failed |= self._cases(number, test, outcomes[test], end - 0.001, times[test])
        ended = {'batch': number, 'ending': 'result', 'exit_code': int(failed), 'exit_expected': True,
                 'exit_failed': failed, 'report': 'whole', 'elapsed_s': float(elapsed),
                 'cpu_s': float(elapsed * 0.6), 'peak_bytes': 183500800, 'output_bytes': 4210,
                 'log': f'logs/{number:04}.log'}
        if crashed:
            ended |= {'ending': 'crashed', 'exit_code': None, 'signal': 11, 'exit_expected': False,
                      'exit_failed': False, 'report': 'missing', 'tail': 'browser has gone away\nSegmentation fault\n'}
        elif lost:
            ended |= {'ending': 'lost', 'exit_code': None, 'exit_expected': False, 'exit_failed': False,
                      'report': 'missing', 'message': 'node agent-2 is gone: no heartbeat for 10 s'}
        if failed:
            ended['tail'] = '1 scenario failed\n'
        self._at(end, 'batch_ended', **ended)
        return end

    def _cases(self, batch, test, outcome, at, time_s):
        told = self.tests[test]
        count = told.get('cases', 1)
        for case in range(count):
            bad = outcome in ('failed', 'error', 'flaky') and case == count - 1
            fields = {'batch': batch, 'test': test, 'status': 'failed' if bad else 'passed',
                      'suite_name': told['id'].rsplit('/', 1)[-1], 'classname': told['area'],
                      'name': told.get('case_name', 'step {} of the way').format(case + 1),
                      'time_known': True, 'time_s': float(time_s / count)}
            if bad:
                fields |= {'type': 'AssertionError', 'message': told.get('message', 'expected 90.00, got 100.00'),
                           'body': told.get('body', ERROR_TRACE.format(line=14 + test, wanted='90.00', got='100.00')),
                           'out': told.get('out', OUTPUT)}
            self._at(at, 'case_reported', **fields)
        return outcome in ('failed', 'error', 'flaky')

    def _again(self, test):
        """How a test's second attempt comes out, or None when there is none."""
        return {'flaky': 'passed', 'crash': 'crash', 'lost': None}.get(self.tests[test]['outcome'])

    def _work(self):
        todo = sorted((i for i in range(len(self.tests)) if i not in set(self.skipped)),
                      key=lambda i: -self.tests[i]['time_s'])
        free = [(0.05 + 0.02 * worker, worker) for worker in range(len(self.workers))]
        heapq.heapify(free)
        again = []
        while todo or again:
            start, worker = heapq.heappop(free)
            if not todo:
                test, outcome, reason = again.pop(0)
                heapq.heappush(free, (self._batch(worker, start, [test], reason, outcome), worker))
                continue
            tests = [todo.pop(0)]
            total = self.tests[tests[0]]['time_s']
            special = self.tests[tests[0]]['outcome'] in ('crash', 'lost')
            while todo and not special and total < self.batch_s and len(tests) < 40:
                if self.tests[todo[0]]['suite'] != self.tests[tests[0]]['suite'] or \
                        self.tests[todo[0]]['outcome'] in ('crash', 'lost'):
                    break
                tests.append(todo.pop(0))
                total += self.tests[tests[-1]]['time_s']
            heapq.heappush(free, (self._batch(worker, start, tests), worker))
            for test in tests:
                outcome = self._again(test)
                if outcome:
                    again.append((test, outcome, 'retry' if outcome == 'passed' else 'second_chance'))

    def _samples(self, end):
        at = 1.0
        while at < end:
            for node, _, cpus in self.nodes:
                busy = min(1.0, max(0.05, self.random.gauss(0.72, 0.14)))
                busy, stalled = self.load.get(node, (busy, max(0.0, (busy - 0.7) / 2)))
                self._at(at, 'node_sampled', node=node, cpus=cpus, running=4, busy=float(busy),
                         stalled=float(stalled), load=busy * cpus * 1.2)
            at += max(1.0, end / 2000)

    def write(self, code, reason, extra=()):
        """`extra`: (share of the run's time, kind, fields) to mix in."""
        self._plan()
        self._work()
        end = max((at for at, *_ in self.events), default=0.1)
        self._samples(end)
        for share, kind, fields in extra:
            self._at(end * share, kind, **fields)
        for at, _, kind, fields in sorted(self.events, key=lambda event: event[:2]):
            self.journal.event(at, kind, **fields)
        self.journal.event(end + 0.1, 'run_finished', exit_code=code, reason=reason)
        self.journal.close()


AREAS = ['checkout', 'cart', 'search', 'accounts', 'orders', 'catalog', 'returns', 'newsletter']


def tests_of(count, seed=7, mean_s=6.0):
    """`count` passing tests over AREAS, with times spread as real ones are."""
    chance = random.Random(seed)
    tests = []
    for number in range(count):
        area = AREAS[min(int(chance.expovariate(0.45)), len(AREAS) - 1)]
        time_s = round(min(chance.lognormvariate(0, 0.9) * mean_s, mean_s * 9), 3)
        suite = int(chance.random() < 0.3)
        path = f'api_tests/{area}/test_{number:05}.py' if suite else f'features/{area}/story_{number:05}.feature'
        tests.append({'id': path, 'area': area, 'suite': suite, 'time_s': time_s, 'outcome': 'passed',
                      'expected_s': round(time_s * chance.uniform(0.75, 1.3), 3), 'cases': chance.randint(1, 5)})
    return tests


def rich(path):
    """Something of everything: what the screenshots show and the browser's tests look at."""
    tests = tests_of(180)
    tests[3] |= {'id': 'features/checkout/pay.feature', 'area': 'checkout', 'suite': 0, 'time_s': 148.0,
                 'expected_s': 121.0, 'cases': 12, 'case_name': 'pays by card, example {}'}
    for number, message in ((11, 'expected 90.00, got 100.00'), (42, 'TimeoutError: #buy was not there after 30 s'),
                            (77, 'expected <h1>Thank you</h1>, got <h1>Sorry</h1>')):
        tests[number] |= {'outcome': 'failed', 'message': message, 'cases': 4}
    for number in (25, 90):
        tests[number]['outcome'] = 'flaky'
    tests[60]['outcome'] = 'crash'
    tests[130]['outcome'] = 'lost'
    for number in (7, 8, 100, 101, 102):
        tests[number] |= {'outcome': 'skipped', 'reason': 'deselected by --tags=~@manual'}
    tests[140] |= {'outcome': 'skipped', 'reason': 'feature NewReturns is off'}
    for number in (150, 151, 152):
        tests[number]['outcome'] = 'not_run'
    for number in (33, 34):
        tests[number]['expected_s'] = 0
    Made(path, tests, [('local', 4, 8), ('agent-1', 4, 4)], predicted_s=151.0).write(
        1, '3 tests failed, 1 test in error, 1 test lost, 3 tests not run', extra=[
            (0.2, 'warned', {'message': 'web: 1 process outlived its tests: 8140 chromedriver'}),
            (0.5, 'warned', {'message': 'node agent-2 is gone: no heartbeat for 10 s'}),
            (0.97, 'stop_requested', {'cause': 'deadline', 'message': "the run's time of 160 s was up"})])


def contended(path):
    """Two groups of tests that compute, on one node with a single processor."""
    tests = [test | {'time_s': test['time_s'] * 2, 'expected_s': test['time_s']} for test in tests_of(60)]
    Made(path, tests, [('box', 2, 1)], load={'box': (1.0, 0.48)}).write(0, '60 passed')


def spread(path):
    """The same on two such nodes."""
    tests = [test | {'expected_s': test['time_s']} for test in tests_of(60)]
    Made(path, tests, [('box', 1, 1), ('crate', 1, 1)], load={'box': (0.97, 0.02), 'crate': (0.96, 0.02)}).write(0, '60 passed')


def lopsided(path):
    """One node is full while another has room; it is lost, and back; the other is half as fast as this machine."""
    tests = [test | {'expected_s': test['time_s']} for test in tests_of(90)]
    Made(path, tests, [('local', 2, 8), ('box', 4, 2), ('crate', 2, 8)], load={'local': (0.5, 0.01), 'box': (1.0, 0.6), 'crate': (0.3, 0.0)},
         speeds={'crate': 0.5}).write(0, '90 passed', extra=[
            (0.001, 'node_changed', {'node': 'box', 'change': 'up', 'opened_s': 0.31, 'prepared_s': 1.2, 'sent_bytes': 3400000}),
            (0.4, 'node_changed', {'node': 'box', 'change': 'lost', 'message': 'nothing has been heard from it | <b>for</b> 10 s'}),
            (0.5, 'node_changed', {'node': 'box', 'change': 'up', 'opened_s': 0.33, 'prepared_s': 0.4})])


HOSTILE = [
    '</script><img src=x onerror=alert(1)>', '" onmouseover="alert(2)', "' onfocus='alert(3)", '{{7*7}}${7*7}',
    'javascript:alert(4)', '<!--', ']]>', '</title></style></textarea><svg onload=alert(5)>', '&lt;b&gt;&#x41;',
    'a\u202egpj.exe', 'zero\u200bwidth', '\x1b[2J\x1b]0;title\x07', '| a | b |', '```', '<details open>',
    '@everyone #1 https://evil.example/x www.evil.example', '![x](http://evil.example/p.png)', '-rf', '%s%n', '\u2028', ''.join(
        chr(n) for n in range(1, 32)), 'x' * 5000]


def hostile(path):
    """Strangers' texts that try to be something else, in every place that a stranger can fill."""
    tests = tests_of(len(HOSTILE) * 2)
    for number, text in enumerate(HOSTILE * 2):
        tests[number] |= {'id': f'{text} {number}'[:4000], 'area': text[:200] or 'none', 'message': text, 'body': text * 3,
                          'out': text + '\n', 'case_name': text.replace('{', '{{').replace('}', '}}'),
                          'outcome': ('failed', 'flaky', 'passed', 'crash')[number % 4]}
    tests[3] |= {'outcome': 'skipped', 'reason': HOSTILE[0]}
    failed = sum(test['outcome'] == 'failed' for test in tests)
    crashed = sum(test['outcome'] == 'crash' for test in tests)
    Made(path, tests, [(HOSTILE[0], 2, 2), (HOSTILE[1], 2, 2)], name=HOSTILE[0],
         suites=((HOSTILE[1], HOSTILE[2]), (HOSTILE[3], HOSTILE[0]))).write(
             1, f'{failed} tests failed, {crashed} tests in error', extra=[(0.3, 'warned', {'message': text}) for text in HOSTILE])


def passing(path, count, workers=8, seed=3, cases=None):
    """A large run in which one test in a thousand failed."""
    tests = tests_of(count, seed)
    for test in tests:
        test['cases'] = cases or test['cases']
    for number in range(499, count, 1000):
        tests[number]['outcome'] = 'failed'
    failed = len(range(499, count, 1000))
    Made(path, tests, [('local', workers, workers)], seed, batch_s=60.0).write(
        1 if failed else 0, f'{failed} tests failed' if failed else f'{count} passed')


if __name__ == '__main__':
    import sys
    if sys.argv[1] in ('rich', 'hostile'):
        {'rich': rich, 'hostile': hostile}[sys.argv[1]](sys.argv[2])
    else:
        passing(sys.argv[2], int(sys.argv[1]), cases=1)
