"""The catalog: market data on disk as Parquet, by venue, instrument, kind and period.

    <root>/XNAS/AAPL/instrument.json
    <root>/XNAS/AAPL/bar/1d/<first ts>_<last ts>.parquet
    <root>/XNAS/AAPL/trade/tick/<first ts>_<last ts>.parquet
    <root>/XNAS/AAPL/split/event/<first ts>_<last ts>.parquet

The kinds and their columns are those of `data.kinds`. Every column is int64: times in nanoseconds
UTC, prices and volumes in units of the instrument. A file appears whole or not at all. A file
whose time range lies inside another's is superseded by it and is not read.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl

from barque.data.doors.writers import examine
from barque.data.files import (
    PROMISE,
    Content,
    alone,
    combined_hash,
    keep_promises,
    write_all,
)
from barque.data.kinds import EVENT, KINDS, MARKET, TICK, Kind, decimals
from barque.data.parquet import ALWAYS, STRETCH, batches, parquet_content, summary
from barque.data.sessions import IntArray, period_length
from barque.domain.errors import BadInput, CorruptData, NotReady, UnknownName
from barque.domain.instruments import Instrument, InstrumentKind

DESCRIPTION = "instrument.json"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MEANING = (
    "kind",
    "currency",
    "price_digits",
    "quantity_digits",
    "multiplier",
    "multiplier_digits",
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """What the catalog holds of one instrument, kind and period.

    `start` and `end` are the first and the last ts, nanoseconds UTC. `content_hash` depends on
    the numbers alone: the same data in another file, or on another machine, has the same hash.
    """

    instrument: str
    kind: str
    period: str
    rows: int
    start: int
    end: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to be written: the columns of `kind`, sorted by ts.

    Only trades and quotes may share a ts. Bars have a period such as 1m, trades and quotes TICK,
    all else EVENT.
    """

    kind: str
    period: str
    columns: Mapping[str, IntArray]


