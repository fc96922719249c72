"""Judge what a strategy asks for: to submit, cancel or amend an order. Recorded and folded.

* A market order fills at the close it was decided at only if the run's rules say so; then at the
  last price, or at the last quote where there is one, and nothing but the gate limits it.
* A reduce-only order is taken for what there is to reduce, and refused where that is nothing.
* A post-only order that would fill at once at the last known price is rejected.
* When an order that is to wait for another is refused, that other is canceled, if it has no fill
  yet: no entry works without the stop that was asked for with it.
* An amended order keeps its place among the oldest. The new quantity counts what was filled. A
  change passes the same reviews as a new order, and arrives as late as one; a cancel at once.
"""

from numba import njit

from barque.domain.orders import FillTime, OrderFlag, OrderState, OrderType, Reason
from barque.engine.apply import begin_record, end_order
from barque.engine.groups import (
    fill_order,
    has_leader,
    known_price,
    may_shrink,
    reducible,
    reject_taker,
    shrink,
    would_take,
)
from barque.engine.ledger import find, fold, work
from barque.kernels.arrays import IntArray
from barque.kernels.compile import INNER, called
from barque.kernels.layout import (
    A0,
    ACCEPTED,
    AMEND,
    AMEND_REFUSED,
    AMENDED,
    CANCEL,
    CANCEL_REFUSED,
    CANCELED,
    FILL_TIME,
    LAST_ORDER,
    LAST_VOLUME,
    LEAVES,
    LOT,
    NEXT_ORDER_ID,
    NOT_WHOLE,
    NOW,
    ORDER_FLAGS,
    ORDER_STATE,
    ORDER_TYPE,
    POSITION,
    PRICE,
    QUANTITY,
    REFUSED,
    REQUEST_COUNT,
    REQUEST_EXPIRES,
    REQUEST_FLAGS,
    REQUEST_GROUP,
    REQUEST_INSTRUMENT,
    REQUEST_KIND,
    REQUEST_ORDER_ID,
    REQUEST_PRICE,
    REQUEST_QUANTITY,
    REQUEST_SIDE,
    REQUEST_TIME_IN_FORCE,
    REQUEST_TRAIL,
    REQUEST_TRIGGER,
    REQUEST_TYPE,
    REQUESTS_LOST,
    SIDE,
    TRIGGER,
)
from barque.kernels.matching import first_trigger, working_type
from barque.risk.gate import has_price, review_new, review_open, venue_rules
from barque.risk.order_terms import has_trigger_and_limit, review_terms, review_trigger

MARKET = int(OrderType.MARKET)
LIMIT = int(OrderType.LIMIT)
TRAILING_STOP = int(OrderType.TRAILING_STOP)
SAME_CLOSE = int(FillTime.SAME_CLOSE)
WAITING = int(OrderState.WAITING)
POST_ONLY = int(OrderFlag.POST_ONLY)
REDUCE_ONLY = int(OrderFlag.REDUCE_ONLY)
WAITS = int(OrderFlag.WAITS)
NONE = int(Reason.NONE)
BY_REQUEST = int(Reason.BY_REQUEST)
TOO_MANY_REQUESTS = int(Reason.TOO_MANY_REQUESTS)
UNKNOWN_INSTRUMENT = int(Reason.UNKNOWN_INSTRUMENT)
UNKNOWN_ORDER = int(Reason.UNKNOWN_ORDER)
NOTHING_TO_REDUCE = int(Reason.NOTHING_TO_REDUCE)
NOTHING_TO_CHANGE = int(Reason.NOTHING_TO_CHANGE)
OFF_LOT = int(Reason.OFF_LOT)
MEMBER_REFUSED = int(Reason.MEMBER_REFUSED)
WOULD_TAKE = int(Reason.WOULD_TAKE)


