"""Passes beside the others."""


def test_fine():
    assert True
