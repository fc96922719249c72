"""The simulated venue: what a range of prices does to one working order.

Rules, the same in backtest and on paper:

* An order meets only events that began at or after it arrived, was released or triggered.
* A bar shows its open first, then everything between its low and its high, then its close. A
  trade is a bar of one price. A quote shows buyers its ask and sellers its bid; so do the ask and
  the bid side of a quote bar.
* A market order fills at the open. A stop, a trailing stop and a market-if-touched fill at their
  trigger or, when the market opens beyond it, at the open. All of these slip.
* A limit fills at its price, or at the open when the market opens better. It never slips. A touch
  is enough, unless the run's rules want it crossed. A post-only order gets its own price always.
* A stop-limit and a limit-if-touched become limit orders when their trigger is met. They fill at
  once if the market is at their limit or better at that very price; else, when that happened
  inside a bar, the next one is the first that they meet as limits.
"""

from numba import njit

from barque.domain.events import EventKind
from barque.domain.orders import OrderFlag, OrderState, OrderType, Side
from barque.kernels.arrays import IntArray
from barque.kernels.compile import INNER, JIT, called
from barque.kernels.layout import (
    FIRST_ORDER,
    KIND,
    LOT,
    NEXT,
    OPEN,
    ORDER_FLAGS,
    ORDER_STATE,
    ORDER_TYPE,
    PARTICIPATION,
    PRICE,
    QUOTE_ASK,
    QUOTE_ASK_SIZE,
    QUOTE_BID,
    QUOTE_BID_SIZE,
    SIDE,
    START,
    TRAIL,
    TRIGGER,
    VOLUME,
    WORKS_FROM,
)
from barque.kernels.money import RATE, mul_div

BUY, SELL = int(Side.BUY), int(Side.SELL)
MARKET = int(OrderType.MARKET)
LIMIT = int(OrderType.LIMIT)
STOP = int(OrderType.STOP)
STOP_LIMIT = int(OrderType.STOP_LIMIT)
TRAILING_STOP = int(OrderType.TRAILING_STOP)
MARKET_ON_OPEN = int(OrderType.MARKET_ON_OPEN)
MARKET_ON_CLOSE = int(OrderType.MARKET_ON_CLOSE)
LIMIT_IF_TOUCHED = int(OrderType.LIMIT_IF_TOUCHED)
MARKET_IF_TOUCHED = int(OrderType.MARKET_IF_TOUCHED)
WAITING = int(OrderState.WAITING)
POST_ONLY = int(OrderFlag.POST_ONLY)
TRAILS_BY_RATE = int(OrderFlag.TRAILS_BY_RATE)
QUOTE = int(EventKind.QUOTE)
BID_BAR = int(EventKind.BID_BAR)
ASK_BAR = int(EventKind.ASK_BAR)

# What a range of prices does to an order.
NOTHING = 0
FILLS = 1
TRIGGERS = 2

# What is left to take of the event that is being met: offer[column].
FOR_BUYS = 0  # quantity units
FOR_SELLS = 1
IS_SHARED = 2  # 1: what a buy takes is gone for sells as well
IS_INSIDE = 3  # 1: the inside of a bar is being met
HELD = 4  # the position when the inside began
TRADED_BUY = 5  # what the event traded, or quoted to buyers
TRADED_SELL = 6  # or to sellers
OFFER_WIDTH = 7

UNLIMITED = 4 * 10**18


@njit(**INNER)
def has_inside(kind: int) -> bool:
    """Return whether an event of this kind is a bar: an open, an inside and a close."""
    return kind > QUOTE


@njit(**INNER)
def shows(events: IntArray, t: int, side: int) -> bool:
    """Return whether event `t` shows a price at which an order of this side can trade."""
    kind = events[t, KIND]
    if kind == BID_BAR:
        return side == SELL and events[t, OPEN] > 0  # a side that nobody quoted is all 0
    if kind == ASK_BAR:
        return side == BUY and events[t, OPEN] > 0
    if kind == QUOTE:
        price, size = (QUOTE_ASK, QUOTE_ASK_SIZE) if side == BUY else (QUOTE_BID, QUOTE_BID_SIZE)
        return events[t, price] > 0 and events[t, size] > 0
    return True


@called
def price_shown(events: IntArray, t: int, side: int, column: int) -> int:
    """Return the OPEN, HIGH, LOW or CLOSE that event `t` shows to one side."""
    if events[t, KIND] == QUOTE:
        return events[t, QUOTE_ASK] if side == BUY else events[t, QUOTE_BID]
    return events[t, column]


@njit(**JIT)
def working_type(orders: IntArray, slot: int) -> int:
    """Return the type an order works as: one that was triggered is a market or limit order now."""
    kind = orders[slot, ORDER_TYPE]
    if kind in (STOP, TRAILING_STOP, MARKET_IF_TOUCHED):
        return MARKET if orders[slot, PRICE] == 0 else kind
    if kind in (STOP_LIMIT, LIMIT_IF_TOUCHED):
        return LIMIT if orders[slot, TRIGGER] == 0 else kind
    return kind


