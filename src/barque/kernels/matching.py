"""The simulated venue: which working orders a bar fills, and at what price.

Rules, the same in backtest and on paper:

* An order meets only bars that began at or after it was placed.
* A market order fills at the bar's open, a stop at its trigger or, when the bar opens beyond it,
  at the open. Both pay slippage.
* A limit fills at its price, or at the open when the bar opens better. A touch is enough.
* Orders of one instrument are met oldest first, each for all that it still wants.
"""

from numba import njit

from barque.domain.orders import OrderType, Side
from barque.kernels.arrays import IntArray
from barque.kernels.compile import JIT
from barque.kernels.costs import slipped
from barque.kernels.layout import (
    FIRST_ORDER,
    HIGH,
    INSTRUMENT,
    LEAVES,
    LOW,
    NEXT,
    OPEN,
    ORDER_TYPE,
    PLACED,
    PRICE,
    SIDE,
    START,
    TS,
    VOLUME,
)

MARKET = int(OrderType.MARKET)
LIMIT = int(OrderType.LIMIT)
BUY = int(Side.BUY)

# One proposed fill: fills[k, column].
FILL_SLOT = 0
FILL_PRICE = 1
FILL_TS = 2  # START for a fill at the open, TS for one at an unknown moment inside the bar
FILL_OK = 3  # 0 when the price cannot be said in units
FILL_WIDTH = 4


@njit(**JIT)
def match(
    instruments: IntArray, orders: IntArray, fills: IntArray, events: IntArray, t: int
) -> int:
    """Write the fills that bar `t` causes among its instrument's orders; return how many."""
    count = 0
    slot = instruments[events[t, INSTRUMENT], FIRST_ORDER]
    while slot >= 0:
        if orders[slot, PLACED] <= events[t, START]:
            count += _meet(instruments, orders, fills, count, slot, events, t)
        slot = orders[slot, NEXT]
    return count


@njit(**JIT)
def _meet(
    instruments: IntArray,
    orders: IntArray,
    fills: IntArray,
    count: int,
    slot: int,
    events: IntArray,
    t: int,
) -> int:
    """Write the fill of one order by bar `t`, if there is one; return 1 or 0."""
    side = orders[slot, SIDE]
    kind = orders[slot, ORDER_TYPE]
    opened = events[t, OPEN]
    price = _fill_price(kind, side, orders[slot, PRICE], opened, events[t, HIGH], events[t, LOW])
    if price == 0:
        return 0
    ok = True
    fills[count, FILL_TS] = events[t, START] if price == opened else events[t, TS]
    if kind != LIMIT:
        i, volume = events[t, INSTRUMENT], events[t, VOLUME]
        price, ok = slipped(instruments, i, side, price, orders[slot, LEAVES], volume)
    fills[count, FILL_SLOT] = slot
    fills[count, FILL_PRICE] = price
    fills[count, FILL_OK] = 1 if ok else 0
    return 1


@njit(**JIT)
def _fill_price(kind: int, side: int, price: int, opened: int, high: int, low: int) -> int:
    """Return the price, before slippage, at which a bar fills an order, or 0."""
    if kind == MARKET:
        return opened
    if (kind == LIMIT) == (side == BUY):  # a buy limit or a sell stop: the market must come down
        if low > price:
            return 0
        return opened if opened < price else price
    if high < price:
        return 0
    return opened if opened > price else price
