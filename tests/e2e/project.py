"""A project under test: its files, the ways to start tanda in it, and what a run left behind."""
import json
import os
import re
import signal
import subprocess
import time
import uuid
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import invariants

TIMEOUT_S = 60
# What would make tanda believe that it is somewhere else.
FOREIGN = re.compile(r'(TANDA|GITLAB|GITHUB|CIRCLE|BUILDKITE|BITBUCKET|SEMAPHORE|HEROKU|JENKINS)(_|$)|'
                     r'(CI|TF_BUILD|NO_COLOR|CLICOLOR.*|FORCE_COLOR|COLUMNS|LINES|TEST_ENV_NUMBER|PYTEST_.*|BATS_.*)$')


def wait_until(condition, what, timeout_s=20):
    """Poll until `condition` holds and return its value; `what` is for the message."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f'after {timeout_s} s still not: {what}')
        time.sleep(0.01)


class Result:
    """One finished call of tanda. The files of a run are read when they are asked for."""

    def __init__(self, argv, code, stdout, stderr, out, elapsed_s):
        self.argv, self.code, self.stdout, self.stderr = argv, code, stdout, stderr
        self.out, self.elapsed_s = out, elapsed_s

    @property
    def summary(self):
        return json.loads((self.out / 'summary.json').read_text('utf-8'))

    @property
    def journal(self):
        """The events; the last line may be torn when tanda was killed."""
        lines = (self.out / 'journal.ndjson').read_text('utf-8').split('\n')
        return [json.loads(line) for line in lines[:-1]]

    def events(self, kind):
        return [event for event in self.journal if event['kind'] == kind]

    @property
    def junit(self):
        return ElementTree.parse(self.out / 'junit.xml').getroot()

    @property
    def verdicts(self):
        """The verdicts that occurred, with their counts."""
        return {word: count for word, count in self.summary['verdicts'].items() if count}

    @property
    def last_line(self):
        lines = self.stderr.strip().split('\n')
        return lines[-1]

    def __repr__(self):
        return f'<tanda {" ".join(self.argv)}: {self.code}>'


class Running:
    """A call of tanda that goes on; finish() waits for it."""

    def __init__(self, project, argv, env, cwd, out, expects):
        self.project, self.argv, self.out, self.expects = project, argv, out, expects
        self._stdout = open(project.dir / f'.stdout-{len(project.calls)}', 'w+b')
        self._stderr = open(project.dir / f'.stderr-{len(project.calls)}', 'w+b')
        self._started = time.monotonic()
        self.process = subprocess.Popen([str(project.tanda), *argv], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                                        stdout=self._stdout, stderr=self._stderr)
        self.result = None

    def _text(self, file):
        file.flush()
        return Path(file.name).read_text('utf-8', 'backslashreplace')

    @property
    def stderr(self):
        return self._text(self._stderr)

    def wait_for(self, text, timeout_s=20):
        """Until `text` shows on standard error."""
        wait_until(lambda: text in self.stderr or self.process.poll() is not None, f'{text!r} on stderr', timeout_s)
        assert text in self.stderr, f'tanda ended with {self.process.returncode} before it said {text!r}'

    def signal(self, number):
        self.process.send_signal(number)

    def finish(self, timeout_s=TIMEOUT_S):
        if self.result is not None:
            return self.result
        try:
            code = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.stop()
            raise AssertionError(f'tanda {" ".join(self.argv)} has not ended after {timeout_s} s') from None
        elapsed_s = time.monotonic() - self._started
        self.result = Result(self.argv, code, self._text(self._stdout), self.stderr, self.out, elapsed_s)
        return self.result

    def stop(self):
        """End what a test left running; its supervisors then end the trees."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def log(self):
        code = self.process.poll()
        return (f'$ tanda {" ".join(self.argv)}\n{self._text(self._stdout)}{self.stderr}'
                f'[{"still running" if code is None else code}]\n')


class Project:
    """A folder with files, in which tanda is started. Everything in it is found again by `mark`."""

    def __init__(self, tanda, folder, files):
        self.tanda, self.dir, self.calls = tanda, folder, []
        self.mark = uuid.uuid4().hex
        self.is_checked = True
        folder.mkdir(parents=True)
        self.home = folder.parent / f'{folder.name}-home'
        self.home.mkdir()
        self.write(files)

    def write(self, files):
        """PATH: text, or an object for a JSON file. What starts with "#!" becomes executable."""
        for path, content in files.items():
            file = self.dir / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if not isinstance(content, str):
                content = json.dumps(content, indent=2)
            file.write_text(content, 'utf-8')
            if content.startswith('#!'):
                file.chmod(0o755)

    def read(self, path):
        return (self.dir / path).read_text('utf-8')

    def _env(self, changes):
        env = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
        env.update(HOME=str(self.home), LC_ALL='C.UTF-8', TANDA_E2E=self.mark)
        # A sanitizer's report becomes a file, so that a supervisor's is noticed too.
        env.update(ASAN_OPTIONS=f'log_path={self.home}/asan:abort_on_error=1',
                   UBSAN_OPTIONS=f'log_path={self.home}/ubsan:halt_on_error=1:print_stacktrace=1')
        env.update(changes or {})
        return {name: value for name, value in env.items() if value is not None}

    def start(self, *argv, env=None, cwd='.', out='tanda-out', expects_orphans=False):
        """Start tanda; `env` changes the environment (None removes). `out` says where its --out is.
        After a SIGKILL, `expects_orphans` gives its supervisors time to end their trees."""
        call = Running(self, [str(word) for word in argv], self._env(env), self.dir / cwd, self.dir / out,
                       expects_orphans)
        self.calls.append(call)
        return call

    def run(self, *argv, timeout_s=TIMEOUT_S, **how):
        """Start tanda and wait for its end."""
        return self.start(*argv, **how).finish(timeout_s)

    def log(self):
        return '\n'.join(call.log() for call in self.calls)

    def finish(self):
        """Stop what still runs, and return what does not hold, a line each."""
        for call in self.calls:
            call.stop()
        orphans_allowed = any(call.expects or call.result is None for call in self.calls)
        faults = invariants.of_processes(self.mark, orphans_allowed)
        faults += invariants.of_sanitizers(self.home)
        if self.is_checked:
            faults += self._faults_of_runs()
        return [f'{self.dir.name}: {fault}' for fault in faults]

    def _faults_of_runs(self):
        """Of the last run in each out folder; the earlier ones there were overwritten."""
        last = {call.out: call.result for call in self.calls
                if call.result is not None and call.argv[:1] == ['run'] and '--dry-run' not in call.argv}
        return [fault for out, result in last.items() if (out / 'summary.json').exists()
                for fault in invariants.of_run(self.tanda, result, self._env(None))]
