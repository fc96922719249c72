"""The compiled loops: advance without deciding, replay with a strategy, recall the past."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numba import njit

from barque.domain.events import EventFlag
from barque.domain.orders import OrderFlag, Reason
from barque.engine.cache import keep_on_disk
from barque.engine.dispatch import decider
from barque.engine.ledger import fold, mark
from barque.engine.marking import see_price, shows_market
from barque.engine.requests import apply_requests
from barque.engine.step import correct_slice, end_slice, has_room, meet_event
from barque.engine.watch import GUARDED, keep_watch
from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.compile import JIT
from barque.kernels.layout import (
    A1,
    A4,
    A5,
    ACCEPTED,
    AMEND_REFUSED,
    AMENDED,
    CANCEL_REFUSED,
    CANCELED,
    EVENTS_SEEN,
    FIRST_ORDER,
    FLAGS,
    HIGH,
    IN_SESSION,
    INSTRUMENT,
    KIND,
    LOW,
    NOW,
    RECORD_AT,
    RECORD_KIND,
    REFUSED,
    REQUEST_COUNT,
    REQUESTS_LOST,
    TS,
    WATCHED,
)
from barque.kernels.matching import follow
from barque.kernels.tables import (
    account_of,
    events_of,
    instruments_of,
    offer_of,
    orders_of,
    records_of,
    requests_of,
)
from barque.strategies.native import Layout, StrategyType, packer
from barque.strategies.strategy import Strategy

ENDS_SESSION = int(EventFlag.ENDS_SESSION)
ENDS_SLICE = int(EventFlag.ENDS_SLICE)
BY_REQUEST = int(Reason.BY_REQUEST)
FORCED = int(OrderFlag.FORCED)


@njit(**JIT)
def advance(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    requests: IntArray,
    records: IntArray,
    offer: IntArray,
    curve: IntArray,
    events: IntArray,
    begin: int,
    end: int,
) -> int:
    """Take in events[begin:end] without deciding; stop early where the records would not fit.

    Returns the number of the next event.
    """
    account, instruments = account_of(account), instruments_of(instruments)
    orders, requests = orders_of(orders), requests_of(requests)
    records, events = records_of(records), events_of(events)
    offer = offer_of(offer)
    t = begin
    while t < end:
        if not has_room(account, orders, requests, records):
            return t
        meet_event(account, instruments, orders, records, offer, events, t)
        if events[t, FLAGS] & ENDS_SLICE:
            end_slice(account, curve)
        t += 1
    return t


@njit(**JIT)
def judge(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    requests: IntArray,
    records: IntArray,
) -> None:
    """Judge the requests of a strategy that runs as plain Python."""
    account, instruments = account_of(account), instruments_of(instruments)
    orders, requests, records = orders_of(orders), requests_of(requests), records_of(records)
    apply_requests(account, instruments, orders, requests, records)


@njit(**JIT)
def is_decision(records: IntArray, k: int) -> bool:
    """Return whether a record answers a request; all others answer the event itself."""
    kind = records[k, RECORD_KIND]
    if kind == CANCELED:
        return records[k, A1] == BY_REQUEST
    if kind == ACCEPTED:
        return records[k, A5] // 256 & FORCED == 0
    if kind == AMENDED:
        return records[k, A4] == BY_REQUEST
    return kind in (REFUSED, CANCEL_REFUSED, AMEND_REFUSED)


@njit(**JIT)
def recall_event(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    facts: IntArray,
    k: int,
    events: IntArray,
    t: int,
) -> int:
    """Take in event `t` with what is known to have followed; return the next fact."""
    account, instruments = account_of(account), instruments_of(instruments)
    orders, facts, events = orders_of(orders), records_of(facts), events_of(events)
    account[NOW] = events[t, TS]
    account[EVENTS_SEEN] += 1
    while (
        k < facts.shape[0]
        and facts[k, RECORD_AT] == account[EVENTS_SEEN]
        and not is_decision(facts, k)
    ):
        fold(account, instruments, orders, facts, k)
        k += 1
    kind, i = events[t, KIND], events[t, INSTRUMENT]
    if shows_market(kind):
        if instruments[i, FIRST_ORDER] >= 0:
            follow(instruments, orders, events, t, i, HIGH, LOW)
        price = see_price(instruments, i, events, t, kind)
        if price > 0:
            mark(account, instruments, i, price)
    if events[t, FLAGS] & ENDS_SESSION:
        instruments[i, IN_SESSION] = 0
    if account[WATCHED] & GUARDED and events[t, FLAGS] & ENDS_SLICE:
        keep_watch(account)
    return k


@njit(**JIT)
def recall_decisions(
    account: IntArray, instruments: IntArray, orders: IntArray, facts: IntArray, k: int
) -> int:
    """Fold the decisions of the current event and forget what the strategy asks for today."""
    account, instruments = account_of(account), instruments_of(instruments)
    orders, facts = orders_of(orders), records_of(facts)
    account[REQUEST_COUNT] = 0
    account[REQUESTS_LOST] = 0
    while k < facts.shape[0] and facts[k, RECORD_AT] == account[EVENTS_SEEN]:
        fold(account, instruments, orders, facts, k)
        k += 1
    return k


@dataclass(frozen=True, slots=True)
class Loops:
    """The compiled loops of one strategy."""

    layout: Layout
    replay: Callable[..., int]
    recall: Callable[..., int]


_known: dict[tuple[type[Strategy], str], Loops] = {}


def compiled_loops(strategy: Strategy) -> Loops:
    """Return the loops of a started strategy. They compile on their first call, or load.

    One process makes the loops of a class with one layout once: linking machine code again would
    cost 10 ms, and its memory is never given back.
    """
    layout = Layout(strategy)
    key = (layout.owner, layout.describe())
    if key not in _known:
        _known[key] = _make_loops(layout)
    return _known[key]


def _make_loops(layout: Layout) -> Loops:
    decide = decider(layout)
    pack = packer(StrategyType(layout))

    def replay(
        account: IntArray,
        instruments: IntArray,
        orders: IntArray,
        requests: IntArray,
        records: IntArray,
        offer: IntArray,
        curve: IntArray,
        events: IntArray,
        begin: int,
        ints: IntArray,
        floats: FloatArray,
        arrays: tuple[Any, ...],
    ) -> int:
        strategy = pack(ints, floats, arrays)
        account, instruments = account_of(account), instruments_of(instruments)
        orders, requests = orders_of(orders), requests_of(requests)
        records, events = records_of(records), events_of(events)
        offer = offer_of(offer)
        for t in range(begin, events.shape[0]):
            if not has_room(account, orders, requests, records):
                return t
            meet_event(account, instruments, orders, records, offer, events, t)
            if events[t, FLAGS] & ENDS_SLICE:
                end_slice(account, curve)
            decide(strategy, account, instruments, events, t)
            if account[REQUEST_COUNT] > 0:  # none is lost before there are many
                apply_requests(account, instruments, orders, requests, records)
                correct_slice(account, curve, events[t, FLAGS])
        return events.shape[0]

    def recall(
        account: IntArray,
        instruments: IntArray,
        orders: IntArray,
        facts: IntArray,
        curve: IntArray,
        events: IntArray,
        ints: IntArray,
        floats: FloatArray,
        arrays: tuple[Any, ...],
    ) -> int:
        strategy = pack(ints, floats, arrays)
        account, instruments = account_of(account), instruments_of(instruments)
        orders, facts, events = orders_of(orders), records_of(facts), events_of(events)
        k = 0
        for t in range(events.shape[0]):
            k = recall_event(account, instruments, orders, facts, k, events, t)
            if events[t, FLAGS] & ENDS_SLICE:
                end_slice(account, curve)
            decide(strategy, account, instruments, events, t)
            k = recall_decisions(account, instruments, orders, facts, k)
            correct_slice(account, curve, events[t, FLAGS])
        return k

    replay, recall = njit(**JIT)(replay), njit(**JIT)(recall)
    for loop in (replay, recall):
        keep_on_disk(loop, layout)
    return Loops(layout, replay, recall)
