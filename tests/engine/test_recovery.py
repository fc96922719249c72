"""Law 1: replay equals live, wherever the past is cut."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.domain.costs import Costs
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.strategies import Strategy, compiled
from tests.engine.histories import Scripted, histories, history, scripted

CASH, COSTS = Decimal(1_000_000), Costs(fee=Decimal("0.0007"), slippage=Decimal("0.0003"))


class Restless(Strategy):
    """Buys on two rising closes, more after a split, and sells on two falling ones."""

    quantity: float = 5.0

    def on_start(self):
        self.before = np.zeros(self.instrument_count)
        self.rises = np.zeros(self.instrument_count, np.int64)
        self.splits = 0

    def on_bar(self, bar):
        i = bar.instrument
        if bar.close > self.before[i]:
            self.rises[i] = max(1, self.rises[i] + 1)
        else:
            self.rises[i] = min(-1, self.rises[i] - 1)
        self.before[i] = bar.close
        if self.rises[i] == 2:
            self.buy(i, self.quantity + self.splits % 3)
        elif self.rises[i] == -2 and self.position(i) > 0:
            self.sell_stop(i, self.position(i), round(bar.close) * 0.75)

    def on_split(self, instrument, new, old):
        self.before[instrument] *= old / new
        self.splits += 1

    def on_slice(self, ts):
        if self.equity() < 900_000:
            for i in range(self.instrument_count):
                if self.position(i) > 0:
                    self.sell(i, self.position(i))


@compiled
class CompiledRestless(Restless):
    """The same, as machine code."""


class Patient(Strategy):
    """Places limits, remembers their ids, and gives up each one that is three bars old."""

    def on_start(self):
        self.ids = np.zeros((self.instrument_count, 3), np.int64)
        self.bars = np.zeros(self.instrument_count, np.int64)

    def on_bar(self, bar):
        i = bar.instrument
        place = self.bars[i] % 3
        if self.ids[i, place] > 0:
            self.cancel(i, self.ids[i, place])
        # Whole dollars are on every tick.
        self.ids[i, place] = self.buy_limit(i, 5.0, max(1.0, np.floor(bar.close * 0.97)))
        self.bars[i] += 1


@compiled
class CompiledPatient(Patient):
    """The same, as machine code."""


def slices(events):
    ends = np.flatnonzero(events[:, at.FLAGS] & 1) + 1
    return np.split(events, ends[:-1])


def live(strategy, past):
    """Run slice by slice, as an account on paper does."""
    engine = Engine(strategy, past.instruments, cash=CASH, costs=COSTS)
    parts = [engine.process(part) for part in slices(past.events)]
    return (
        engine,
        np.concatenate([p.records for p in parts]),
        np.concatenate([p.curve for p in parts]),
    )


def same_state(a: Engine, b: Engine) -> None:
    for name in ("account", "instruments", "orders"):
        np.testing.assert_array_equal(getattr(a.state, name), getattr(b.state, name), err_msg=name)


def same_memory(a: Engine, b: Engine) -> None:
    for name, value in vars(a.strategy).items():
        if isinstance(value, int | float | np.ndarray):
            np.testing.assert_array_equal(getattr(b.strategy, name), value, err_msg=name)


@given(histories(), st.sampled_from([Restless, CompiledRestless]))
@settings(max_examples=60)
def test_one_chunk_gives_what_slice_by_slice_gives(past, strategy):
    engine, records, curve = live(strategy(), past)
    at_once = Engine(strategy(), past.instruments, cash=CASH, costs=COSTS)

    outcome = at_once.process(past.events)

    np.testing.assert_array_equal(outcome.records, records)
    np.testing.assert_array_equal(outcome.curve, curve)
    same_state(engine, at_once)
    same_memory(engine, at_once)


@given(histories())
@settings(max_examples=60)
def test_compiled_and_plain_hooks_decide_the_same(past):
    plain, plain_records, plain_curve = live(Restless(), past)
    machine, records, curve = live(CompiledRestless(), past)

    np.testing.assert_array_equal(records, plain_records)
    np.testing.assert_array_equal(curve, plain_curve)
    same_state(plain, machine)
    assert machine.strategy.splits == plain.strategy.splits


KINDS = [Restless, CompiledRestless, Patient, CompiledPatient, Scripted]


@given(histories(), st.sampled_from(KINDS), st.floats(0, 1))
@settings(max_examples=120)
def test_cut_anywhere_and_recovered_it_goes_on_as_if_nothing_happened(past, kind, share):
    def make():
        return scripted(past.script) if kind is Scripted else kind()

    engine, records, curve = live(make(), past)
    parts = slices(past.events)
    cut = int(share * len(parts))
    seen = sum(map(len, parts[:cut]))
    facts = records[records[:, at.RECORD_AT] <= seen]
    recovered = Engine(make(), past.instruments, cash=CASH, costs=COSTS)

    known_curve = recovered.recall(past.events[:seen], facts)
    rest = [recovered.process(part) for part in parts[cut:]]

    np.testing.assert_array_equal(np.concatenate([facts, *(r.records for r in rest)]), records)
    np.testing.assert_array_equal(np.concatenate([known_curve, *(r.curve for r in rest)]), curve)
    same_state(engine, recovered)
    same_memory(engine, recovered)


def test_recovery_believes_the_records_and_not_the_strategy_of_today():
    past = history(7, 2, 20)
    engine, records, _ = live(Restless(), past)
    today = Engine(Restless(quantity=50.0), past.instruments, cash=CASH, costs=COSTS)

    today.recall(past.events, records)

    same_state(engine, today)


def test_a_record_that_belongs_to_no_event_is_not_passed_over():
    past = history(7, 2, 20)
    _, records, _ = live(Restless(), past)
    assert len(records) > 3
    today = Engine(Restless(), past.instruments, cash=CASH, costs=COSTS)

    with pytest.raises(AssertionError, match="belong to no event"):
        today.recall(past.events[: len(past.events) // 2], records)
