"""LEAN's .zip files of trade bars: no header, time, open, high, low, close, volume.

Daily and hourly rows are stamped `20130107 00:00`; seconds and minutes count milliseconds since
midnight, and their day is in the name of the file inside (20131007_spy_minute_trade.csv). Stamps
are the OPEN. Equities are in New York time, with prices in 1/10,000; all else is in UTC, unscaled.
"""

import re

import polars as pl

from barque.data.importing.shapes.named import COLUMNS, named_table, positional
from barque.data.importing.shapes.raw import MEMBER, Raw
from barque.data.importing.shapes.reading import Fact, Reading, Said, Shape, Stamp
from barque.data.sessions import DAY
from barque.domain.errors import BadInput
from barque.domain.instruments import Instrument, InstrumentKind

SCALE = 10_000
NEW_YORK = "America/New_York"
_DAILY = re.compile(r"\d{8} \d\d:\d\d")
_PRICES = COLUMNS[1:5]
_TIME = "%Y%m%d %H:%M:%S%.f"


def claims(raw: Raw) -> str:
    """Say that it is a .zip of six columns without names, with LEAN's times."""
    first = raw.first
    if raw.path.suffix != ".zip" or raw.has_header or len(first) != len(COLUMNS):
        return ""
    is_time = bool(_DAILY.fullmatch(first[0])) or _is_since_midnight(first[0])
    return f"it is a .zip without column names whose times are as {first[0]}" if is_time else ""


def read(raw: Raw, said: Said, instrument: Instrument) -> Reading:
    """Return the bars with their days and with prices as people write them."""
    is_equity = instrument.kind is InstrumentKind.EQUITY
    zone, scale = (NEW_YORK, SCALE) if is_equity else ("UTC", 1)
    named = raw.frame.rename({theirs: ours for ours, theirs in positional(raw, COLUMNS).items()})
    frame = named.with_columns(
        _written_time(raw, named).alias("timestamp"), *(_scaled(one, scale) for one in _PRICES)
    )
    said_as_lean = Said(zone=said.zone, time_format=_TIME, names=said.names)
    table = named_table(Raw(raw.path, frame), said_as_lean, {}, zone)
    why = f"LEAN writes the {instrument.kind} of {instrument.id} so"
    facts = (
        Fact("time zone", table.zone, "you say so" if said.zone else why),
        Fact("prices", f"divided by {scale:,}" if scale > 1 else "as written", why),
    )
    return Reading(table=table, facts=facts, stamp=Stamp.OPEN)


def _written_time(raw: Raw, frame: pl.DataFrame) -> pl.Series:
    """Every time with its day, as text of one form; null where it cannot be read."""
    text = frame["timestamp"].str.strip_chars()
    if not _is_since_midnight(raw.first[0]):
        return text + ":00"
    days = frame[MEMBER].str.extract(r"(?:^|/)(\d{8})_")
    if days.null_count():
        row = int(days.is_null().arg_true()[0])
        raise BadInput(
            f"{raw.path.name} holds {frame[MEMBER][row]}, whose name does not begin with a day, "
            "as 20131007_spy_minute_trade.csv; its times count from that day's midnight."
        )
    number = text.cast(pl.Int64, strict=False)
    number = number.set(~number.is_between(0, DAY // 10**6 - 1), None)
    since = (number * 10**6).cast(pl.Time).dt.to_string("%H:%M:%S%.f")
    return days + " " + since


def _scaled(name: str, scale: int) -> pl.Expr:
    """A price; a cell that is no number stays as it is, to be shown."""
    if scale == 1:
        return pl.col(name)
    price = pl.col(name).cast(pl.Float64, strict=False) / scale
    return pl.coalesce(price.cast(pl.String), pl.col(name)).alias(name)


def _is_since_midnight(cell: str) -> bool:
    return cell.isdigit() and int(cell) < DAY // 10**6


SHAPE = Shape("lean", claims, read)
