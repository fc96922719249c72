"""Barque: an AI trading engine. An engine is a pure function of events."""

__version__ = "0.1.0"
