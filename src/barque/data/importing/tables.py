"""Read somebody's CSV, Parquet or Feather file: find its columns, its times and its numbers.

Rows are counted from 1 and a CSV's header is not counted, as a person would count them.
"""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import polars as pl
from numpy.typing import NDArray

from barque.data.parquet import DAMAGE, explained
from barque.data.sessions import IntArray
from barque.domain.errors import BadInput, CorruptData

FloatArray = NDArray[np.float64]

TIME_NAMES = ("timestamp", "datetime", "date", "time", "")
"""What the time column may be called; the last is a data frame's unnamed index in CSV."""

EARLIEST, LATEST = -(2**62), 2**62
"""1823 and 2116: times outside are taken for a wrong unit."""

_EPOCH_UNITS = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3), (10**19, 1))
_ZONED = "%Y-%m-%d %H:%M:%S%.f%:z"
_TIME_FORMATS = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d")


@dataclass(frozen=True, slots=True)
class SourceTable:
    """The rows of a file, or some of them. `rows` are their positions in the file, from 1.

    `names` says what a column is called in the file, where that differs from our name for it.
    `zone` is that of times which do not say theirs; `time_format` how they are written, in the
    letters of strftime, where that cannot be told from the text.
    """

    path: Path
    frame: pl.DataFrame
    rows: IntArray
    names: Mapping[str, str]
    zone: str = "UTC"
    time_format: str | None = None

    def has(self, name: str) -> bool:
        return self._find(name) is not None

    def only(self, name: str, value: str) -> "SourceTable":
        """Return the rows whose column `name` is `value`; all of them without such a column."""
        column = self._find(name)
        if column is None:
            return self
        cells = self.frame[column].cast(pl.String)
        chosen = (cells == value).fill_null(False).to_numpy()
        if not chosen.any():
            there = sorted(map(str, self.frame[column].unique().head(10)))
            raise BadInput(f"{self.path.name} has no rows with {column} {value!r}; it has {there}.")
        return replace(self, frame=self.frame.filter(chosen), rows=self.rows[chosen])

    def times(self) -> IntArray:
        """Return the time column in nanoseconds UTC; a time without a zone is one of `zone`."""
        column = self.column(self.time_name())
        self._refuse_either_way(column)
        times = _nanoseconds(column, self.zone, self.time_format)
        unknown = times.is_null() | ~times.is_between(EARLIEST, LATEST)
        self._refuse(column, unknown, "a date or time is required, as 2024-01-31 or an epoch")
        return times.to_numpy()

    def numbers(self, name: str) -> FloatArray:
        """Return a column of numbers; a cell that is none is refused."""
        column = self.column(name)
        numbers = column.cast(pl.Float64, strict=False)
        self._refuse(column, ~numbers.is_finite().fill_null(False), "a finite number is required")
        return numbers.to_numpy()

    def numbers_or(self, name: str, nothing: float) -> FloatArray:
        """Return a column of numbers, `nothing` where a cell is empty or a NaN."""
        column = self.column(name)
        numbers = column.cast(pl.Float64, strict=False)
        empty = column.is_null() | numbers.is_nan().fill_null(False)
        if column.dtype == pl.String:
            empty |= (column.str.strip_chars() == "").fill_null(False)
        wrong = ~numbers.is_finite().fill_null(False) & ~empty
        self._refuse(column, wrong, "a finite number, or nothing, is required")
        return numbers.set(empty, nothing).to_numpy()

    def column(self, name: str) -> pl.Series:
        found = self._find(name)
        if found is None:
            raise CorruptData(
                f"{self.path.name} has no column {self.names.get(name, name)!r}; "
                f"it has {', '.join(map(repr, self.frame.columns))}."
            )
        return self.frame[found]

    def time_name(self) -> str:
        """Return our name of the time column: the first of TIME_NAMES the file has."""
        if "timestamp" in self.names:
            return "timestamp"
        return next((name for name in TIME_NAMES if self.has(name)), TIME_NAMES[0])

    def place(self, row: int, column: str) -> str:
        """Say where the value of `column` in our row `row` (from 0) stands in the file."""
        return f"{self.path.name}, row {self.rows[row]}, column {self.column(column).name!r}"

    def _refuse_either_way(self, column: pl.Series) -> None:
        if column.dtype != pl.String or self.time_format is not None:
            return
        either = column.str.contains(r"^\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{4}").fill_null(False)
        if either.any():
            row = int(either.arg_true()[0])
            raise BadInput(
                f"{self.place(row, self.time_name())}: {column[row]!r} may begin with the day or "
                "the month; say how it is written, with --time-format %d/%m/%Y or %m/%d/%Y."
            )

    def _find(self, name: str) -> str | None:
        wanted = self.names.get(name, name).strip().lower()
        return next((one for one in self.frame.columns if one.strip().lower() == wanted), None)

    def _refuse(self, column: pl.Series, wrong: pl.Series, allowed: str) -> None:
        if wrong.any():
            row = int(wrong.arg_true()[0])
            raise CorruptData(
                f"{self.path.name}, row {self.rows[row]}, column {column.name!r}: "
                f"the value is {column[row]!r}; {allowed}."
            )


