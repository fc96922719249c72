"""Columns of bars that lie in memory, of one instrument or of many that share their times.

They are read where they are. What is not float64 or, all prices of a bar alike, int64 is converted
once, and what has gaps between its numbers, as a column of a matrix, is copied once.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from barque.data.kinds import PRICES
from barque.data.sessions import IntArray
from barque.kernels.bar_rows import (
    ADDRESSES,
    BEFORE_EVERYTHING,
    PANEL_WIDTH,
    write_addresses,
    write_bars,
)

NUMBERS = (*PRICES, "volume")
INT, FLOAT = np.dtype(np.int64), np.dtype(np.float64)

Columns: TypeAlias = Mapping[str, NDArray[Any]]


class PanelMember(NamedTuple):
    """One instrument's bars: its number in the run, and by what its numbers become units.

    `ts` and `start` are int64 nanoseconds, `columns` hold the prices and the volume. `previous` is
    the ts and the start of the bar before; without `start` each bar begins at the ts of the one
    before it. `closes` is which of the calendars' closes are its.
    """

    number: int
    ts: IntArray
    start: IntArray | None
    columns: Columns
    scales: tuple[float, float]
    previous: tuple[int, int] = (BEFORE_EVERYTHING, BEFORE_EVERYTHING)
    closes: int = 0


class Panel:
    """Bars of instruments that have the same times, told once from the first to the last.

    `closes` are the closes of sessions, sorted, one array for each distinct calendar.
    """

    def __init__(self, members: Sequence[PanelMember], closes: Sequence[IntArray]) -> None:
        ends = np.cumsum([0, *(one.size for one in closes)]).tolist()
        count, headers = members[0].ts.size, []
        self._columns: list[Sequence[NDArray[Any]]] = []  # kept alive while they are read
        self._panel = np.empty((len(members), PANEL_WIDTH), np.int64)
        for i, one in enumerate(members):
            prices, sizes = _type_of(one.columns, PRICES), _type_of(one.columns, ("volume",))
            between = ends[one.closes : one.closes + 2]
            says_start = one.start is not None
            headers.append(
                (one.number, *between, *one.previous, prices is INT, sizes is INT, says_start)
            )
            columns = [
                np.ascontiguousarray(one.ts, INT),
                np.ascontiguousarray(one.ts if one.start is None else one.start, INT),
                *[np.ascontiguousarray(one.columns[name], prices) for name in PRICES],
                np.ascontiguousarray(one.columns["volume"], sizes),
            ]
            fits = write_addresses(self._panel, i, count, *columns)
            if not fits:  # numbers that lie where none should: a copy lies right
                columns = [column.copy() for column in columns]
                fits = write_addresses(self._panel, i, count, *columns)
            assert fits, "one length"
            self._columns.append(columns)
        self._panel[:, :ADDRESSES] = headers
        self._closes = np.concatenate(closes)
        self._scales = np.array([one.scales for one in members], np.float64)

    def write(self, first: int, count: int, flags: int, rows: IntArray) -> int:
        """Write bars as `kernels.bar_rows.write_bars`: -1, or the row of one that is not sane."""
        assert count * len(self._panel) <= len(rows), "too many bars for the rows"
        bad: int = write_bars(
            self._panel,
            self._scales,
            self._closes,
            first,
            count,
            flags,
            rows,
        )
        return bad


def _type_of(columns: Columns, names: Sequence[str]) -> "np.dtype[Any]":
    """Return as what numbers are read that are scaled alike: whole only if all of them are."""
    for name in names:
        if columns[name].dtype.kind != "i":
            return FLOAT
    return INT
