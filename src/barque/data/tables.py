"""Read somebody's CSV or Parquet file: find its columns, its times and its numbers.

Rows are counted from 1 and a CSV's header is not counted, as a person would count them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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
_TIME_FORMATS = ("%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d")


@dataclass(frozen=True, slots=True)
class SourceTable:
    """The rows of a file, or some of them. `rows` are their positions in the file, from 1.

    `names` says what a column is called in the file, where that differs from our name for it.
    """

    path: Path
    frame: pl.DataFrame
    rows: IntArray
    names: Mapping[str, str]

    def has(self, name: str) -> bool:
        return self._find(name) is not None

    def only(self, name: str, value: str) -> "SourceTable":
        """Return the rows whose column `name` is `value`; all of them without such a column."""
        column = self._find(name)
        if column is None:
            return self
        chosen = (self.frame[column] == value).fill_null(False).to_numpy()
        if not chosen.any():
            there = sorted(map(str, self.frame[column].unique().head(10)))
            raise BadInput(f"{self.path.name} has no rows with {column} {value!r}; it has {there}.")
        return SourceTable(self.path, self.frame.filter(chosen), self.rows[chosen], self.names)

    def times(self) -> IntArray:
        """Return the time column in nanoseconds; a time without a zone is UTC."""
        column = self.column(self.time_name())
        times = _nanoseconds(column)
        unknown = times.is_null() | ~times.is_between(EARLIEST, LATEST)
        self._refuse(column, unknown, "a date or time is required, as 2024-01-31 or an epoch")
        return times.to_numpy()

    def numbers(self, name: str) -> FloatArray:
        """Return a column of numbers; a cell that is none is refused."""
        column = self.column(name)
        numbers = column.cast(pl.Float64, strict=False)
        self._refuse(column, ~numbers.is_finite().fill_null(False), "a finite number is required")
        return numbers.to_numpy()

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
    """Read a .csv or .parquet file; CorruptData if it is none or has no rows."""
    if path.suffix not in (".csv", ".parquet"):
        raise BadInput(f"{path.name} is neither .csv nor .parquet; convert it to one of them.")
    try:
        frame = _read_csv(path) if path.suffix == ".csv" else _read_parquet(path)
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {path}.") from error
    except DAMAGE as error:
        seen = explained(error)
        raise CorruptData(f"{path.name} cannot be read: {seen}. Export it again.") from error
    if not frame.height:
        raise CorruptData(f"{path.name} has no rows; at least one is required.")
    return SourceTable(path, frame, np.arange(1, frame.height + 1), names or {})


def _read_csv(path: Path) -> pl.DataFrame:
    # Everything as text: a cell that is no number must be shown as it was written.
    return pl.read_csv(path, infer_schema=False)


def _read_parquet(path: Path) -> pl.DataFrame:
    # By its bytes: a file that is cut while it is mapped into memory kills the process.
    return pl.read_parquet(path.read_bytes())


def _nanoseconds(column: pl.Series) -> pl.Series:
    """Times of any kind as int64 nanoseconds UTC; null where a value is none."""
    kind = column.dtype
    if isinstance(kind, pl.Datetime):
        return column.dt.timestamp("ns")
    if kind == pl.Date:
        return column.cast(pl.Datetime("ns")).dt.timestamp("ns")
    if kind.is_integer():
        return _epoch(column.cast(pl.Int64, strict=False))
    if kind == pl.String:
        return _written(column)
    return pl.Series(column.name, [None] * len(column), pl.Int64)


def _written(column: pl.Series) -> pl.Series:
    text = column.str.strip_chars().str.replace(r"^(\d+-\d+-\d+)T", "$1 ")
    text = text.str.replace(r"(Z| UTC)$", "+00:00")
    texts = pl.DataFrame({"text": text})
    written = [_parsed(one) for one in _TIME_FORMATS]
    times = texts.select(pl.coalesce(written)).to_series()
    return times.zip_with(times.is_not_null(), _epoch(text.cast(pl.Int64, strict=False)))


def _parsed(form: str) -> pl.Expr:
    zone = "UTC" if form.endswith("%:z") else None
    time = pl.col("text").str.to_datetime(form, time_unit="ns", time_zone=zone, strict=False)
    return time.dt.timestamp("ns")


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
