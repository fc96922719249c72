"""Fold and mark: the only place where an account changes. A record is a fact; folding makes it so.

`engine.apply` judges, writes a record and folds it; recovery folds the records it reads. There is
no second way to the same state.
"""

from numba import njit

from barque.domain.instruments import LARGEST_VALUE
from barque.domain.orders import OrderFlag, OrderState, OrderType, Reason, Side
from barque.engine.payments import fold_fill_money, fold_money, paid_in_lieu
from barque.kernels.arrays import IntArray
from barque.kernels.compile import JIT, called
from barque.kernels.currencies import can_settle, currency_marked_by, mark_rate, settle
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
    AMENDED,
    CANCELED,
    COST,
    EXPIRED,
    EXPIRES,
    FILLED,
    FIRST_ORDER,
    FREE_SLOT,
    GROUP,
    HALT,
    HALTED,
    LAST,
    LAST_ORDER,
    LATENCY,
    LEAVES,
    LIQUIDATED,
    LIQUIDATION,
    MARGINED,
    NEXT,
    NEXT_ORDER_ID,
    ORDER_ADJUSTED,
    ORDER_FLAGS,
    ORDER_ID,
    ORDER_INSTRUMENT,
    ORDER_STATE,
    ORDER_TYPE,
    PLACED,
    POSITION,
    PREVIOUS,
    PRICE,
    QUANTITY,
    REALIZED,
    RECORD_INSTRUMENT,
    RECORD_KIND,
    RECORD_TS,
    REDUCING_BUY,
    REDUCING_SELL,
    REFUSED,
    REJECTED,
    RELEASED,
    SIDE,
    SPLIT_APPLIED,
    TIME_IN_FORCE,
    TRAIL,
    TRIGGER,
    TRIGGERED,
    WATCH_EXPOSURE,
    WATCH_RATES,
    WATCHED,
    WORKING_BUY,
    WORKING_ORDERS,
    WORKING_SELL,
    WORKS_FROM,
)
from barque.kernels.margin import can_weigh, count_order, weigh, weigh_currency
from barque.kernels.money import fits, notional

BUY = int(Side.BUY)
STATE_ACCEPTED = int(OrderState.ACCEPTED)
STATE_PARTIALLY_FILLED = int(OrderState.PARTIALLY_FILLED)
STATE_TRIGGERED = int(OrderState.TRIGGERED)
STATE_WAITING = int(OrderState.WAITING)
TRAILING_STOP = int(OrderType.TRAILING_STOP)
REDUCE_ONLY = int(OrderFlag.REDUCE_ONLY)
WAITS = int(OrderFlag.WAITS)
BY_REQUEST = int(Reason.BY_REQUEST)


@called
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
    elif kind in (CANCELED, EXPIRED, REJECTED):
        _remove(account, instruments, orders, _slot_of(instruments, orders, records, k))
    elif kind in (TRIGGERED, RELEASED, AMENDED, ORDER_ADJUSTED):
        _fold_change(account, instruments, orders, records, k, kind)
    elif kind == SPLIT_APPLIED:
        _fold_split(account, instruments, records, k)
    elif kind == HALT:
        account[HALTED] = records[k, A0]
    elif kind == LIQUIDATION:
        account[LIQUIDATED] = records[k, A2]
    else:
        fold_money(account, instruments, records, k)
    if account[WATCHED] != 0:
        _watch(account, instruments, records, k)


@njit(**JIT)
def find(instruments: IntArray, orders: IntArray, i: int, order_id: int) -> int:
    """Return the slot of a working order, or -1."""
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0 and orders[slot, ORDER_ID] != order_id:
        slot = orders[slot, NEXT]
    return slot


@njit(**JIT)
def following(instruments: IntArray, orders: IntArray, i: int, slot: int, order_id: int) -> int:
    """Return the slot of the next younger order than `order_id`, -1 at the end.

    That one stood in `slot` and may have ended meanwhile, as may any other.
    """
    if orders[slot, ORDER_ID] == order_id:
        return orders[slot, NEXT]
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0 and orders[slot, ORDER_ID] <= order_id:
        slot = orders[slot, NEXT]
    return slot


