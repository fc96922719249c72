"""Strategies that come with Barque: one a file, found by the name of the file."""
