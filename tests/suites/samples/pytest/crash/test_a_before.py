"""Passes before the crash; its result dies with the process."""


def test_before():
    assert True
