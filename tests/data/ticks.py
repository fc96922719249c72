"""Ticks of chance, in units, on a clock so coarse that many share a ts."""

import numpy as np

from barque.data.events import parts
from barque.data.events.sources import Part
from barque.domain.instruments import Instrument

SECOND = 10**9


def coarse_times(chance: np.random.Generator, count: int, first: int) -> np.ndarray:
    return first + np.cumsum(chance.integers(0, 3, count)) * 20 * SECOND


def some_trades(instrument: Instrument, seed: int, count: int, first: int = 0) -> Part:
    chance = np.random.default_rng(seed)
    tick = 10**instrument.price_digits // 100
    return parts.trades(
        instrument,
        ts=coarse_times(chance, count, first),
        price=np.maximum(1, 10_000 + np.cumsum(chance.integers(-30, 31, count))) * tick,
        size=chance.integers(0, 50, count) * 10**instrument.quantity_digits,
        side=chance.integers(-1, 2, count),
    )


def some_quotes(instrument: Instrument, seed: int, count: int, first: int = 0) -> Part:
    chance = np.random.default_rng(seed)
    tick = 10**instrument.price_digits // 100
    bid = np.maximum(1, 10_000 + np.cumsum(chance.integers(-30, 31, count)))
    size = chance.integers(0, 9, (2, count)) * 10**instrument.quantity_digits
    return parts.quotes(
        instrument,
        ts=coarse_times(chance, count, first),
        bid=bid * tick,
        ask=(bid + chance.integers(0, 6, count)) * tick,
        bid_size=size[0],
        ask_size=size[1],
    )


def some_bars(instrument: Instrument, seed: int, count: int, first: int = 0) -> Part:
    chance = np.random.default_rng(seed)
    minute = 60 * SECOND
    tick = 10**instrument.price_digits // 100
    ts = first + np.cumsum(chance.integers(1, 4, count)) * minute
    close = np.maximum(50, 10_000 + np.cumsum(chance.integers(-30, 31, count)))
    open_ = np.maximum(50, close + chance.integers(-20, 21, count))
    return parts.bars(
        instrument,
        ts=ts,
        start=ts - minute,
        open=open_ * tick,
        high=(np.maximum(open_, close) + 5) * tick,
        low=(np.minimum(open_, close) - 5) * tick,
        close=close * tick,
        volume=chance.integers(0, 50, count) * 10**instrument.quantity_digits,
    )


def some_quote_bars(instrument: Instrument, seed: int, count: int, first: int = 0) -> Part:
    bars = some_bars(instrument, seed, count, first).columns
    chance = np.random.default_rng(seed + 1)
    spread = chance.integers(0, 6, count) * 10**instrument.price_digits // 100
    silent = chance.integers(0, 9, count)
    names = ("open", "high", "low", "close")
    columns = {f"bid_{name}": np.where(silent == 0, 0, bars[name]) for name in names}
    columns |= {f"ask_{name}": np.where(silent == 1, 0, bars[name] + spread) for name in names}
    return parts.quote_bars(
        instrument, ts=bars["ts"], start=bars["start"], **columns,
        bid_size=bars["volume"], ask_size=bars["volume"] // 2,
    )  # fmt: skip
