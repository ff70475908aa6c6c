"""Never reached in the batch of the crash."""


def test_after():
    assert True
