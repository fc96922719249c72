"""What a file of bars is taken to say, and why; what could mean two things is refused.

The period of a bar is what a person says, else what the shape knows, else the smallest step
between two stamps. Steps shorter than the period are refused.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from barque.data.importing.shapes import binance, ccxt, freqtrade, lean, named, yahoo
from barque.data.importing.shapes.raw import Raw
from barque.data.importing.shapes.reading import Fact, Reading, Said, Shape, Stamp
from barque.data.importing.tables import SourceTable, in_zone
from barque.data.sessions import (
    DAILY,
    DAY,
    IntArray,
    local_midnights,
    period_length,
    session_spans,
    time_zone,
)
from barque.domain.errors import BadInput, UnknownName
from barque.domain.instruments import Instrument

SHAPES = (binance.SHAPE, ccxt.SHAPE, freqtrade.SHAPE, lean.SHAPE, yahoo.SHAPE, named.SHAPE)
"""Those that are asked, in this order; the last takes whatever has names."""

ROUND_THE_CLOCK = ("24/7", "24/5")


@dataclass(frozen=True, slots=True)
class Understood:
    """A file of one instrument's bars: its rows, and what a stamp and a row mean."""

    table: SourceTable
    period: str
    stamp: Stamp
    facts: tuple[Fact, ...]


def understand(raw: Raw, instrument: Instrument, said: Said) -> Understood:
    """Return what a file says of an instrument; BadInput says what to pass where it is unclear."""
    path = raw.path
    shape, why = _shape(raw, said)
    reading = shape.read(raw, said, instrument)
    table = chosen_rows(reading.table, instrument, said)
    times = table.times()
    period = period_of(times, reading, said, instrument, path)
    stamp = stamp_of(reading, said)
    if shape is named.SHAPE:
        _refuse_other_hours(times, instrument, period.value, said, path)
    facts = (
        Fact("shape", shape.name, why),
        Fact("columns", _columns(table), "their names" if raw.has_header else "their places"),
        *reading.facts,
        stamp,
        period,
        Fact("instrument", instrument.id, whose(table, instrument)),
        *_digits(table, instrument),
    )
    return Understood(table, period.value, Stamp(stamp.value), facts)


def _shape(raw: Raw, said: Said) -> tuple[Shape, str]:
    known = {shape.name: shape for shape in SHAPES}
    if said.shape is not None:
        if said.shape not in known:
            raise UnknownName("shape", said.shape, known, "barque data import --help")
        return known[said.shape], "you say so"
    for shape in SHAPES:
        if why := shape.claims(raw):
            return shape, why
    raise BadInput(
        f"{raw.path.name} has no line of column names and is not of a shape that is known "
        f"({', '.join(known)}). Put the names in its first line: timestamp,open,high,low,close,"
        "volume."
    )


def chosen_rows(table: SourceTable, instrument: Instrument, said: Said) -> SourceTable:
    """Return the rows of the instrument, and of those what a person asked for."""
    table = table.only("symbol", instrument.symbol)
    for name, value in said.only.items():
        table.column(name)
        table = table.only(name, value)
    return table


def stamp_of(reading: Reading, said: Said) -> Fact:
    """Return which moment of a bar its time is; BadInput if its shape knows better."""
    if said.stamp is not None:
        if reading.stamp is not None and reading.stamp is not said.stamp:
            raise BadInput(
                f"--stamp is {said.stamp}, but this file stamps a bar with its {reading.stamp}; "
                "leave --stamp out, or pass --shape pandas to read it otherwise."
            )
        return Fact("stamp", said.stamp, "you say so")
    if reading.stamp is not None:
        return Fact("stamp", reading.stamp, "this shape has no other")
    return Fact("stamp", Stamp.OPEN, "a file stamps a bar with its start, if nobody says otherwise")


def period_of(
    times: IntArray, reading: Reading, said: Said, instrument: Instrument, path: Path
) -> Fact:
    """Return the period of bars, and why; BadInput if it cannot be told."""
    steps = np.diff(times)
    smallest = int(steps[steps > 0].min()) if (steps > 0).any() else 0
    if said.period is not None:
        found = Fact("period", said.period, "you say so")
    elif reading.period is not None:
        found = Fact("period", reading.period, "the file's name")
    else:
        found = _seenperiod_of(times, smallest, instrument, path)
    if found.value != DAILY and 0 < smallest < period_length(found.value):
        raise BadInput(
            f"{path.name}: bars of {found.value} ({found.why}) would overlap, two rows are only "
            f"{smallest / 10**9:g} s apart. Say another --period."
        )
    return found


