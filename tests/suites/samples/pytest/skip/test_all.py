"""Nothing of it runs: the file counts as skipped."""

import pytest


@pytest.mark.skip(reason="TIE-101: not built yet")
def test_later():
    assert False


@pytest.mark.skipif(True, reason="needs <Windows> & \"more\"")
def test_elsewhere():
    assert False
