"""The door every bar passes: numbers become integers of units, and insane bars stop the run.

A column of integers holds units, a column of floats holds prices or volumes as people write them;
floats are rounded to the instrument's declared digits, ties to even, exactly.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from barque.data.doors.panel import Columns, Panel, PanelMember
from barque.data.kinds import PRICES
from barque.data.sessions import IntArray, session_closes
from barque.domain.errors import CorruptData
from barque.domain.instruments import LARGEST_VALUE, Instrument
from barque.kernels.bar_rows import BEFORE_EVERYTHING
from barque.kernels.event_rows import to_units

TIMES = ("ts", "start")

FINITE = "a finite number is required"
UNSORTED = "rows must be sorted by time"

Values = dict[str, Any]
"""One row of columns."""

Faults = Iterable[tuple[str, bool, str]]
"""For each rule: the column it looks at, whether it is broken, and what is allowed there."""

Show = Callable[[int, str, object], str]
"""Says where a value was found: its row in the source (from 0), column and value."""


@dataclass(slots=True)
class BarWriter:
    """Writes the bars of one instrument, chunk after chunk, as rows of the event layout.

    `index` is the instrument's index in the run. `flags` is set on the last row of each
    bar. ENDS_SESSION is added where a session closes, up to `last`. `show` words the place of a
    bad value for a person.
    """

    rows_each: ClassVar[int] = 1

    instrument: Instrument
    index: int
    show: Show
    flags: int = 0
    last: int = BEFORE_EVERYTHING
    _closes: IntArray | None = None
    _written: int = 0
    _previous: tuple[int, int] = (BEFORE_EVERYTHING, BEFORE_EVERYTHING)

    def write(self, columns: Columns, rows: IntArray) -> int:
        """Write the events of each bar (at least one); CorruptData at the first insane one.

        Returns how many rows were written.
        """
        ts, start = nanoseconds(columns["ts"]), nanoseconds(columns["start"])
        bad = self._put(columns, ts, start, rows)
        if bad >= 0:
            raise self._corrupt(columns, bad)
        self._previous = int(ts[-1]), int(start[-1])
        self._written += ts.size
        return int(ts.size) * self.rows_each

    def _put(self, columns: Columns, ts: IntArray, start: IntArray, rows: IntArray) -> int:
        scales = self._scales(columns)
        member = PanelMember(self.index, ts, start, columns, scales, self._previous)
        panel = Panel([member], [self._closes_after(start)])
        return panel.write(0, int(ts.size), self.flags, rows)

    def _scales(self, columns: Columns) -> tuple[float, float]:
        return bar_scales(columns, self.instrument)

    def _faults(self, bar: Values, columns: Columns) -> Faults:
        return bar_faults(bar, PRICES, "volume", self._scales(columns))

    def _closes_after(self, start: IntArray) -> IntArray:
        if self._closes is None:
            self._closes = session_closes(self.instrument.calendar, int(start[0]), self.last)
        return self._closes[np.searchsorted(self._closes, start[0], "right") :]

    def _corrupt(self, columns: Columns, bad: int) -> CorruptData:
        bar: Values = {name: columns[name][bad].item() for name in columns}
        times = {name: nanoseconds(columns[name]) for name in TIMES}
        bar |= {name: int(times[name][bad]) for name in TIMES}
        previous = self._previous
        if bad:
            previous = int(times["ts"][bad - 1]), int(times["start"][bad - 1])
        faults = [*_time_faults(bar, previous), *self._faults(bar, columns)]
        column, allowed = first_fault(faults)
        place = self.show(self._written + bad, column, _shown(bar, column))
        return CorruptData(f"{place}; {allowed}.")


def nanoseconds(times: NDArray[Any]) -> IntArray:
    """Return times, int64 nanoseconds or datetime64 of any unit, as int64 nanoseconds UTC."""
    if times.dtype.kind == "M":
        times = times.astype("M8[ns]")
    return np.ascontiguousarray(times).view(np.int64)


def first_fault(faults: Faults) -> tuple[str, str]:
    """Return the column of the first thing that is wrong, and what is allowed there."""
    return next((column, allowed) for column, wrong, allowed in faults if wrong)


def bar_faults(
    bar: Values, names: tuple[str, ...], size: str, scales: tuple[float, float]
) -> Faults:
    """Say of each rule of a bar whether it is broken; `names` are open, high, low and close."""
    price = {name: float(to_units(float(bar[name]), scales[0])) for name in names}
    open_, high, low, close = names
    yield from ((name, not np.isfinite(price[name]), FINITE) for name in names)
    yield from ((name, price[name] <= 0, at_least_one(scales[0])) for name in names)
    yield from ((name, price[name] > LARGEST_VALUE, at_most(scales[0])) for name in names)
    yield high, price[high] < price[open_], "it may not be below the open"
    yield high, price[high] < price[close], "it may not be below the close"
    yield low, price[low] > price[open_], "it may not be above the open"
    yield low, price[low] > price[close], "it may not be above the close"
    yield from size_faults(bar, size, scales[1])


def size_faults(row: Values, name: str, scale: float) -> Faults:
    """Say of each rule of a quantity whether it is broken."""
    size = float(to_units(float(row[name]), scale))
    yield name, not np.isfinite(size), FINITE
    yield name, size < 0, "it may not be negative"
    yield name, size > LARGEST_VALUE, at_most(scale)


def _time_faults(bar: Values, previous: tuple[int, int]) -> Faults:
    yield "ts", bar["ts"] == previous[0], "each time may occur only once"
    yield "ts", bar["ts"] < previous[0], UNSORTED
    yield "start", bar["start"] < previous[1], "a bar may not begin before the one before it"
    yield "start", bar["start"] >= bar["ts"], "a bar must begin before it closes"


def scale_of(column: NDArray[Any], digits: int) -> float:
    """Return by what a column's numbers become units: floats are as people write them."""
    return 10.0**digits if column.dtype.kind == "f" else 1.0


def bar_scales(columns: Columns, instrument: Instrument) -> tuple[float, float]:
    """Return by what the prices and the volumes of bars become units."""
    return (
        scale_of(columns["open"], instrument.price_digits),
        scale_of(columns["volume"], instrument.quantity_digits),
    )


def at_least_one(scale: float) -> str:
    """Say what a price must be at least."""
    return f"a price must be positive, at least one unit of {1 / scale:g}"


def at_most(scale: float) -> str:
    """Say what the largest number is that units of 1/`scale` can hold."""
    return f"at most {LARGEST_VALUE / scale:g} is allowed with units of {1 / scale:g}"


def _shown(bar: Values, column: str) -> object:
    return np.datetime64(bar[column], "ns") if column in TIMES else bar[column]
