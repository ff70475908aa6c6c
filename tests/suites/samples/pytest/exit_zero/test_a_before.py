"""Passes before the exit."""


def test_before():
    assert True