@called
def apply_requests(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    requests: IntArray,
    records: IntArray,
) -> None:
    """Judge what the strategy asked for, in the order it asked, and forget it."""
    for k in range(account[REQUEST_COUNT]):
        kind = requests[k, REQUEST_KIND]
        if kind == CANCEL:
            _cancel(account, instruments, orders, requests, records, k)
        elif kind == AMEND:
            _amend(account, instruments, orders, requests, records, k)
        else:
            _submit(account, instruments, orders, requests, records, k)
    if account[FILL_TIME] == SAME_CLOSE:
        _fill_at_close(account, instruments, orders, requests, records)
    for k in range(account[REQUEST_COUNT]):
        i = _known(instruments, requests[k, REQUEST_INSTRUMENT])
        if i >= 0 and may_shrink(instruments, i):
            shrink(account, instruments, orders, records, i)
    if account[REQUESTS_LOST] > 0:
        r = begin_record(account, records, REFUSED, -1)
        records[r, A0] = account[NEXT_ORDER_ID]
        records[r, A0 + 3] = account[REQUESTS_LOST]
        records[r, A0 + 6] = TOO_MANY_REQUESTS
        fold(account, instruments, orders, records, r)
    account[REQUEST_COUNT] = 0
    account[REQUESTS_LOST] = 0


@njit(**INNER)
def _submit(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    requests: IntArray,
    records: IntArray,
    k: int,
) -> None:
    i = _known(instruments, requests[k, REQUEST_INSTRUMENT])
    price = _price_of(instruments, requests, k, i)
    quantity = _quantity_of(instruments, requests, k, i)
    reason = _why_not(account, instruments, orders, requests, k, i, quantity, price)
    r = begin_record(account, records, ACCEPTED if reason == NONE else REFUSED, i)
    records[r, A0] = requests[k, REQUEST_ORDER_ID]
    records[r, A0 + 1] = requests[k, REQUEST_TYPE]
    records[r, A0 + 2] = requests[k, REQUEST_SIDE]
    records[r, A0 + 3] = max(quantity, 0)
    records[r, A0 + 4] = price
    records[r, A0 + 5] = requests[k, REQUEST_TIME_IN_FORCE] + 256 * requests[k, REQUEST_FLAGS]
    records[r, A0 + 6] = reason
    records[r, A0 + 7] = _trigger_or_trail(requests, k)
    records[r, A0 + 8] = requests[k, REQUEST_EXPIRES]
    records[r, A0 + 9] = requests[k, REQUEST_GROUP]
    fold(account, instruments, orders, records, r)
    flags = requests[k, REQUEST_FLAGS]
    if reason == NONE and flags & POST_ONLY and not flags & WAITS:
        price = known_price(instruments, i, requests[k, REQUEST_SIDE])
        reject_taker(account, instruments, orders, records, instruments[i, LAST_ORDER], price)
    elif reason != NONE and i >= 0 and flags & WAITS:
        _give_up_leader(account, instruments, orders, requests, records, k, i)


@njit(**INNER)
def _price_of(instruments: IntArray, requests: IntArray, k: int, i: int) -> int:
    """Return an order's price: none at the market, and a trailing stop's first trigger."""
    kind = requests[k, REQUEST_TYPE]
    if kind == TRAILING_STOP and i >= 0:
        side, flags = requests[k, REQUEST_SIDE], requests[k, REQUEST_FLAGS]
        best = known_price(instruments, i, side)
        return first_trigger(side, requests[k, REQUEST_TRAIL], flags, best)
    return requests[k, REQUEST_PRICE] if has_price(kind) else 0


@njit(**INNER)
def _trigger_or_trail(requests: IntArray, k: int) -> int:
    kind = requests[k, REQUEST_TYPE]
    if kind == TRAILING_STOP:
        return requests[k, REQUEST_TRAIL]
    return requests[k, REQUEST_TRIGGER] if has_trigger_and_limit(kind) else 0


@njit(**INNER)
def _quantity_of(instruments: IntArray, requests: IntArray, k: int, i: int) -> int:
    """Return what is asked for, of a reduce-only order no more than there is to reduce."""
    quantity, flags = requests[k, REQUEST_QUANTITY], requests[k, REQUEST_FLAGS]
    if i < 0 or not flags & REDUCE_ONLY or flags & WAITS:
        return quantity
    most = _reducible_lots(instruments, i, requests[k, REQUEST_SIDE])
    return min(quantity, most) if most > 0 else quantity


