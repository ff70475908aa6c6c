#!/usr/bin/env python3
"""libtanda as others see it: the example runs, and the library shows what its headers promise."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

EXAMPLE, LIBRARY = map(os.path.abspath, sys.argv[1:3])
REPORT = ('<testsuite name="s"><testcase classname="c" name="quick" time="0.1"/>'
          '<testcase classname="c" name="slow" time="2,5"><failure/></testcase></testsuite>')


class Libtanda(unittest.TestCase):
    def run_example(self, *reports):
        with tempfile.TemporaryDirectory() as folder:
            for number, report in enumerate(reports):
                (Path(folder) / f'{number}.xml').write_text(report)
            done = subprocess.run([EXAMPLE, 'merged.xml', '.'], cwd=folder, capture_output=True, text=True, check=False)
            merged = Path(folder) / 'merged.xml'
            return done, merged.read_text() if merged.exists() else None

    def test_example_merges_and_reads(self):
        done, merged = self.run_example(REPORT, REPORT.replace('"s"', '"t"'))
        self.assertEqual((done.returncode, done.stdout),
                         (0, '4 cases, 2 failures; the slowest is t: slow\n'), done.stderr)
        self.assertIn('tests="4" failures="2"', merged)

    def test_faults_are_returned_and_not_fatal(self):
        done, merged = self.run_example(REPORT, '<testsuite name="cut"><testcase name="whole"/>')
        self.assertEqual(done.returncode, 1)
        self.assertIn('warning: 1.xml:1: not well-formed', done.stderr)
        self.assertIn('name="whole"', merged)
        done, merged = self.run_example()
        self.assertEqual((done.returncode, merged), (1, None))
        self.assertIn('there is no report to merge', done.stderr)

    def test_only_its_own_names_are_visible(self):
        shown = subprocess.run(['nm', '-D', '--defined-only', LIBRARY], capture_output=True, text=True, check=True)
        names = [line.split()[-1] for line in shown.stdout.splitlines()]
        self.assertIn('tanda_junit_merge', names)
        self.assertEqual([name for name in names if not name.startswith('tanda_')], [])


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
