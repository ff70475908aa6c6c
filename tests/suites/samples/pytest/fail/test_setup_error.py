"""The fixture breaks, not the test: pytest calls it an error."""

import pytest


@pytest.fixture
def database():
    raise ConnectionError("no database")


def test_query(database):
    assert database
