"""What a run decided, asked once more: the requests in its journal, put to an account anew.

A strategy in plain Python is slow, and may keep its memory anywhere, so it is not run again to
learn what other terms would have made of it. Its decisions are kept instead: each is asked again
right after the event that it followed, and judged and filled by the new terms. What the journal
does not hold is not asked again: requests beyond the room of one event, and what a refused change
would have changed.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from barque.domain.events import EventFlag
from barque.domain.orders import OrderType, Reason
from barque.engine.loop import is_decision
from barque.engine.requests import apply_requests
from barque.engine.state import State
from barque.engine.step import correct_slice, end_slice, has_room, meet_event
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.kernels.compile import JIT
from barque.kernels.tables import (
    account_of,
    events_of,
    instruments_of,
    offer_of,
    orders_of,
    records_of,
    requests_of,
)

ENDS_SLICE = int(EventFlag.ENDS_SLICE)
TRAILING_STOP = int(OrderType.TRAILING_STOP)
WITH_LIMIT = (
    int(OrderType.LIMIT),
    int(OrderType.STOP_LIMIT),
    int(OrderType.LIMIT_IF_TOUCHED),
)
TOO_MANY_REQUESTS = int(Reason.TOO_MANY_REQUESTS)

LEFT_OUT = 0
"""REQUEST_KIND of what is not asked again."""

UNKNOWN = 2**62
"""What an id that no order had is less than it was, so that it is no row."""

TAKES_ALL = -(10**16)
"""A new quantity of which nothing is left: what was refused is refused again."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Requests (n, REQUEST_WIDTH) in the order asked; `after` counts the events seen before each.

    Orders are named by the ids that they had in the run.
    """

    requests: IntArray
    after: IntArray


def decisions_of(records: IntArray) -> Decisions:
    """Return what the journal (n, RECORD_WIDTH) of a run says was asked."""
    requests = np.zeros((len(records), at.REQUEST_WIDTH), np.int64)
    after = np.zeros(len(records), np.int64)
    orders = np.zeros((_orders(records), 3), np.int64)
    count = _read(_taken(records), requests, after, orders)
    return Decisions(requests[:count], after[:count])


def half_of(decisions: Decisions, records: IntArray, instruments: int, half: int) -> Decisions:
    """Return the decisions without every second trade, flat to flat in the order of entry.

    `half` 0 leaves out the second, the fourth and so on; 1 the first, the third. Of an order that
    turned a position, the part is left out that belongs to a trade left out.
    """
    shares = np.zeros((_orders(records), 2), np.int64)
    _share(_taken(records), np.zeros((instruments, 2), np.int64), half, shares)
    requests = decisions.requests.copy()
    names = requests[:, at.REQUEST_ORDER_ID]
    submits = np.flatnonzero(requests[:, at.REQUEST_KIND] == at.SUBMIT)
    filled, kept = shares[names[submits]].T
    requests[submits, at.REQUEST_QUANTITY] -= filled - kept
    requests[submits[(filled > 0) & (kept == 0)], at.REQUEST_KIND] = LEFT_OUT
    return Decisions(requests, decisions.after)


class Asker:
    """Puts decisions to an account, chunk by chunk."""

    def __init__(self, decisions: Decisions, state: State) -> None:
        self._asked, self._after = _named(decisions.requests), decisions.after
        self._state = state
        self._next = np.zeros(1, np.int64)
        self._ids = np.zeros(len(decisions.requests) + 1, np.int64)

    def process(self, events: IntArray, curve: IntArray) -> tuple[IntArray, IntArray]:
        """Take in a chunk that ends with a slice; return its records and its equity."""
        s, done = self._state, 0
        s.write_curve_to(curve, 0)
        while done < len(events):
            done = _replay(
                s.account, s.instruments, s.orders, s.requests, s.records, s.offer, s.curve,
                events, done, self._asked, self._after, self._next, self._ids,
            )  # fmt: skip
            if done < len(events):
                s.spill()
        return s.take_records(), s.written_curve(0)


def _orders(records: IntArray) -> int:
    """Return how many numbers of orders there are, 0 included."""
    told = np.isin(records[:, at.RECORD_KIND], (at.ACCEPTED, at.REFUSED))
    return int(records[told, at.A0].max(initial=0)) + 1


def _taken(records: IntArray) -> IntArray:
    taken: IntArray = np.require(records, np.int64, ["C", "W"])
    return taken


def _named(requests: IntArray) -> IntArray:
    """Return requests in which orders are named by the rows that submitted them, plus 1."""
    rows = np.zeros(int(requests[:, at.REQUEST_ORDER_ID].max(initial=0)) + 1, np.int64)
    submits = np.isin(requests[:, at.REQUEST_KIND], (at.SUBMIT, LEFT_OUT))
    rows[requests[submits, at.REQUEST_ORDER_ID]] = np.flatnonzero(submits) + 1
    named = requests.copy()
    for column in (at.REQUEST_ORDER_ID, at.REQUEST_GROUP):
        ids = requests[:, column]
        known = np.where((ids > 0) & (ids < len(rows)), ids, 0)
        is_older = (rows[known] > 0) & (rows[known] <= np.arange(1, len(ids) + 1))
        named[:, column] = np.where(is_older, rows[known], ids - UNKNOWN)
    return named


@njit(**JIT)
def _read(records: IntArray, requests: IntArray, after: IntArray, orders: IntArray) -> int:
    """Write requests; return how many. orders[id]: type, quantity filled, 1 if it was submitted."""
    count = 0
    for r in range(records.shape[0]):
        kind, order_id = records[r, at.RECORD_KIND], records[r, at.A0]
        known = 0 < order_id < orders.shape[0]
        if kind == at.FILLED and known:
            orders[order_id, 1] += records[r, at.A2]
        if not _was_asked(records, r):
            continue
        requests[count, at.REQUEST_INSTRUMENT] = records[r, at.RECORD_INSTRUMENT]
        requests[count, at.REQUEST_ORDER_ID] = order_id
        after[count] = records[r, at.RECORD_AT]
        if kind in (at.ACCEPTED, at.REFUSED):
            _read_order(records, r, requests, count)
            orders[order_id, 0] = records[r, at.A1]
        elif kind in (at.CANCELED, at.CANCEL_REFUSED):
            requests[count, at.REQUEST_KIND] = at.CANCEL
        else:
            requests[count, at.REQUEST_KIND] = at.AMEND
            requests[count, at.REQUEST_QUANTITY] = TAKES_ALL
            if kind == at.AMENDED:
                _read_change(records, r, requests, count, orders[order_id, 0])
                requests[count, at.REQUEST_QUANTITY] = records[r, at.A1] + orders[order_id, 1]
        count += 1
    return count


@njit(**JIT)
def _was_asked(records: IntArray, r: int) -> bool:
    """Return whether a record answers a single request."""
    is_count = records[r, at.RECORD_KIND] == at.REFUSED and records[r, at.A6] == TOO_MANY_REQUESTS
    return is_decision(records, r) and not is_count


@njit(**JIT)
def _read_order(records: IntArray, r: int, requests: IntArray, k: int) -> None:
    requests[k, at.REQUEST_KIND] = at.SUBMIT
    requests[k, at.REQUEST_TYPE] = records[r, at.A1]
    requests[k, at.REQUEST_SIDE] = records[r, at.A2]
    requests[k, at.REQUEST_QUANTITY] = records[r, at.A3]
    requests[k, at.REQUEST_PRICE] = records[r, at.A4]
    requests[k, at.REQUEST_TIME_IN_FORCE] = records[r, at.A5] % 256
    requests[k, at.REQUEST_FLAGS] = records[r, at.A5] // 256
    trails = records[r, at.A1] == TRAILING_STOP
    requests[k, at.REQUEST_TRAIL if trails else at.REQUEST_TRIGGER] = records[r, at.A7]
    requests[k, at.REQUEST_EXPIRES] = records[r, at.A8]
    requests[k, at.REQUEST_GROUP] = records[r, at.A9]


@njit(**JIT)
def _read_change(records: IntArray, r: int, requests: IntArray, k: int, order_type: int) -> None:
    """Ask for the prices that an order had after a change, where it has such a price."""
    if order_type in WITH_LIMIT:
        requests[k, at.REQUEST_PRICE] = records[r, at.A2]
        requests[k, at.REQUEST_TRIGGER] = records[r, at.A3]
    elif order_type != TRAILING_STOP:
        requests[k, at.REQUEST_TRIGGER] = records[r, at.A2]


@njit(**JIT)
def _share(records: IntArray, held: IntArray, half: int, shares: IntArray) -> None:
    """Write shares[id]: what was filled of an order, and what of it belongs to kept trades.

    held[i]: position, and 1 while the trade that holds it is kept.
    """
    trades = 0
    for r in range(records.shape[0]):
        kind, i = records[r, at.RECORD_KIND], records[r, at.RECORD_INSTRUMENT]
        if kind == at.SPLIT_APPLIED:
            held[i, 0] = records[r, at.A3]
        elif kind == at.SETTLED:
            held[i, 0] = 0
        elif kind == at.FILLED:
            order_id, side, quantity = records[r, at.A0], records[r, at.A1], records[r, at.A2]
            before = held[i, 0]
            closed = min(quantity, abs(before)) if before * side < 0 else 0
            kept = closed * held[i, 1]
            if before == 0 or (closed < quantity and closed == abs(before)):
                held[i, 1] = 1 if trades % 2 == half else 0
                trades += 1
            kept += (quantity - closed) * held[i, 1]
            held[i, 0] = before + side * quantity
            shares[order_id, 0] += quantity
            shares[order_id, 1] += kept


@njit(**JIT)
def _replay(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    requests: IntArray,
    records: IntArray,
    offer: IntArray,
    curve: IntArray,
    events: IntArray,
    begin: int,
    asked: IntArray,
    after: IntArray,
    place: IntArray,
    ids: IntArray,
) -> int:
    """Take in events[begin:] and ask what was asked; stop early where the records would not fit.

    Returns the number of the next event. place[0] is the next row of `asked`, ids[row + 1] the id
    that the order of a row got.
    """
    account, instruments = account_of(account), instruments_of(instruments)
    orders, requests = orders_of(orders), requests_of(requests)
    records, events = records_of(records), events_of(events)
    offer = offer_of(offer)
    for t in range(begin, events.shape[0]):
        if not has_room(account, orders, requests, records):
            return t
        meet_event(account, instruments, orders, records, offer, events, t)
        if events[t, at.FLAGS] & ENDS_SLICE:
            end_slice(account, curve)
        while place[0] < after.shape[0] and after[place[0]] == account[at.EVENTS_SEEN]:
            _ask(account, requests, asked, place[0], ids)
            place[0] += 1
        if account[at.REQUEST_COUNT] > 0:
            apply_requests(account, instruments, orders, requests, records)
            correct_slice(account, curve, events[t, at.FLAGS])
    return events.shape[0]


@njit(**JIT)
def _ask(account: IntArray, requests: IntArray, asked: IntArray, row: int, ids: IntArray) -> None:
    k = account[at.REQUEST_COUNT]
    if asked[row, at.REQUEST_KIND] == LEFT_OUT or k == requests.shape[0]:
        return
    for column in range(at.REQUEST_WIDTH):
        requests[k, column] = asked[row, column]
    if asked[row, at.REQUEST_KIND] == at.SUBMIT:
        ids[row + 1] = account[at.NEXT_ORDER_ID] + k
    for column in (at.REQUEST_ORDER_ID, at.REQUEST_GROUP):
        name = asked[row, column]
        requests[k, column] = ids[name] if name > 0 else name + UNKNOWN
    account[at.REQUEST_COUNT] = k + 1
