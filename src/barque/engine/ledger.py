"""Fold and mark: the only place where an account changes. A record is a fact; folding makes it so.

`engine.apply` judges, writes a record and folds it; recovery folds the records it reads. There is
no second way to the same state.
"""

from numba import njit

from barque.domain.instruments import LARGEST_MONEY, LARGEST_VALUE
from barque.domain.orders import OrderState, Side
from barque.kernels.arrays import IntArray
from barque.kernels.compile import JIT
from barque.kernels.layout import (
    A0,
    A1,
    A2,
    A3,
    A4,
    A5,
    A6,
    A7,
    A8,
    A9,
    ACCEPTED,
    CANCELED,
    CASH,
    COST,
    DIVIDEND_PAID,
    DIVIDENDS,
    EQUITY,
    EXPIRED,
    FEES,
    FILLED,
    FIRST_ORDER,
    FREE_SLOT,
    HALT,
    HALTED,
    INSTRUMENT_FEES,
    LAST,
    LAST_ORDER,
    LEAVES,
    NEXT,
    NEXT_ORDER_ID,
    ORDER_ADJUSTED,
    ORDER_ID,
    ORDER_INSTRUMENT,
    ORDER_STATE,
    ORDER_TYPE,
    PLACED,
    POSITION,
    POSITION_VALUE,
    PREVIOUS,
    PRICE,
    QUANTITY,
    REALIZED,
    RECORD_INSTRUMENT,
    RECORD_KIND,
    RECORD_TS,
    REFUSED,
    SIDE,
    SPLIT_APPLIED,
    TIME_IN_FORCE,
    VALUE,
    WORKING_BUY,
    WORKING_ORDERS,
    WORKING_SELL,
)
from barque.kernels.money import notional

BUY = int(Side.BUY)
STATE_ACCEPTED = int(OrderState.ACCEPTED)
STATE_PARTIALLY_FILLED = int(OrderState.PARTIALLY_FILLED)


@njit(**JIT)
def fold(
    account: IntArray, instruments: IntArray, orders: IntArray, records: IntArray, k: int
) -> None:
    """Make record `k` so: change the account, the instrument and the order table by it."""
    kind = records[k, RECORD_KIND]
    if kind == FILLED:
        _fold_fill(account, instruments, orders, records, k)
    elif kind == ACCEPTED:
        _fold_accepted(account, instruments, orders, records, k)
    elif kind == REFUSED:
        _take_order_id(account, records[k, A0])
    elif kind in (CANCELED, EXPIRED):
        i = records[k, RECORD_INSTRUMENT]
        _remove(account, instruments, orders, find(instruments, orders, i, records[k, A0]))
    elif kind == ORDER_ADJUSTED:
        _fold_adjusted(instruments, orders, records, k)
    elif kind == DIVIDEND_PAID:
        account[CASH] += records[k, A0]
        instruments[records[k, RECORD_INSTRUMENT], DIVIDENDS] += records[k, A0]
        account[EQUITY] = account[CASH] + account[POSITION_VALUE]
    elif kind == SPLIT_APPLIED:
        _fold_split(account, instruments, records, k)
    elif kind == HALT:
        account[HALTED] = records[k, A0]


@njit(**JIT)
def find(instruments: IntArray, orders: IntArray, i: int, order_id: int) -> int:
    """Return the slot of a working order, or -1."""
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0 and orders[slot, ORDER_ID] != order_id:
        slot = orders[slot, NEXT]
    return slot


@njit(**JIT)
def set_value(account: IntArray, instruments: IntArray, i: int, value: int) -> None:
    """Set what instrument `i`'s position is worth, and the equity with it."""
    total = account[POSITION_VALUE] - instruments[i, VALUE] + value
    instruments[i, VALUE] = value
    account[POSITION_VALUE] = total
    account[EQUITY] = account[CASH] + total


@njit(**JIT)
def worth_of(account: IntArray, instruments: IntArray, i: int, position: int) -> tuple[int, bool]:
    """Return what `position` is worth at the last price, and whether the account can count it."""
    if abs(position) > LARGEST_VALUE:
        return 0, False
    value, ok = notional(instruments, i, instruments[i, LAST], position)
    total = account[POSITION_VALUE] - instruments[i, VALUE] + value
    return value, ok and abs(total) <= LARGEST_MONEY


@njit(**JIT)
def mark(account: IntArray, instruments: IntArray, i: int, price: int) -> bool:
    """Set the last price and revalue the position at it; keep the old value where it does not fit.

    Not a record: whoever has the market has the price. Returns whether it fitted.
    """
    instruments[i, LAST] = price
    position = instruments[i, POSITION]
    if position == 0:
        return True
    value, ok = worth_of(account, instruments, i, position)
    if ok:
        set_value(account, instruments, i, value)
    return ok


@njit(**JIT)
def _take_order_id(account: IntArray, order_id: int) -> None:
    if order_id >= account[NEXT_ORDER_ID]:
        account[NEXT_ORDER_ID] = order_id + 1


