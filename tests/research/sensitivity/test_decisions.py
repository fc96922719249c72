"""Decisions kept in a journal and asked again are the same life again, and half of it is half."""

from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.domain.costs import Costs
from barque.engine.engine import Engine
from barque.engine.state import new_state
from barque.kernels import layout as at
from barque.research.sensitivity.decisions import Asker, decisions_of, half_of
from tests.engine.histories import histories, scripted
from tests.engine.order_histories import INSTRUMENT, order_histories
from tests.engine.test_orders import engine_for
from tests.engine.test_recovery import COSTS, Patient, Restless

CASH = Decimal(1_000_000)
FEE = Costs(fee=Decimal("0.001"))


def room(events):
    return np.empty((at.CURVE_WIDTH, len(events)), np.int64)


def told(records):
    """Records, without why a change was refused: what it would have changed is not known."""
    records = records.copy()
    records[records[:, at.RECORD_KIND] == at.AMEND_REFUSED, at.A1] = 0
    return records


@given(order_histories())
@settings(max_examples=200, deadline=None)
def test_decisions_of_every_kind_asked_again_are_the_same_life(history):
    lived = engine_for(history).process(history.events)
    state = new_state([INSTRUMENT], cash=CASH, rules=history.rules)

    again = Asker(decisions_of(lived.records), state).process(history.events, room(history.events))

    np.testing.assert_array_equal(told(again[0]), told(lived.records))
    np.testing.assert_array_equal(again[1], lived.curve)


@given(histories(), st.sampled_from(["script", Restless, Patient]), st.integers(1, 60))
@settings(max_examples=100, deadline=None)
def test_neither_splits_nor_chunks_change_that(past, kind, size):
    strategy = scripted(past.script) if kind == "script" else kind()
    lived = Engine(strategy, past.instruments, cash=CASH, costs=COSTS).process(past.events)
    state = new_state(past.instruments, cash=CASH, costs=COSTS)
    asker = Asker(decisions_of(lived.records), state)
    ends = np.flatnonzero(past.events[:, at.FLAGS] & 1)[size - 1 :: size] + 1

    parts = [asker.process(part, room(part)) for part in np.split(past.events, ends) if len(part)]

    np.testing.assert_array_equal(np.concatenate([p[0] for p in parts]), lived.records)
    np.testing.assert_array_equal(np.concatenate([p[1] for p in parts]), lived.curve)


@given(histories())
@settings(max_examples=60, deadline=None)
def test_the_halves_earn_together_what_the_whole_earned(past):
    """A fill that turns a position is one in each half: nothing but its fee is rounded."""
    events = past.events[past.events[:, at.KIND] != 10]
    lived = Engine(Restless(), past.instruments, cash=CASH, costs=FEE).process(events)
    decisions = decisions_of(lived.records)

    halves = [
        Asker(
            half_of(decisions, lived.records, len(past.instruments), half),
            new_state(past.instruments, cash=CASH, costs=FEE),
        ).process(events, room(events))
        for half in (0, 1)
    ]

    whole = 10**14
    profits = [int(curve[-1, at.CURVE_EQUITY]) - whole for _, curve in (*halves, lived_pair(lived))]
    fills = [
        int((records[:, at.RECORD_KIND] == at.FILLED).sum())
        for records, _ in (*halves, lived_pair(lived))
    ]
    assert abs(profits[0] + profits[1] - profits[2]) <= fills[2]
    turned = fills[0] + fills[1] - fills[2]
    assert 0 <= turned <= fills[2]


def lived_pair(outcome):
    return outcome.records, outcome.curve
