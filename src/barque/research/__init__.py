"""Asks the past: labels, training and walk-forward, statistics."""

from barque.research.labels import forward_returns
from barque.research.metrics import Metrics
from barque.research.samples import Samples, collect
from barque.research.walk_forward import Fold, WalkForward, walk_forward

__all__ = [
    "Fold",
    "Metrics",
    "Samples",
    "WalkForward",
    "collect",
    "forward_returns",
    "walk_forward",
]
