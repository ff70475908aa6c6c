"""Odd case names; two differ in letters that a regex or a shell would eat."""

import pytest

NAMES = [
    "with space", "it's", 'say "hi"', "a.b", "a+b", "[x]", "(y)*", "^z$", "one|two", "back\\slash",
    "-k", "--help", "<&>", "]]>", "ñandú", "日本", "{id}", "%s", "a::b", "a/b",
]


@pytest.mark.parametrize("name", NAMES, ids=NAMES)
def test_name(name):
    assert name in NAMES
