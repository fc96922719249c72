"""Bring market data into the catalog: from your own file, or from the bundled sample.

A file stamps a bar with its START, if nobody says otherwise; an event is stamped with its CLOSE.
The rule in full:

- A bar of seconds, minutes or hours closes its period after its start.
- A daily bar's stamp is the label of a session: its date, in the exchange's time zone if every
  stamp is a midnight there, else in UTC. The bar begins and closes with that session in the
  venue's calendar, half days included. Under 24/7 and 24/5 it is the UTC day.
- A split or a dividend happens at the open of its ex-date's bar.

A file is examined whole before a byte is written.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np

from barque.data.catalog import Catalog, Dataset, Table
from barque.data.doors.bars import BarWriter
from barque.data.doors.panel import NUMBERS
from barque.data.importing.contents.actions import funding_table
from barque.data.importing.contents.preparing import prepared_tables
from barque.data.importing.contents.recognising import BARS, recognised
from barque.data.importing.contents.rows import (
    bar_times,
    dividend_tables,
    refuse_future,
    split_tables,
)
from barque.data.importing.shapes.raw import read_raw
from barque.data.importing.shapes.reading import Fact, Said, Stamp
from barque.data.importing.shapes.understanding import ROUND_THE_CLOCK, understand
from barque.data.importing.tables import SourceTable, read_table
from barque.data.sessions import DAILY, IntArray, period_length
from barque.domain.errors import BadInput
from barque.domain.instruments import Instrument, InstrumentKind
from barque.kernels.layout import CLOSE, EVENT_WIDTH, HIGH, LOW, OPEN, START, TS, VOLUME

Progress = Callable[[str, int, int], None]
"""Told what is being imported, how many parts are done and how many there are."""

_PLACES = {
    "ts": TS,
    "start": START,
    "open": OPEN,
    "high": HIGH,
    "low": LOW,
    "close": CLOSE,
    "volume": VOLUME,
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that was read and examined whole, and of which nothing is written yet."""

    instrument: Instrument
    tables: list[Table]
    facts: tuple[Fact, ...]


def import_file(
    catalog: Catalog,
    path: Path,
    instrument: Instrument,
    period: str | None = None,
    *,
    now: int,
    names: Mapping[str, str] | None = None,
) -> list[Dataset]:
    """Import one file of bars and return what the catalog then holds of them.

    Required columns, in any capitalisation: a time (timestamp, datetime, date or time), open,
    high, low, close and volume; `split` (new for one old) and `dividend` (cash for one unit) if
    there are any; with `symbol`, only the instrument's rows are taken. `names` maps these to the
    file's own, as {"volume": "tick_volume"}. `now` is in nanoseconds UTC: a bar that closes after
    it is refused. The shapes of other programs are in `data.importing.shapes`.
    """
    said = Said(period=period, names=names or {})
    return catalog.write(instrument, prepare_file(path, instrument, said, now=now).tables)


def prepare_file(path: Path, instrument: Instrument, said: Said, *, now: int) -> Prepared:
    """Read and examine one file; what it was taken to say is in `facts`."""
    raw = read_raw(path)
    holds = recognised(raw, said)
    if holds.value != BARS:
        tables, facts = prepared_tables(raw, holds.value, instrument, said, now)
        return Prepared(instrument, tables, (holds, *facts))
    understood = understand(raw, instrument, said)
    stamped_open = understood.stamp is Stamp.OPEN
    tables = bar_tables(understood.table, instrument, understood.period, now, stamped_open)
    return Prepared(instrument, tables, (holds, *understood.facts))


def bar_tables(
    source: SourceTable, instrument: Instrument, period: str, now: int, stamped_open: bool = True
) -> list[Table]:
    """Return the splits, dividends and bars of a file, examined; the bars last."""
    times = source.times()
    if not stamped_open and (period != DAILY or instrument.calendar in ROUND_THE_CLOCK):
        times = times - period_length(period)
    start, close = bar_times(source, times, instrument.calendar, period)
    bars = _examined(source, instrument, start, close)
    refuse_future(source, close, now)
    return [
        *split_tables(source, start),
        *dividend_tables(source, instrument, start),
        Table("bar", period, bars),
    ]


def _examined(
    source: SourceTable, instrument: Instrument, start: IntArray, close: IntArray
) -> dict[str, IntArray]:
    columns = {"ts": close, "start": start} | {name: source.numbers(name) for name in NUMBERS}
    rows = np.empty((close.size, EVENT_WIDTH), np.int64)

    def show(row: int, column: str, value: object) -> str:
        name = source.time_name() if column in ("ts", "start") else column
        shown = source.column(name)[row] if column in ("ts", "start") else value
        return f"{source.place(row, name)}: the value is {shown}"

    BarWriter(instrument, 0, show).write(columns, rows)
    return {name: np.ascontiguousarray(rows[:, place]) for name, place in _PLACES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One data set of a folder: a file, the symbols to take from it and what they are."""

    file: str
    venue: str
    symbols: list[str]
    kind: InstrumentKind
    currency: str
    calendar: str
    price_digits: int
    quantity_digits: int
    tick: str
    lot: str
    period: str
    licence: str
    names: dict[str, str] = field(default_factory=dict)
    funding: str | None = None

    def instrument(self, symbol: str) -> Instrument:
        return Instrument(
            id=f"{symbol}.{self.venue}",
            kind=InstrumentKind(self.kind),
            currency=self.currency,
            price_digits=self.price_digits,
            quantity_digits=self.quantity_digits,
            tick=Decimal(self.tick),
            lot=Decimal(self.lot),
            calendar=self.calendar,
        )


def described(folder: Path) -> list[Described]:
    """Return the data sets that `datasets.toml` in `folder` describes."""
    file = folder / "datasets.toml"
    try:
        entries = tomllib.loads(file.read_text())["dataset"]
        return [Described(**entry) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{file} does not describe data sets ({error}). Restore it.") from error


def import_sample(
    catalog: Catalog, folder: Path, progress: Progress = lambda *_: None, *, now: int
) -> list[Dataset]:
    """Import every data set that `datasets.toml` in `folder` describes.

    A data set is examined whole, all its symbols, before any of it is written. Importing again
    changes nothing.
    """
    wanted = described(folder)
    total = sum(len(one.symbols) for one in wanted)
    written: list[Dataset] = []
    done = 0
    for one in wanted:
        for instrument, tables in _prepared(one, folder, now):
            written += catalog.write(instrument, tables)
            done += 1
            progress(instrument.id, done, total)
    return written


def _prepared(one: Described, folder: Path, now: int) -> list[tuple[Instrument, list[Table]]]:
    bars = read_table(folder / one.file, one.names)
    funding = read_table(folder / one.funding, one.names) if one.funding else None
    prepared = []
    for instrument in map(one.instrument, one.symbols):
        tables = bar_tables(bars.only("symbol", instrument.symbol), instrument, one.period, now)
        if funding is not None:
            tables.insert(
                0, funding_table(funding.only("symbol", instrument.symbol), instrument, now)
            )
        prepared.append((instrument, tables))
    return prepared