@njit(**INNER)
def _reducible_lots(instruments: IntArray, i: int, side: int) -> int:
    """Return how much an order of whole lots can reduce the position."""
    most = reducible(side, instruments[i, POSITION])
    return most - most % instruments[i, LOT]


@njit(**INNER)
def _why_not(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    requests: IntArray,
    k: int,
    i: int,
    quantity: int,
    price: int,
) -> int:
    """Return why an order is refused, or 0: its terms, the venue's rules, then our own limits."""
    if i < 0:
        return UNKNOWN_INSTRUMENT
    reason = review_terms(account, instruments, orders, requests, k, i)
    if reason != NONE:
        return reason
    kind, side = requests[k, REQUEST_TYPE], requests[k, REQUEST_SIDE]
    reason = review_new(account, instruments, i, kind, quantity, price)
    if reason != NONE:
        return reason
    flags = requests[k, REQUEST_FLAGS]
    if not flags & REDUCE_ONLY:
        return review_open(account, instruments, i, kind, side, quantity, price)
    most = _reducible_lots(instruments, i, side)
    return NONE if flags & WAITS or most > 0 else NOTHING_TO_REDUCE


@called
def _fill_at_close(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    requests: IntArray,
    records: IntArray,
) -> None:
    """Fill the new market orders at the price at which they were decided, in the order asked."""
    for k in range(account[REQUEST_COUNT]):
        i = _known(instruments, requests[k, REQUEST_INSTRUMENT])
        slot = _find_asked(instruments, orders, requests, k, i)
        is_new = slot >= 0 and requests[k, REQUEST_KIND] != AMEND
        if not is_new or orders[slot, ORDER_TYPE] != MARKET or orders[slot, ORDER_STATE] == WAITING:
            continue
        side, quantity = orders[slot, SIDE], orders[slot, LEAVES]
        if orders[slot, ORDER_FLAGS] & REDUCE_ONLY:
            quantity = min(quantity, reducible(side, instruments[i, POSITION]))
        price = known_price(instruments, i, side)
        if quantity > 0:
            volume = instruments[i, LAST_VOLUME]
            fill_order(
                account, instruments, orders, records, slot, quantity, price, account[NOW], volume
            )


@called
def _give_up_leader(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    requests: IntArray,
    records: IntArray,
    k: int,
    i: int,
) -> None:
    slot = find(instruments, orders, i, requests[k, REQUEST_GROUP])
    if slot >= 0 and orders[slot, LEAVES] == orders[slot, QUANTITY]:
        end_order(account, instruments, orders, records, slot, CANCELED, MEMBER_REFUSED)


@called
def _cancel(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    requests: IntArray,
    records: IntArray,
    k: int,
) -> None:
    i = _known(instruments, requests[k, REQUEST_INSTRUMENT])
    slot = _find_asked(instruments, orders, requests, k, i)
    if slot >= 0:
        end_order(account, instruments, orders, records, slot, CANCELED, BY_REQUEST)
        return
    r = begin_record(account, records, CANCEL_REFUSED, i)
    records[r, A0] = requests[k, REQUEST_ORDER_ID]
    records[r, A0 + 1] = UNKNOWN_ORDER
    fold(account, instruments, orders, records, r)


@called
def _amend(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    requests: IntArray,
    records: IntArray,
    k: int,
) -> None:
    i = _known(instruments, requests[k, REQUEST_INSTRUMENT])
    slot = _find_asked(instruments, orders, requests, k, i)
    reason, leaves, price, trigger = UNKNOWN_ORDER, 0, 0, 0
    if slot >= 0:
        leaves = _new_leaves(instruments, orders, requests, k, i, slot)
        price, trigger = _new_prices(orders, requests, k, slot)
        reason = _why_not_amended(
            account, instruments, orders, requests, k, i, slot, leaves, price, trigger
        )
    r = begin_record(account, records, AMENDED if reason == NONE else AMEND_REFUSED, i)
    records[r, A0] = requests[k, REQUEST_ORDER_ID]
    if reason != NONE:
        records[r, A0 + 1] = reason
    else:
        records[r, A0 + 1] = leaves
        records[r, A0 + 2] = price
        records[r, A0 + 3] = trigger
        records[r, A0 + 4] = BY_REQUEST
    fold(account, instruments, orders, records, r)