def _seenperiod_of(times: IntArray, smallest: int, instrument: Instrument, path: Path) -> Fact:
    if smallest == 0:
        raise BadInput(
            f"{path.name} has only one time, which says nothing of how long a bar is; say it with "
            "--period, as 1m or 1d."
        )
    if session_days(times, instrument.calendar) is not None:
        return Fact("period", DAILY, "every stamp is a midnight")
    for unit, name in ((3_600, "h"), (60, "m"), (1, "s")):
        count, rest = divmod(smallest, unit * 10**9)
        if not rest and smallest < DAY:
            return Fact("period", f"{count}{name}", "the smallest step between two stamps")
    raise BadInput(
        f"{path.name}: the smallest step between two stamps is {smallest / 10**9:g} s, which is no "
        "period of bars; say it with --period, as 1m or 1d."
    )


def session_days(times: IntArray, calendar: str) -> IntArray | None:
    """Return the UTC midnights of the days that stamps are labels of; None if they are none.

    A label is a midnight in UTC or, under an exchange's calendar, in the exchange's time zone.
    """
    if not (times % DAY).any():
        return times
    if calendar in ROUND_THE_CLOCK:
        return None
    return local_midnights(times, calendar)


def _refuse_other_hours(
    times: IntArray, instrument: Instrument, period: str, said: Said, path: Path
) -> None:
    """Refuse stamps that fit the exchange's sessions only if they are read in another way."""
    if period == DAILY or instrument.calendar in ROUND_THE_CLOCK:
        return
    opens, closes = session_spans(
        instrument.calendar, int(times.min()) - DAY, int(times.max()) + DAY
    )
    if said.zone is None:
        zone = time_zone(instrument.calendar)
        there = in_zone(_as_clock(times), zone).drop_nulls().to_numpy()
        if _share_within(there, opens, closes) > 0.9 > 0.6 > _share_within(times, opens, closes):
            raise BadInput(
                f"{path.name}: most stamps lie outside the sessions of {instrument.calendar} if "
                f"they are UTC, and inside if they are local; say --zone {zone} or --zone UTC."
            )
    if said.stamp is None and np.isin(closes, times).any() and not np.isin(opens, times).any():
        raise BadInput(
            f"{path.name}: there are stamps at the close of sessions and none at an open, as if a "
            "bar were stamped with its close; say --stamp close, or --stamp open if it is not."
        )


def _as_clock(times: IntArray) -> pl.Series:
    return pl.Series(times).cast(pl.Datetime("ns"))


def _share_within(times: IntArray, opens: IntArray, closes: IntArray) -> float:
    at = np.searchsorted(opens, times, "right") - 1
    within = (at >= 0) & (times <= closes[np.maximum(at, 0)])
    return float(within.mean()) if times.size else 0.0


def _columns(table: SourceTable) -> str:
    ours = (table.time_name(), *named.COLUMNS[1:], "dividend", "split", "symbol")
    return ", ".join(f"{name} = {table.column(name).name}" for name in ours if table.has(name))


def whose(table: SourceTable, instrument: Instrument) -> str:
    """Say why the rows are taken for an instrument's."""
    if table.has("symbol"):
        return f"the {table.frame.height:,} rows with this symbol"
    return f"you say so; the file {table.path.name} names none in a column"


def _digits(table: SourceTable, instrument: Instrument) -> list[Fact]:
    kept = {"price": instrument.price_digits, "volume": instrument.quantity_digits}
    return [
        Fact(f"{what} digits", f"{seen} seen, {kept[what]} kept", _rounding(seen, kept[what]))
        for what, column in (("price", "close"), ("volume", "volume"))
        if table.has(column)
        for seen in [decimals_seen(table, column)]
    ]


def _rounding(seen: int, kept: int) -> str:
    return "nothing is rounded" if seen <= kept else "rounded to what the instrument keeps"


def decimals_seen(table: SourceTable, name: str) -> int:
    """Return the most decimals that a number of a column is written with."""
    numbers = table.numbers(name)
    return next((d for d in range(16) if (np.round(numbers, d) == numbers).all()), 16)
