"""Judge: what a price, a fill or a request does to an account, written as records and folded.

Every function writes complete facts: a record holds each rounded amount, so folding it again
needs no arithmetic and no price.
"""

from numba import njit

from barque.domain.instruments import LARGEST_MONEY, LARGEST_VALUE
from barque.domain.orders import Halt, OrderType, Reason, Side, TimeInForce
from barque.engine.ledger import find, fold, mark, worth_of
from barque.engine.payments import DAY_NS, paid_by_fill
from barque.kernels.arrays import IntArray
from barque.kernels.compile import JIT, RARE
from barque.kernels.costs import fee
from barque.kernels.currencies import can_settle
from barque.kernels.layout import (
    A0,
    A9,
    ACCEPTED,
    CANCEL,
    CANCEL_REFUSED,
    CANCELED,
    COST,
    EVENTS_SEEN,
    EXPIRED,
    FILLED,
    FIRST_ORDER,
    HALT,
    HALTED,
    INSTRUMENT,
    LAST,
    LEAVES,
    NEXT,
    NEXT_ORDER_ID,
    NOW,
    ORDER_ID,
    ORDER_INSTRUMENT,
    ORDER_TYPE,
    PLACED,
    POSITION,
    PRICE,
    REALIZED,
    RECORD_AT,
    RECORD_COUNT,
    RECORD_INSTRUMENT,
    RECORD_KIND,
    RECORD_TS,
    REFUSED,
    REQUEST_COUNT,
    REQUEST_INSTRUMENT,
    REQUEST_KIND,
    REQUEST_ORDER_ID,
    REQUEST_PRICE,
    REQUEST_QUANTITY,
    REQUEST_SIDE,
    REQUEST_TIME_IN_FORCE,
    REQUEST_TYPE,
    REQUESTS_LOST,
    SIDE,
    START,
    TIME_IN_FORCE,
    WORKING_BUY,
    WORKING_SELL,
)
from barque.kernels.matching import FILL_OK, FILL_PRICE, FILL_SLOT, FILL_TS
from barque.kernels.money import mul_div, notional
from barque.risk.gate import has_cash, review

DAY = int(TimeInForce.DAY)
BUY = int(Side.BUY)
LIMIT = int(OrderType.LIMIT)
NUMBER_RANGE = int(Halt.NUMBER_RANGE)
DAILY_LOSS = int(Halt.DAILY_LOSS)
NO_CASH = int(Reason.NO_CASH)
IS_HALTED = int(Reason.HALTED)
BY_REQUEST = int(Reason.BY_REQUEST)
SESSION_END = int(Reason.SESSION_END)
TOO_MANY_REQUESTS = int(Reason.TOO_MANY_REQUESTS)
UNKNOWN_ORDER = int(Reason.UNKNOWN_ORDER)
MONEY = LARGEST_MONEY
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
        held = instruments[i, POSITION]
        halt(account, instruments, orders, records, NUMBER_RANGE, i, price, held)
        # Once more, now that orders are gone: recovery knows the records before the mark.
        mark(account, instruments, i, price)


@njit(**RARE)
def apply_fill(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    fills: IntArray,
    k: int,
) -> None:
    """Book fill `k` of a working order for all it still wants, or halt if it does not fit."""
    slot, price = fills[k, FILL_SLOT], fills[k, FILL_PRICE]
    if orders[slot, ORDER_ID] == 0:  # canceled by a halt that an earlier fill caused
        return
    i, side, quantity = orders[slot, ORDER_INSTRUMENT], orders[slot, SIDE], orders[slot, LEAVES]
    signed = side * quantity
    value, ok = notional(instruments, i, price, signed)
    is_maker = orders[slot, ORDER_TYPE] == LIMIT and price == orders[slot, PRICE]
    day = account[NOW] // DAY_NS
    charged, fee_ok = fee(account, instruments, i, signed, price, value, is_maker, day)
    realized, realized_ok = _realized(instruments, i, price, signed, value)
    cost = instruments[i, COST] + value + realized
    position = instruments[i, POSITION] + signed
    worth, worth_ok = worth_of(account, instruments, i, position, instruments[i, LAST], cost)
    paid = paid_by_fill(instruments, i, value, charged, realized)
    fits = ok and fee_ok and realized_ok and worth_ok and fills[k, FILL_OK] == 1
    fits = fits and abs(cost) <= MONEY and abs(instruments[i, REALIZED] + realized) <= MONEY
    fits = fits and can_settle(account, instruments, i, paid, worth)
    if not fits or price <= 0 or price > LARGEST:
        halt(account, instruments, orders, records, NUMBER_RANGE, i, price, signed)
        if orders[slot, ORDER_ID] != 0:
            end_order(account, instruments, orders, records, slot, CANCELED, IS_HALTED)
        return
    if side == BUY and not has_cash(account, instruments, i, paid):
        end_order(account, instruments, orders, records, slot, CANCELED, NO_CASH)
        return
    r = begin_record(account, records, FILLED, i)
    records[r, A0] = orders[slot, ORDER_ID]
    records[r, A0 + 1] = side
    records[r, A0 + 2] = quantity
    records[r, A0 + 3] = price
    records[r, A0 + 4] = value
    records[r, A0 + 5] = charged
    records[r, A0 + 6] = fills[k, FILL_TS]
    records[r, A0 + 7] = 0
    records[r, A0 + 8] = realized
    records[r, A9] = worth
    fold(account, instruments, orders, records, r)


