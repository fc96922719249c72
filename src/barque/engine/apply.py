"""Judge: what a price, a fill or an end does to an account, written as records and folded.

Every function writes complete facts: a record holds each rounded amount, so folding it again
needs no arithmetic and no price.
"""

from numba import njit

from barque.domain.instruments import LARGEST_VALUE
from barque.domain.orders import Halt, OrderFlag, OrderState, Reason, Side
from barque.engine.ledger import fold, following, mark, worth_of
from barque.engine.payments import DAY_NS, paid_by_fill
from barque.kernels.arrays import IntArray
from barque.kernels.compile import INNER, JIT, called
from barque.kernels.costs import fee
from barque.kernels.currencies import can_settle
from barque.kernels.layout import (
    A0,
    A9,
    CANCELED,
    COST,
    EVENTS_SEEN,
    FILLED,
    FIRST_ORDER,
    GROUP,
    HALT,
    HALTED,
    LAST,
    LEAVES,
    NEXT,
    NOW,
    ORDER_FLAGS,
    ORDER_ID,
    ORDER_INSTRUMENT,
    ORDER_STATE,
    POSITION,
    REALIZED,
    RECORD_AT,
    RECORD_COUNT,
    RECORD_INSTRUMENT,
    RECORD_KIND,
    RECORD_TS,
    REDUCING_BUY,
    REDUCING_SELL,
    SIDE,
    WORKING_BUY,
    WORKING_SELL,
)
from barque.kernels.money import fits, mul_div, notional
from barque.risk.gate import has_cash

BUY = int(Side.BUY)
WAITING = int(OrderState.WAITING)
REDUCE_ONLY = int(OrderFlag.REDUCE_ONLY)
NUMBER_RANGE = int(Halt.NUMBER_RANGE)
DAILY_LOSS = int(Halt.DAILY_LOSS)
NO_CASH = int(Reason.NO_CASH)
IS_HALTED = int(Reason.HALTED)
LEADER_ENDED = int(Reason.LEADER_ENDED)
LARGEST = LARGEST_VALUE


@njit(**JIT)
def apply_price(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    i: int,
    price: int,
) -> None:
    """Mark instrument `i` to a price, or halt where the position's worth does not fit."""
    if not mark(account, instruments, i, price):
        _halt_at(account, instruments, orders, records, i, price)


@called
def _halt_at(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    i: int,
    price: int,
) -> None:
    """Halt at a price at which the position's worth does not fit."""
    halt(account, instruments, orders, records, NUMBER_RANGE, i, price, instruments[i, POSITION])
    # Once more, now that orders are gone: recovery knows the records before the mark.
    mark(account, instruments, i, price)


@njit(**INNER)
def apply_fill(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    slot: int,
    quantity: int,
    price: int,
    ts: int,
    is_maker: bool,
    price_ok: bool,
) -> bool:
    """Book a fill of a working order and return True, or halt if it does not fit."""
    i, side = orders[slot, ORDER_INSTRUMENT], orders[slot, SIDE]
    signed = side * quantity
    value, ok = notional(instruments, i, price, signed)
    day = account[NOW] // DAY_NS
    charged, fee_ok = fee(account, instruments, i, signed, price, value, is_maker, day)
    realized, realized_ok = _realized(instruments, i, price, signed, value)
    cost = instruments[i, COST] + value + realized
    position = instruments[i, POSITION] + signed
    worth, worth_ok = worth_of(account, instruments, i, position, instruments[i, LAST], cost)
    paid = paid_by_fill(instruments, i, value, charged, realized)
    in_range = ok and fee_ok and realized_ok and worth_ok and price_ok
    in_range = in_range and fits(cost) and fits(instruments[i, REALIZED] + realized)
    in_range = in_range and can_settle(account, instruments, i, paid, worth)
    if not in_range or price <= 0 or price > LARGEST:
        order_id = orders[slot, ORDER_ID]
        halt(account, instruments, orders, records, NUMBER_RANGE, i, price, signed)
        if orders[slot, ORDER_ID] == order_id:
            end_order(account, instruments, orders, records, slot, CANCELED, IS_HALTED)
        return False
    if side == BUY and not has_cash(account, instruments, i, paid):
        end_order(account, instruments, orders, records, slot, CANCELED, NO_CASH)
        return False
    r = begin_record(account, records, FILLED, i)
    records[r, A0] = orders[slot, ORDER_ID]
    records[r, A0 + 1] = side
    records[r, A0 + 2] = quantity
    records[r, A0 + 3] = price
    records[r, A0 + 4] = value
    records[r, A0 + 5] = charged
    records[r, A0 + 6] = ts
    records[r, A0 + 7] = orders[slot, LEAVES] - quantity
    records[r, A0 + 8] = realized
    records[r, A9] = worth
    fold(account, instruments, orders, records, r)
    return True


