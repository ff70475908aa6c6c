"""The test passes, then its fixture breaks: one case, reported as error."""

import pytest


@pytest.fixture
def folder():
    yield "here"
    raise OSError("cannot remove it")


def test_folder(folder):
    assert folder == "here"