class Catalog:
    """The market data under one folder."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def instruments(self) -> list[Instrument]:
        """Return every instrument in the catalog, sorted by id."""
        for promise in self.root.glob(f"*/*/*{PROMISE}"):
            keep_promises(promise.parent)
        files = sorted(self.root.glob(f"*/*/{DESCRIPTION}"))
        return sorted((_read_instrument(file) for file in files), key=lambda one: one.id)

    def instrument(self, instrument_id: str) -> Instrument:
        """Return one instrument; UnknownName if it is not in the catalog."""
        symbol, _, venue = instrument_id.rpartition(".")
        folder = self.root / venue / symbol
        if _NAME.fullmatch(symbol) and _NAME.fullmatch(venue):
            keep_promises(folder)
            if (folder / DESCRIPTION).exists():
                return _read_instrument(folder / DESCRIPTION)
        known = [instrument.id for instrument in self.instruments()]
        raise UnknownName("instrument", instrument_id, known, "barque data list")

    def datasets(self) -> list[Dataset]:
        """Return what is there, sorted by instrument, kind and period."""
        return [
            _dataset(instrument, folder.parent.name, folder.name, files)
            for instrument in self.instruments()
            for folder in sorted(self._folder(instrument).glob("*/*"))
            if (files := _current(folder))
        ]

    def files(self, instrument: Instrument, kind: str, period: str) -> list[Path]:
        """Return the Parquet files of a data set in order of time; none if there is none."""
        keep_promises(self._folder(instrument))
        return _current(self._folder(instrument) / kind / period)

    def bar_files(self, instrument: Instrument, period: str) -> list[Path]:
        """Return the files of the bars of `period`; NotReady if there are none."""
        files = self.files(instrument, "bar", period)
        if not files:
            raise NotReady(
                f"{instrument.id} has no bars of {period!r} in the catalog; it has "
                f"{self._instead_of_bars(instrument)} `barque data import` brings some in."
            )
        return files

    def dataset(self, instrument: Instrument, kind: str, period: str) -> Dataset:
        """Return the description of a data set that exists."""
        return _dataset(instrument, kind, period, self.files(instrument, kind, period))

    def frame(self, instrument_id: str, kind: str, period: str) -> pl.DataFrame:
        """Return a data set with times in UTC and numbers as people write them (float64).

        Bars: ts (close), start, open, high, low, close, volume. The other kinds: see KINDS; they
        are empty if there is nothing.
        """
        instrument, what = self.instrument(instrument_id), KINDS[kind]
        bars = kind == "bar"
        files = self.bar_files(instrument, period) if bars else self.files(instrument, kind, period)
        schema = dict.fromkeys(what.every_column, pl.Int64)
        parts = (
            part
            for file in files
            for part in batches(file, what.columns, STRETCH, *ALWAYS, optional=what.optional)
        )
        units = pl.concat([pl.DataFrame(schema=schema), *map(pl.DataFrame, parts)])
        return units.select(_human(instrument, name) for name in units.columns)

    def write(self, instrument: Instrument, tables: Sequence[Table]) -> list[Dataset]:
        """Add tables of one instrument, all or none, and return the data sets they became.

        A table replaces what lies within its own time range; BadInput if it covers only a part
        of a file that is there, or if the instrument is known with other units.
        """
        for table in tables:
            _check_table(instrument, table)
        with alone(self._folder(instrument)):
            self._put(instrument, tables)
        return [self.dataset(instrument, table.kind, table.period) for table in tables]

    def fill(self, instrument: Instrument, table: Table) -> Dataset:
        """Add the rows of a table at times that its data set has not; one file holds all then.

        What others write meanwhile stays. CorruptData, with nothing written, if the rows are not
        sane among those that are there; BadInput as `write`.
        """
        _check_table(instrument, table)
        kind = KINDS[table.kind]
        with alone(self._folder(instrument)):
            held = _held(self.files(instrument, table.kind, table.period), kind)
            columns = _filled(held, table.columns)
            examine(kind, instrument, columns, f"The {table.kind} data of {instrument.id}, joined")
            self._put(instrument, [Table(table.kind, table.period, columns)])
        return self.dataset(instrument, table.kind, table.period)

    def _put(self, instrument: Instrument, tables: Sequence[Table]) -> None:
        """Write tables and remove what they supersede; only one may do so at a time."""
        self._check_meaning(instrument)
        for table in tables:
            self._check_overlap(instrument, table)
        contents = {self._file(instrument, one): parquet_content(one.columns) for one in tables}
        write_all({self._folder(instrument) / DESCRIPTION: _json(instrument), **contents})
        for table in tables:
            self._remove_superseded(instrument, table)

    def _instead_of_bars(self, instrument: Instrument) -> str:
        """Say which other bars there are; if none, what else a run can be told, and how."""
        folders = [path for path in sorted(self._folder(instrument).glob("*/*")) if _current(path)]
        market = [(path.parent.name, path.name) for path in folders if path.parent.name in MARKET]
        if bars := [period for kind, period in market if kind == "bar"]:
            return f"{', '.join(bars)}."
        if not market:
            return "no bars at all."
        ways = " and ".join(_way(kind, period) for kind, period in market)
        has_ticks = any(period == TICK for _, period in market)
        build = " Add `--build 1h`, and bars are built of ticks." if has_ticks else ""
        return f"no bars at all, but {ways}.{build}"

    def _folder(self, instrument: Instrument) -> Path:
        for part in (instrument.venue, instrument.symbol):
            if not _NAME.fullmatch(part):
                raise BadInput(
                    f"Instrument id {instrument.id!r} cannot be kept; use letters, digits, "
                    "point, hyphen and underscore, beginning with a letter or digit."
                )
        return self.root / instrument.venue / instrument.symbol

    def _file(self, instrument: Instrument, table: Table) -> Path:
        ts = table.columns["ts"]
        name = f"{_stamp(int(ts[0]))}_{_stamp(int(ts[-1]))}.parquet"
        return self._folder(instrument) / table.kind / table.period / name

    def _check_meaning(self, instrument: Instrument) -> None:
        file = self._folder(instrument) / DESCRIPTION
        if not file.exists():
            return
        known = _read_instrument(file)
        for name in _MEANING:
            if getattr(known, name) != getattr(instrument, name):
                raise BadInput(
                    f"{instrument.id} is in the catalog with {name} {getattr(known, name)}, not "
                    f"{getattr(instrument, name)}. Use the same, or remove {file.parent} first."
                )

    def _check_overlap(self, instrument: Instrument, table: Table) -> None:
        new = _range(self._file(instrument, table))
        for file in self.files(instrument, table.kind, table.period):
            old = _range(file)
            if old[0] <= new[1] and new[0] <= old[1] and not _within(old, new):
                raise BadInput(
                    f"{instrument.id} already has {table.kind} data from {old[0]} to {old[1]}, "
                    f"and the new data, from {new[0]} to {new[1]}, covers only a part of it. "
                    f"Import the whole range, or remove {file} first."
                )

    def _remove_superseded(self, instrument: Instrument, table: Table) -> None:
        new = self._file(instrument, table)
        for file in new.parent.glob("*.parquet"):
            if file != new and _within(_range(file), _range(new)):
                file.unlink()


def _way(kind: str, period: str) -> str:
    """Name a kind of market data, and the options by which a run is told it."""
    of_period = "" if period == TICK else f" --period {period}"
    return f"{kind.replace('_', ' ')}s (`--market {kind}{of_period}`)"


def _current(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.parquet"))
    return [
        file
        for file in files
        if not any(one != file and _within(_range(file), _range(one)) for one in files)
    ]


def _range(file: Path) -> tuple[str, str]:
    first, _, last = file.stem.partition("_")
    return first, last


def _within(inner: tuple[str, str], outer: tuple[str, str]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _stamp(ts: int) -> str:
    """A time as a file name that sorts by time: 2013-01-02T21-00-00.000000000Z."""
    return str(np.datetime64(ts, "ns")).replace(":", "-") + "Z"


def _held(files: Sequence[Path], kind: Kind) -> Mapping[str, IntArray]:
    parts = [part for file in files for part in batches(file, kind.columns, STRETCH, *ALWAYS)]
    nothing = np.empty(0, np.int64)
    return {name: np.concatenate([nothing, *(p[name] for p in parts)]) for name in kind.columns}


def _filled(held: Mapping[str, IntArray], new: Mapping[str, IntArray]) -> Mapping[str, IntArray]:
    """Return the rows that are held and those at other times, sorted by time."""
    is_new = ~np.isin(new["ts"], held["ts"])
    joined = {name: np.concatenate([held[name], new[name][is_new]]) for name in held}
    order = np.argsort(joined["ts"], kind="stable")
    return {name: column[order] for name, column in joined.items()}


def _dataset(instrument: Instrument, kind: str, period: str, files: Sequence[Path]) -> Dataset:
    parts = [summary(file) for file in files]
    return Dataset(
        instrument=instrument.id,
        kind=kind,
        period=period,
        rows=sum(part.rows for part in parts),
        start=parts[0].start,
        end=parts[-1].end,
        content_hash=combined_hash([part.content_hash for part in parts]),
    )


def _check_table(instrument: Instrument, table: Table) -> None:
    kind = KINDS[table.kind]
    given = tuple(name for name in kind.every_column if name in table.columns)
    assert tuple(table.columns) == given, f"columns of {table.kind}"
    assert set(kind.columns) <= set(given), f"columns of {table.kind}"
    assert len({column.size for column in table.columns.values()}) == 1, "one length"
    _check_period(kind, table.period)
    ts = table.columns["ts"]
    steps = np.diff(ts)
    if not ts.size or not (steps >= 0 if kind.may_tie else steps > 0).all():
        raise CorruptData(
            f"The {table.kind} data of {instrument.id} is empty or not sorted by time; "
            "at least one row, and each time only once, is required."
        )
    if table.kind != "bar":  # whoever makes a table of bars has examined them
        examine(kind, instrument, table.columns, f"The {table.kind} data of {instrument.id}")


def _check_period(kind: Kind, period: str) -> None:
    if kind.has_bars:
        period_length(period)
    else:
        wanted = TICK if kind.may_tie else EVENT
        assert period == wanted, f"the period of {kind.name} is {wanted}"


def _human(instrument: Instrument, name: str) -> pl.Expr:
    if name in ("ts", "start"):
        return pl.from_epoch(name, time_unit="ns").dt.replace_time_zone("UTC")
    digits = decimals(instrument, name)
    return pl.col(name) / 10.0**digits if digits else pl.col(name)


def _json(instrument: Instrument) -> Content:
    text = json.dumps(asdict(instrument), default=str, indent=1)
    return lambda file: file.write(text.encode())


def _read_instrument(file: Path) -> Instrument:
    try:
        fields = json.loads(file.read_text())
        fields |= {name: Decimal(fields[name]) for name in ("tick", "lot")}
        return Instrument(**fields | {"kind": InstrumentKind(fields["kind"])})
    except (OSError, ValueError, ArithmeticError, KeyError, TypeError) as error:
        raise CorruptData(
            f"{file} does not describe an instrument ({error}). "
            f"Remove {file.parent} and import its data again."
        ) from error
