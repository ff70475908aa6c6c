"""All of it is left out by the markers in pytest.ini."""

import pytest


@pytest.mark.manual
def test_by_hand():
    assert False
