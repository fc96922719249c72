"""The door every trade and every quote passes: numbers become units, and insane ticks stop the run.

Ticks may share a ts and then keep their order. A side of a quote whose price or size is 0 (or, in
a column of floats, NaN) is not there.
"""

from dataclasses import dataclass

import numpy as np

from barque.data.doors.bars import (
    FINITE,
    UNSORTED,
    Faults,
    Show,
    Values,
    at_least_one,
    at_most,
    first_fault,
    nanoseconds,
    scale_of,
    size_faults,
)
from barque.data.doors.panel import Columns
from barque.data.sessions import IntArray
from barque.domain.errors import CorruptData
from barque.domain.instruments import LARGEST_VALUE, Instrument
from barque.kernels.arrays import FloatArray
from barque.kernels.bar_rows import BEFORE_EVERYTHING
from barque.kernels.event_rows import to_units
from barque.kernels.tick_rows import write_quotes, write_trades


@dataclass(slots=True)
class TradeWriter:
    """Writes the trades of one instrument, chunk after chunk, as rows of the event layout."""

    instrument: Instrument
    index: int
    show: Show
    flags: int = 0
    _written: int = 0
    _previous: int = BEFORE_EVERYTHING

    def write(self, columns: Columns, rows: IntArray) -> int:
        """Write a row for each tick (at least one); CorruptData at the first insane one."""
        ts = nanoseconds(columns["ts"])
        bad = self._put(columns, ts, rows)
        if bad >= 0:
            raise self._corrupt(columns, ts, bad)
        self._previous = int(ts[-1])
        self._written += ts.size
        return int(ts.size)

    def _put(self, columns: Columns, ts: IntArray, rows: IntArray) -> int:
        side = columns["side"] if "side" in columns else np.zeros(ts.size, np.int64)
        bad: int = write_trades(
            ts,
            _floats(columns, "price"),
            _floats(columns, "size"),
            np.ascontiguousarray(side, np.int64),
            *self._scales(columns, "price", "size"),
            self.index,
            self.flags,
            self._previous,
            rows,
        )
        return bad

    def _scales(self, columns: Columns, price: str, size: str) -> tuple[float, float]:
        return (
            scale_of(columns[price], self.instrument.price_digits),
            scale_of(columns[size], self.instrument.quantity_digits),
        )

    def _faults(self, tick: Values, columns: Columns) -> Faults:
        price_scale, size_scale = self._scales(columns, "price", "size")
        price = float(to_units(float(tick["price"]), price_scale))
        yield "price", not np.isfinite(price), FINITE
        yield "price", price <= 0, at_least_one(price_scale)
        yield "price", price > LARGEST_VALUE, at_most(price_scale)
        yield from size_faults(tick, "size", size_scale)
        yield "side", True, "1 (a buyer took), -1 (a seller took) or 0 (not known) is required"

    def _corrupt(self, columns: Columns, ts: IntArray, bad: int) -> CorruptData:
        tick: Values = {name: columns[name][bad].item() for name in columns} | {"ts": int(ts[bad])}
        previous = int(ts[bad - 1]) if bad else self._previous
        faults = [("ts", tick["ts"] < previous, UNSORTED), *self._faults(tick, columns)]
        column, allowed = first_fault(faults)
        shown = np.datetime64(tick["ts"], "ns") if column == "ts" else tick[column]
        return CorruptData(f"{self.show(self._written + bad, column, shown)}; {allowed}.")


@dataclass(slots=True)
class QuoteWriter(TradeWriter):
    """Writes the quotes of one instrument, chunk after chunk, as rows of the event layout."""

    def _put(self, columns: Columns, ts: IntArray, rows: IntArray) -> int:
        bad: int = write_quotes(
            ts,
            *(_zero_for_none(columns, name) for name in ("bid", "ask", "bid_size", "ask_size")),
            *self._scales(columns, "bid", "bid_size"),
            self.index,
            self.flags,
            self._previous,
            rows,
        )
        return bad

    def _faults(self, tick: Values, columns: Columns) -> Faults:
        price_scale, size_scale = self._scales(columns, "bid", "bid_size")
        for name in ("bid", "ask"):
            price = float(to_units(float(tick[name]), price_scale))
            yield name, np.isinf(price), FINITE
            yield name, price < 0, "it may not be negative; 0 says that there is none"
            yield name, price > LARGEST_VALUE, at_most(price_scale)
        yield from size_faults(tick, "bid_size", size_scale)
        yield from size_faults(tick, "ask_size", size_scale)


def _floats(columns: Columns, name: str) -> FloatArray:
    return np.ascontiguousarray(columns[name], np.float64)


def _zero_for_none(columns: Columns, name: str) -> FloatArray:
    values = _floats(columns, name)
    return np.where(np.isnan(values), 0.0, values)
