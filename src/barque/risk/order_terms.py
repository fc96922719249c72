"""Whether the terms of an order go together: its type, time in force, trigger, flags and group."""

from numba import njit

from barque.domain.instruments import LARGEST_VALUE
from barque.domain.orders import OrderFlag, OrderType, Reason, Side, TimeInForce
from barque.kernels.arrays import IntArray
from barque.kernels.compile import INNER, called
from barque.kernels.layout import (
    FIRST_ORDER,
    GROUP,
    LAST,
    NEXT,
    NOW,
    ORDER_ID,
    REQUEST_EXPIRES,
    REQUEST_FLAGS,
    REQUEST_GROUP,
    REQUEST_SIDE,
    REQUEST_TIME_IN_FORCE,
    REQUEST_TRAIL,
    REQUEST_TRIGGER,
    REQUEST_TYPE,
    TICK,
)
from barque.kernels.money import RATE

GROUP_SIZE = 8
"""How many orders may work in one group, its leader included."""

LIMIT = int(OrderType.LIMIT)
STOP_LIMIT = int(OrderType.STOP_LIMIT)
LIMIT_IF_TOUCHED = int(OrderType.LIMIT_IF_TOUCHED)
TRAILING_STOP = int(OrderType.TRAILING_STOP)
LAST_TYPE = int(max(OrderType))
GTD = int(TimeInForce.GTD)
IOC = int(TimeInForce.IOC)
LAST_TIME_IN_FORCE = int(max(TimeInForce))
BUY, SELL = int(Side.BUY), int(Side.SELL)
POST_ONLY = int(OrderFlag.POST_ONLY)
WAITS = int(OrderFlag.WAITS)
ONE_CANCELS_OTHERS = int(OrderFlag.ONE_CANCELS_OTHERS)
TRAILS_BY_RATE = int(OrderFlag.TRAILS_BY_RATE)
FLAGS = int(sum(OrderFlag) - OrderFlag.FORCED)  # what a strategy may ask for
LARGEST = LARGEST_VALUE

NONE = int(Reason.NONE)
NOT_POSITIVE = int(Reason.NOT_POSITIVE)
TOO_LARGE = int(Reason.TOO_LARGE)
OFF_TICK = int(Reason.OFF_TICK)
NO_PRICE = int(Reason.NO_PRICE)
TOO_MANY_ORDERS = int(Reason.TOO_MANY_ORDERS)
NOT_AN_ORDER = int(Reason.NOT_AN_ORDER)
NO_LEADER = int(Reason.NO_LEADER)
TIME_OVER = int(Reason.TIME_OVER)


@njit(**INNER)
def review_terms(
    account: IntArray, instruments: IntArray, orders: IntArray, requests: IntArray, k: int, i: int
) -> int:
    """Return why what is asked for is no sound order of instrument `i`, or 0.

    Quantity and price are for the gate to judge.
    """
    if not _go_together(requests, k):
        return NOT_AN_ORDER
    if requests[k, REQUEST_TIME_IN_FORCE] == GTD and requests[k, REQUEST_EXPIRES] <= account[NOW]:
        return TIME_OVER
    kind = requests[k, REQUEST_TYPE]
    reason = NONE
    if has_trigger_and_limit(kind):
        reason = review_trigger(instruments, i, requests[k, REQUEST_TRIGGER])
    elif kind == TRAILING_STOP:
        reason = _review_trail(
            instruments, i, requests[k, REQUEST_TRAIL], requests[k, REQUEST_FLAGS]
        )
    if reason == NONE and requests[k, REQUEST_GROUP] != 0:
        reason = _review_group(instruments, orders, requests, k, i)
    return reason


@njit(**INNER)
def has_trigger_and_limit(kind: int) -> bool:
    """Return whether orders of this type have a limit beside their trigger."""
    return kind in (STOP_LIMIT, LIMIT_IF_TOUCHED)


@called
def review_trigger(instruments: IntArray, i: int, trigger: int) -> int:
    """Return why the venue does not take a trigger, or 0."""
    if trigger <= 0:
        return NOT_POSITIVE
    if trigger > LARGEST:
        return TOO_LARGE
    return NONE if trigger % instruments[i, TICK] == 0 else OFF_TICK


@njit(**INNER)
def _go_together(requests: IntArray, k: int) -> bool:
    kind, side = requests[k, REQUEST_TYPE], requests[k, REQUEST_SIDE]
    tif, flags = requests[k, REQUEST_TIME_IN_FORCE], requests[k, REQUEST_FLAGS]
    known = 1 <= kind <= LAST_TYPE and 1 <= tif <= LAST_TIME_IN_FORCE
    known = known and side in (BUY, SELL) and 0 <= flags <= FLAGS
    trails = flags & TRAILS_BY_RATE == 0 or kind == TRAILING_STOP
    rests = flags & POST_ONLY == 0 or (kind == LIMIT and tif < IOC)
    grouped = (flags & (WAITS | ONE_CANCELS_OTHERS) != 0) == (requests[k, REQUEST_GROUP] != 0)
    return known and trails and rests and grouped


@called
def _review_trail(instruments: IntArray, i: int, trail: int, flags: int) -> int:
    if instruments[i, LAST] == 0:
        return NO_PRICE
    if trail <= 0:
        return NOT_POSITIVE
    if flags & TRAILS_BY_RATE:
        return NONE if trail < RATE else TOO_LARGE
    if trail > LARGEST:
        return TOO_LARGE
    return NONE if trail % instruments[i, TICK] == 0 else OFF_TICK


@called
def _review_group(
    instruments: IntArray, orders: IntArray, requests: IntArray, k: int, i: int
) -> int:
    """A leader works in the same instrument and is not itself led."""
    leader = requests[k, REQUEST_GROUP]
    members, is_led = 1, True
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0:
        if orders[slot, ORDER_ID] == leader:
            is_led = orders[slot, GROUP] != 0
            members += 1
        elif orders[slot, GROUP] == leader:
            members += 1
        slot = orders[slot, NEXT]
    if is_led:
        return NO_LEADER
    return NONE if members <= GROUP_SIZE else TOO_MANY_ORDERS
