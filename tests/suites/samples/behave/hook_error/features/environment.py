"""Breaks before all."""


def before_all(context):
    raise ConnectionError("no database")
