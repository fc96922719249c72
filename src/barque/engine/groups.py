"""What a fill does to the orders beside it: those that wait for it, exclude it, or only reduce.

* An order that waits for its leader is released when the leader is filled whole; a reduce-only
  one at the leader's first fill. It is canceled when the leader ends before that.
* A fill of an order of a one-cancels-others group takes as much from each of the others, and
  cancels those of which nothing is left.
* A reduce-only order never takes more than there is to reduce; inside a bar, unless it is a stop,
  no more than was held when the inside began. It shrinks with the position, and is canceled when
  nothing is left to reduce; as long as its leader works, it waits for that instead.

An order released at an event's open meets the inside of that bar. Of those released by a fill
inside a bar only the stops can be met by the rest of it.
"""

from numba import njit

from barque.domain.orders import OrderFlag, OrderState, OrderType, Reason, Side
from barque.engine.apply import apply_fill, begin_record, end_order
from barque.engine.ledger import find, fold, following
from barque.kernels.arrays import IntArray
from barque.kernels.compile import INNER, called
from barque.kernels.costs import slipped
from barque.kernels.layout import (
    A0,
    AMENDED,
    ASK,
    BID,
    CANCELED,
    FIRST_ORDER,
    GROUP,
    LAST,
    LEAVES,
    ORDER_FLAGS,
    ORDER_ID,
    ORDER_INSTRUMENT,
    ORDER_STATE,
    ORDER_TYPE,
    POSITION,
    PRICE,
    REDUCING_BUY,
    REDUCING_SELL,
    REJECTED,
    RELEASED,
    SIDE,
    TRAIL,
    TRIGGER,
    WORKS_FROM,
)
from barque.kernels.matching import first_trigger, working_type

BUY = int(Side.BUY)
LIMIT = int(OrderType.LIMIT)
TRAILING_STOP = int(OrderType.TRAILING_STOP)
WAITING = int(OrderState.WAITING)
POST_ONLY = int(OrderFlag.POST_ONLY)
REDUCE_ONLY = int(OrderFlag.REDUCE_ONLY)
WAITS = int(OrderFlag.WAITS)
ONE_CANCELS_OTHERS = int(OrderFlag.ONE_CANCELS_OTHERS)
NOTHING_TO_REDUCE = int(Reason.NOTHING_TO_REDUCE)
GROUP_FILLED = int(Reason.GROUP_FILLED)
WOULD_TAKE = int(Reason.WOULD_TAKE)


@called
def fill_order(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    slot: int,
    quantity: int,
    price: int,
    ts: int,
    volume: int,
) -> bool:
    """Fill so much of a working order at a market price, and let its group follow.

    All but limit orders get a price that slipped, by an event that traded `volume`. A limit order
    that gets its own price is a maker, unless it was triggered at that very moment. Returns
    whether the fill was booked.
    """
    i, order_id, side = orders[slot, ORDER_INSTRUMENT], orders[slot, ORDER_ID], orders[slot, SIDE]
    group, flags = orders[slot, GROUP], orders[slot, ORDER_FLAGS]
    is_whole = quantity == orders[slot, LEAVES]
    paid, ok, is_maker = price, True, False
    if working_type(orders, slot) == LIMIT:
        rested = orders[slot, ORDER_TYPE] == LIMIT or orders[slot, WORKS_FROM] < ts
        is_maker = rested and price == orders[slot, PRICE]
    else:
        paid, ok = slipped(instruments, i, side, price, quantity, volume)
    if not apply_fill(
        account, instruments, orders, records, slot, quantity, paid, ts, is_maker, ok
    ):
        return False
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0:
        other = orders[slot, ORDER_ID]
        if other != order_id:
            if orders[slot, ORDER_STATE] == WAITING and orders[slot, GROUP] == order_id:
                if is_whole or orders[slot, ORDER_FLAGS] & REDUCE_ONLY:
                    _release(account, instruments, orders, records, slot, price, ts)
            elif _excludes(orders, slot, order_id, group, flags):
                _take_from(account, instruments, orders, records, slot, quantity)
        slot = following(instruments, orders, i, slot, other)
    return True


