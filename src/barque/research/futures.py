"""Other futures: the same history up to a cut, and something else after it.

Four ways to replace what comes after the cut, from the mildest to the harshest:

- permuted: the later prices of each instrument in another order;
- noise: every later bar at another price level, drawn anew, up to several times as high or low;
- truncated: nothing comes after the cut;
- missing: the later rows are there and hold no number (NaN). Events hold whole numbers only, so
  this is told to `prepare` alone, and the events after the cut stay as they were.

Times, kinds and instruments of later events stay, except in a truncated future. Every event at or
before the cut is the same to the last bit.
"""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import polars as pl
from numpy.typing import NDArray

from barque.domain.events import EventKind
from barque.domain.instruments import LARGEST_VALUE
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray

TOLD = slice(at.OPEN, at.VOLUME + 1)
SPREAD = 0.5
"""Standard deviation of the logarithm by which noise moves a price."""


class Future(StrEnum):
    """What comes after the cut."""

    PERMUTED = "permuted"
    NOISE = "noise"
    TRUNCATED = "truncated"
    MISSING = "missing"


def replaced(rows: IntArray, cut: int, future: Future, seed: int) -> IntArray:
    """Return the events (n, EVENT_WIDTH) with another future after `cut`, nanoseconds UTC."""
    later = int(np.searchsorted(rows[:, at.TS], cut, side="right"))
    if future is Future.TRUNCATED:
        return rows[:later].copy()
    found = rows.copy()
    if future is Future.MISSING:
        return found
    chance = np.random.default_rng(seed)
    change = _permute if future is Future.PERMUTED else _shake
    change(found[later:], chance)
    return found


def without_numbers(bars: Sequence[pl.DataFrame], cut: int) -> list[pl.DataFrame]:
    """Return frames of bars with NaN in every price and volume after `cut`."""
    numbers = pl.exclude("ts", "start")
    known = pl.col("ts") <= cut
    return [frame.with_columns(pl.when(known).then(numbers).otherwise(np.nan)) for frame in bars]


def _permute(later: IntArray, chance: np.random.Generator) -> None:
    """Move the prices of each instrument so that none stays where it was, unless it is alone.

    Both sides of a quote bar move alike: they are drawn with the same seed.
    """
    seed = int(chance.integers(2**62))
    for kind in np.unique(later[:, at.KIND]):
        for instrument in np.unique(later[:, at.INSTRUMENT]):
            mine = np.flatnonzero(
                (later[:, at.KIND] == kind) & (later[:, at.INSTRUMENT] == instrument)
            )
            if EventKind.TRADE <= kind <= EventKind.BUILT_BAR:
                cycle = np.random.default_rng((seed, int(instrument))).permutation(mine)
                later[cycle, TOLD] = later[np.roll(cycle, 1), TOLD]


def _shake(later: IntArray, chance: np.random.Generator) -> None:
    """Move what the market shows by one factor an instrument and time, and volumes by another."""
    kinds = later[:, at.KIND]
    shown = (kinds >= EventKind.TRADE) & (kinds <= EventKind.BUILT_BAR)
    keys = later[:, [at.TS, at.INSTRUMENT]]
    _, which = np.unique(keys, axis=0, return_inverse=True)
    count = int(which.max(initial=-1)) + 1
    prices, volumes = np.exp(chance.normal(0.0, SPREAD, (2, count)))[:, which.reshape(-1)]
    quotes = shown & (kinds == EventKind.QUOTE)
    traded = shown & ~quotes
    _scale(later, traded, slice(at.OPEN, at.CLOSE + 1), prices)
    _scale(later, traded, slice(at.VOLUME, at.VOLUME + 1), volumes)
    _scale(later, quotes, slice(at.QUOTE_BID, at.QUOTE_ASK + 1), prices)
    _scale(later, quotes, slice(at.QUOTE_BID_SIZE, at.QUOTE_ASK_SIZE + 1), volumes)


def _scale(
    rows: IntArray, which: NDArray[np.bool_], columns: slice, factors: NDArray[np.float64]
) -> None:
    """Multiply columns; what was 0 stays 0, what was not stays at least 1."""
    values = rows[which, columns]
    moved = np.rint(np.clip(values * factors[which, None], 1.0, float(LARGEST_VALUE)))
    rows[which, columns] = np.where(values > 0, moved.astype(np.int64), values)