@njit(**JIT)
def is_stop(kind: int) -> bool:
    """Return whether the market must move against the order's side to trigger it."""
    return kind in (STOP, STOP_LIMIT, TRAILING_STOP)


@njit(**INNER)
def meet(
    orders: IntArray, slot: int, touch_fills: int, opened: int, high: int, low: int
) -> tuple[int, int]:
    """Return what prices from `low` to `high`, `opened` first, do to an order, and at which price.

    FILLS: at that price, before slippage. TRIGGERS: it is a limit order from that price on.
    """
    kind, side = working_type(orders, slot), orders[slot, SIDE]
    if kind == MARKET:
        return FILLS, opened
    if kind == LIMIT:
        price = _limit_met(orders, slot, touch_fills, opened, high, low)
        return (FILLS if price > 0 else NOTHING), price
    if kind in (MARKET_ON_OPEN, MARKET_ON_CLOSE):
        return NOTHING, 0
    has_limit = kind in (STOP_LIMIT, LIMIT_IF_TOUCHED)
    trigger = orders[slot, TRIGGER] if has_limit else orders[slot, PRICE]
    price = _trigger_met((side == BUY) == is_stop(kind), trigger, opened, high, low)
    if price == 0:
        return NOTHING, 0
    return (TRIGGERS if has_limit else FILLS), price


@njit(**JIT)
def _limit_met(
    orders: IntArray, slot: int, touch_fills: int, opened: int, high: int, low: int
) -> int:
    """Return the price a limit order gets, or 0."""
    limit = orders[slot, PRICE]
    if orders[slot, SIDE] == BUY:
        is_met = low < limit or (low == limit and touch_fills == 1)
        better = min(opened, limit)
    else:
        is_met = high > limit or (high == limit and touch_fills == 1)
        better = max(opened, limit)
    if not is_met:
        return 0
    return limit if orders[slot, ORDER_FLAGS] & POST_ONLY else better


@njit(**JIT)
def _trigger_met(rises: bool, trigger: int, opened: int, high: int, low: int) -> int:
    """Return the price at which a trigger is met, or 0."""
    if rises:
        return max(opened, trigger) if high >= trigger else 0
    return min(opened, trigger) if low <= trigger else 0


@called
def first_trigger(side: int, trail: int, flags: int, best: int) -> int:
    """Return a trailing stop's trigger where `best` is the best price since it works."""
    distance = trail
    if flags & TRAILS_BY_RATE:
        distance, _ = mul_div(best, trail, RATE)
    return best + side * distance


@called
def follow(
    instruments: IntArray,
    orders: IntArray,
    events: IntArray,
    t: int,
    i: int,
    highest: int,
    lowest: int,
) -> None:
    """Let trailing stops follow event `t`: sells its column `highest`, buys its `lowest`.

    Not a record: whoever has the market has the trigger.
    """
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0:
        trails = orders[slot, ORDER_TYPE] == TRAILING_STOP and orders[slot, PRICE] > 0
        trails = trails and orders[slot, ORDER_STATE] != WAITING
        side = orders[slot, SIDE]
        if trails and orders[slot, WORKS_FROM] <= events[t, START] and shows(events, t, side):
            best = price_shown(events, t, side, lowest if side == BUY else highest)
            trigger = first_trigger(side, orders[slot, TRAIL], orders[slot, ORDER_FLAGS], best)
            if (trigger - orders[slot, PRICE]) * side < 0:
                orders[slot, PRICE] = trigger
        slot = orders[slot, NEXT]


@njit(**INNER)
def open_offer(instruments: IntArray, offer: IntArray, events: IntArray, t: int, i: int) -> None:
    """Say how much of event `t` orders may take: a quote's sizes, or a share of the volume."""
    offer[FOR_BUYS] = offer[FOR_SELLS] = UNLIMITED
    offer[IS_SHARED] = offer[IS_INSIDE] = 0
    offer[TRADED_BUY] = offer[TRADED_SELL] = events[t, VOLUME]
    lot = instruments[i, LOT]
    if events[t, KIND] == QUOTE:
        offer[TRADED_BUY], offer[TRADED_SELL] = events[t, QUOTE_ASK_SIZE], events[t, QUOTE_BID_SIZE]
        offer[FOR_BUYS] = offer[TRADED_BUY] // lot * lot
        offer[FOR_SELLS] = offer[TRADED_SELL] // lot * lot
    elif instruments[i, PARTICIPATION] > 0:
        volume, rate = events[t, VOLUME], instruments[i, PARTICIPATION]
        share, _ = mul_div(volume, rate, RATE)
        if volume * rate - share * RATE < 0:  # it was rounded up; exact modulo 2^64
            share -= 1
        offer[FOR_BUYS] = offer[FOR_SELLS] = share // lot * lot
        offer[IS_SHARED] = 1


@njit(**INNER)
def take(offer: IntArray, side: int, quantity: int) -> None:
    """Take a fill off what the event offers."""
    own, other = (FOR_BUYS, FOR_SELLS) if side == BUY else (FOR_SELLS, FOR_BUYS)
    offer[own] -= quantity
    if offer[IS_SHARED] == 1:
        offer[other] -= quantity
