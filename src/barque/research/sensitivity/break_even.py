"""The cost at which an edge is gone: how much more each fill may cost until nothing is earned.

Where decisions do not depend on what was earned, each unit of traded notional costs as much more:
the cost is net profit over traded notional, exactly. A run at that cost shows whether it is so.
Where it is not, as when sizes follow the equity, further runs search for it (secant method: the
line through the last two runs says where to look next).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from barque.kernels.money import RATE

MOST_RUNS = 6
CLOSE_ENOUGH = 10_000
"""A search ends when a run is within this part of the net profit of zero."""

Profit = Callable[[int], int]
"""Returns the net profit, in cash units, of a run that charges so much more, in 10^-12."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """The extra cost on every fill's notional at which the net profit is nothing.

    `basis_points` is None where there is none; `words` say how it was found, or why not. `rate` is
    the same as the exact fraction that was run, `left` what that run earned, in `runs` runs.
    """

    basis_points: float | None
    words: str
    rate: Decimal | None = None
    left: Decimal | None = None
    runs: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """Where a search ended: the rate in 10^-12, what a run at it earned, and after how many."""

    units: int
    left: int
    runs: int


def guess(profit: int, traded: float) -> int:
    """Return net profit over traded notional, in 10^-12."""
    return round(profit * RATE / traded)


def rounding(fills: int, traded: float) -> int:
    """Return how far rounded fees and a rounded rate can take a run from nothing."""
    return fills + round(traded / RATE) + 1


def search(profit: int, first: int, at_first: int, close: int, again: Profit) -> Search:
    """Look for the rate at which nothing is earned, from the profits at 0 and at `first` on.

    Ends when a run is as close to nothing as `close`, or after MOST_RUNS.
    """
    (x, y), (before, profit_before) = (first, at_first), (0, profit)
    best, runs = Search(x, y, 1), 1
    while abs(y) > close and runs < MOST_RUNS and y != profit_before:
        after = max(1, x + round(y * (x - before) / (profit_before - y)))
        if after in (x, before):
            break
        before, profit_before, x = x, y, after
        y, runs = again(x), runs + 1
        nearer = Search(x, y, runs) if abs(y) < abs(best.left) else best
        best = replace(nearer, runs=runs)
    return best
