"""Has the path of another file at its end, and the titles of that."""


def test_add():
    assert "a" + "b" == "ab"


class TestWords:
    def test_upper(self):
        assert "a".upper() == "A"

    def test_lower(self):
        assert "A".lower() == "a"
