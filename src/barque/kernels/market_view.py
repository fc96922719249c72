"""Market events made small: what a price was at the ends of stretches of time, and candles."""

from numba import njit

from barque.domain.events import EventKind
from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.compile import JIT
from barque.kernels.layout import (
    CLOSE,
    DIVIDEND_AMOUNT,
    FUNDING_RATE,
    HIGH,
    INSTRUMENT,
    KIND,
    LOW,
    OPEN,
    QUOTE_ASK,
    QUOTE_BID,
    SPLIT_NEW,
    SPLIT_OLD,
    START,
    TS,
)

BAR = int(EventKind.BAR)
TRADE = int(EventKind.TRADE)
QUOTE = int(EventKind.QUOTE)
BID_BAR = int(EventKind.BID_BAR)
ASK_BAR = int(EventKind.ASK_BAR)
SPLIT = int(EventKind.SPLIT)
DIVIDEND = int(EventKind.DIVIDEND)
FUNDING = int(EventKind.FUNDING)
RATE = 1e12

# What is remembered of an instrument from chunk to chunk: seen[i, column]. Begins at 0.
SEEN_LAST = 0  # last price, 0 before the first
SEEN_FIRST = 1  # first price, in units of today's shares
SEEN_HELD = 2  # what one unit bought at the first price has become, in units
SEEN_BID = 3  # open, high, low and close of the bid side of a quote bar
SEEN_WIDTH = 7


@njit(**JIT)
def sample(
    events: IntArray,
    origin: int,
    width: int,
    per_price: FloatArray,
    seen: FloatArray,
    closes: FloatArray,
    growth: FloatArray,
) -> None:
    """Write the last price of each stretch of `width` ns, and what buying and holding became.

    A holder reinvests dividends at the price they leave behind, and pays funding by selling.
    Prices are in price units; `per_price[i]` price units are a cash unit. `closes` and `growth` are
    (stretches, instruments); what has no price in a stretch is left as it is.
    """
    for t in range(events.shape[0]):
        i, kind = events[t, INSTRUMENT], events[t, KIND]
        if kind == SPLIT:
            ratio = events[t, SPLIT_NEW] / events[t, SPLIT_OLD]
            seen[i, SEEN_HELD] *= ratio
            seen[i, SEEN_LAST] /= ratio
        elif kind == DIVIDEND:
            left = seen[i, SEEN_LAST] - events[t, DIVIDEND_AMOUNT] * per_price[i]
            if left > 0.0:
                seen[i, SEEN_HELD] *= seen[i, SEEN_LAST] / left
        elif kind == FUNDING:
            seen[i, SEEN_HELD] *= 1.0 - events[t, FUNDING_RATE] / RATE
        elif _prices(events, t, i, kind, seen):
            price = seen[i, SEEN_LAST]
            if seen[i, SEEN_FIRST] == 0.0:
                seen[i, SEEN_FIRST] = price
                seen[i, SEEN_HELD] = 1.0
            row = (events[t, TS] - origin) // width
            closes[row, i] = price
            growth[row, i] = seen[i, SEEN_HELD] * price / seen[i, SEEN_FIRST]


@njit(**JIT)
def draw(events: IntArray, origin: int, width: int, seen: FloatArray, candles: FloatArray) -> None:
    """Join events into candles (instruments, stretches, 4) of `width` ns from `origin` on.

    Candles are as of the end: a split changes those before it. A close of 0 means no price.
    """
    last = candles.shape[1] - 1
    for t in range(events.shape[0]):
        i, kind = events[t, INSTRUMENT], events[t, KIND]
        if kind == SPLIT:
            ratio = events[t, SPLIT_OLD] / events[t, SPLIT_NEW]
            for k in range(last + 1):
                for column in range(4):
                    candles[i, k, column] *= ratio
        elif _prices(events, t, i, kind, seen):
            k = min(last, max(0, (events[t, START] - origin) // width))
            now = seen[i, SEEN_LAST]
            opened, high, low = now, now, now
            if kind == BAR:
                opened, high, low = events[t, OPEN], events[t, HIGH], events[t, LOW]
            elif kind == ASK_BAR:
                opened = (seen[i, SEEN_BID] + events[t, OPEN]) / 2.0
                high = (seen[i, SEEN_BID + 1] + events[t, HIGH]) / 2.0
                low = (seen[i, SEEN_BID + 2] + events[t, LOW]) / 2.0
            if candles[i, k, 3] == 0.0:
                candles[i, k, 0], candles[i, k, 1], candles[i, k, 2] = opened, high, low
            candles[i, k, 1] = max(candles[i, k, 1], high)
            candles[i, k, 2] = min(candles[i, k, 2], low)
            candles[i, k, 3] = now


@njit(**JIT)
def _prices(events: IntArray, t: int, i: int, kind: int, seen: FloatArray) -> bool:
    """Remember the price that an event tells, if it tells one.

    Of a quote it is the middle of the two sides; where there is only one, there is no price.
    """
    if kind in (BAR, TRADE):
        seen[i, SEEN_LAST] = events[t, CLOSE]
        return True
    if kind == QUOTE and events[t, QUOTE_BID] > 0 and events[t, QUOTE_ASK] > 0:
        seen[i, SEEN_LAST] = (events[t, QUOTE_BID] + events[t, QUOTE_ASK]) / 2.0
        return True
    if kind == BID_BAR:
        for column in range(4):
            seen[i, SEEN_BID + column] = events[t, OPEN + column]
        return False
    if kind == ASK_BAR and seen[i, SEEN_BID + 3] > 0.0 and events[t, CLOSE] > 0:
        seen[i, SEEN_LAST] = (seen[i, SEEN_BID + 3] + events[t, CLOSE]) / 2.0
        return True
    return False
