"""Fails in one case of two."""


def test_right():
    assert True


def test_wrong():
    print("seen on the way")
    assert 12 * 3 == 37, "the total is wrong: <&> \"quoted\""
