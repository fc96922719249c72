"""What can happen, in the order in which simultaneous things are told.

Events are ordered by (ts, kind, instrument, position in their source). Corporate actions come
before anything that trades, so an ex-date's open is met with adjusted positions and orders. The
two sides of a quote bar stand together, in the place of the bid. Ticks of one instrument, kind
and ts keep the order in which their source has them.
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
    BUILT_BAR = 55
    """A bar that was built from other events of the run: it is told, and nothing trades on it."""
    FUNDING = 60
    INTEREST = 65
    EXPIRY = 70
    """A future ends and is settled in cash."""
    DELISTING = 75
    TIMER = 80


class EventFlag(IntFlag):
    """What an event closes, besides itself, and who made a trade."""

    ENDS_SLICE = 1
    """No further event has this timestamp: cross-sectional decisions happen now."""
    ENDS_SESSION = 2
    """The event closes its instrument's session: DAY orders that met it expire."""
    BUYER_TOOK = 4
    """The trade was made by a buyer who took what was offered."""
    SELLER_TOOK = 8


SESSION_CLOSE = -1
"""The id of the timer that closes a session where no bar does. Negative ids are not told."""


class Bar(NamedTuple):
    """One bar as a strategy sees it, at its close.

    `ts` is the close and `start` the open of the bar, in nanoseconds UTC. `instrument` is the
    instrument's index in the run. Prices are in quote currency; `close_units` is the close as an
    integer of price units, for sums that must be exact. One side of a quote bar is a bar as well;
    all its prices are 0 where nobody quoted that side.
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


class Quote(NamedTuple):
    """The best bid and ask as a strategy sees them. Price and size are 0 where there is none."""

    ts: int
    instrument: int
    bid: float
    ask: float
    bid_size: float
    ask_size: float


class Trade(NamedTuple):
    """One trade that somebody made. `side` is who took: 1 a buyer, -1 a seller, 0 not known."""

    ts: int
    instrument: int
    price: float
    size: float
    side: int
    price_units: int
