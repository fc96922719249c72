"""What can happen, in the order in which simultaneous things are told.

Events are ordered by (ts, kind, instrument, position in their source). Corporate actions come
before anything that trades, so an ex-date's open is met with adjusted positions and orders.
"""

from enum import IntEnum, IntFlag
from typing import NamedTuple


class EventKind(IntEnum):
    """The kind of a market event. Its value is its priority among events of one timestamp."""

    SPLIT = 10
    DIVIDEND = 20
    SYMBOL_CHANGE = 30
    TRADE = 40
    """One trade that somebody made."""
    QUOTE = 45
    """The best bid and ask, with sizes."""
    BAR = 50
    BID_BAR = 51
    """The bid side of a quote bar; the ask side follows at once."""
    ASK_BAR = 52
    FUNDING = 60
    INTEREST = 65
    EXPIRY = 70
    """A future ends and is settled in cash."""
    DELISTING = 75
    TIMER = 80


class EventFlag(IntFlag):
    """What an event closes, besides itself."""

    ENDS_SLICE = 1
    """No further event has this timestamp: cross-sectional decisions happen now."""
    ENDS_SESSION = 2
    """The bar closes its instrument's session: DAY orders that met it expire."""


class Bar(NamedTuple):
    """One bar as a strategy sees it, at its close.

    `ts` is the close and `start` the open of the bar, in nanoseconds UTC. `instrument` is the
    instrument's index in the run. Prices are in quote currency; `close_units` is the close as an
    integer of price units, for sums that must be exact.
    """

    ts: int
    start: int
    instrument: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    close_units: int
