"""Market data as Parquet: int64 columns, read a stretch at a time, and never a wrong number.

A file of the catalog is Parquet with 16 bytes between its pages and its footer, a place where
readers do not look: the SEAL, and the CRC-32 of the pages and of the footer. No page is decoded
before they agree: Parquet decodes most changed bits to other numbers without a word, and a few
of them end the process. Files from before there was a seal are read without one.
"""

import io
import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zlib import crc32

import numpy as np
import polars as pl

from barque.data.files import Content, content_hash
from barque.data.sessions import IntArray
from barque.domain.errors import CorruptData

STRETCH = 65_536
"""Rows that are compressed and read together: a row group."""

ALWAYS = (-(2**63), 2**63 - 1)
"""From the first nanosecond to just before the last."""

NOTHING: Mapping[str, int] = {}

CONTENT_HASH = "barque.content_hash"
SPAN = "barque.span"

SEAL = b"barque\x00\x01"
MAGIC = b"PAR1"

DAMAGE = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)
"""What reading a file that is not sound Parquet may raise. A panic of the library is no Exception:
it must be named to be caught."""

_ENDING = 8  # the length of the footer, and MAGIC
_CHECKSUM = 4
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What a file says of itself: rows, first and last ts, and the hash of its numbers."""

    rows: int
    start: int
    end: int
    content_hash: str


def parquet_content(columns: Mapping[str, IntArray]) -> Content:
    """Return what writes `columns`, sorted by ts, as sealed Parquet with their hash."""
    frame = pl.DataFrame(dict(columns), schema=dict.fromkeys(columns, pl.Int64))
    span = f"{columns['ts'][0]} {columns['ts'][-1]}"
    said = {CONTENT_HASH: content_hash(columns), SPAN: span}

    def write(file: IO[bytes]) -> None:
        buffer = io.BytesIO()
        frame.write_parquet(buffer, row_group_size=STRETCH, metadata=said)
        body = buffer.getbuffer()
        pages = len(body) - _ENDING - int.from_bytes(body[-_ENDING : -len(MAGIC)], "little")
        checksums = (crc32(part).to_bytes(_CHECKSUM) for part in (body[:pages], body[pages:]))
        file.writelines((body[:pages], SEAL, *checksums, body[pages:]))

    return write


def summary(path: Path) -> FileSummary:
    """Return what a Parquet file of the catalog says of itself, without reading its rows."""
    with _opened(path) as file:
        start, end = file.span()
        return FileSummary(file.rows, start, end, file.content_hash)


def rows_between(path: Path, start: int, end: int) -> tuple[int, int, int]:
    """Return how many rows have start <= ts < end, and their first and last ts (0, 0 if none)."""
    with _opened(path) as file:
        file.check_pages()
        first, after = file.first_from(start), file.first_from(end)
        if first >= after:
            return 0, 0, 0
        return after - first, file.ts_at(first), file.ts_at(after - 1)


def batches(
    path: Path,
    names: Sequence[str],
    size: int,
    start: int,
    end: int,
    optional: Mapping[str, int] = NOTHING,
) -> Iterator[dict[str, IntArray]]:
    """Yield at most `size` rows at a time of those with start <= ts < end, as columns.

    Only the stretches that hold such rows are decoded, one at a time. A column that is `optional`
    has the number given where the file has no such column.
    """
    with _opened(path) as file:
        file.check_pages()
        missing = {name: value for name, value in optional.items() if name not in file.columns}
        names = [*names, *(name for name in optional if name not in missing)]
        first, after = file.first_from(start), file.first_from(end)
        for origin in range(first - first % STRETCH, after, STRETCH):
            columns = file.stretch(origin // STRETCH, names)
            columns |= {name: np.full_like(columns["ts"], value) for name, value in missing.items()}
            within = range(max(first - origin, 0), min(after - origin, STRETCH), size)
            for row in within:
                rows = slice(row, min(row + size, within.stop))
                yield {name: column[rows] for name, column in columns.items()}


def explained(error: BaseException) -> str:
    """Return the first line of what a library said; the rest is for its authors."""
    return str(error).partition("\n")[0] or type(error).__name__


class _File:
    """One open file of the catalog, sorted by ts. It stays what it was if another replaces it."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path = path
        self._file = file
        with self._refusing_damage():
            self._pages, self._checksum = self._checked_footer()
            file.seek(0)
            self._said = pl.read_parquet_metadata(file)
            file.seek(0)  # where a scan begins
            self._rows = pl.scan_parquet(file)
            self.rows = int(self._rows.select(pl.len()).collect().item())
            self.columns = frozenset(self._rows.collect_schema().names())
        self.content_hash = self._said.get(CONTENT_HASH, "")
        self._times: dict[int, IntArray] = {}
        if not (self.rows and self.content_hash):
            raise self._damaged("it has no rows, or no hash of them")

    def check_pages(self) -> None:
        """Refuse a file whose pages are not those that were written."""
        if self._checksum is None:
            return
        with self._refusing_damage():
            self._file.seek(0)
            checksum = 0
            for left in range(self._pages, 0, -_BLOCK):
                checksum = crc32(self._file.read(min(left, _BLOCK)), checksum)
            self._file.seek(0)
        if checksum != self._checksum:
            raise self._damaged("its pages are not those that were written")

    def span(self) -> tuple[int, int]:
        """Return the first and the last ts."""
        if SPAN in self._said:
            start, end = self._said[SPAN].split()
            return int(start), int(end)
        return self.ts_at(0), self.ts_at(self.rows - 1)

    def first_from(self, ts: int) -> int:
        """Return the first row that is not before `ts`; the number of rows if there is none."""
        stretches = range(-(-self.rows // STRETCH))
        later = bisect_left(stretches, ts, key=lambda number: int(self._ts(number)[0]))
        number = max(later - 1, 0)
        return number * STRETCH + int(np.searchsorted(self._ts(number), ts))

    def ts_at(self, row: int) -> int:
        return int(self._ts(row // STRETCH)[row % STRETCH])

    def stretch(self, number: int, names: Sequence[str]) -> dict[str, IntArray]:
        """Return columns of the STRETCH rows that begin at row `number` x STRETCH."""
        with self._refusing_damage():
            rows = self._rows.select(names).slice(number * STRETCH, STRETCH).collect()
        if rows.null_count().sum_horizontal().item() or set(rows.dtypes) != {pl.Int64}:
            raise self._damaged(f"not all of {', '.join(names)} are whole numbers without gaps")
        return {name: rows[name].to_numpy() for name in names}

    def _ts(self, number: int) -> IntArray:
        if number not in self._times:  # the same stretch is asked for again and again
            self._times = {number: self.stretch(number, ["ts"])["ts"]}
        return self._times[number]

    def _checked_footer(self) -> tuple[int, int | None]:
        """Return how many bytes of pages there are, and their checksum if the file is sealed."""
        sealing = len(SEAL) + 2 * _CHECKSUM
        size = self._file.seek(0, os.SEEK_END)
        ending = _tail(self._file, size, _ENDING)
        if ending[-len(MAGIC) :] != MAGIC:
            raise self._damaged("its end is missing")
        footer_size = _ENDING + int.from_bytes(ending[: -len(MAGIC)], "little")
        tail = _tail(self._file, size, footer_size + sealing)
        seal, checksums, footer = tail[: len(SEAL)], tail[len(SEAL) : sealing], tail[sealing:]
        if seal != SEAL:
            return 0, None
        if crc32(footer) != int.from_bytes(checksums[_CHECKSUM:]):
            raise self._damaged("its footer is not the one that was written")
        return size - footer_size - sealing, int.from_bytes(checksums[:_CHECKSUM])

    @contextmanager
    def _refusing_damage(self) -> Iterator[None]:
        try:
            yield
        except DAMAGE as error:
            raise self._damaged(explained(error)) from error

    def _damaged(self, why: str) -> CorruptData:
        return _damaged(self._path, why)


@contextmanager
def _opened(path: Path) -> Iterator[_File]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise _damaged(path, explained(error)) from error
    with file:
        yield _File(path, file)


def _tail(file: IO[bytes], size: int, length: int) -> bytes:
    file.seek(max(size - length, 0))
    return file.read(length)


def _damaged(path: Path, why: str) -> CorruptData:
    return CorruptData(f"{path} is damaged ({why}). Remove it and import its data again.")
