"""Turns features and predictions into wanted exposure, and exposure into orders."""

from barque.strategies.signals import Signals
from barque.strategies.strategy import DAY, FOK, IOC, Strategy, compiled

__all__ = ["DAY", "FOK", "IOC", "Signals", "Strategy", "compiled"]
