"""Has the base name of a file in another folder."""


def test_add():
    assert 1 + 1 == 2


def test_remove():
    assert 2 - 1 == 1
