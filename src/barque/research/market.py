"""What the market did during a run: prices over time, buying and holding, and candles."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from barque.domain.events import EventKind
from barque.domain.instruments import Instrument, cash_digits
from barque.kernels import layout as at
from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.market_view import SEEN_WIDTH, draw, sample
from barque.research.statistics import DAY, Benchmark

STRETCHES = 500
"""Into how many stretches of time a run is divided at least, where days are too long for that."""

MINUTE = 60 * 10**9
PARTS_OF_A_DAY = (DAY, 360 * MINUTE, 60 * MINUTE, 15 * MINUTE, MINUTE, MINUTE // 60)

CANDLES = 220
"""How many candles a picture of a whole run has at most."""


class Past(Protocol):
    """Events in order, that can be walked again; `start` and `end` are the first and last ts."""

    @property
    def instruments(self) -> Sequence[Instrument]: ...

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...

    def __iter__(self) -> Iterator[IntArray]: ...


@dataclass(frozen=True, slots=True)
class Sampled:
    """Prices and growth at the ends of stretches: (stretches, instruments), the last ones known.

    `ends` are ns UTC. Prices are as people write them and as they were; NaN before the first.
    """

    ends: IntArray
    closes: FloatArray
    growth: FloatArray


@dataclass(frozen=True, slots=True)
class Split:
    """A split of an instrument: prices before `ts` count `ratio` times as much today."""

    instrument: int
    ts: int
    ratio: float


@dataclass(frozen=True, slots=True)
class Market:
    """What the market did, small enough to be drawn and kept.

    `candles` are (instruments, n, 4) in today's prices, a close of 0 where there was none; the
    k-th covers `width` ns from `origin` + k · `width` on.
    """

    prices: Sampled
    origin: int
    width: int
    candles: FloatArray
    splits: tuple[Split, ...]

    def benchmark(self) -> Benchmark:
        """Return buying equal parts of every instrument at its first price, and holding them.

        Dividends are reinvested; nothing is charged but funding.
        """
        return _held_equally("buy and hold", self.prices)

    def adjustment(self, instrument: int, ts: IntArray) -> FloatArray:
        """Return what a price at each of `ts` must be multiplied by to be in today's shares."""
        factor = np.ones(len(ts))
        for split in self.splits:
            if split.instrument == instrument:
                factor[ts < split.ts] *= split.ratio
        return factor


def watch(past: Past) -> Market:
    """Walk through a run's events once and return what the market did."""
    count = len(past.instruments)
    width = max(1, -(-(past.end - past.start + 1) // CANDLES))
    sampler = _Sampler(past)
    candles, seen = np.zeros((count, CANDLES, 4)), np.zeros((count, SEEN_WIDTH))
    splits: list[Split] = []
    for chunk in past:
        sampler.take(chunk)
        draw(chunk, past.start, width, seen, candles)
        splits.extend(_splits(chunk))
    prices = candles / _price_scales(past.instruments)[:, None, None]
    return Market(sampler.taken(), past.start, width, prices, tuple(splits))


def buy_and_hold(name: str, past: Past) -> Benchmark:
    """Return what buying and holding other instruments over a past would have become."""
    sampler = _Sampler(past)
    for chunk in past:
        sampler.take(chunk)
    return _held_equally(name, sampler.taken())


def bars_between(past: Past, instrument: int, start: int, end: int) -> FloatArray:
    """Return the bars of an instrument with start ≤ ts ≤ end: ts, open, high, low, close."""
    kinds = (EventKind.BAR, EventKind.TRADE)
    columns = [at.TS, at.OPEN, at.HIGH, at.LOW, at.CLOSE]
    found = [np.empty((0, 5), np.int64)]
    for chunk in past:
        if chunk[-1, at.TS] < start or chunk[0, at.TS] > end:
            continue
        mine = (chunk[:, at.INSTRUMENT] == instrument) & np.isin(chunk[:, at.KIND], kinds)
        mine &= (chunk[:, at.TS] >= start) & (chunk[:, at.TS] <= end)
        found.append(chunk[mine][:, columns])
    bars = np.concatenate(found).astype(np.float64)
    bars[:, 1:] /= 10 ** past.instruments[instrument].price_digits
    return bars


class _Sampler:
    """Takes in chunks of events, and keeps the last price of each stretch of time."""

    def __init__(self, past: Past) -> None:
        instruments, span = past.instruments, past.end - past.start
        self._origin = past.start // DAY * DAY
        fits = (part for part in PARTS_OF_A_DAY if span // part >= STRETCHES)
        self._width = next(fits, PARTS_OF_A_DAY[-1])
        self._scales = _price_scales(instruments)
        cash = [10 ** cash_digits(instrument.currency) for instrument in instruments]
        self._per_price = self._scales / np.array(cash, np.float64)
        self._seen = np.zeros((len(instruments), SEEN_WIDTH))
        shape = ((past.end - self._origin) // self._width + 1, len(instruments))
        self._closes, self._growth = np.full(shape, np.nan), np.full(shape, np.nan)

    def take(self, chunk: IntArray) -> None:
        sample(
            chunk, self._origin, self._width, self._per_price, self._seen, self._closes,
            self._growth,
        )  # fmt: skip

    def taken(self) -> Sampled:
        ends = self._origin + self._width * np.arange(1, len(self._closes) + 1) - 1
        return Sampled(ends, _last_known(self._closes / self._scales), _last_known(self._growth))


def _held_equally(name: str, sampled: Sampled) -> Benchmark:
    growth = np.where(np.isnan(sampled.growth), 1.0, sampled.growth).mean(axis=1)
    return Benchmark(name=name, ends=sampled.ends, growth=growth)


def _last_known(values: FloatArray) -> FloatArray:
    """Return each column with its gaps filled by what was known before."""
    rows = np.arange(len(values))[:, None]
    known = np.maximum.accumulate(np.where(np.isnan(values), 0, rows), axis=0)
    filled: FloatArray = np.take_along_axis(values, known, axis=0)
    return filled


def _splits(chunk: IntArray) -> Iterable[Split]:
    rows = chunk[chunk[:, at.KIND] == EventKind.SPLIT]
    for row in rows.tolist():
        ratio = row[at.SPLIT_OLD] / row[at.SPLIT_NEW]
        yield Split(row[at.INSTRUMENT], row[at.TS], ratio)


def _price_scales(instruments: Sequence[Instrument]) -> FloatArray:
    return np.array([10.0**instrument.price_digits for instrument in instruments])
