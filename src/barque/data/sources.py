"""Where a stream's events come from: bars in memory, bars in the catalog, corporate actions."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from barque.data.bars import NUMBERS, PRICES, BarWriter, Columns, nanoseconds
from barque.data.catalog import COLUMNS, EVENT, Catalog
from barque.data.files import combined_hash, content_hash
from barque.data.parquet import batches, rows_between, summary
from barque.data.sessions import IntArray
from barque.data.splits import check_splits
from barque.domain.errors import BadInput, CorruptData
from barque.domain.events import EventKind
from barque.domain.instruments import Instrument
from barque.kernels.layout import (
    DIVIDEND_AMOUNT,
    FLAGS,
    INSTRUMENT,
    KIND,
    SPLIT_NEW,
    SPLIT_OLD,
    START,
    TS,
)

MINUTE = 60 * 10**9

Span = tuple[int, int]
"""From the first nanosecond to just before the second."""

ACTIONS = {
    "split": (EventKind.SPLIT, {"new": SPLIT_NEW, "old": SPLIT_OLD}),
    "dividend": (EventKind.DIVIDEND, {"amount": DIVIDEND_AMOUNT}),
}
"""Corporate actions in their order, and where their columns go in an event."""


class Source(Protocol):
    """Events of one kind and instrument, with strictly increasing ts."""

    rows: int
    start: int
    end: int

    def walk(self, block: IntArray, flags: int) -> Iterator[int]:
        """Fill `block` again and again with the next rows; yield how many, never 0."""

    def content_hash(self) -> str:
        """Return a hash of the data."""


class ArrayBars:
    """Bars in memory. The arrays are not copied: they are converted a block at a time."""

    def __init__(self, instrument: Instrument, index: int, columns: Columns) -> None:
        _check_arrays(instrument, columns)
        self._instrument = instrument
        self._index = index
        self._columns = columns
        self._ts = columns["ts"]
        self.rows = int(self._ts.size)
        self.start, self.end = (
            int(nanoseconds(self._ts[t : t + 1])[0]) for t in (0, self.rows - 1)
        )

    def walk(self, block: IntArray, flags: int) -> Iterator[int]:
        writer = BarWriter(self._instrument, self._index, self._show, flags, self.end)
        for first in range(0, self.rows, len(block)):
            yield writer.write(self._slice(first, first + len(block)), block)

    def content_hash(self) -> str:
        return content_hash({name: self._columns[name] for name in sorted(self._columns)})

    def _slice(self, first: int, end: int) -> dict[str, NDArray[Any]]:
        chunk = {name: self._columns[name][first:end] for name in NUMBERS}
        return chunk | {"ts": self._ts[first:end], "start": self._starts(first, end)}

    def _starts(self, first: int, end: int) -> NDArray[Any]:
        if "start" in self._columns:
            return self._columns["start"][first:end]
        if first:
            return self._ts[first - 1 : min(end, self.rows) - 1]
        ts = nanoseconds(self._ts[:end])
        step = int(ts[1] - ts[0]) if ts.size > 1 else MINUTE
        return np.concatenate(([ts[0] - max(step, 1)], ts[:-1]))

    def _show(self, row: int, column: str, value: object) -> str:
        return f"{self._instrument.id} in memory, row {row + 1}: {column} is {value}"


class ParquetBars:
    """Bars of the catalog between two times, read a batch at a time."""

    def __init__(
        self, catalog: Catalog, instrument: Instrument, index: int, period: str, span: Span
    ) -> None:
        self._instrument = instrument
        self._index = index
        self._span = span
        self._files = catalog.bar_files(instrument, period)
        self.rows, self.start, self.end = _extent(self._files, span)

    def walk(self, block: IntArray, flags: int) -> Iterator[int]:
        writer = BarWriter(self._instrument, self._index, self._show, flags, self.end)
        for file in self._files:
            for columns in batches(file, COLUMNS["bar"], len(block), *self._span):
                yield writer.write(columns, block)

    def content_hash(self) -> str:
        return combined_hash([summary(file).content_hash for file in self._files])

    def _show(self, row: int, column: str, value: object) -> str:
        where = (
            f"{self._instrument.id} in {self._files[0].parent}, bar {row + 1} of those asked for"
        )
        return f"{where}: {column} is {value} units"


class ParquetActions:
    """Splits or dividends of the catalog between two times; none is no mistake."""

    def __init__(
        self, catalog: Catalog, instrument: Instrument, index: int, kind: str, span: Span
    ) -> None:
        self._index = index
        self._kind = kind
        self._span = span
        self._files = catalog.files(instrument, kind, EVENT)
        self.rows, self.start, self.end = _extent(self._files, span)

    def walk(self, block: IntArray, flags: int) -> Iterator[int]:
        event, places = ACTIONS[self._kind]
        for file in self._files:
            for columns in batches(file, COLUMNS[self._kind], len(block), *self._span):
                if self._kind == "split":
                    check_splits(columns, str(file))
                rows = block[: columns["ts"].size]
                rows[:] = 0
                rows[:, TS] = rows[:, START] = columns["ts"]
                rows[:, KIND], rows[:, INSTRUMENT], rows[:, FLAGS] = event, self._index, flags
                for name, place in places.items():
                    rows[:, place] = columns[name]
                yield len(rows)

    def content_hash(self) -> str:
        return combined_hash([summary(file).content_hash for file in self._files])


def _extent(files: Sequence[Path], span: Span) -> tuple[int, int, int]:
    parts = [part for file in files if (part := rows_between(file, *span))[0]]
    if not parts:
        return 0, 0, 0
    return sum(part[0] for part in parts), parts[0][1], parts[-1][2]


def _check_arrays(instrument: Instrument, columns: Mapping[str, NDArray[Any]]) -> None:
    missing = [name for name in ("ts", *NUMBERS) if name not in columns]
    if missing:
        raise BadInput(
            f"The bars of {instrument.id} have no {missing[0]}; "
            f"ts, {', '.join(NUMBERS)} are required, and start may be given."
        )
    sizes = {name: columns[name].size for name in columns}
    if len(set(sizes.values())) > 1:
        raise BadInput(
            f"The bars of {instrument.id} have arrays of {sizes}; one length is required."
        )
    if not columns["ts"].size:
        raise CorruptData(f"{instrument.id} has no bars in memory; at least one is required.")
    kinds = {columns[name].dtype.kind for name in PRICES}
    if kinds not in ({"f"}, {"i"}):
        raise BadInput(
            f"The prices of {instrument.id} are of mixed or wrong types; give all four as floats "
            "(prices as people write them) or all four as integers (price units)."
        )
