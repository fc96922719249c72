"""Quotes, trades and quote bars of a file, examined and in units."""

import numpy as np

from barque.data.catalog import Table
from barque.data.doors.panel import Columns
from barque.data.doors.writers import writer_for
from barque.data.importing.contents.rows import bar_times, refuse_future
from barque.data.importing.shapes.reading import Stamp
from barque.data.importing.shapes.understanding import ROUND_THE_CLOCK
from barque.data.importing.tables import SourceTable
from barque.data.kinds import ASK_PRICES, BID_PRICES, KINDS, TICK
from barque.data.sessions import DAILY, IntArray, period_length
from barque.domain.errors import CorruptData
from barque.domain.instruments import Instrument
from barque.kernels import layout as at

SIDES = {"buy": 1, "b": 1, "1": 1, "sell": -1, "s": -1, "-1": -1, "": 0, "0": 0, "unknown": 0}
"""Who took, as people write it."""

_PRICE_PLACES = (at.OPEN, at.HIGH, at.LOW, at.CLOSE)
_QUOTE_PLACES = {
    "bid": at.QUOTE_BID,
    "ask": at.QUOTE_ASK,
    "bid_size": at.QUOTE_BID_SIZE,
    "ask_size": at.QUOTE_ASK_SIZE,
}


def trade_table(source: SourceTable, instrument: Instrument, now: int) -> Table:
    """Return the trades of a file: time, price, size and, if it says, the side that took."""
    ts = _tick_times(source, now)
    side = _sides(source) if source.has("side") else np.zeros(ts.size, np.int64)
    columns = {"ts": ts, "price": source.numbers("price"), "size": source.numbers("size")}
    rows = _written("trade", source, instrument, columns | {"side": side})
    units = {"price": rows[:, at.OPEN], "size": rows[:, at.VOLUME]}
    return Table("trade", TICK, _whole({"ts": ts, **units, "side": side}))


def quote_table(source: SourceTable, instrument: Instrument, now: int) -> Table:
    """Return the quotes of a file; a side that is empty or 0 is not there."""
    ts = _tick_times(source, now)
    columns = {name: source.numbers_or(name, 0.0) for name in _QUOTE_PLACES}
    rows = _written("quote", source, instrument, {"ts": ts, **columns})
    units = {name: rows[:, place] for name, place in _QUOTE_PLACES.items()}
    return Table("quote", TICK, _whole({"ts": ts, **units}))


def quote_bar_table(
    source: SourceTable, instrument: Instrument, period: str, stamp: Stamp, now: int
) -> Table:
    """Return the quote bars of a file; a side that is empty or 0 throughout was not quoted."""
    times = source.times()
    is_label = period == DAILY and instrument.calendar not in ROUND_THE_CLOCK
    if stamp is Stamp.CLOSE and not is_label:
        times = times - period_length(period)
    start, close = bar_times(source, times, instrument.calendar, period)
    names = [
        *BID_PRICES,
        *ASK_PRICES,
        *(one for one in ("bid_size", "ask_size") if source.has(one)),
    ]
    columns = {name: source.numbers_or(name, 0.0) for name in names}
    rows = _written("quote_bar", source, instrument, {"ts": close, "start": start, **columns})
    refuse_future(source, close, now)
    bid, ask = rows[0::2], rows[1::2]
    units = {
        **{name: bid[:, place] for name, place in zip(BID_PRICES, _PRICE_PLACES, strict=True)},
        **{name: ask[:, place] for name, place in zip(ASK_PRICES, _PRICE_PLACES, strict=True)},
        "bid_size": bid[:, at.VOLUME],
        "ask_size": ask[:, at.VOLUME],
    }
    kept = {name: units[name] for name in names}
    return Table("quote_bar", period, _whole({"ts": close, "start": start, **kept}))


def _tick_times(source: SourceTable, now: int) -> IntArray:
    times = source.times()
    refuse_future(source, times, now, "row is")
    return times


def _sides(source: SourceTable) -> IntArray:
    column = source.column("side")
    words = ["" if one is None else str(one).strip().lower() for one in column.to_list()]
    wrong = next((row for row, word in enumerate(words) if word not in SIDES), None)
    if wrong is not None:
        raise CorruptData(
            f"{source.place(wrong, 'side')}: the value is {column[wrong]!r}; buy or 1, sell or -1, "
            "or nothing is allowed."
        )
    return np.array([SIDES[word] for word in words], np.int64)


def _written(kind: str, source: SourceTable, instrument: Instrument, columns: Columns) -> IntArray:
    """Return the events of all rows; CorruptData names file, row and column of one not sane."""
    what = KINDS[kind]
    rows = np.zeros((columns["ts"].size * what.rows_each, at.EVENT_WIDTH), np.int64)

    def show(row: int, column: str, value: object) -> str:
        if column in ("ts", "start"):
            name = source.time_name()
            return f"{source.place(row, name)}: the value is {source.column(name)[row]}"
        return f"{source.place(row, column)}: the value is {value}"

    writer_for(what, instrument, 0, show).write(columns, rows)
    return rows


def _whole(columns: dict[str, IntArray]) -> dict[str, IntArray]:
    return {name: np.ascontiguousarray(column) for name, column in columns.items()}
