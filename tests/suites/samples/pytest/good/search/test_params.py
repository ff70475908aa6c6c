"""One function, many cases."""

import pytest


@pytest.mark.parametrize("word", ["one", "two", "three"])
def test_word(word):
    assert word.isalpha()
