"""Where a stream's events come from: columns in memory, files of the catalog, and timers."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from barque.data.catalog import Catalog
from barque.data.doors.bars import bar_scales, nanoseconds
from barque.data.doors.panel import PanelMember
from barque.data.doors.writers import writer_for
from barque.data.files import combined_hash, content_hash
from barque.data.kinds import EVENT, KINDS, PRICES, Kind
from barque.data.parquet import ALWAYS, batches, rows_between, summary
from barque.data.sessions import IntArray
from barque.domain.errors import BadInput, CorruptData
from barque.domain.instruments import Instrument
from barque.kernels.bar_rows import BEFORE_EVERYTHING

MINUTE = 60 * 10**9

Span = tuple[int, int]
"""From the first nanosecond to just before the second."""

Names = tuple[str, ...]
Group = tuple[str, Names]
"""What some columns are called together, and the columns."""

SHAPE = attrgetter("shape")
READY = frozenset(map(np.dtype, ("i8", "f8", "M8[ns]")))
"""What kernels read as it is."""

NAMED_BY_COLUMNS = ("bar", "split", "dividend")
"""Kinds whose hash is that of their columns alone; that of the others holds their name as well."""


class Told(Protocol):
    """Events that are told in their order.

    `rows_each` is how many of them each ts has, 0 where that differs.
    """

    rows: int
    rows_each: int

    def walk(self, block: IntArray, flags: int) -> Iterator[int]:
        """Fill `block` again and again with the next rows; yield how many, never 0.

        Where each ts has as many rows, `block` has room for those of one, `flags` is set on the
        last of them, and all of them come together.
        """


class Source(Told, Protocol):
    """Events of one kind and instrument, sorted by ts.

    `order` is its place among the sources of a run: (kind, instrument).
    """

    order: tuple[int, int]
    start: int
    end: int

    def content_hash(self) -> str:
        """Return a hash of the data."""


@dataclass(frozen=True, slots=True)
class Part:
    """Events of one kind and instrument in memory, as columns of one length.

    `data.events.parts` makes them. The arrays are not copied: they are converted a block at a time.
    """

    instrument: str
    kind: str
    columns: Mapping[str, NDArray[Any]]


class ArraySource:
    """The events of a part."""

    def __init__(self, part: Part, instrument: Instrument, index: int) -> None:
        self._kind, self.instrument, self._index = KINDS[part.kind], instrument, index
        _check_arrays(self._kind, instrument, part.columns)
        self._columns = part.columns
        self.ts = part.columns["ts"]
        self.order = (int(self._kind.event), index)
        self.rows = int(self.ts.size) * self._kind.rows_each
        self.rows_each = _rows_each(self._kind)
        self.start, self.end = _time(self.ts, 0), _time(self.ts, -1)

    def walk(self, block: IntArray, flags: int) -> Iterator[int]:
        kind = self._kind
        writer = writer_for(kind, self.instrument, self._index, self._show, flags, self.end)
        size = len(block) // kind.rows_each
        for first in range(0, self.ts.size, size):
            yield writer.write(self._slice(first, first + size), block)

    def content_hash(self) -> str:
        found = content_hash({name: self._columns[name] for name in sorted(self._columns)})
        return _named(self._kind, found)

    @property
    def lies_ready(self) -> bool:
        """Whether the columns can be read where they are, with nothing converted or copied."""
        return all(one.dtype in READY and one.flags.c_contiguous for one in self._columns.values())

    def begins(self) -> int:
        """Return when the first event begins, in ns UTC; without a start, as long as the second."""
        if "start" in self._columns:
            return _time(self._columns["start"], 0)
        step = _time(self.ts, 1) - self.start if self.ts.size > 1 else MINUTE
        return max(self.start - max(step, 1), BEFORE_EVERYTHING)

    def member(self, ts: IntArray, begins: int, closes: int) -> PanelMember:
        """Return these bars as a member of a panel, of which the first bar begins at `begins`."""
        start, previous = self._columns.get("start"), BEFORE_EVERYTHING
        if start is None:
            previous = begins
        elif start.dtype != np.int64:
            start = nanoseconds(start)
        scales = bar_scales(self._columns, self.instrument)
        return PanelMember(
            self._index, ts, start, self._columns, scales, (previous, previous), closes
        )

    def _slice(self, first: int, end: int) -> dict[str, NDArray[Any]]:
        given = [name for name in self._kind.every_column if name in self._columns]
        chunk = {name: self._columns[name][first:end] for name in given}
        if "start" in self._kind.columns and "start" not in chunk:
            chunk["start"] = self._starts(first, end)
        return chunk

    def _starts(self, first: int, end: int) -> NDArray[Any]:
        """Return when bars begin that do not say so: where the one before them closed."""
        if first:
            return self.ts[first - 1 : min(end, self.ts.size) - 1]
        return np.concatenate(([self.begins()], nanoseconds(self.ts[:end])[:-1]))

    def _show(self, row: int, column: str, value: object) -> str:
        kind = "" if self._kind.name == "bar" else f"{self._kind.name} "
        return f"{self.instrument.id} {kind}in memory, row {row + 1}: {column} is {value}"


class ParquetSource:
    """The events of a data set of the catalog between two times, read a batch at a time.

    There may be none: `rows` is 0 then.
    """

    def __init__(
        self,
        catalog: Catalog,
        instrument: Instrument,
        index: int,
        kind: str,
        span: Span,
        period: str = EVENT,
    ) -> None:
        self._kind, self._instrument, self._index = KINDS[kind], instrument, index
        self._span = span
        self._files = catalog.files(instrument, kind, period)
        self.order = (int(self._kind.event), index)
        self.rows_each = _rows_each(self._kind)
        rows, self.start, self.end = _extent(self._files, span)
        self.rows = rows * self._kind.rows_each

    def walk(self, block: IntArray, flags: int) -> Iterator[int]:
        kind, place = self._kind, _Place(self._span[0])
        writer = writer_for(kind, self._instrument, self._index, place.show, flags, self.end)
        size = len(block) // kind.rows_each
        for file in self._files:
            place.enter(file)
            for columns in batches(file, kind.columns, size, *self._span, optional=kind.optional):
                place.rows += columns["ts"].size
                yield writer.write(columns, block)

    def content_hash(self) -> str:
        return _named(
            self._kind, combined_hash([summary(file).content_hash for file in self._files])
        )


@dataclass(slots=True)
class _Place:
    """Where a walk through several files is: it finds the row of a file that a value came from."""

    start: int
    file: Path = Path()
    rows: int = 0
    rows_before: int = 0

    def enter(self, file: Path) -> None:
        """Begin a file, of which only the rows from the time `start` on are read."""
        self.file, self.rows_before = file, self.rows

    def show(self, row: int, column: str, value: object) -> str:
        """Say where the value of row `row` (from 0) of all that were read stands."""
        skipped = rows_between(self.file, ALWAYS[0], self.start)[0]
        number = row - self.rows_before + skipped + 1
        return f"{self.file}, row {number}: {column} is {value} units"


def _time(ts: NDArray[Any], t: int) -> int:
    return int(ts[t] if ts.dtype == np.int64 else nanoseconds(ts[t:][:1])[0])


def _rows_each(kind: Kind) -> int:
    return 0 if kind.may_tie else kind.rows_each


def _named(kind: Kind, found: str) -> str:
    if kind.name in NAMED_BY_COLUMNS:
        return found
    return hashlib.sha256(f"{kind.name} {found}".encode()).hexdigest()


def _extent(files: Sequence[Path], span: Span) -> tuple[int, int, int]:
    parts = [part for file in files if (part := rows_between(file, *span))[0]]
    if not parts:
        return 0, 0, 0
    return sum(part[0] for part in parts), parts[0][1], parts[-1][2]


def _check_arrays(kind: Kind, instrument: Instrument, columns: Mapping[str, NDArray[Any]]) -> None:
    what = f"{kind.name} events".replace("_", " ") if kind.name != "bar" else "bars"
    missing, groups = _names(kind.columns, tuple(columns))
    if missing:
        raise BadInput(
            f"The {what} of {instrument.id} have no {missing[0]}; "
            f"{', '.join(kind.columns)} are required, though start may be left out."
        )
    if set(map(SHAPE, columns.values())) != {(columns["ts"].size,)}:
        sizes = {
            name: column.size if column.ndim == 1 else column.shape
            for name, column in columns.items()
        }
        raise BadInput(
            f"The {what} of {instrument.id} have arrays of {sizes}; one length is required."
        )
    if not columns["ts"].size:
        raise CorruptData(f"{instrument.id} has no {what} in memory; at least one is required.")
    for group, names in groups:
        # Units are not mixed with numbers as people write them.
        if {columns[name].dtype.kind for name in names} not in ({"f"}, {"i"}):
            raise BadInput(
                f"The {group} of the {what} of {instrument.id} are of mixed or wrong types; give "
                f"all as floats ({group} as people write them) or all as integers (units)."
            )


@lru_cache
def _names(required: tuple[str, ...], given: tuple[str, ...]) -> tuple[Names, tuple[Group, ...]]:
    """Return which columns are missing, and which of those given are prices and which are sizes."""
    missing = tuple(name for name in required if name not in given and name != "start")
    endings = {"prices": (*PRICES, "bid", "ask"), "sizes": ("_size",)}
    groups = {
        group: tuple(name for name in given if name.endswith(ending))
        for group, ending in endings.items()
    }
    return missing, tuple((group, names) for group, names in groups.items() if names)
