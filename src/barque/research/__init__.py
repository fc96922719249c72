"""Asks the past: backtests, walk-forward training, statistics."""
