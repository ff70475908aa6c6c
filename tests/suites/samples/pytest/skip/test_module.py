"""Skipped as a whole while it is loaded."""

import pytest

pytest.skip("no such service here", allow_module_level=True)


def test_never():
    assert False
