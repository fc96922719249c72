"""Judge corporate actions: what a dividend or a split does to an account and its orders.

Rules:

* A dividend is paid to a long position and taken from a short one, as it stands at the event. The
  position's last price falls by it, so that a payment is not taken for a profit until the market
  shows the price without it.
* A split changes position, cost, last price and working orders; a fraction of a unit that is left
  is paid in cash at the last price, of a margined instrument what it earned. A reverse split
  cancels the orders.
* A change of symbol moves nothing: an instrument is known by its place in the run.
"""

from numba import njit

from barque.domain.events import EventKind
from barque.domain.instruments import LARGEST_VALUE
from barque.domain.orders import OrderFlag, OrderType, Reason
from barque.engine.apply import NUMBER_RANGE, begin_record, end_order, halt
from barque.engine.charges import end_instrument, fund, pay_interest
from barque.engine.ledger import fold, following, worth_of
from barque.engine.payments import paid_in_lieu
from barque.kernels.arrays import IntArray
from barque.kernels.compile import INNER, called
from barque.kernels.currencies import can_settle
from barque.kernels.layout import (
    A0,
    CANCELED,
    COST,
    DIVIDEND_AMOUNT,
    DIVIDEND_PAID,
    FIRST_ORDER,
    INSTRUMENT,
    LAST,
    LEAVES,
    LOT,
    MULTIPLIER,
    NOTIONAL_DIVISOR,
    ORDER_ADJUSTED,
    ORDER_FLAGS,
    ORDER_ID,
    ORDER_INSTRUMENT,
    ORDER_TYPE,
    POSITION,
    PRICE,
    QUANTITY_SCALE,
    SPLIT_APPLIED,
    SPLIT_NEW,
    SPLIT_OLD,
    TICK,
    TRAIL,
    TRIGGER,
)
from barque.kernels.money import mul_div, notional

SPLIT = int(EventKind.SPLIT)
DIVIDEND = int(EventKind.DIVIDEND)
FUNDING = int(EventKind.FUNDING)
INTEREST = int(EventKind.INTEREST)
EXPIRY = int(EventKind.EXPIRY)
DELISTING = int(EventKind.DELISTING)
TRAILING_STOP = int(OrderType.TRAILING_STOP)
TRAILS_BY_RATE = int(OrderFlag.TRAILS_BY_RATE)
REVERSE_SPLIT = int(Reason.REVERSE_SPLIT)
TOO_SMALL = int(Reason.TOO_SMALL)
LARGEST = LARGEST_VALUE


@called
def apply_action(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    events: IntArray,
    t: int,
    kind: int,
) -> None:
    """Take in one event that nobody trades in; one that changes nothing passes by."""
    if kind == DIVIDEND:
        _pay_dividend(account, instruments, orders, records, events, t)
    elif kind == SPLIT:
        _split(account, instruments, orders, records, events, t)
    elif kind == FUNDING:
        fund(account, instruments, orders, records, events, t)
    elif kind == INTEREST:
        pay_interest(account, instruments, orders, records, events, t)
    elif kind in (EXPIRY, DELISTING):
        end_instrument(account, instruments, orders, records, events, t)


@called
def _pay_dividend(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    events: IntArray,
    t: int,
) -> None:
    """Pay a cash dividend to a long position, or take it from a short one."""
    i = events[t, INSTRUMENT]
    position = instruments[i, POSITION]
    if position == 0:
        return
    paid, ok = mul_div(position, events[t, DIVIDEND_AMOUNT], instruments[i, QUANTITY_SCALE])
    price, price_ok = _price_without(instruments, i, events[t, DIVIDEND_AMOUNT])
    value, value_ok = worth_of(account, instruments, i, position, price, instruments[i, COST])
    ok = ok and price_ok and value_ok
    if not ok or not can_settle(account, instruments, i, paid, value):
        amount = events[t, DIVIDEND_AMOUNT]
        halt(account, instruments, orders, records, NUMBER_RANGE, i, position, amount)
        return
    r = begin_record(account, records, DIVIDEND_PAID, i)
    records[r, A0] = paid
    records[r, A0 + 1] = position
    records[r, A0 + 2] = events[t, DIVIDEND_AMOUNT]
    records[r, A0 + 3] = price
    records[r, A0 + 4] = value
    fold(account, instruments, orders, records, r)


