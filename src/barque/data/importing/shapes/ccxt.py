"""CCXT's fetchOHLCV as JSON: [[milliseconds, open, high, low, close, volume], ...].

Stamps are the OPEN, epochs UTC.
"""

from barque.data.importing.shapes.named import COLUMNS, named_table, positional
from barque.data.importing.shapes.raw import Raw
from barque.data.importing.shapes.reading import Fact, Reading, Said, Shape, Stamp
from barque.domain.instruments import Instrument


def claims(raw: Raw) -> str:
    """Say that it is JSON with six numbers a row."""
    is_it = raw.path.suffix == ".json" and len(raw.first) == len(COLUMNS)
    return "it is JSON with six numbers a row" if is_it else ""


def read(raw: Raw, said: Said, instrument: Instrument) -> Reading:
    """Return the six columns."""
    table = named_table(raw, said, positional(raw, COLUMNS))
    facts = (Fact("time zone", "UTC", "CCXT writes epochs"),)
    return Reading(table=table, facts=facts, stamp=Stamp.OPEN)


SHAPE = Shape("ccxt", claims, read)
