"""What the market shows of a price: the one place where an event becomes a mark.

* A trade or a bar of trades marks to its (last) price.
* A quote marks to the middle of bid and ask, a tie to the even price; so does a quote bar, to the
  middle of both closes, once its ask side is known. Where one side is missing nothing is marked.
* A bar that was built from other events marks nothing.

Live and recovery call the same function, so what moves with the market moves in both alike.
"""

from numba import njit

from barque.domain.events import EventKind
from barque.kernels.arrays import IntArray
from barque.kernels.compile import JIT
from barque.kernels.layout import (
    ASK,
    ASK_SIZE,
    BID,
    BID_SIZE,
    CLOSE,
    IN_SESSION,
    LAST_VOLUME,
    QUOTE_ASK,
    QUOTE_ASK_SIZE,
    QUOTE_BID,
    QUOTE_BID_SIZE,
    VOLUME,
)
from barque.kernels.money import middle

TRADE = int(EventKind.TRADE)
QUOTE = int(EventKind.QUOTE)
BAR = int(EventKind.BAR)
BID_BAR = int(EventKind.BID_BAR)
ASK_BAR = int(EventKind.ASK_BAR)


@njit(**JIT)
def shows_market(kind: int) -> bool:
    """Return whether an event of this kind is one that orders can meet."""
    return TRADE <= kind <= ASK_BAR


@njit(**JIT)
def see_price(instruments: IntArray, i: int, events: IntArray, t: int, kind: int) -> int:
    """Remember what event `t` shows of instrument `i`; return the price to mark to, 0 for none.

    From the first of them on, the instrument is in its session.
    """
    if kind in (BAR, TRADE):
        instruments[i, IN_SESSION] = 1
        instruments[i, LAST_VOLUME] = events[t, VOLUME]
        return events[t, CLOSE]
    if kind == BID_BAR:
        instruments[i, BID], instruments[i, BID_SIZE] = events[t, CLOSE], events[t, VOLUME]
        return 0
    if kind == QUOTE:
        instruments[i, BID], instruments[i, BID_SIZE] = (
            events[t, QUOTE_BID],
            events[t, QUOTE_BID_SIZE],
        )
        instruments[i, ASK], instruments[i, ASK_SIZE] = (
            events[t, QUOTE_ASK],
            events[t, QUOTE_ASK_SIZE],
        )
    else:  # the ask side of a quote bar, which follows the bid side
        instruments[i, ASK], instruments[i, ASK_SIZE] = events[t, CLOSE], events[t, VOLUME]
    instruments[i, IN_SESSION] = 1
    if instruments[i, BID] == 0 or instruments[i, ASK] == 0:
        return 0
    return middle(instruments[i, BID], instruments[i, ASK])
