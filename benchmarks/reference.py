"""What the rule must do, written to be obviously right: whole numbers, no libraries, no hurry.

`python -m benchmarks.reference BARS FOLDER` saves the answer for the first BARS saved bars.
"""

import argparse
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import market
from benchmarks.market import IntArray
from benchmarks.rule import CASH, FAST, FEE_DIVISOR, PRICE_SCALE, SLOW, UNITS

MONEY_SCALE = PRICE_SCALE * FEE_DIVISOR
"""Money is counted in 10^-8, so that every notional and every fee is a whole number."""


NEXT_OPEN, SAME_CLOSE = TIMINGS = ("next open", "same close")
"""When an order is filled: the rule says at the next open; some engines cannot."""


class Answer(NamedTuple):
    """The rule's fills, rows of (bar, signed units, price in 10^-5), and final equity in 10^-8."""

    fills: IntArray
    equity: int


def trade(opens: Sequence[int], closes: Sequence[int]) -> Answer:
    """Trade the rule exactly over prices in 10^-5."""
    cash, held, wanted = CASH * MONEY_SCALE, 0, 0
    totals = [0, *accumulate(closes)]
    fills: list[tuple[int, int, int]] = []
    for t in range(len(closes)):
        change = wanted - held
        if change:
            notional = change * opens[t] * FEE_DIVISOR
            cash -= notional + abs(notional) // FEE_DIVISOR
            held = wanted
            fills.append((t, change, opens[t]))
        if t >= SLOW - 1:
            lead = _lead(totals, t + 1)
            wanted = UNITS if lead > 0 else 0 if lead < 0 else held
        if cash < 0:
            raise ValueError(f"The rule ran out of cash at bar {t}: choose another SEED.")
    last = closes[-1] if len(closes) else 0
    return Answer(np.array(fills, np.int64).reshape(-1, 3), cash + held * last * FEE_DIVISOR)


def trade_at_close(closes: Sequence[int]) -> Answer:
    """Trade the rule as an engine does that fills at the very close that was decided on.

    It is the same rule over bars that open where the one before closed, seen one bar earlier.
    """
    answer = trade([closes[0], *closes], [*closes, closes[-1]])
    return Answer(answer.fills - np.array([1, 0, 0]), answer.equity)


def _lead(totals: Sequence[int], end: int) -> int:
    """Fast mean minus slow mean of the bars before `end`, times FAST · SLOW."""
    fast, slow = totals[end] - totals[end - FAST], totals[end] - totals[end - SLOW]
    return fast * SLOW - slow * FAST


def save(count: int, folder: Path) -> None:
    """Write the answers for the first `count` bars of the saved market."""
    bars = market.load(count, folder)
    opens, closes = (market.whole_units(prices).tolist() for prices in (bars.open, bars.close))
    answers = {NEXT_OPEN: trade(opens, closes), SAME_CLOSE: trade_at_close(closes)}
    for timing, answer in answers.items():
        file = _file(count, timing, folder)
        np.savez(file, fills=answer.fills, equity=np.int64(answer.equity))


def load(count: int, timing: str, folder: Path) -> Answer:
    """Read a saved answer."""
    with np.load(_file(count, timing, folder)) as saved:
        return Answer(saved["fills"], int(saved["equity"]))


def is_saved(count: int, folder: Path) -> bool:
    """Say whether there are answers for `count` bars."""
    return all(_file(count, timing, folder).exists() for timing in TIMINGS)


def _file(count: int, timing: str, folder: Path) -> Path:
    return folder / f"{timing.replace(' ', '-')}-{count}.npz"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bars", type=int)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    save(arguments.bars, arguments.folder)
