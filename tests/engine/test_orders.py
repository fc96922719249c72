"""Every order lives as the rules say: the engine against an obvious oracle, in any market."""

from collections import Counter
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from barque.domain.events import EventFlag, EventKind
from barque.domain.orders import (
    LIFE,
    FillTime,
    OrderFlag,
    OrderState,
    OrderType,
    TimeInForce,
    Trigger,
)
from barque.domain.rules import Rules
from barque.engine.engine import Engine
from barque.kernels import layout as at
from tests.engine.order_histories import (
    INSTRUMENT,
    LOT,
    MIXED,
    TICK,
    Asking,
    CompiledAsking,
    OrderHistory,
    asking,
    order_histories,
    order_history,
)
from tests.engine.order_oracle import OrderOracle
from tests.engine.test_recovery import same_memory, same_state, slices

CASH = Decimal(1_000_000)
KINDS = {
    name: getattr(at, name)
    for name in (
        "ACCEPTED", "REFUSED", "REJECTED", "FILLED", "CANCELED", "EXPIRED", "TRIGGERED", "RELEASED",
        "AMENDED", "CANCEL_REFUSED", "AMEND_REFUSED",
    )
}  # fmt: skip
NAMES = {kind: name for name, kind in KINDS.items()}
TOLD = {
    "ACCEPTED": (at.A3, at.A4),
    "REFUSED": (at.A6,),
    "FILLED": (at.A1, at.A2, at.A3, at.A6, at.A7),
    "TRIGGERED": (at.A1, at.A2),
    "RELEASED": (at.A1, at.A2),
    "AMENDED": (at.A1, at.A2, at.A3, at.A4),
    "CANCEL_REFUSED": (at.A1,),
    "AMEND_REFUSED": (at.A1,),
}
ENDED = (at.A1, at.A2)


def engine_for(history: OrderHistory, kind: type[Asking] = Asking) -> Engine:
    return Engine(asking(kind, history), [INSTRUMENT], cash=CASH, rules=history.rules)


def told(records) -> list[tuple]:
    return [
        (name := NAMES[row[at.RECORD_KIND]], row[at.A0], *(row[c] for c in TOLD.get(name, ENDED)))
        for row in records.tolist()
    ]


def recounted(history: OrderHistory) -> OrderOracle:
    oracle = OrderOracle(TICK, LOT, history.rules)
    slice_ = 0
    for row in history.events.tolist():
        oracle.event(row)
        if row[at.FLAGS] & EventFlag.ENDS_SLICE:
            oracle.requests(history.script[slice_])
            slice_ += 1
    return oracle


PARTLY_REDUCED_AND_TRIGGERED = order_history(
    228674607,
    22,
    Rules(fill_time=FillTime.SAME_CLOSE, participation=Decimal("0.5")),
    [EventKind.BAR, EventKind.TRADE, EventKind.QUOTE, EventKind.BID_BAR],
)


@given(order_histories())
@example(PARTLY_REDUCED_AND_TRIGGERED)
@settings(max_examples=400)
def test_every_order_lives_as_the_rules_say(history: OrderHistory) -> None:
    engine = engine_for(history)

    records = engine.process(history.events).records

    oracle = recounted(history)
    assert told(records) == oracle.told
    instrument = engine.state.instruments[0]
    assert instrument[[at.POSITION, at.LAST]].tolist() == [oracle.position, oracle.last]
    table = {row[at.ORDER_ID]: row for row in engine.state.orders.tolist() if row[at.ORDER_ID]}
    assert sorted(table) == [order.id for order in oracle.orders]
    for order in oracle.orders:
        row = table[order.id]
        assert row[at.LEAVES] == order.leaves
        assert row[at.PRICE] == order.columns_price
        assert OrderState(row[at.ORDER_STATE]) == order.state


@given(order_histories())
@settings(max_examples=100)
def test_compiled_and_plain_hooks_ask_and_get_the_same(history: OrderHistory) -> None:
    plain, machine = engine_for(history), engine_for(history, CompiledAsking)

    first, second = plain.process(history.events), machine.process(history.events)

    np.testing.assert_array_equal(first.records, second.records)
    np.testing.assert_array_equal(first.curve, second.curve)
    same_state(plain, machine)


@given(order_histories(), st.sampled_from([Asking, CompiledAsking]), st.floats(0, 1))
@settings(max_examples=200)
def test_cut_anywhere_and_recovered_it_goes_on_as_if_nothing_happened(
    history: OrderHistory, kind: type[Asking], share: float
) -> None:
    engine = engine_for(history, kind)
    parts = slices(history.events)
    lived = [engine.process(part) for part in parts]
    records = np.concatenate([part.records for part in lived])
    cut = int(share * len(parts))
    seen = sum(map(len, parts[:cut]))
    facts = records[records[:, at.RECORD_AT] <= seen]
    recovered = engine_for(history, kind)

    recovered.recall(history.events[:seen], facts)
    rest = [recovered.process(part) for part in parts[cut:]]

    np.testing.assert_array_equal(np.concatenate([facts, *(r.records for r in rest)]), records)
    same_state(engine, recovered)
    same_memory(engine, recovered)


