"""Passes; only its name is odd."""


def test_fine():
    assert True
