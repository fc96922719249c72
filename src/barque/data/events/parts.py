"""Market data in memory, one constructor for each kind: what tests and notebooks begin with.

Times are int64 nanoseconds UTC or datetime64. Arrays of floats hold prices, quantities, cash and
rates as people write them; arrays of integers hold units (10^-12 for rates). A number or a list
is made an array. Nothing is examined here: that happens where the events are read.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from barque.data.events.sources import Part
from barque.domain.instruments import Instrument

Column: TypeAlias = NDArray[Any] | Sequence[Any] | float
"""An array, a list, or a single value."""


def bars(
    instrument: Instrument,
    *,
    ts: Column,
    open: Column,
    high: Column,
    low: Column,
    close: Column,
    volume: Column,
    start: Column | None = None,
) -> Part:
    """Bars of trades; `ts` is the close. Without `start` a bar begins where the last one closed."""
    return _part(
        instrument,
        "bar",
        ts=ts, start=start, open=open, high=high, low=low, close=close, volume=volume,
    )  # fmt: skip


def quote_bars(
    instrument: Instrument,
    *,
    ts: Column,
    bid_open: Column,
    bid_high: Column,
    bid_low: Column,
    bid_close: Column,
    ask_open: Column,
    ask_high: Column,
    ask_low: Column,
    ask_close: Column,
    bid_size: Column | None = None,
    ask_size: Column | None = None,
    start: Column | None = None,
) -> Part:
    """Bars of the best bid and ask. A side that nobody quoted is 0 or NaN throughout."""
    return _part(
        instrument,
        "quote_bar",
        ts=ts, start=start,
        bid_open=bid_open, bid_high=bid_high, bid_low=bid_low, bid_close=bid_close,
        ask_open=ask_open, ask_high=ask_high, ask_low=ask_low, ask_close=ask_close,
        bid_size=bid_size, ask_size=ask_size,
    )  # fmt: skip


def trades(
    instrument: Instrument, *, ts: Column, price: Column, size: Column, side: Column | None = None
) -> Part:
    """Trades that somebody made; `side` is 1 where a buyer took, -1 where a seller did, else 0."""
    return _part(instrument, "trade", ts=ts, price=price, size=size, side=side)


def quotes(
    instrument: Instrument,
    *,
    ts: Column,
    bid: Column,
    ask: Column,
    bid_size: Column,
    ask_size: Column,
) -> Part:
    """Best bids and asks; price and size are 0 (or NaN) where there is none."""
    return _part(instrument, "quote", ts=ts, bid=bid, ask=ask, bid_size=bid_size, ask_size=ask_size)


def splits(instrument: Instrument, *, ts: Column, new: Column, old: Column) -> Part:
    """`new` units for `old` ones."""
    return _part(instrument, "split", ts=ts, new=new, old=old)


def dividends(instrument: Instrument, *, ts: Column, amount: Column) -> Part:
    """Cash for one whole unit of quantity."""
    return _part(instrument, "dividend", ts=ts, amount=amount)


def symbol_changes(instrument: Instrument, *, ts: Column) -> Part:
    """The instrument goes on under another name."""
    return _part(instrument, "symbol_change", ts=ts)


def funding(
    instrument: Instrument, *, ts: Column, rate: Column, mark: Column | None = None
) -> Part:
    """Paid by longs to shorts when `rate` is positive; `mark` is 0 or NaN for the last price."""
    return _part(instrument, "funding", ts=ts, rate=rate, mark=mark)


def interest(
    instrument: Instrument, *, ts: Column, credit: Column, debit: Column, borrow: Column
) -> Part:
    """Rates for the time since the last: on positive cash, on negative cash, on borrowed units."""
    return _part(instrument, "interest", ts=ts, credit=credit, debit=debit, borrow=borrow)


def expiry(instrument: Instrument, *, ts: Column, price: Column = 0) -> Part:
    """A future ends and is settled at `price`; 0 is its last price."""
    return _part(instrument, "expiry", ts=ts, price=price)


def delisting(instrument: Instrument, *, ts: Column, price: Column = 0) -> Part:
    """An instrument leaves the market; positions are paid out at `price`, 0 is its last."""
    return _part(instrument, "delisting", ts=ts, price=price)


def _part(instrument: Instrument, kind: str, **columns: Column | None) -> Part:
    given = {name: np.atleast_1d(one) for name, one in columns.items() if one is not None}
    return Part(instrument.id, kind, given)
