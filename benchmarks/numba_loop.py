"""The limit: one loop written by hand for this one rule, with nothing of an engine around it.

It does what every engine must: exact fills, a curve, and four statistics. It has no orders, no
risk, no ledger, no second instrument and no second rule.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
from numba import njit

from benchmarks import market
from benchmarks.market import Bars, FloatArray
from benchmarks.measure import Outcome
from benchmarks.rule import CASH, FAST, FEE, PRICE_SCALE, SLOW, UNITS
from benchmarks.tasks import PAIRS, SWEEP_BARS

VERSION = numba.__version__


class Result(NamedTuple):
    """What the loop wrote: rows of (bar, units, price), equity at each close, four statistics."""

    fills: FloatArray
    curve: FloatArray
    statistics: tuple[float, float, float, float]


def prepare(bars: Bars) -> Bars:
    return bars


def run(bars: Bars) -> Result:
    fills, curve = np.empty((bars.close.size // 2, 3)), np.empty(bars.close.size)
    count, *statistics = _trade(bars.open, bars.close, fills, curve, FAST, SLOW)
    return Result(fills[:count], curve, tuple(statistics))


@njit(cache=True, error_model="numpy")
def _trade(opens, closes, fills, curve, short, long):  # type: ignore[no-untyped-def]
    cash, entry = float(CASH), 0.0
    held = wanted = count = wins = 0
    fast = slow = np.int64(0)
    peak = before = cash
    deepest = total = squares = 0.0
    for t in range(closes.size):
        if wanted != held:
            change, price = wanted - held, opens[t]
            wins += held != 0 and price * (1 - FEE) > entry * (1 + FEE)
            cash -= change * price + abs(change) * price * FEE
            held, entry = wanted, price
            fills[count, 0], fills[count, 1], fills[count, 2] = t, change, price
            count += 1
        fast += np.int64(closes[t] * PRICE_SCALE + 0.5)
        slow += np.int64(closes[t] * PRICE_SCALE + 0.5)
        fast -= np.int64(closes[t - short] * PRICE_SCALE + 0.5) if t >= short else 0
        slow -= np.int64(closes[t - long] * PRICE_SCALE + 0.5) if t >= long else 0
        if t >= long - 1:
            lead = fast * long - slow * short
            wanted = UNITS if lead > 0 else 0 if lead < 0 else held
        curve[t] = cash + held * closes[t]
        change_of_equity = curve[t] / before - 1
        before = curve[t]
        total += change_of_equity
        squares += change_of_equity * change_of_equity
        peak = max(peak, before)
        deepest = max(deepest, 1 - before / peak)
    mean = total / closes.size
    deviation = np.sqrt(squares / closes.size - mean * mean)
    return count, before / CASH - 1, mean / deviation, deepest, wins / max(count // 2, 1)


def sweep(data: Path) -> Callable[[], dict[str, Any]]:
    """Run the loop for every pair of windows."""
    bars = market.load(SWEEP_BARS, data)
    fills, curve = np.empty((bars.close.size // 2, 3)), np.empty(bars.close.size)

    def trade() -> dict[str, Any]:
        count, equity = 0, 0.0
        for fast, slow in PAIRS:
            found, *_ = _trade(bars.open, bars.close, fills, curve, fast, slow)
            count, equity = count + found, equity + curve[-1]
        return {"fills": count, "equity": equity}

    return trade


def outcome(result: Any) -> Outcome:
    return Outcome(result.fills, float(result.curve[-1]))


STYLES = {"loop": run}
