"""pytest 7.2.1 cuts a path at its first bracket: it cannot be told to run this file alone."""


def test_fine():
    assert True
