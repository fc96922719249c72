"""The door every bar passes: numbers become integers of units, and insane bars stop the run.

A column of integers holds units, a column of floats holds prices or volumes as people write them;
floats are rounded to the instrument's declared digits, ties to even, exactly.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from barque.data.sessions import IntArray, session_closes
from barque.domain.errors import CorruptData
from barque.domain.instruments import LARGEST_VALUE, Instrument
from barque.kernels.event_rows import to_units, write_bars

PRICES = ("open", "high", "low", "close")
NUMBERS = (*PRICES, "volume")
TIMES = ("ts", "start")
BEFORE_EVERYTHING = -(2**63)

Columns = Mapping[str, NDArray[Any]]

Show = Callable[[int, str, object], str]
"""Says where a value was found: its row in the source (from 0), column and value."""


@dataclass(slots=True)
class BarWriter:
    """Writes the bars of one instrument, chunk after chunk, as rows of the event layout.

    `index` is the instrument's index in the run. `flags` is set on every row. ENDS_SESSION is
    added where a session closes, up to `last`. `show` words the place of a bad value for a person.
    """

    instrument: Instrument
    index: int
    show: Show
    flags: int = 0
    last: int = BEFORE_EVERYTHING
    _closes: IntArray | None = None
    _written: int = 0
    _previous: tuple[int, int] = (BEFORE_EVERYTHING, BEFORE_EVERYTHING)

    def write(self, columns: Columns, rows: IntArray) -> int:
        """Write a row for each bar (at least one); CorruptData at the first insane one."""
        ts, start = nanoseconds(columns["ts"]), nanoseconds(columns["start"])
        bad = write_bars(
            ts,
            start,
            *(np.ascontiguousarray(columns[name], np.float64) for name in NUMBERS),
            *self._scales(columns),
            self._closes_after(start),
            self.index,
            self.flags,
            *self._previous,
            rows,
        )
        if bad >= 0:
            raise self._corrupt(columns, bad)
        self._previous = int(ts[-1]), int(start[-1])
        self._written += ts.size
        return int(ts.size)

    def _scales(self, columns: Columns) -> tuple[float, float]:
        return (
            _scale(columns["open"], self.instrument.price_digits),
            _scale(columns["volume"], self.instrument.quantity_digits),
        )

    def _closes_after(self, start: IntArray) -> IntArray:
        if self._closes is None:
            self._closes = session_closes(self.instrument.calendar, int(start[0]), self.last)
        return self._closes[np.searchsorted(self._closes, start[0], "right") :]

    def _corrupt(self, columns: Columns, bad: int) -> CorruptData:
        times = {name: nanoseconds(columns[name]) for name in TIMES}
        previous = self._previous
        if bad:
            previous = int(times["ts"][bad - 1]), int(times["start"][bad - 1])
        bar = {name: int(times[name][bad]) for name in TIMES}
        bar |= {name: columns[name][bad].item() for name in NUMBERS}
        column, allowed = complaint(bar, previous, self._scales(columns))
        place = self.show(self._written + bad, column, _shown(bar, column))
        return CorruptData(f"{place}; {allowed}.")


def nanoseconds(times: NDArray[Any]) -> IntArray:
    """Return times, int64 nanoseconds or datetime64 of any unit, as int64 nanoseconds UTC."""
    if times.dtype.kind == "M":
        times = times.astype("M8[ns]")
    return np.ascontiguousarray(times).view(np.int64)


def complaint(
    bar: Mapping[str, Any], previous: tuple[int, int], scales: tuple[float, float]
) -> tuple[str, str]:
    """Return the column at fault in an insane bar, and what is allowed there."""
    price = {name: float(to_units(float(bar[name]), scales[0])) for name in PRICES}
    volume = float(to_units(float(bar["volume"]), scales[1]))
    faults = [
        ("ts", bar["ts"] == previous[0], "each time may occur only once"),
        ("ts", bar["ts"] < previous[0], "rows must be sorted by time"),
        ("start", bar["start"] < previous[1], "a bar may not begin before the one before it"),
        ("start", bar["start"] >= bar["ts"], "a bar must begin before it closes"),
        *((name, not np.isfinite(price[name]), "a finite number is required") for name in PRICES),
        *((name, price[name] <= 0, _at_least_one(scales[0])) for name in PRICES),
        *((name, price[name] > LARGEST_VALUE, _at_most(scales[0])) for name in PRICES),
        ("high", price["high"] < price["open"], "it may not be below the open"),
        ("high", price["high"] < price["close"], "it may not be below the close"),
        ("low", price["low"] > price["open"], "it may not be above the open"),
        ("low", price["low"] > price["close"], "it may not be above the close"),
        ("volume", not np.isfinite(volume), "a finite number is required"),
        ("volume", volume < 0, "it may not be negative"),
        ("volume", volume > LARGEST_VALUE, _at_most(scales[1])),
    ]
    return next((column, allowed) for column, wrong, allowed in faults if wrong)


def _scale(column: NDArray[Any], digits: int) -> float:
    return 10.0**digits if column.dtype.kind == "f" else 1.0


def _at_least_one(scale: float) -> str:
    return f"a price must be positive, at least one unit of {1 / scale:g}"


def _at_most(scale: float) -> str:
    return f"at most {LARGEST_VALUE / scale:g} is allowed with units of {1 / scale:g}"


def _shown(bar: Mapping[str, Any], column: str) -> object:
    return np.datetime64(bar[column], "ns") if column in TIMES else bar[column]
