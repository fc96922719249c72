"""Market histories for feature tests: arrays of bars, and the ways to run features over them."""

from dataclasses import dataclass, fields, replace

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from barque.features import FeatureSet, observe, observe_bars

DAY = 86_400 * 10**9
SCALE = 100


@dataclass(frozen=True)
class History:
    """Bars of one instrument, in whole price units of 1/100."""

    ts: NDArray[np.int64]
    open: NDArray[np.int64]
    high: NDArray[np.int64]
    low: NDArray[np.int64]
    close: NDArray[np.int64]
    volume: NDArray[np.int64]

    def __len__(self) -> int:
        return self.ts.size

    def __getitem__(self, rows) -> "History":
        return History(*(getattr(self, field.name)[rows] for field in fields(self)))

    def then(self, other: "History") -> "History":
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return History(*(np.concatenate(pair) for pair in pairs))

    def scaled(self, price: int = 1, volume: int = 1) -> "History":
        prices = {name: getattr(self, name) * price for name in ("open", "high", "low", "close")}
        return replace(self, **prices, volume=self.volume * volume)

    @property
    def columns(self) -> tuple[NDArray, ...]:
        """What `observe` takes: ts, four prices, volume, close units."""
        prices = (getattr(self, name) / SCALE for name in ("open", "high", "low", "close"))
        return (self.ts, *prices, self.volume.astype(float), self.close)


def random_history(seed: int, bars: int, step: float = 0.02, first: int = 10_000) -> History:
    """A random walk with ties: prices are coarse, and one bar in five stands still."""
    chance = np.random.default_rng(seed)
    moves = chance.normal(0.0, step, bars) * (chance.random(bars) > 0.2)
    close = np.maximum(1, first * np.exp(np.cumsum(moves))).astype(np.int64)
    open_ = np.maximum(1, close + chance.integers(-30, 31, bars))
    high = np.maximum(open_, close) + chance.integers(0, 40, bars)
    low = np.maximum(1, np.minimum(open_, close) - chance.integers(0, 40, bars))
    volume = chance.integers(0, 5, bars) * 1_000
    ts = np.arange(1, bars + 1) * DAY + chance.integers(0, DAY)
    return History(ts, open_, high, low, close, volume)


seeds = st.integers(0, 2**32 - 1)
histories = st.builds(
    random_history,
    seed=seeds,
    bars=st.integers(1, 90),
    step=st.sampled_from([0.0, 0.001, 0.02, 0.3]),
    first=st.sampled_from([3, 700, 10_000, 10**12]),
)


def by_batch(features: FeatureSet, history: History, state=None) -> NDArray[np.float64]:
    """All bars in one call of the compiled loop."""
    ints, floats = features.state(1) if state is None else state
    out = np.empty((len(history), len(features)))
    observe_bars(features.program, ints, floats, 0, *history.columns, out)
    return out


def by_stream(features: FeatureSet, history: History, state=None) -> NDArray[np.float64]:
    """One call from Python for every bar."""
    ints, floats = features.state(1) if state is None else state
    out = np.empty((len(history), len(features)))
    for row, bar in zip(out, zip(*history.columns, strict=True), strict=True):
        observe(features.program, ints, floats, 0, *bar, row)
    return out


def assert_same_bits(left: NDArray[np.float64], right: NDArray[np.float64]) -> None:
    """Equal to the last bit, NaN included."""
    known = ~np.isnan(left)
    np.testing.assert_array_equal(known, ~np.isnan(right))
    np.testing.assert_array_equal(left[known].view(np.int64), right[known].view(np.int64))