def read_table(path: Path, names: Mapping[str, str] | None = None) -> SourceTable:
    """Read a .csv, .parquet or .feather file; CorruptData if it is none or has no rows."""
    if path.suffix not in READERS:
        raise BadInput(f"{path.name} is none of {', '.join(READERS)}; convert it to one of them.")
    with refusing_damage(path):
        frame = READERS[path.suffix](path.read_bytes())
    return source_table(path, frame, names)


def source_table(
    path: Path, frame: pl.DataFrame, names: Mapping[str, str] | None = None
) -> SourceTable:
    """Return the rows of a file, counted from 1; CorruptData if there are none."""
    if not frame.height:
        raise CorruptData(f"{path.name} has no rows; at least one is required.")
    return SourceTable(path, frame, np.arange(1, frame.height + 1), names or {})


@contextmanager
def refusing_damage(path: Path) -> Iterator[None]:
    """Refuse a file that is not there, or that a library cannot read, by its name."""
    try:
        yield
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {path}.") from error
    except (*DAMAGE, *BROKEN_PACKING) as error:
        seen = explained(error)
        raise CorruptData(f"{path.name} cannot be read: {seen}. Export it again.") from error


def read_text_table(content: bytes, has_header: bool = True) -> pl.DataFrame:
    """Return a CSV, every cell as text: one that is no number must be shown as it was written."""
    return pl.read_csv(content, infer_schema=False, has_header=has_header)


BROKEN_PACKING = (BadZipFile, EOFError, zlib.error, struct.error, LookupError, RuntimeError)
"""What opening an archive or JSON that is not sound may raise: too deep, locked, cut, nameless."""

READERS: dict[str, Callable[[bytes], pl.DataFrame]] = {
    # By their bytes: a file that is cut while it is mapped into memory kills the process.
    ".csv": read_text_table,
    ".parquet": pl.read_parquet,
    ".feather": pl.read_ipc,
}
"""How a table is read, by the ending of its file's name."""


def _nanoseconds(column: pl.Series, zone: str, form: str | None) -> pl.Series:
    """Times of any kind as int64 nanoseconds UTC; null where a value is none."""
    kind = column.dtype
    if isinstance(kind, pl.Datetime):
        return column.dt.timestamp("ns") if kind.time_zone else in_zone(column, zone)
    if kind == pl.Date:
        return in_zone(column, zone)
    if kind.is_integer():
        return _epoch(column.cast(pl.Int64, strict=False))
    if kind == pl.String:
        return _written(column, zone, form)
    return pl.Series(column.name, [None] * len(column), pl.Int64)


def in_zone(times: pl.Series, zone: str) -> pl.Series:
    """Return what clocks in `zone` showed in nanoseconds UTC; null where that is no one moment."""
    try:
        local = times.cast(pl.Datetime("ns")).dt.replace_time_zone(
            zone, ambiguous="null", non_existent="null"
        )
    except pl.exceptions.PolarsError as error:
        raise BadInput(f"The time zone {zone!r} is unknown; write one as Europe/Berlin.") from error
    return local.dt.timestamp("ns")


def _written(column: pl.Series, zone: str, form: str | None) -> pl.Series:
    text = column.str.strip_chars().str.replace(r"^(\d+-\d+-\d+)T", "$1 ")
    text = text.str.replace(r"(Z| UTC)$", "+00:00")
    zoned = text.str.to_datetime(_ZONED, time_unit="ns", time_zone="UTC", strict=False)
    forms = _TIME_FORMATS if form is None else (form,)
    written = [pl.col("text").str.to_datetime(one, time_unit="ns", strict=False) for one in forms]
    naive = pl.DataFrame({"text": text}).select(pl.coalesce(written)).to_series()
    numbers = _epoch(text.cast(pl.Int64, strict=False))
    times = zoned.dt.timestamp("ns")
    times = times.zip_with(times.is_not_null(), in_zone(naive, zone))
    return times.zip_with(times.is_not_null(), numbers)


def _epoch(numbers: pl.Series) -> pl.Series:
    """Seconds, milliseconds, microseconds or nanoseconds, told apart by their size; or 20240131."""
    values = numbers.fill_null(0).to_numpy()
    size = np.abs(values)
    factor = np.select([size < limit for limit, _ in _EPOCH_UNITS], [f for _, f in _EPOCH_UNITS])
    days = numbers.cast(pl.String).str.to_datetime("%Y%m%d", time_unit="ns", strict=False)
    times = pl.Series(numbers.name, values * factor).zip_with(numbers.is_not_null(), _none(numbers))
    is_day = numbers.is_between(19_000_101, 21_001_231).fill_null(False)
    return days.dt.timestamp("ns").zip_with(is_day, times)


def _none(numbers: pl.Series) -> pl.Series:
    return pl.Series(numbers.name, [None] * len(numbers), pl.Int64)
