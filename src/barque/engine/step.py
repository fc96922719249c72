"""One event without the strategy: the simulated venue answers, then the account takes it in.

`advance` is that step over a chunk of events. The loops that also decide are in `engine.loop`.
"""

import numpy as np
from numba import njit

from barque.domain.events import EventFlag, EventKind
from barque.domain.orders import FillTime
from barque.engine.actions import apply_action
from barque.engine.apply import apply_price
from barque.engine.marking import see_price, shows_market
from barque.engine.meeting import end_session, meet_orders
from barque.engine.watch import GUARDED, guard
from barque.kernels.arrays import IntArray
from barque.kernels.compile import JIT, called
from barque.kernels.layout import (
    CASH,
    CURVE_CASH,
    CURVE_COUNT,
    CURVE_EQUITY,
    CURVE_TS,
    EQUITY,
    EVENTS_SEEN,
    FILL_TIME,
    FIRST_ORDER,
    FLAGS,
    IN_SESSION,
    INSTRUMENT,
    KIND,
    NOW,
    RECORD_COUNT,
    TS,
    WATCHED,
)

TRADE = int(EventKind.TRADE)
BAR = int(EventKind.BAR)
ENDS_SESSION = int(EventFlag.ENDS_SESSION)
ENDS_SLICE = int(EventFlag.ENDS_SLICE)
SAME_CLOSE = int(FillTime.SAME_CLOSE)

RECORDS_OF_ONE = 20
"""More records than one order or request can cause in one event: an order is triggered, released,
shrunk and ended once, and each of a group's few fills changes the others of at most GROUP_SIZE."""


@njit(**JIT)
def has_room(account: IntArray, orders: IntArray, requests: IntArray, records: IntArray) -> bool:
    """Return whether the records of one more event are sure to fit."""
    # There are fewer instruments than requests: at most each position is closed out.
    worst = RECORDS_OF_ONE * (orders.shape[0] + requests.shape[0]) + 16
    return account[RECORD_COUNT] <= records.shape[0] - worst


@njit(**JIT)
def meet_event(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    offer: IntArray,
    events: IntArray,
    t: int,
) -> None:
    """Let the venue answer event `t`, then mark to it, and end the session that it closes."""
    account[NOW] = events[t, TS]
    account[EVENTS_SEEN] += 1
    kind, i = events[t, KIND], events[t, INSTRUMENT]
    if kind in (BAR, TRADE) and instruments[i, FIRST_ORDER] < 0 and account[WATCHED] == 0:
        price = see_price(instruments, i, events, t, kind)
        apply_price(account, instruments, orders, records, i, price)
        if events[t, FLAGS] & ENDS_SESSION:
            instruments[i, IN_SESSION] = 0
    else:
        _meet_any(account, instruments, orders, records, offer, events, t, kind, i)


@called
def _meet_any(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    offer: IntArray,
    events: IntArray,
    t: int,
    kind: int,
    i: int,
) -> None:
    """Let the venue answer an event that may do more than mark."""
    flags = events[t, FLAGS]
    if shows_market(kind):
        if instruments[i, FIRST_ORDER] >= 0:
            meet_orders(account, instruments, orders, records, offer, events, t, i)
        price = see_price(instruments, i, events, t, kind)
        if price > 0:
            apply_price(account, instruments, orders, records, i, price)
    else:
        apply_action(account, instruments, orders, records, events, t, kind)
    if flags & ENDS_SESSION:
        instruments[i, IN_SESSION] = 0
        if instruments[i, FIRST_ORDER] >= 0:
            end_session(account, instruments, orders, records, offer, events, t, i)
    if account[WATCHED] & GUARDED and flags & ENDS_SLICE:
        guard(account, instruments, orders, records)


@njit(**JIT)
def end_slice(account: IntArray, curve: IntArray) -> None:
    """Write the equity of the slice that ends."""
    k = np.uint64(account[CURVE_COUNT])
    curve[CURVE_TS, k] = account[NOW]
    curve[CURVE_EQUITY, k] = account[EQUITY]
    curve[CURVE_CASH, k] = account[CASH]
    account[CURVE_COUNT] += 1


@njit(**JIT)
def correct_slice(account: IntArray, curve: IntArray, flags: int) -> None:
    """Write the equity of the slice again where what was decided at its end fills at its close.

    `flags` are those of the event that was decided at.
    """
    if account[FILL_TIME] == SAME_CLOSE and flags & ENDS_SLICE:
        k = account[CURVE_COUNT] - 1
        curve[CURVE_EQUITY, k] = account[EQUITY]
        curve[CURVE_CASH, k] = account[CASH]
