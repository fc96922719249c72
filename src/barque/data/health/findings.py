"""One thing that was found in a file, how bad it is, and where."""

from dataclasses import dataclass
from enum import StrEnum

MOST_PLACES = 200
"""So many places of one finding are kept; its count is of all."""


class Level(StrEnum):
    """How bad it is: an error must not be traded on, a warning needs a look, a note is as it is."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


LEVELS = {
    "unsorted": Level.ERROR,
    "duplicate": Level.ERROR,
    "not_a_number": Level.ERROR,
    "not_positive": Level.ERROR,
    "bad_ohlc": Level.ERROR,
    "negative_volume": Level.ERROR,
    "future": Level.ERROR,
    "crossed": Level.WARNING,
    "outlier": Level.WARNING,
    "unadjusted_split": Level.WARNING,
    "gap": Level.WARNING,
    "no_session": Level.WARNING,
    "time_zone": Level.WARNING,
    "zero_volume": Level.NOTE,
    "sparse": Level.NOTE,
}
"""Every check, and how bad what it finds is."""


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the file, from 1, and its time in nanoseconds UTC."""

    row: int
    ts: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found of one symbol. `places` are the first of `count`."""

    check: str
    symbol: str
    count: int
    says: str
    places: tuple[Place, ...]

    @property
    def level(self) -> Level:
        return LEVELS[self.check]


@dataclass(frozen=True, slots=True)
class Health:
    """What was found in a file, and by which calendar and period it was judged."""

    file: str
    holds: str
    rows: int
    symbols: int
    start: int
    end: int
    period: str
    calendar: str
    findings: tuple[Finding, ...]