MOVES = {
    at.ACCEPTED: Trigger.ACCEPT,
    at.REFUSED: Trigger.REFUSE,
    at.REJECTED: Trigger.REJECT,
    at.CANCELED: Trigger.CANCEL,
    at.EXPIRED: Trigger.EXPIRE,
    at.TRIGGERED: Trigger.TRIGGER,
    at.RELEASED: Trigger.RELEASE,
    at.AMENDED: Trigger.AMEND,
}


@given(order_histories())
@settings(max_examples=200)
def test_no_order_ever_makes_a_move_that_is_not_in_the_table(history: OrderHistory) -> None:
    engine = engine_for(history)

    records = engine.process(history.events).records

    states: dict[int, OrderState] = {}
    for row in records.tolist():
        kind, order_id = row[at.RECORD_KIND], row[at.A0]
        if kind in (at.CANCEL_REFUSED, at.AMEND_REFUSED):
            continue
        trigger = MOVES.get(kind)
        if kind == at.ACCEPTED and row[at.A5] // 256 & OrderFlag.WAITS:
            trigger = Trigger.HOLD
        elif kind == at.FILLED:
            trigger = Trigger.FILL_PART if row[at.A7] else Trigger.FILL_REST
        states[order_id] = LIFE[states.get(order_id, OrderState.INITIALIZED), trigger]
    for row in engine.state.orders.tolist():
        if row[at.ORDER_ID]:
            assert states[row[at.ORDER_ID]] == row[at.ORDER_STATE]


@given(order_histories())
@settings(max_examples=200)
def test_a_reduce_only_order_never_opens_and_never_outlives_what_it_reduces(history) -> None:
    engine = engine_for(history)
    reduce_only: set[int] = set()
    held = 0

    for part in slices(history.events):
        for row in engine.process(part).records.tolist():
            if row[at.RECORD_KIND] == at.ACCEPTED and row[at.A5] // 256 & OrderFlag.REDUCE_ONLY:
                reduce_only.add(row[at.A0])
            if row[at.RECORD_KIND] == at.FILLED:
                after = held + row[at.A1] * row[at.A2]
                if row[at.A0] in reduce_only:
                    assert abs(after) < abs(held)
                    assert after * held >= 0
                held = after

        ids = set(engine.state.orders[:, at.ORDER_ID].tolist())
        for order in engine.state.orders[engine.state.orders[:, at.ORDER_ID] > 0].tolist():
            led = order[at.ORDER_FLAGS] & OrderFlag.WAITS and order[at.GROUP] in ids
            if order[at.ORDER_FLAGS] & OrderFlag.REDUCE_ONLY and not led:
                assert order[at.LEAVES] <= -order[at.SIDE] * held


@given(order_histories())
@settings(max_examples=100)
def test_what_is_open_on_each_side_is_the_sum_of_the_orders_there(history: OrderHistory) -> None:
    engine = engine_for(history)

    engine.process(history.events)

    used = engine.state.orders[engine.state.orders[:, at.ORDER_ID] > 0]
    reduces = (used[:, at.ORDER_FLAGS] & OrderFlag.REDUCE_ONLY) != 0
    for side, opening, reducing in (
        (1, at.WORKING_BUY, at.REDUCING_BUY),
        (-1, at.WORKING_SELL, at.REDUCING_SELL),
    ):
        mine = used[:, at.SIDE] == side
        wanted = [
            used[mine & ~reduces][:, at.LEAVES].sum(),
            used[mine & reduces][:, at.LEAVES].sum(),
        ]
        assert engine.state.instruments[0, [opening, reducing]].tolist() == wanted
    assert engine.state.account[at.WORKING_ORDERS] == len(used)


def test_the_histories_reach_every_kind_of_record_order_and_time_in_force() -> None:
    seen: Counter = Counter()
    for seed in range(150):
        history = order_history(seed, 30, Rules(participation=Decimal("0.3")), MIXED)
        for row in engine_for(history).process(history.events).records.tolist():
            seen[NAMES[row[at.RECORD_KIND]]] += 1
            if row[at.RECORD_KIND] == at.ACCEPTED:
                seen[OrderType(row[at.A1])] += 1
                seen[TimeInForce(row[at.A5] % 256)] += 1
            if row[at.RECORD_KIND] == at.FILLED and row[at.A7]:
                seen["in part"] += 1

    wanted = [*KINDS, *OrderType, *TimeInForce, "in part"]
    assert [what for what in wanted if seen[what] < 20] == []


@pytest.mark.parametrize("member", [flag for flag in OrderFlag if flag != OrderFlag.FORCED])
def test_the_histories_use_every_flag(member: OrderFlag) -> None:
    accepted = 0
    for seed in range(40):
        history = order_history(seed, 30, Rules(), MIXED)
        records = engine_for(history).process(history.events).records
        rows = records[records[:, at.RECORD_KIND] == at.ACCEPTED]
        accepted += int((rows[:, at.A5] // 256 & member != 0).sum())

    assert accepted >= 10