@njit(**JIT)
def worth_of(
    account: IntArray, instruments: IntArray, i: int, position: int, price: int, cost: int
) -> tuple[int, bool]:
    """Return what `position` is worth at `price`: of a margined one only what it has earned."""
    if abs(position) > LARGEST_VALUE:
        return 0, False
    return _worth(account, instruments, i, position, price, cost)


@njit(**JIT)
def _worth(
    account: IntArray, instruments: IntArray, i: int, position: int, price: int, cost: int
) -> tuple[int, bool]:
    value, ok = notional(instruments, i, price, position)
    if account[WATCHED] & WATCH_EXPOSURE:
        ok = ok and can_weigh(account, instruments, i, position, price)
    if instruments[i, MARGINED] != 0:
        value -= cost
    return value, ok and fits(value)


@njit(**JIT)
def mark(account: IntArray, instruments: IntArray, i: int, price: int) -> bool:
    """Set the last price and revalue the position at it; keep the old value where it does not fit.

    Not a record: whoever has the market has the price. Returns whether it fitted.
    """
    instruments[i, LAST] = price
    position, ok = instruments[i, POSITION], True
    if position != 0:
        value, ok = _worth(account, instruments, i, position, price, instruments[i, COST])
        ok = ok and can_settle(account, instruments, i, 0, value)
        if ok:
            settle(account, instruments, i, 0, value)
    if account[WATCHED] != 0:
        ok = _mark_watched(account, instruments, i) and ok
    return ok


@called
def _mark_watched(account: IntArray, instruments: IntArray, i: int) -> bool:
    """Weigh what was marked; if it is the rate of a currency, everything in that currency too."""
    watched, ok = account[WATCHED], True
    if watched & WATCH_EXPOSURE:
        ok = weigh(account, instruments, i)
    if watched & WATCH_RATES:
        c = currency_marked_by(account, i)
        if c > 0:
            ok = mark_rate(account, instruments, i, c) and ok
            if watched & WATCH_EXPOSURE:
                ok = weigh_currency(account, instruments, c) and ok
    return ok


@called
def _watch(account: IntArray, instruments: IntArray, records: IntArray, k: int) -> None:
    """Count what a record changed besides cash and position: exposure, and the order rate."""
    i, kind = records[k, RECORD_INSTRUMENT], records[k, RECORD_KIND]
    if kind == ACCEPTED:
        count_order(account, records[k, RECORD_TS])
    if account[WATCHED] & WATCH_EXPOSURE and 0 <= i < instruments.shape[0]:
        weigh(account, instruments, i)


@njit(**JIT)
def _slot_of(instruments: IntArray, orders: IntArray, records: IntArray, k: int) -> int:
    """Return the slot of the order that a record is about."""
    return find(instruments, orders, records[k, RECORD_INSTRUMENT], records[k, A0])


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
    orders[slot, TIME_IN_FORCE] = records[k, A5] % 256
    orders[slot, ORDER_FLAGS] = records[k, A5] // 256
    trails = records[k, A1] == TRAILING_STOP
    orders[slot, TRIGGER] = 0 if trails else records[k, A7]
    orders[slot, TRAIL] = records[k, A7] if trails else 0
    orders[slot, EXPIRES] = records[k, A8]
    orders[slot, GROUP] = records[k, A9]
    orders[slot, PLACED] = records[k, RECORD_TS] + account[LATENCY]
    orders[slot, WORKS_FROM] = orders[slot, PLACED]
    waits = orders[slot, ORDER_FLAGS] & WAITS
    orders[slot, ORDER_STATE] = STATE_WAITING if waits else STATE_ACCEPTED
    orders[slot, NEXT] = -1
    last = instruments[i, LAST_ORDER]
    orders[slot, PREVIOUS] = last
    if last >= 0:
        orders[last, NEXT] = slot
    else:
        instruments[i, FIRST_ORDER] = slot
    instruments[i, LAST_ORDER] = slot
    work(instruments, orders, slot, records[k, A3])


