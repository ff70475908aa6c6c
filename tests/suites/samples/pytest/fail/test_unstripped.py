"""Fails with control characters and colour in its message and output."""


def test_colour():
    print("\x1b[31mred\x1b[0m and NUL \x00 and ]]>")
    assert "\x1b[31mred" == "\x07bell"
