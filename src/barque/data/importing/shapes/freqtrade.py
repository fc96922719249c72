"""freqtrade's feather files: date, open, high, low, close, volume, as BTC_USDT-5m.feather.

Stamps are the OPEN, in UTC. The file's name says the pair and the period; a perpetual's is
BTC_USDT_USDT-5m-futures.feather.
"""

import re

from barque.data.importing.shapes.named import COLUMNS, named_table
from barque.data.importing.shapes.raw import Raw
from barque.data.importing.shapes.reading import Fact, Reading, Said, Shape, Stamp
from barque.domain.instruments import Instrument

_NAME = re.compile(r"(?P<pair>[A-Za-z0-9]+_[A-Za-z0-9_]+)-(?P<period>\d+[mhd])(-\w+)?")


def claims(raw: Raw) -> str:
    """Say that it is feather with just the columns of freqtrade."""
    is_it = raw.path.suffix == ".feather" and raw.names == {"date", *COLUMNS[1:]}
    return "it is feather with date, open, high, low, close and volume" if is_it else ""


def read(raw: Raw, said: Said, instrument: Instrument) -> Reading:
    """Return the columns, and the period that the file's name says."""
    table = named_table(raw, said, {"timestamp": "date"})
    facts = [Fact("time zone", "UTC", "freqtrade writes UTC")]
    match = _NAME.fullmatch(raw.path.stem)
    if match is None:
        return Reading(table=table, facts=tuple(facts), stamp=Stamp.OPEN)
    facts.append(Fact("pair", match["pair"].replace("_", "/", 1), "the file's name"))
    return Reading(table=table, facts=tuple(facts), stamp=Stamp.OPEN, period=match["period"])


SHAPE = Shape("freqtrade", claims, read)
