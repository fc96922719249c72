"""Turns features and predictions into wanted exposure, and exposure into orders."""

from barque.strategies.signals import Signals
from barque.strategies.strategy import Strategy, compiled

__all__ = ["Signals", "Strategy", "compiled"]
