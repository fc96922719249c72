"""Keeps accounts alive: feed, recover, run, stop."""
