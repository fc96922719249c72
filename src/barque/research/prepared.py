"""What a strategy computes on a whole history at once, before the first event.

A strategy with the hook `prepare(bars)` gets, before `on_start`, every bar of the run: one Polars
frame an instrument, in the order of the run, with ts (the close), start, open, high, low, close
and volume as they were on their day. It may keep columns computed from them in NumPy arrays and
read those bar by bar. This is the one place where a backtest could look ahead: row k may only be
made of rows up to k. `barque verify lookahead` proves it, by replacing what comes after.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import polars as pl

from barque.domain.events import EventKind
from barque.domain.instruments import Instrument
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.strategies.strategy import Strategy, has_hook

PRICES = {"open": at.OPEN, "high": at.HIGH, "low": at.LOW, "close": at.CLOSE}


class Chunks(Protocol):
    """Chunks of events (n, EVENT_WIDTH), and whom they are about."""

    @property
    def instruments(self) -> Sequence[Instrument]: ...

    def __iter__(self) -> Iterator[IntArray]: ...


def prepare(strategy: Strategy, bars: Sequence[pl.DataFrame]) -> None:
    """Let the strategy compute what it wants on whole columns."""
    strategy.prepare(bars)  # type: ignore[attr-defined]  # the caller has asked `prepares`


def prepares(strategy: Strategy) -> bool:
    """Return whether a strategy wants to see all bars before the first event."""
    return has_hook(type(strategy), "prepare")


def all_bars(events: Chunks) -> list[pl.DataFrame]:
    """Return `bar_frames` of a whole past, which is held in memory for it."""
    return bar_frames(np.concatenate([chunk.copy() for chunk in events]), events.instruments)


def bar_frames(rows: IntArray, instruments: Sequence[Instrument]) -> list[pl.DataFrame]:
    """Return the bars among event rows (n, EVENT_WIDTH) as one frame an instrument.

    ts and start are int64 nanoseconds UTC, the other columns float64 in whole units.
    """
    bars = rows[rows[:, at.KIND] == EventKind.BAR]
    return [_frame(bars[bars[:, at.INSTRUMENT] == i], one) for i, one in enumerate(instruments)]


def _frame(bars: IntArray, instrument: Instrument) -> pl.DataFrame:
    price, quantity = 10.0**instrument.price_digits, 10.0**instrument.quantity_digits
    whole = {name: bars[:, column] / price for name, column in PRICES.items()}
    times = {"ts": np.copy(bars[:, at.TS]), "start": np.copy(bars[:, at.START])}
    return pl.DataFrame(times | whole | {"volume": bars[:, at.VOLUME] / quantity})
