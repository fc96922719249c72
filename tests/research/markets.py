"""Event histories for training tests: made of chance, and real ones from BARQUE_TEST_DATA."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import Instrument, InstrumentKind
from barque.kernels import layout

DAY = 86_400 * 10**9
PRICE_SCALE = 10**8


def equity(symbol: str) -> Instrument:
    return Instrument(
        id=f"{symbol}.XNAS",
        kind=InstrumentKind.EQUITY,
        currency="USD",
        price_digits=8,
        quantity_digits=0,
        tick=Decimal("0.01"),
        lot=Decimal(1),
        calendar="XNYS",
    )


def stocks(count: int) -> list[Instrument]:
    return [equity(f"S{k:02d}") for k in range(count)]


def events_of(closes: NDArray[np.float64], volume: int = 1_000) -> NDArray[np.int64]:
    """Daily bars from closes (days, instruments); opens are the closes before."""
    days, instruments = closes.shape
    units = np.rint(closes * PRICE_SCALE).astype(np.int64)
    opens = np.concatenate([units[:1], units[:-1]])
    events = np.zeros((days, instruments, layout.EVENT_WIDTH), np.int64)
    ts = np.arange(1, days + 1)[:, None] * DAY
    events[..., layout.TS] = ts
    events[..., layout.START] = ts - DAY // 4
    events[..., layout.KIND] = EventKind.BAR
    events[..., layout.INSTRUMENT] = np.arange(instruments)
    events[..., layout.OPEN] = opens
    events[..., layout.HIGH] = np.maximum(opens, units)
    events[..., layout.LOW] = np.minimum(opens, units)
    events[..., layout.CLOSE] = units
    events[..., layout.VOLUME] = volume
    events[:, -1, layout.FLAGS] = EventFlag.ENDS_SLICE
    return events.reshape(-1, layout.EVENT_WIDTH)


def noise(seed: int, days: int, instruments: int) -> NDArray[np.int64]:
    """Random walks: nothing can be foreseen."""
    moves = np.random.default_rng(seed).normal(0.0, 0.01, (days, instruments))
    return events_of(100.0 * np.exp(np.cumsum(moves, axis=0)))


def trends(seed: int, days: int, instruments: int) -> NDArray[np.int64]:
    """Walks whose direction lasts for some forty days: something can be foreseen."""
    chance = np.random.default_rng(seed)
    turns = chance.random((days, instruments)) < 1 / 40
    side = np.where(np.cumsum(turns, axis=0) % 2 == 0, 1.0, -1.0)
    moves = 0.006 * side + chance.normal(0.0, 0.01, (days, instruments))
    return events_of(100.0 * np.exp(np.cumsum(moves, axis=0)))


def real_stocks(folder: Path, count: int) -> tuple[NDArray[np.int64], list[Instrument]]:
    """The first stocks of equity_daily as events, with their splits and dividends."""
    frame = pl.read_parquet(folder / "equity_daily" / "us_equity_daily.parquet")
    symbols = frame["symbol"].unique(maintain_order=True).to_list()[:count]
    events = [
        _real_events(k, frame.filter(pl.col("symbol") == symbol))
        for k, symbol in enumerate(symbols)
    ]
    rows = np.concatenate(events)
    order = np.lexsort((rows[:, layout.INSTRUMENT], rows[:, layout.KIND], rows[:, layout.TS]))
    return rows[order], [equity(symbol) for symbol in symbols]


def _real_events(instrument: int, frame: pl.DataFrame) -> NDArray[np.int64]:
    midnight = frame["timestamp"].dt.timestamp("ns").to_numpy()
    opened, closed = midnight + DAY * 14 // 24, midnight + DAY * 21 // 24
    prices = frame.select("open", "high", "low", "close").to_numpy() * PRICE_SCALE
    bars = np.zeros((len(frame), layout.EVENT_WIDTH), np.int64)
    bars[:, layout.TS], bars[:, layout.START] = closed, opened
    bars[:, layout.KIND], bars[:, layout.INSTRUMENT] = EventKind.BAR, instrument
    bars[:, layout.OPEN : layout.CLOSE + 1] = np.rint(prices)
    bars[:, layout.VOLUME] = frame["volume"].to_numpy()
    split, dividend = frame["split"].to_numpy(), frame["dividend"].to_numpy()
    splits = _actions(EventKind.SPLIT, instrument, opened, split, (split != 1) & (split > 0))
    splits[:, layout.SPLIT_OLD] = PRICE_SCALE
    dividends = _actions(EventKind.DIVIDEND, instrument, opened, dividend, dividend > 0)
    return np.concatenate([bars, splits, dividends])


def _actions(
    kind: EventKind,
    instrument: int,
    ts: NDArray[np.int64],
    value: NDArray[np.float64],
    rows: NDArray[np.bool_],
) -> NDArray[np.int64]:
    events = np.zeros((int(rows.sum()), layout.EVENT_WIDTH), np.int64)
    events[:, layout.TS] = events[:, layout.START] = ts[rows]
    events[:, layout.KIND], events[:, layout.INSTRUMENT] = kind, instrument
    events[:, layout.SPLIT_NEW] = np.rint(value[rows] * PRICE_SCALE)
    return events