@called
def begin_record(account: IntArray, records: IntArray, kind: int, i: int) -> int:
    """Begin a record and return its row."""
    r = account[RECORD_COUNT]
    account[RECORD_COUNT] = r + 1
    records[r, RECORD_KIND] = kind
    records[r, RECORD_TS] = account[NOW]
    records[r, RECORD_INSTRUMENT] = i
    records[r, RECORD_AT] = account[EVENTS_SEEN]
    for column in range(A0, A9 + 1):
        records[r, column] = 0
    return r


@called
def end_order(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    slot: int,
    kind: int,
    reason: int,
) -> None:
    """Cancel, expire or reject a working order, and cancel the orders that wait for it."""
    i, order_id = orders[slot, ORDER_INSTRUMENT], orders[slot, ORDER_ID]
    _write_end(account, instruments, orders, records, slot, kind, reason)
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0:
        next_slot = orders[slot, NEXT]
        if orders[slot, GROUP] == order_id and orders[slot, ORDER_STATE] == WAITING:
            _write_end(account, instruments, orders, records, slot, CANCELED, LEADER_ENDED)
        slot = next_slot


@called
def _write_end(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    slot: int,
    kind: int,
    reason: int,
) -> None:
    r = begin_record(account, records, kind, orders[slot, ORDER_INSTRUMENT])
    records[r, A0] = orders[slot, ORDER_ID]
    records[r, A0 + 1] = reason
    records[r, A0 + 2] = orders[slot, LEAVES]
    fold(account, instruments, orders, records, r)


@njit(**INNER)
def _realized(
    instruments: IntArray, i: int, price: int, signed: int, value: int
) -> tuple[int, bool]:
    """Return what a fill earns on the part of the position that it closes, before fees."""
    position = instruments[i, POSITION]
    if position == 0 or (position > 0) == (signed > 0):
        return 0, True
    closed = signed
    closed_value, ok = value, True
    if abs(signed) > abs(position):
        closed = -position
        closed_value, ok = notional(instruments, i, price, closed)
    cost, cost_ok = mul_div(instruments[i, COST], abs(closed), abs(position))
    realized = -closed_value - cost
    return realized, ok and cost_ok and fits(realized)


@called
def halt(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    why: int,
    i: int,
    a: int,
    b: int,
) -> None:
    """Halt the account, naming the operands, and cancel every order that could open something.

    A halt that ends with the day gives way to one that does not.
    """
    if account[HALTED] != 0 and (account[HALTED] != DAILY_LOSS or why == DAILY_LOSS):
        return
    r = begin_record(account, records, HALT, i)
    records[r, A0] = why
    records[r, A0 + 1] = a
    records[r, A0 + 2] = b
    fold(account, instruments, orders, records, r)
    for j in range(instruments.shape[0]):
        bought = instruments[j, WORKING_BUY] + instruments[j, REDUCING_BUY]
        sold = instruments[j, WORKING_SELL] + instruments[j, REDUCING_SELL]
        if instruments[j, POSITION] + bought > 0:
            _cancel_side(account, instruments, orders, records, j, BUY)
        if instruments[j, POSITION] - sold < 0:
            _cancel_side(account, instruments, orders, records, j, -BUY)


@called
def _cancel_side(
    account: IntArray, instruments: IntArray, orders: IntArray, records: IntArray, i: int, side: int
) -> None:
    """Cancel what could open a position on one side: all but the reduce-only orders there."""
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0:
        order_id = orders[slot, ORDER_ID]
        if orders[slot, SIDE] == side and not orders[slot, ORDER_FLAGS] & REDUCE_ONLY:
            end_order(account, instruments, orders, records, slot, CANCELED, IS_HALTED)
        slot = following(instruments, orders, i, slot, order_id)
