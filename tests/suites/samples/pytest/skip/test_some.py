"""One passes, one is skipped: the file passes."""

import pytest


def test_runs():
    assert True


def test_finds_out_late():
    pytest.skip("found out late")
