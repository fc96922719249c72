"""Bring bars into the catalog: from your own file of any known shape, or from the bundled sample.

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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from barque.data.bars import NUMBERS, BarWriter
from barque.data.catalog import Catalog, Dataset, Table
from barque.data.kinds import EVENT
from barque.data.sessions import DAILY, DAY, NO_SESSION, IntArray, period_length, session_hours
from barque.data.shapes.reading import Fact, Said, Stamp
from barque.data.shapes.understanding import ROUND_THE_CLOCK, session_days, understand
from barque.data.splits import LARGEST_TERM, split_terms
from barque.data.tables import FloatArray, SourceTable, read_table
from barque.domain.errors import BadInput, CorruptData
from barque.domain.instruments import (
    LARGEST_VALUE,
    RATE_SCALE,
    Instrument,
    InstrumentKind,
    cash_digits,
)
from barque.kernels.event_rows import to_units
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
    it is refused. The shapes of other programs are in `data.shapes`.
    """
    said = Said(period=period, names=names or {})
    return catalog.write(instrument, prepare_file(path, instrument, said, now=now).tables)


def prepare_file(path: Path, instrument: Instrument, said: Said, *, now: int) -> Prepared:
    """Read and examine one file of bars; what it was taken to say is in `facts`."""
    understood = understand(path, instrument, said)
    stamped_open = understood.stamp is Stamp.OPEN
    tables = bar_tables(understood.table, instrument, understood.period, now, stamped_open)
    return Prepared(instrument, tables, understood.facts)


def bar_tables(
    source: SourceTable, instrument: Instrument, period: str, now: int, stamped_open: bool = True
) -> list[Table]:
    """Return the splits, dividends and bars of a file, examined; the bars last."""
    times = source.times()
    if not stamped_open and (period != DAILY or instrument.calendar in ROUND_THE_CLOCK):
        times = times - period_length(period)
    start, close = bar_times(source, times, instrument.calendar, period)
    bars = _examined(source, instrument, start, close)
    _refuse_future(source, close, now)
    return [
        *_splits(source, start),
        *_dividends(source, instrument, start),
        Table("bar", period, bars),
    ]


def bar_times(
    source: SourceTable, times: IntArray, calendar: str, period: str
) -> tuple[IntArray, IntArray]:
    """Return when the bars that are stamped with `times` begin and close, nanoseconds UTC."""
    if period != DAILY:
        return times, times + period_length(period)
    if calendar in ROUND_THE_CLOCK:
        return times, times + DAY
    labels = session_days(times, calendar)
    days = times // DAY * DAY if labels is None else labels
    opens, closes = session_hours(calendar, days)
    closed = np.flatnonzero(opens == NO_SESSION)
    if closed.size:
        place = source.place(int(closed[0]), source.time_name())
        day = _second(int(days[closed[0]])).astype("M8[D]")
        raise CorruptData(f"{place}: {day} is no session of the calendar {calendar}.")
    return opens, closes


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


def _refuse_future(source: SourceTable, close: IntArray, now: int) -> None:
    late = np.flatnonzero(close > now)
    if late.size:
        row = int(late[0])
        raise CorruptData(
            f"{source.place(row, source.time_name())}: the bar closes at "
            f"{_second(int(close[row]))} UTC, in the future; it is now {_second(now)} UTC."
        )


def _second(ts: int) -> np.datetime64:
    return np.datetime64(ts // 10**9, "s")


def _splits(source: SourceTable, start: IntArray) -> Iterator[Table]:
    if not source.has("split"):
        return
    ratios = source.numbers("split")
    largest = LARGEST_TERM
    _refuse(source, "split", ratios, ratios > largest, f"at most {largest} is allowed")
    _refuse(source, "split", ratios, ratios < 1 / largest, f"at least 1/{largest} is allowed")
    rows = np.flatnonzero(ratios != 1.0)
    terms = [split_terms(float(ratio)) for ratio in ratios[rows]]
    if rows.size:
        new = np.array([term.numerator for term in terms], np.int64)
        old = np.array([term.denominator for term in terms], np.int64)
        yield Table("split", EVENT, {"ts": start[rows], "new": new, "old": old})


def _dividends(source: SourceTable, instrument: Instrument, start: IntArray) -> Iterator[Table]:
    if not source.has("dividend"):
        return
    amounts = source.numbers("dividend")
    _refuse(source, "dividend", amounts, amounts < 0, "a dividend may not be negative")
    rows = np.flatnonzero(amounts)
    if rows.size:
        units = _units(source, "dividend", amounts[rows], 10.0 ** cash_digits(instrument.currency))
        yield Table("dividend", EVENT, {"ts": start[rows], "amount": units})


def funding_table(source: SourceTable, now: int) -> Table:
    """Return the funding rates of a file: a time column and `rate`, a fraction of notional."""
    times = source.times()
    _refuse_future(source, times, now)
    rates = _units(source, "rate", source.numbers("rate"), float(RATE_SCALE))
    return Table("funding", EVENT, {"ts": times, "rate": rates})


def _units(source: SourceTable, name: str, numbers: FloatArray, scale: float) -> IntArray:
    allowed = f"at most {LARGEST_VALUE / scale:g} is allowed"
    _refuse(source, name, numbers, np.abs(numbers) * scale > LARGEST_VALUE, allowed)
    return np.array([to_units(number, scale) for number in numbers]).astype(np.int64)


def _refuse(
    source: SourceTable, name: str, values: FloatArray, wrong: NDArray[np.bool_], allowed: str
) -> None:
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise CorruptData(f"{source.place(row, name)}: the value is {values[row]}; {allowed}.")


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
            tables.insert(0, funding_table(funding.only("symbol", instrument.symbol), now))
        prepared.append((instrument, tables))
    return prepared
