"""Assumption sensitivity: what a backtest would have said had it assumed a little less.

Every run takes things for granted: its costs, that an order arrives at once, that all of it fills.
Here the same past is lived again with each of them made worse, all of them in one walk through the
data, and the cost at which nothing would have been earned is found.
"""

from barque.research.sensitivity.answer import Row, Sensitivity, sensitivity
from barque.research.sensitivity.break_even import BreakEven

__all__ = ["BreakEven", "Row", "Sensitivity", "sensitivity"]
