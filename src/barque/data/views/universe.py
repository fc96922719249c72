"""Which instruments could be chosen on a day, those that are gone since included.

A file says for each instrument from when and until when, as a table of `instrument`, `entry` and
`exit` (empty if it is still there). An instrument may come and go several times. It is a member
from its entry up to, not including, its exit.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from barque.data.importing.tables import SourceTable, read_table
from barque.data.sessions import IntArray
from barque.domain.errors import CorruptData

STILL_THERE = 2**63 - 1
COLUMNS = ("instrument", "entry", "exit")


@dataclass(frozen=True, slots=True)
class Universe:
    """Instruments with the times, in nanoseconds UTC, at which each came and went."""

    instruments: tuple[str, ...]
    entries: IntArray
    exits: IntArray

    def members(self, ts: int) -> tuple[str, ...]:
        """Return the instruments that were in it at `ts`, sorted."""
        there = np.flatnonzero((self.entries <= ts) & (ts < self.exits))
        return tuple(sorted(self.instruments[row] for row in there))

    def ever(self) -> tuple[str, ...]:
        """Return every instrument that was ever in it: what a run must load."""
        return tuple(sorted(set(self.instruments)))


def read_universe(path: Path) -> Universe:
    """Read a universe; CorruptData names the row of a stay that ends before it begins, or twice."""
    table = read_table(path)
    entries = SourceTable(path, table.frame, table.rows, {"timestamp": "entry"}).times()
    exits = _exits(table)
    names = table.column("instrument").cast(pl.String).fill_null("").to_list()
    _check(table, names, entries, exits)
    return Universe(tuple(names), entries, exits)


def _exits(table: SourceTable) -> IntArray:
    column = table.column("exit")
    left = column.is_not_null()
    if column.dtype == pl.String:
        left &= column.str.strip_chars() != ""
    exits = np.full(table.frame.height, STILL_THERE, np.int64)
    at = left.fill_null(False).to_numpy()
    if at.any():
        gone = SourceTable(
            table.path, table.frame.filter(at), table.rows[at], {"timestamp": "exit"}
        )
        exits[at] = gone.times()
    return exits


def _check(table: SourceTable, names: list[str], entries: IntArray, exits: IntArray) -> None:
    until: dict[str, int] = {}
    for row in np.argsort(entries, kind="stable").tolist():
        name, entry, exit_ = names[row], int(entries[row]), int(exits[row])
        if "." not in name:
            raise CorruptData(f"{table.place(row, 'instrument')}: {name!r} is no SYMBOL.VENUE.")
        if exit_ <= entry:
            raise CorruptData(f"{table.place(row, 'exit')}: it must be after the entry.")
        if entry < until.get(name, entry):
            raise CorruptData(f"{table.place(row, 'entry')}: {name} is still there from before.")
        until[name] = exit_