@njit(**JIT)
def _fold_accepted(
    account: IntArray, instruments: IntArray, orders: IntArray, records: IntArray, k: int
) -> None:
    """Take a slot off the free list and append the order to its instrument's list."""
    i = records[k, RECORD_INSTRUMENT]
    slot = account[FREE_SLOT]
    account[FREE_SLOT] = orders[slot, NEXT]
    account[WORKING_ORDERS] += 1
    _take_order_id(account, records[k, A0])
    orders[slot, ORDER_ID] = records[k, A0]
    orders[slot, ORDER_INSTRUMENT] = i
    orders[slot, ORDER_TYPE] = records[k, A1]
    orders[slot, SIDE] = records[k, A2]
    orders[slot, QUANTITY] = records[k, A3]
    orders[slot, LEAVES] = records[k, A3]
    orders[slot, PRICE] = records[k, A4]
    orders[slot, TIME_IN_FORCE] = records[k, A5]
    orders[slot, PLACED] = records[k, RECORD_TS]
    orders[slot, ORDER_STATE] = STATE_ACCEPTED
    orders[slot, NEXT] = -1
    last = instruments[i, LAST_ORDER]
    orders[slot, PREVIOUS] = last
    if last >= 0:
        orders[last, NEXT] = slot
    else:
        instruments[i, FIRST_ORDER] = slot
    instruments[i, LAST_ORDER] = slot
    _work(instruments, i, records[k, A2], records[k, A3])


@njit(**JIT)
def _work(instruments: IntArray, i: int, side: int, change: int) -> None:
    """Change the quantity at work on one side."""
    if side == BUY:
        instruments[i, WORKING_BUY] += change
    else:
        instruments[i, WORKING_SELL] += change


@njit(**JIT)
def _remove(account: IntArray, instruments: IntArray, orders: IntArray, slot: int) -> None:
    """Unlink an order and give its slot back."""
    i = orders[slot, ORDER_INSTRUMENT]
    _work(instruments, i, orders[slot, SIDE], -orders[slot, LEAVES])
    previous, following = orders[slot, PREVIOUS], orders[slot, NEXT]
    if previous >= 0:
        orders[previous, NEXT] = following
    else:
        instruments[i, FIRST_ORDER] = following
    if following >= 0:
        orders[following, PREVIOUS] = previous
    else:
        instruments[i, LAST_ORDER] = previous
    orders[slot, ORDER_ID] = 0
    orders[slot, NEXT] = account[FREE_SLOT]
    account[FREE_SLOT] = slot
    account[WORKING_ORDERS] -= 1


@njit(**JIT)
def _fold_fill(
    account: IntArray, instruments: IntArray, orders: IntArray, records: IntArray, k: int
) -> None:
    """Cash, cost, position, realized profit and the order, by one fill."""
    i = records[k, RECORD_INSTRUMENT]
    quantity = records[k, A1] * records[k, A2]
    value, charged, realized = records[k, A4], records[k, A5], records[k, A8]
    account[CASH] -= value + charged
    account[FEES] += charged
    instruments[i, INSTRUMENT_FEES] += charged
    instruments[i, POSITION] += quantity
    # What was closed leaves at cost: the rest of the signed cash paid is the new cost.
    instruments[i, COST] += value + realized
    instruments[i, REALIZED] += realized
    set_value(account, instruments, i, records[k, A9])
    slot = find(instruments, orders, i, records[k, A0])
    if records[k, A7] == 0:
        _remove(account, instruments, orders, slot)
    else:
        _work(instruments, i, records[k, A1], records[k, A7] - orders[slot, LEAVES])
        orders[slot, LEAVES] = records[k, A7]
        orders[slot, ORDER_STATE] = STATE_PARTIALLY_FILLED


@njit(**JIT)
def _fold_adjusted(instruments: IntArray, orders: IntArray, records: IntArray, k: int) -> None:
    """A forward split changes what an order wants: more, at a lower price."""
    i = records[k, RECORD_INSTRUMENT]
    slot = find(instruments, orders, i, records[k, A0])
    _work(instruments, i, orders[slot, SIDE], records[k, A1] - orders[slot, LEAVES])
    orders[slot, LEAVES] = records[k, A1]
    orders[slot, PRICE] = records[k, A2]


@njit(**JIT)
def _fold_split(account: IntArray, instruments: IntArray, records: IntArray, k: int) -> None:
    """A split changes position and last price, and pays cash for a fraction of a unit."""
    i = records[k, RECORD_INSTRUMENT]
    instruments[i, POSITION] = records[k, A3]
    instruments[i, COST] -= records[k, A5]
    instruments[i, REALIZED] += records[k, A4] - records[k, A5]
    account[CASH] += records[k, A4]
    instruments[i, LAST] = records[k, A6]
    set_value(account, instruments, i, records[k, A7])
