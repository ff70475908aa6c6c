"""Fixtures of the end-to-end tests: a project in a folder of its own, tanda run in it, and after
every test what must hold whatever was tested (the invariants that can be seen from outside)."""
import os
import re
import shutil
from pathlib import Path

import pytest

from invariants import adopt_orphans
from project import Project

ROOT = Path(__file__).resolve().parent.parent.parent
LOGS = ROOT / 'build' / 'e2e-logs'


def pytest_configure(config):
    config.addinivalue_line('markers', 'release: only with the release binary (time matters, or it runs long)')
    adopt_orphans()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Show what tanda said in a test that failed, and keep its folders."""
    outcome = yield
    report = outcome.get_result()
    projects = getattr(item, 'tanda_projects', [])
    if report.failed and projects:
        report.sections += [(f'tanda in {project.dir}', project.log()) for project in projects]
        keep(item.name, projects)


@pytest.fixture(scope='session')
def tanda():
    """The program under test: $TANDA, or the release build."""
    path = Path(os.environ.get('TANDA', ROOT / 'build/release/runner/tanda')).resolve()
    if not os.access(path, os.X_OK):
        pytest.fail(f'{path} is not there: run ./dev build, or set TANDA', pytrace=False)
    return path


@pytest.fixture
def project(tanda, tmp_path, request):
    """A factory: project({PATH: TEXT or object, ...}) writes the files into a new folder."""
    projects = request.node.tanda_projects = []

    def make(files=None, name=None):
        made = Project(tanda, tmp_path / (name or f'project{len(projects)}'), files or {})
        projects.append(made)
        return made

    yield make
    faults = [fault for made in projects for fault in made.finish()]
    if faults:
        pytest.fail('what must always hold does not:\n' + '\n'.join(faults), pytrace=False)


def keep(test_name, projects):
    """Copy the folders of a failed test to build/e2e-logs, where the next run does not clear them."""
    target = LOGS / re.sub(r'[^\w.-]', '_', test_name)
    shutil.rmtree(target, ignore_errors=True)
    for made in projects:
        shutil.copytree(made.dir, target / made.dir.name, symlinks=True, ignore_dangling_symlinks=True,
                        ignore=shutil.ignore_patterns('node_modules'), dirs_exist_ok=True)
        (target / f'{made.dir.name}.log').write_text(made.log(), 'utf-8')