@njit(**INNER)
def _price_without(instruments: IntArray, i: int, amount: int) -> tuple[int, bool]:
    """Return the last price less a dividend of `amount` cash units a whole unit.

    The last price itself, where the dividend is more than that.
    """
    unit = instruments[i, MULTIPLIER] * instruments[i, QUANTITY_SCALE]
    if unit > 10**15:  # more than `mul_div` divides by
        return instruments[i, LAST], True
    fall, ok = mul_div(amount, instruments[i, NOTIONAL_DIVISOR], unit)
    last = instruments[i, LAST]
    return (last - fall if fall < last else last), ok


@called
def _split(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    events: IntArray,
    t: int,
) -> None:
    """Exchange `old` units for `new` ones: position, last price and working orders."""
    i, new, old = events[t, INSTRUMENT], events[t, SPLIT_NEW], events[t, SPLIT_OLD]
    _split_position(account, instruments, orders, records, i, new, old)
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0:
        order_id = orders[slot, ORDER_ID]
        _split_order(account, instruments, orders, records, slot, new, old)
        slot = following(instruments, orders, i, slot, order_id)


@called
def _split_position(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    i: int,
    new: int,
    old: int,
) -> None:
    """Keep whole quantity units; the fraction is paid in cash at the last price."""
    position, last = instruments[i, POSITION], instruments[i, LAST]
    sign = 1 if position >= 0 else -1
    split_size = abs(position) * new
    kept = sign * (split_size // old)
    fraction = sign * (split_size % old)  # in 1/old new units, worth last/new each
    price, ok = mul_div(last, old, new)
    worth, worth_ok = notional(instruments, i, last, fraction)
    lieu, lieu_ok = mul_div(worth, 1, new)
    cost, cost_ok = 0, True
    if fraction != 0:
        cost, cost_ok = mul_div(instruments[i, COST], abs(fraction), split_size)
    kept_cost = instruments[i, COST] - cost
    value, value_ok = worth_of(account, instruments, i, kept, price, kept_cost)
    ok = ok and worth_ok and lieu_ok and cost_ok and value_ok and price <= LARGEST
    paid = paid_in_lieu(instruments, i, lieu, cost)
    if not ok or not can_settle(account, instruments, i, paid, value):
        halt(account, instruments, orders, records, NUMBER_RANGE, i, position, new)
        return
    r = begin_record(account, records, SPLIT_APPLIED, i)
    records[r, A0] = new
    records[r, A0 + 1] = old
    records[r, A0 + 2] = position
    records[r, A0 + 3] = kept
    records[r, A0 + 4] = lieu
    records[r, A0 + 5] = cost
    records[r, A0 + 6] = price
    records[r, A0 + 7] = value
    fold(account, instruments, orders, records, r)


@called
def _split_order(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    slot: int,
    new: int,
    old: int,
) -> None:
    """Adjust an order to a forward split; a reverse split cancels it (FINRA rule 5330)."""
    i = orders[slot, ORDER_INSTRUMENT]
    if new < old:
        end_order(account, instruments, orders, records, slot, CANCELED, REVERSE_SPLIT)
        return
    leaves = orders[slot, LEAVES] * new // old
    leaves -= leaves % instruments[i, LOT]
    by_distance = not orders[slot, ORDER_FLAGS] & TRAILS_BY_RATE
    price, ok = _split_price(instruments, orders, slot, PRICE, new, old)
    trigger, trigger_ok = _split_price(instruments, orders, slot, TRIGGER, new, old)
    trail, trail_ok = orders[slot, TRAIL], True
    if by_distance:
        trail, trail_ok = _split_price(instruments, orders, slot, TRAIL, new, old)
    if not (ok and trigger_ok and trail_ok) or leaves == 0 or leaves > LARGEST:
        end_order(account, instruments, orders, records, slot, CANCELED, TOO_SMALL)
        return
    r = begin_record(account, records, ORDER_ADJUSTED, i)
    records[r, A0] = orders[slot, ORDER_ID]
    records[r, A0 + 1] = leaves
    records[r, A0 + 2] = price
    records[r, A0 + 3] = trigger
    records[r, A0 + 4] = trail
    fold(account, instruments, orders, records, r)


@called
def _split_price(
    instruments: IntArray, orders: IntArray, slot: int, column: int, new: int, old: int
) -> tuple[int, bool]:
    """Return one of an order's prices after a split, to the nearest tick, and whether it has one.

    A trailing stop's trigger is not bound to ticks. No price stays no price.
    """
    price = orders[slot, column]
    if price == 0:
        return 0, True
    tick = instruments[orders[slot, ORDER_INSTRUMENT], TICK]
    if column == PRICE and orders[slot, ORDER_TYPE] == TRAILING_STOP:
        tick = 1
    ticks, ok = mul_div(price, old, new * tick)
    return ticks * tick, ok and ticks > 0
