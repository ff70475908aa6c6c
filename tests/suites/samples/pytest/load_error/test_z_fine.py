"""Fine, and last."""


def test_fine():
    assert True
