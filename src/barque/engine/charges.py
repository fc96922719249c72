"""Judge what time and the calendar cost: funding, interest, and the end of an instrument.

Rules:

* Funding: the position at the mark price (the last price where none is given) times the rate; a
  long position pays it when it is positive, a short one receives it. Cash; the price stays.
* Interest: the credit rate on positive cash of the instrument's currency or the debit rate on
  negative cash, and the borrow rate on the worth of the instrument's short position at the last
  price. The rates are for the time that passed; whoever sends the event says which that was.
* Expiry and delisting: working orders are canceled, the position is paid out at the settlement
  price (the last price where none is given) without a fee, and nothing trades any more.
"""

from barque.domain.orders import Halt, Reason
from barque.engine.apply import begin_record, end_order, halt
from barque.engine.ledger import fold, following
from barque.kernels.arrays import IntArray
from barque.kernels.compile import called
from barque.kernels.currencies import can_settle, cash_of
from barque.kernels.layout import (
    A0,
    A1,
    A2,
    A3,
    A4,
    CANCELED,
    COST,
    CURRENCY,
    ENDED,
    FIRST_ORDER,
    FUNDED,
    FUNDING_MARK,
    FUNDING_RATE,
    INSTRUMENT,
    INTEREST_BORROW,
    INTEREST_CREDIT,
    INTEREST_DEBIT,
    INTEREST_PAID,
    LAST,
    MARGINED,
    ORDER_ID,
    POSITION,
    SETTLED,
    SETTLEMENT_PRICE,
    VALUE,
)
from barque.kernels.money import RATE, fits, mul_div, notional

NUMBER_RANGE = int(Halt.NUMBER_RANGE)
IS_ENDED = int(Reason.ENDED)


@called
def fund(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    events: IntArray,
    t: int,
) -> None:
    """Exchange funding between long and short."""
    i, rate = events[t, INSTRUMENT], events[t, FUNDING_RATE]
    position, price = instruments[i, POSITION], events[t, FUNDING_MARK]
    if position == 0:
        return
    if price == 0:
        price = instruments[i, LAST]
    value, ok = notional(instruments, i, price, position)
    due, due_ok = mul_div(value, rate, RATE)
    if not (ok and due_ok and can_settle(account, instruments, i, -due, instruments[i, VALUE])):
        halt(account, instruments, orders, records, NUMBER_RANGE, i, price, rate)
        return
    r = begin_record(account, records, FUNDED, i)
    records[r, A0] = -due
    records[r, A1] = position
    records[r, A2] = rate
    records[r, A3] = price
    fold(account, instruments, orders, records, r)


@called
def pay_interest(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    events: IntArray,
    t: int,
) -> None:
    """Pay or charge interest on cash, then charge for borrowed shares."""
    i = events[t, INSTRUMENT]
    cash = cash_of(account, instruments[i, CURRENCY])
    rate = events[t, INTEREST_CREDIT] if cash > 0 else events[t, INTEREST_DEBIT]
    _pay(account, instruments, orders, records, i, -1, cash, rate)
    if instruments[i, POSITION] < 0 and events[t, INTEREST_BORROW] != 0:
        owed, ok = notional(instruments, i, instruments[i, LAST], instruments[i, POSITION])
        if ok:
            _pay(account, instruments, orders, records, i, i, owed, events[t, INTEREST_BORROW])
        else:
            last, held = instruments[i, LAST], instruments[i, POSITION]
            halt(account, instruments, orders, records, NUMBER_RANGE, i, last, held)


@called
def _pay(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    i: int,
    named: int,
    basis: int,
    rate: int,
) -> None:
    """Pay interest on `basis` in the currency of instrument `i`: what is owed has a minus."""
    paid, ok = mul_div(basis, rate, RATE)
    if ok and paid == 0:
        return
    if not ok or not can_settle(account, instruments, i, paid, instruments[i, VALUE]):
        halt(account, instruments, orders, records, NUMBER_RANGE, i, basis, rate)
        return
    r = begin_record(account, records, INTEREST_PAID, named)
    records[r, A0] = paid
    records[r, A1] = basis
    records[r, A2] = rate
    records[r, A3] = instruments[i, CURRENCY]
    fold(account, instruments, orders, records, r)


@called
def end_instrument(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    events: IntArray,
    t: int,
) -> None:
    """Cancel the orders, pay the position out and close the instrument for ever."""
    i, price = events[t, INSTRUMENT], events[t, SETTLEMENT_PRICE]
    if instruments[i, ENDED] != 0:
        return
    if price == 0:
        price = instruments[i, LAST]
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0:
        order_id = orders[slot, ORDER_ID]
        end_order(account, instruments, orders, records, slot, CANCELED, IS_ENDED)
        slot = following(instruments, orders, i, slot, order_id)
    position, cost = instruments[i, POSITION], instruments[i, COST]
    value, ok = notional(instruments, i, price, position)
    realized = value - cost
    paid = realized if instruments[i, MARGINED] != 0 else value
    in_range = ok and fits(realized) and can_settle(account, instruments, i, paid, 0)
    if not in_range:
        halt(account, instruments, orders, records, NUMBER_RANGE, i, price, position)
        return
    r = begin_record(account, records, SETTLED, i)
    records[r, A0] = position
    records[r, A1] = price
    records[r, A2] = value
    records[r, A3] = realized
    records[r, A4] = paid
    fold(account, instruments, orders, records, r)