@njit(**JIT)
def apply_requests(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    requests: IntArray,
    records: IntArray,
) -> None:
    """Judge what the strategy asked for, in the order it asked, and forget it."""
    for k in range(account[REQUEST_COUNT]):
        if requests[k, REQUEST_KIND] == CANCEL:
            _cancel(account, instruments, orders, requests, records, k)
        else:
            _submit(account, instruments, orders, requests, records, k)
    if account[REQUESTS_LOST] > 0:
        r = begin_record(account, records, REFUSED, -1)
        records[r, A0] = account[NEXT_ORDER_ID]
        records[r, A0 + 3] = account[REQUESTS_LOST]
        records[r, A0 + 6] = TOO_MANY_REQUESTS
        fold(account, instruments, orders, records, r)
    account[REQUEST_COUNT] = 0
    account[REQUESTS_LOST] = 0


@njit(**JIT)
def _submit(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    requests: IntArray,
    records: IntArray,
    k: int,
) -> None:
    i = requests[k, REQUEST_INSTRUMENT]
    order_type, side = requests[k, REQUEST_TYPE], requests[k, REQUEST_SIDE]
    quantity, price = requests[k, REQUEST_QUANTITY], requests[k, REQUEST_PRICE]
    reason = review(account, instruments, i, order_type, side, quantity, price)
    r = begin_record(account, records, ACCEPTED if reason == 0 else REFUSED, _known(instruments, i))
    records[r, A0] = requests[k, REQUEST_ORDER_ID]
    records[r, A0 + 1] = order_type
    records[r, A0 + 2] = side
    records[r, A0 + 3] = quantity
    records[r, A0 + 4] = price
    records[r, A0 + 5] = requests[k, REQUEST_TIME_IN_FORCE]
    records[r, A0 + 6] = reason
    fold(account, instruments, orders, records, r)


@njit(**JIT)
def _cancel(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    requests: IntArray,
    records: IntArray,
    k: int,
) -> None:
    i, order_id = requests[k, REQUEST_INSTRUMENT], requests[k, REQUEST_ORDER_ID]
    i = _known(instruments, i)
    slot = find(instruments, orders, i, order_id) if i >= 0 else -1
    if slot >= 0:
        end_order(account, instruments, orders, records, slot, CANCELED, BY_REQUEST)
        return
    r = begin_record(account, records, CANCEL_REFUSED, i)
    records[r, A0] = order_id
    records[r, A0 + 1] = UNKNOWN_ORDER
    fold(account, instruments, orders, records, r)


@njit(**JIT)
def _known(instruments: IntArray, i: int) -> int:
    """Return the instrument that was asked for, -1 for one that is not in this run."""
    return i if 0 <= i < instruments.shape[0] else -1


@njit(**JIT)
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


@njit(**RARE)
def end_order(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    slot: int,
    kind: int,
    reason: int,
) -> None:
    """Cancel or expire a working order."""
    r = begin_record(account, records, kind, orders[slot, ORDER_INSTRUMENT])
    records[r, A0] = orders[slot, ORDER_ID]
    records[r, A0 + 1] = reason
    records[r, A0 + 2] = orders[slot, LEAVES]
    fold(account, instruments, orders, records, r)


@njit(**JIT)
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
    return realized, ok and cost_ok and abs(realized) <= MONEY


@njit(**RARE)
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
        if instruments[j, POSITION] + instruments[j, WORKING_BUY] > 0:
            _cancel_side(account, instruments, orders, records, j, BUY)
        if instruments[j, POSITION] - instruments[j, WORKING_SELL] < 0:
            _cancel_side(account, instruments, orders, records, j, -BUY)


@njit(**JIT)
def _cancel_side(
    account: IntArray, instruments: IntArray, orders: IntArray, records: IntArray, i: int, side: int
) -> None:
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0:
        following = orders[slot, NEXT]
        if orders[slot, SIDE] == side:
            end_order(account, instruments, orders, records, slot, CANCELED, IS_HALTED)
        slot = following


@njit(**RARE)
def end_session(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    events: IntArray,
    t: int,
) -> None:
    """Expire the DAY orders that were placed before the event that ends their session."""
    slot = instruments[events[t, INSTRUMENT], FIRST_ORDER]
    while slot >= 0:
        following = orders[slot, NEXT]
        if orders[slot, TIME_IN_FORCE] == DAY and orders[slot, PLACED] <= events[t, START]:
            end_order(account, instruments, orders, records, slot, EXPIRED, SESSION_END)
        slot = following
