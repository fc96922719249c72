"""The door of what happens beside trading: corporate actions, funding, interest, and the end.

These are few, so they are examined with NumPy, a column at a time.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from barque.data.doors.bars import UNSORTED, Show, nanoseconds, scale_of
from barque.data.doors.panel import Columns
from barque.data.doors.splits import LARGEST_TERM
from barque.data.kinds import Kind, decimals
from barque.data.sessions import IntArray
from barque.domain.errors import CorruptData
from barque.domain.instruments import LARGEST_VALUE, RATE_SCALE, Instrument
from barque.kernels import layout as at
from barque.kernels.bar_rows import BEFORE_EVERYTHING
from barque.kernels.event_rows import to_units


class Place(NamedTuple):
    """Where a column goes in an event, and what its units may be."""

    column: int
    lowest: int
    highest: int


PLACES = {
    "split": {
        "new": Place(at.SPLIT_NEW, 1, LARGEST_TERM),
        "old": Place(at.SPLIT_OLD, 1, LARGEST_TERM),
    },
    "dividend": {"amount": Place(at.DIVIDEND_AMOUNT, 0, LARGEST_VALUE)},
    "symbol_change": {},
    "funding": {
        "rate": Place(at.FUNDING_RATE, -RATE_SCALE, RATE_SCALE),
        "mark": Place(at.FUNDING_MARK, 0, LARGEST_VALUE),
    },
    "interest": {
        "credit": Place(at.INTEREST_CREDIT, -RATE_SCALE, RATE_SCALE),
        "debit": Place(at.INTEREST_DEBIT, -RATE_SCALE, RATE_SCALE),
        "borrow": Place(at.INTEREST_BORROW, -RATE_SCALE, RATE_SCALE),
    },
    "expiry": {"price": Place(at.SETTLEMENT_PRICE, 0, LARGEST_VALUE)},
    "delisting": {"price": Place(at.SETTLEMENT_PRICE, 0, LARGEST_VALUE)},
}
"""By kind and column. A rate is at most the whole: 1, or -1."""


@dataclass(slots=True)
class ActionWriter:
    """Writes what happens to one instrument, chunk after chunk, as rows of the event layout."""

    kind: Kind
    instrument: Instrument
    index: int
    show: Show
    flags: int = 0
    _written: int = 0
    _previous: int = BEFORE_EVERYTHING

    def write(self, columns: Columns, rows: IntArray) -> int:
        """Write a row for each (at least one); CorruptData at the first that cannot be."""
        ts = nanoseconds(columns["ts"])
        self._check_order(ts)
        rows = rows[: ts.size]
        rows[:] = 0
        rows[:, at.TS] = rows[:, at.START] = ts
        rows[:, at.KIND], rows[:, at.INSTRUMENT] = self.kind.event, self.index
        rows[:, at.FLAGS] = self.flags
        for name, place in PLACES[self.kind.name].items():
            if name in columns:
                rows[:, place.column] = self._units(name, columns[name], place)
        self._previous = int(ts[-1])
        self._written += ts.size
        return int(ts.size)

    def _check_order(self, ts: IntArray) -> None:
        before = np.concatenate(([self._previous], ts[:-1]))
        wrong = np.flatnonzero(ts <= before)
        if wrong.size:
            row = int(wrong[0])
            same = ts[row] == before[row]
            allowed = "each time may occur only once" if same else UNSORTED
            raise self._corrupt(row, "ts", np.datetime64(int(ts[row]), "ns"), allowed)

    def _units(self, name: str, column: NDArray[np.generic], place: Place) -> IntArray:
        digits = decimals(self.instrument, name)
        scale = scale_of(column, digits)
        units = np.array([to_units(float(value), scale) for value in column])
        if name in self.kind.optional:
            units = np.where(np.isnan(units), float(self.kind.optional[name]), units)
        wrong = np.flatnonzero(~((units >= place.lowest) & (units <= place.highest)))
        if wrong.size:
            row = int(wrong[0])
            lowest, highest = place.lowest / scale, place.highest / scale
            allowed = f"a number from {lowest:,.12g} to {highest:,.12g} is required"
            raise self._corrupt(row, name, column[row].item(), allowed)
        return units.astype(np.int64)

    def _corrupt(self, row: int, column: str, value: object, allowed: str) -> CorruptData:
        return CorruptData(f"{self.show(self._written + row, column, value)}; {allowed}.")
