"""Has the base name and a test name of a file in another folder."""


def test_add():
    assert "a" + "b" == "ab"


class TestWords:
    def test_upper(self):
        assert "a".upper() == "A"

    def test_lower(self):
        assert "A".lower() == "a"