@called
def _new_leaves(
    instruments: IntArray, orders: IntArray, requests: IntArray, k: int, i: int, slot: int
) -> int:
    """Return what is left of the new quantity after what was filled."""
    leaves, quantity = orders[slot, LEAVES], requests[k, REQUEST_QUANTITY]
    if quantity != 0:
        leaves += quantity - orders[slot, QUANTITY]
    if not orders[slot, ORDER_FLAGS] & REDUCE_ONLY or has_leader(instruments, orders, slot):
        return leaves
    return min(leaves, _reducible_lots(instruments, i, orders[slot, SIDE]))


@called
def _new_prices(orders: IntArray, requests: IntArray, k: int, slot: int) -> tuple[int, int]:
    """Return price and trigger after a change; without a limit, the trigger is the price."""
    limit, trigger = requests[k, REQUEST_PRICE], requests[k, REQUEST_TRIGGER]
    price = limit if limit != 0 else orders[slot, PRICE]
    if trigger == 0:
        return price, orders[slot, TRIGGER]
    return (price, trigger) if has_limit(orders, slot) else (trigger, 0)


@called
def _has_what_changes(orders: IntArray, requests: IntArray, k: int, slot: int) -> bool:
    """Return whether an order has the limit and the trigger that are to be changed."""
    kind = orders[slot, ORDER_TYPE]
    if requests[k, REQUEST_PRICE] != 0 and not has_limit(orders, slot):
        return False
    if requests[k, REQUEST_TRIGGER] == 0:
        return True
    waits_for_trigger = working_type(orders, slot) == kind and kind != TRAILING_STOP
    return waits_for_trigger and kind != LIMIT and has_price(kind)


@njit(**INNER)
def has_limit(orders: IntArray, slot: int) -> bool:
    """Return whether an order has a limit price."""
    kind = orders[slot, ORDER_TYPE]
    return kind == LIMIT or has_trigger_and_limit(kind)


@called
def _why_not_amended(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    requests: IntArray,
    k: int,
    i: int,
    slot: int,
    leaves: int,
    price: int,
    trigger: int,
) -> int:
    """Return why a change is refused, or 0."""
    kind, side, flags = orders[slot, ORDER_TYPE], orders[slot, SIDE], orders[slot, ORDER_FLAGS]
    if requests[k, REQUEST_QUANTITY] == NOT_WHOLE:
        return OFF_LOT
    if not _has_what_changes(orders, requests, k, slot) or leaves <= 0:
        return NOTHING_TO_CHANGE
    if trigger != 0:
        reason = review_trigger(instruments, i, trigger)
        if reason != NONE:
            return reason
    if flags & POST_ONLY and would_take(side, price, known_price(instruments, i, side)):
        return WOULD_TAKE
    as_type = kind if price > 0 else MARKET  # a stop that was triggered has no price any more
    reason = venue_rules(instruments, i, as_type, leaves, price)
    if reason != NONE or flags & REDUCE_ONLY:
        return reason
    work(instruments, orders, slot, -orders[slot, LEAVES])
    reason = review_open(account, instruments, i, as_type, side, leaves, price)
    work(instruments, orders, slot, orders[slot, LEAVES])
    return reason


@called
def _find_asked(instruments: IntArray, orders: IntArray, requests: IntArray, k: int, i: int) -> int:
    """Return the slot of the working order that a request names, or -1."""
    return find(instruments, orders, i, requests[k, REQUEST_ORDER_ID]) if i >= 0 else -1


@njit(**INNER)
def _known(instruments: IntArray, i: int) -> int:
    """Return the instrument that was asked for, -1 for one that is not in this run."""
    return i if 0 <= i < instruments.shape[0] else -1