@njit(**JIT)
def work(instruments: IntArray, orders: IntArray, slot: int, change: int) -> None:
    """Change the quantity that orders want on one side, counted apart where they only reduce."""
    i, only_reduces = orders[slot, ORDER_INSTRUMENT], orders[slot, ORDER_FLAGS] & REDUCE_ONLY
    if orders[slot, SIDE] == BUY:
        instruments[i, REDUCING_BUY if only_reduces else WORKING_BUY] += change
    else:
        instruments[i, REDUCING_SELL if only_reduces else WORKING_SELL] += change


@njit(**JIT)
def _remove(account: IntArray, instruments: IntArray, orders: IntArray, slot: int) -> None:
    """Unlink an order and give its slot back; nothing where no such order is at work."""
    if slot < 0:
        return
    i = orders[slot, ORDER_INSTRUMENT]
    work(instruments, orders, slot, -orders[slot, LEAVES])
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
    orders[slot, PRICE] = 0  # a trailing trigger moved without a record
    orders[slot, NEXT] = account[FREE_SLOT]
    account[FREE_SLOT] = slot
    account[WORKING_ORDERS] -= 1


@njit(**JIT)
def _fold_fill(
    account: IntArray, instruments: IntArray, orders: IntArray, records: IntArray, k: int
) -> None:
    """The money of one fill, and the order."""
    i = records[k, RECORD_INSTRUMENT]
    fold_fill_money(account, instruments, records, k)
    slot = find(instruments, orders, i, records[k, A0])
    if records[k, A7] == 0:
        _remove(account, instruments, orders, slot)
    elif slot >= 0:
        work(instruments, orders, slot, records[k, A7] - orders[slot, LEAVES])
        orders[slot, LEAVES] = records[k, A7]
        orders[slot, ORDER_STATE] = STATE_PARTIALLY_FILLED


@njit(**JIT)
def _fold_change(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    k: int,
    kind: int,
) -> None:
    """Change a working order: it was triggered, released, amended, or its instrument was split."""
    slot = _slot_of(instruments, orders, records, k)
    if slot < 0:
        return
    if kind == TRIGGERED:
        orders[slot, PRICE] = records[k, A1]
        orders[slot, TRIGGER] = 0
        orders[slot, WORKS_FROM] = records[k, A2]
        orders[slot, ORDER_STATE] = STATE_TRIGGERED
    elif kind == RELEASED:
        if orders[slot, ORDER_TYPE] == TRAILING_STOP:
            orders[slot, PRICE] = records[k, A1]
        orders[slot, WORKS_FROM] = records[k, A2]
        orders[slot, ORDER_STATE] = STATE_ACCEPTED
    else:
        _fold_terms(account, instruments, orders, records, k, slot)


@njit(**JIT)
def _fold_terms(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    k: int,
    slot: int,
) -> None:
    """Change what an order wants, and at which prices. A split begins its quantity anew."""
    change = records[k, A1] - orders[slot, LEAVES]
    work(instruments, orders, slot, change)
    orders[slot, LEAVES] = records[k, A1]
    orders[slot, PRICE] = records[k, A2]
    orders[slot, TRIGGER] = records[k, A3]
    if records[k, RECORD_KIND] == ORDER_ADJUSTED:
        orders[slot, QUANTITY] = records[k, A1]
        orders[slot, TRAIL] = records[k, A4]
        return
    orders[slot, QUANTITY] += change
    if records[k, A4] == BY_REQUEST:
        orders[slot, WORKS_FROM] = records[k, RECORD_TS] + account[LATENCY]


@njit(**JIT)
def _fold_split(account: IntArray, instruments: IntArray, records: IntArray, k: int) -> None:
    """A split changes position and last price, and pays cash for a fraction of a unit."""
    i = records[k, RECORD_INSTRUMENT]
    instruments[i, POSITION] = records[k, A3]
    instruments[i, COST] -= records[k, A5]
    instruments[i, REALIZED] += records[k, A4] - records[k, A5]
    instruments[i, LAST] = records[k, A6]
    paid = paid_in_lieu(instruments, i, records[k, A4], records[k, A5])
    settle(account, instruments, i, paid, records[k, A7])
