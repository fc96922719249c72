"""Binance klines: twelve columns, with or without a header, CSV or the .zip they come in.

    open time, open, high, low, close, volume, close time, quote volume, trades, ..., ..., ...

Stamps are the OPEN, epochs UTC: milliseconds, since 2025 microseconds. The close time is one
millisecond (microsecond) before the next bar, and says the period.
"""

from barque.data.importing.shapes.named import COLUMNS, named_table, positional
from barque.data.importing.shapes.raw import Raw
from barque.data.importing.shapes.reading import Fact, Reading, Said, Shape, Stamp
from barque.domain.instruments import Instrument

WIDTH = 12
_SMALLEST_EPOCH = 13  # digits of milliseconds


def claims(raw: Raw) -> str:
    """Say that there are the twelve columns of a kline, and times where they belong."""
    if raw.has_header and {"open_time", "close_time"} <= raw.names:
        return "it has the columns open_time and close_time"
    first = raw.first
    if not raw.has_header and len(first) == WIDTH and all(map(_is_epoch, (first[0], first[6]))):
        return "it has twelve columns without names, the first and the seventh epochs"
    return ""


def read(raw: Raw, said: Said, instrument: Instrument) -> Reading:
    """Return the first six columns."""
    table = named_table(raw, said, positional(raw, COLUMNS))
    facts = (Fact("time zone", "UTC", "Binance writes epochs"),)
    return Reading(table=table, facts=facts, stamp=Stamp.OPEN)


def _is_epoch(cell: str) -> bool:
    return cell.isdigit() and len(cell) >= _SMALLEST_EPOCH


SHAPE = Shape("binance", claims, read)
