"""Cannot be parsed."""


def test_never(:
    assert True
