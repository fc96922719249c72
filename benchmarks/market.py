"""A seeded market: one-minute bars, day and night, the same on every machine.

Each column has its own stream of chance, so a short history is the beginning of a longer one.
`python -m benchmarks.market BARS FOLDER` writes the history, `load` reads the beginning of it.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.rule import PRICE_SCALE

MINUTE = 60_000_000_000  # ns
FIRST_START = 1_104_710_400_000_000_000  # 2005-01-03 00:00 UTC, in ns
SEED = 421
VOLATILITY = 0.0005  # of one bar's close
FIRST_PRICE = 100.0

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Bars(NamedTuple):
    """A history as columns. `start` and `ts` (open and close of the bar) in ns UTC, prices in 1."""

    start: IntArray
    ts: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray

    def head(self, count: int) -> "Bars":
        """Return the first `count` bars."""
        return Bars._make(column[:count] for column in self)


def generate(count: int) -> Bars:
    """Return the first `count` bars of the market: a geometric random walk on a grid of 10^-5."""
    steps, gaps, above, below, sizes = (
        np.random.default_rng(seed) for seed in np.random.SeedSequence(SEED).spawn(5)
    )
    close = FIRST_PRICE * np.exp(np.cumsum(steps.standard_normal(count)) * VOLATILITY)
    before = np.concatenate(([FIRST_PRICE], close[:-1]))
    opening = _on_grid(before * (1 + gaps.standard_normal(count) * VOLATILITY * 0.2))
    close = _on_grid(close)
    top, bottom = np.maximum(opening, close), np.minimum(opening, close)
    start = FIRST_START + np.arange(count, dtype=np.int64) * MINUTE
    return Bars(
        start=start,
        ts=start + MINUTE,
        open=opening,
        high=_on_grid(top * (1 + above.exponential(VOLATILITY * 0.4, count))),
        low=_on_grid(bottom * (1 - below.exponential(VOLATILITY * 0.4, count))),
        close=close,
        volume=np.ceil(sizes.lognormal(7.0, 1.0, count)),
    )


def _on_grid(prices: FloatArray) -> FloatArray:
    return np.asarray(np.rint(prices * PRICE_SCALE) / PRICE_SCALE)


def whole_units(prices: FloatArray) -> IntArray:
    """Return prices on the grid as integers of 10^-5."""
    return np.asarray(np.rint(prices * PRICE_SCALE), np.int64)


def save(bars: Bars, folder: Path) -> None:
    """Write one file a column."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, column in bars._asdict().items():
        np.save(folder / f"{name}.npy", column)


def load(count: int, folder: Path) -> Bars:
    """Read the first `count` bars into memory."""
    columns = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in Bars._fields)
    return Bars._make(np.array(column[:count]) for column in columns)


def saved_count(folder: Path) -> int:
    """Return how many bars are saved; 0 when there are none."""
    files = [folder / f"{name}.npy" for name in Bars._fields]
    if not all(file.exists() for file in files):
        return 0
    return min(int(np.load(file, mmap_mode="r").size) for file in files)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bars", type=int)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    save(generate(arguments.bars), arguments.folder)
