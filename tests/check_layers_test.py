#!/usr/bin/env python3
"""Plant one fault at a time in a small tree: check_layers must find each, and nothing else."""
import importlib.machinery
import importlib.util
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent / 'check_layers'
_loader = importlib.machinery.SourceFileLoader('check_layers', str(SCRIPT))
check_layers = importlib.util.module_from_spec(importlib.util.spec_from_loader('check_layers', _loader))
_loader.exec_module(check_layers)


def function(lines):
    return 'static void long_one(void)\n{\n' + '\tstep();\n' * (lines - 2) + '}\n'


class PlantedFaults(unittest.TestCase):
    def faults(self, path, source):
        with tempfile.TemporaryDirectory() as root:
            file = Path(root, path)
            file.parent.mkdir(parents=True)
            file.write_text(source)
            return check_layers.Check(root).run().faults

    def assert_found(self, path, source, line, words):
        faults = self.faults(path, source)
        self.assertEqual(len(faults), 1, faults)
        self.assertTrue(faults[0].startswith(f'{path}:{line}: '), faults[0])
        self.assertIn(words, faults[0])

    def assert_clean(self, path, source):
        self.assertEqual(self.faults(path, source), [])

    def test_a_leaf_must_not_see_another_leaf(self):
        self.assert_found('runner/junit/read.c', '\n#include "runner/record/journal.h"\n', 2,
                          'runner/junit sees itself')

    def test_a_leaf_must_not_see_the_plan(self):
        self.assert_found('runner/exec/loop.c', '#include "shards/plan/queue.h"\n', 1, 'shards/plan/queue.h')

    def test_model_must_not_see_the_plan(self):
        self.assert_found('shards/model/test.c', '#include "shards/plan/queue.h"\n', 1, 'shards/plan')

    def test_the_pure_half_must_not_see_the_acting_half(self):
        self.assert_found('shards/plan/queue.c', '#include "runner/exec/loop.h"\n', 1, 'runner/exec')

    def test_run_must_not_see_the_commands(self):
        self.assert_found('runner/run/run.c', '#include "runner/commands/options.h"\n', 1, 'runner/commands')

    def test_a_folder_below_a_leaf_is_that_leaf(self):
        self.assert_found('runner/exec/drivers/local.c', '#include "runner/report/console.h"\n', 1, 'runner/exec')
        self.assert_clean('runner/exec/drivers/local.c', '#include "runner/exec/loop.h"\n#include <uv.h>\n')

    def test_a_folder_without_arrows_is_refused(self):
        self.assert_found('runner/helpers/list.c', 'int n;\n', 1, 'no arrow')

    def test_includes_are_written_from_the_root(self):
        self.assert_found('runner/exec/loop.c', '#include "loop.h"\n', 1, 'from the root')
        self.assert_found('runner/exec/loop.c', '#include "../junit/read.h"\n', 1, 'from the root')
        self.assert_clean('tests/unit/test_lock.c', '#include "scratch.h"\n')

    def test_each_library_has_one_home(self):
        for path, header in (('runner/run/run.c', 'uv.h'), ('runner/report/html.c', 'libxml/tree.h'),
                             ('runner/run/run.c', 'sqlite3.h'), ('runner/exec/local.c', 'curl/curl.h')):
            self.assert_found(path, f'#include <{header}>\n', 1, header)
        self.assert_clean('runner/config/keys.c', '#include <jansson.h>\n')
        self.assert_clean('runner/exec/jenkins/http.c', '#include <curl/curl.h>\n')

    def test_the_pure_half_has_no_clock_and_no_files(self):
        for header in ('time.h', 'sys/stat.h', 'unistd.h', 'fcntl.h', 'jansson.h'):
            self.assertTrue(self.faults('shards/plan/queue.c', f'#include <{header}>\n'), header)
        for call in ('fopen(p, "r")', 'printf("x")', 'clock_gettime(0, &t)', 'getenv("A")', 'time(NULL)'):
            self.assert_found('shards/base/text.c', f'int f(void)\n{{\n\t{call};\n}}\n', 3, 'no clock')
        self.assert_clean('shards/base/mem.c', '#include <unistd.h>\nvoid f(void)\n{\n\t_exit(70);\n}\n')

    def test_the_acting_half_may_act(self):
        self.assert_clean('runner/record/file.c', '#include <time.h>\nint f(void)\n{\n\tfopen(a, b);\n}\n')

    def test_banned_calls_are_found(self):
        for call in ('strcpy(a, b)', 'sprintf(a, b)', 'strtok(a, b)', 'atoi(a)', 'localtime(&t)', 'system(a)',
                     'popen(a, b)', 'malloc(3)', 'strdup(a)', 'strtol(a, NULL, 10)', 'strcat (a, b)'):
            self.assert_found('runner/exec/x.c', f'void f(void)\n{{\n\t{call};\n}}\n', 3, call.split('(')[0].strip())

    def test_words_that_are_no_calls_are_left_alone(self):
        self.assert_clean('runner/exec/x.c', '/* never system() */\nconst char *s = "popen(x)";\n'
                          'void f(void)\n{\n\tops->system(x);\n\tmy_atoi(x);\n\tstrtol(a, &end, 0); // atoi(x)\n}\n')

    def test_long_functions_and_files_are_found(self):
        self.assert_clean('runner/exec/x.c', function(80))
        self.assert_found('runner/exec/x.c', '\n' + function(81), 2, 'long_one has 81 lines')
        self.assert_clean('runner/exec/x.c', 'int a;\n' * 600)
        self.assert_found('runner/exec/x.c', 'int a;\n' * 601, 601, 'split it by noun')

    def test_tables_are_no_functions(self):
        self.assert_clean('runner/exec/x.c', 'static const int t[] = {\n' + '\t1,\n' * 90 + '};\n')

    def test_two_functions_of_one_name_are_found(self):
        with tempfile.TemporaryDirectory() as root:
            for path in ('runner/report/line.c', 'shards/plan/line.c'):
                target = Path(root, path)
                target.parent.mkdir(parents=True)
                target.write_text('void line_deinit(void)\n{\n}\n\nstatic void clear(void)\n{\n}\n')
            check = check_layers.Check(root).run()
            self.assertEqual(len(check.faults), 1)
            self.assertIn('line_deinit is a function of', check.faults[0])

    def test_an_empty_tree_is_no_success(self):
        with tempfile.TemporaryDirectory() as root:
            self.assertEqual(check_layers.main(['check_layers', root]), 2)


if __name__ == '__main__':
    unittest.main()
