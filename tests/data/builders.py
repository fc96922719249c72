"""Instruments and bars that the tests of this room begin with."""

from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from barque.data.sessions import IntArray
from barque.domain.instruments import Instrument, InstrumentKind

MINUTE = 60 * 10**9
DAY = 86_400 * 10**9
NOW = 1_900_000_000 * 10**9
"""2030: no bar of these tests is in the future, unless it should be."""

BAR = ("open", "high", "low", "close", "volume")
HEADER = "timestamp,open,high,low,close,volume\n"


def coin(symbol: str = "BTCUSDT", **changes: Any) -> Instrument:
    fields: dict[str, Any] = {
        "id": f"{symbol}.BINANCE",
        "kind": InstrumentKind.SPOT,
        "currency": "USDT",
        "price_digits": 8,
        "quantity_digits": 8,
        "tick": Decimal("0.01"),
        "lot": Decimal("0.00001"),
    }
    return Instrument(**fields | changes)


def share(symbol: str = "AAPL") -> Instrument:
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


def nanoseconds(time: str) -> int:
    return int(np.datetime64(time, "ns").astype(np.int64))


def minute_bars(count: int, first: int = DAY, seed: int = 1) -> dict[str, NDArray[Any]]:
    """A random walk of `count` one-minute bars, ts as closes, prices with two decimals."""
    chance = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(chance.normal(0, 1e-3, count))), 2)
    open_ = np.concatenate(([close[0]], close[:-1]))
    return {
        "ts": first + np.arange(count, dtype=np.int64) * MINUTE,
        "open": open_,
        "high": np.maximum(open_, close) + 0.01,
        "low": np.minimum(open_, close) - 0.01,
        "close": close,
        "volume": np.round(chance.random(count), 3),
    }


def bar_columns(ts: list[int]) -> dict[str, IntArray]:
    """Sane catalog columns of one-minute bars that close at `ts`."""
    close = np.array(ts, np.int64)
    price = 10**10 + np.arange(close.size) * 10**6
    prices = {"open": price, "high": price + 9, "low": price - 9, "close": price + 5}
    return {"ts": close, "start": close - MINUTE, **prices, "volume": price}


@st.composite
def sane_bars(draw: st.DrawFn, most: int = 40) -> dict[str, IntArray]:
    """Bars in memory, in units: sorted, positive, high above and low below."""
    steps = draw(st.lists(st.integers(1, 5), min_size=1, max_size=most))
    ts = DAY + np.cumsum(np.array(steps, np.int64)) * MINUTE
    low = draw(st.lists(st.integers(1, 10**14), min_size=len(steps), max_size=len(steps)))
    rise = draw(st.lists(st.integers(0, 10**12), min_size=len(steps), max_size=len(steps)))
    low_, rise_ = np.array(low, np.int64), np.array(rise, np.int64)
    bars = {"ts": ts, "open": low_ + rise_ // 3, "high": low_ + rise_, "low": low_}
    return bars | {"close": low_ + rise_ // 2, "volume": rise_}