@njit(**INNER)
def _excludes(orders: IntArray, slot: int, order_id: int, group: int, flags: int) -> bool:
    """Return whether an order and another one, which was filled, cancel each other."""
    own = orders[slot, ORDER_FLAGS]
    if group != 0 and flags & ONE_CANCELS_OTHERS:
        if orders[slot, ORDER_ID] == group:
            return not flags & WAITS
        if orders[slot, GROUP] == group:
            return own & ONE_CANCELS_OTHERS != 0
    is_led = orders[slot, GROUP] == order_id
    return is_led and own & ONE_CANCELS_OTHERS != 0 and not own & WAITS


@called
def _take_from(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    slot: int,
    quantity: int,
) -> None:
    left = orders[slot, LEAVES] - quantity
    if left <= 0:
        end_order(account, instruments, orders, records, slot, CANCELED, GROUP_FILLED)
    else:
        _change_leaves(account, instruments, orders, records, slot, left, GROUP_FILLED)


@called
def _change_leaves(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    slot: int,
    left: int,
    reason: int,
) -> None:
    r = begin_record(account, records, AMENDED, orders[slot, ORDER_INSTRUMENT])
    records[r, A0] = orders[slot, ORDER_ID]
    records[r, A0 + 1] = left
    records[r, A0 + 2] = orders[slot, PRICE]
    records[r, A0 + 3] = orders[slot, TRIGGER]
    records[r, A0 + 4] = reason
    fold(account, instruments, orders, records, r)


@called
def _release(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    slot: int,
    price: int,
    ts: int,
) -> None:
    """Let a waiting order work from `ts` on, when the market stood at `price`."""
    trigger = 0
    if orders[slot, ORDER_TYPE] == TRAILING_STOP:
        flags, side = orders[slot, ORDER_FLAGS], orders[slot, SIDE]
        trigger = max(1, first_trigger(side, orders[slot, TRAIL], flags, price))
    r = begin_record(account, records, RELEASED, orders[slot, ORDER_INSTRUMENT])
    records[r, A0] = orders[slot, ORDER_ID]
    records[r, A0 + 1] = trigger
    records[r, A0 + 2] = ts
    fold(account, instruments, orders, records, r)
    reject_taker(account, instruments, orders, records, slot, price)


@called
def reject_taker(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    slot: int,
    price: int,
) -> bool:
    """Reject a post-only order that would take where the market stands at `price`."""
    if not orders[slot, ORDER_FLAGS] & POST_ONLY:
        return False
    if not would_take(orders[slot, SIDE], orders[slot, PRICE], price):
        return False
    end_order(account, instruments, orders, records, slot, REJECTED, WOULD_TAKE)
    return True


@njit(**INNER)
def would_take(side: int, limit: int, price: int) -> bool:
    """Return whether a limit order would fill at once where the market stands at `price`."""
    return price > 0 and (limit - price) * side >= 0


@njit(**INNER)
def known_price(instruments: IntArray, i: int, side: int) -> int:
    """Return what an order of this side would get now: the quote if there is one, or the last."""
    quoted = instruments[i, ASK] if side == BUY else instruments[i, BID]
    return quoted if quoted > 0 else instruments[i, LAST]


@njit(**INNER)
def reducible(side: int, position: int) -> int:
    """Return how much an order of this side can reduce a position."""
    return max(0, -side * position)


@njit(**INNER)
def may_shrink(instruments: IntArray, i: int) -> bool:
    """Return whether an instrument has reduce-only orders."""
    return instruments[i, REDUCING_BUY] + instruments[i, REDUCING_SELL] > 0


@called
def shrink(
    account: IntArray, instruments: IntArray, orders: IntArray, records: IntArray, i: int
) -> None:
    """Let the reduce-only orders of an instrument shrink to what there is to reduce."""
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0:
        order_id = orders[slot, ORDER_ID]
        if orders[slot, ORDER_FLAGS] & REDUCE_ONLY and not has_leader(instruments, orders, slot):
            most = reducible(orders[slot, SIDE], instruments[i, POSITION])
            if most == 0:
                end_order(account, instruments, orders, records, slot, CANCELED, NOTHING_TO_REDUCE)
            elif most < orders[slot, LEAVES]:
                _change_leaves(account, instruments, orders, records, slot, most, NOTHING_TO_REDUCE)
        slot = following(instruments, orders, i, slot, order_id)


@called
def has_leader(instruments: IntArray, orders: IntArray, slot: int) -> bool:
    """Return whether an order is led by one that has not ended yet."""
    leader, i = orders[slot, GROUP], orders[slot, ORDER_INSTRUMENT]
    if not orders[slot, ORDER_FLAGS] & WAITS:
        return False
    return find(instruments, orders, i, leader) >= 0
