"""A contestant that is quick."""

VERSION = "1"


def sweep(data):
    return lambda: {"fills": 3, "equity": 1.0}
