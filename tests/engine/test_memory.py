"""What an engine knows can be put into another, which then lives on as the first would have."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.domain.costs import Costs
from barque.domain.errors import BadInput
from barque.engine.engine import Engine
from barque.engine.memory import memory_of, remember
from barque.features import Ema, FeatureSet, Return, Rsi
from barque.kernels import layout as at
from barque.strategies import Signals, compiled
from tests.engine.histories import COIN, histories, history
from tests.engine.test_recovery import (
    CASH,
    COSTS,
    CompiledPatient,
    CompiledRestless,
    Restless,
    slices,
)


@compiled
class Quick(Signals):
    """Follows the last bar, with features that remember by ring, by recursion and not at all."""

    features = FeatureSet((Return(1), Ema(4), Rsi(3)))

    def signal(self, x, prediction):
        if np.isnan(x[0]) or np.isnan(x[2]):
            return np.nan
        return 1.0 if x[0] > 0.0 and x[2] < 90.0 else 0.0


def engine_for(past, kind=CompiledRestless, costs=COSTS, **parameters):
    return Engine(kind(**parameters), past.instruments, cash=CASH, costs=costs)


def same_memory(a, b):
    """Equal to the last bit, NaN's too."""
    assert a.keys() == b.keys()
    for name in a:
        assert a[name].tobytes() == b[name].tobytes(), name


@given(histories(), st.sampled_from([CompiledRestless, CompiledPatient, Quick]), st.floats(0, 1))
@settings(max_examples=80)
def test_an_engine_that_remembers_lives_on_as_the_one_that_lived(past, kind, share):
    parts = slices(past.events)
    cut = int(share * len(parts))
    lived, remembers = engine_for(past, kind), engine_for(past, kind)
    for part in parts[:cut]:
        lived.process(part)

    remember(remembers, memory_of(lived))

    same_memory(memory_of(remembers), memory_of(lived))
    for part in parts[cut:]:
        first, second = lived.process(part), remembers.process(part)
        np.testing.assert_array_equal(second.records, first.records)
        np.testing.assert_array_equal(second.curve, first.curve)
    same_memory(memory_of(remembers), memory_of(lived))


def test_a_memory_does_not_change_with_the_engine_it_is_of():
    past = history(7, 2, 20)
    engine = engine_for(past)
    before = memory_of(engine)
    fresh = {name: array.copy() for name, array in before.items()}

    engine.process(past.events)

    same_memory(before, fresh)
    assert memory_of(engine)["account"][at.EVENTS_SEEN] == len(past.events)


def test_a_strategy_still_sees_its_account_after_it_was_told():
    past = history(7, 2, 20)
    lived, remembers = engine_for(past), engine_for(past)
    lived.process(past.events)

    remember(remembers, memory_of(lived))

    assert remembers.strategy.equity() == lived.strategy.equity() != float(CASH)


def test_ordinary_python_has_no_memory_to_take():
    past = history(7, 2, 20)
    plain = engine_for(past, Restless)

    assert memory_of(plain) is None
    with pytest.raises(BadInput, match="ordinary Python"):
        remember(plain, memory_of(engine_for(past)))


@compiled
class Wider(CompiledRestless):
    """Keeps one number more."""

    def on_start(self):
        super().on_start()
        self.more = 0


@compiled
class Longer(CompiledRestless):
    """Keeps a longer array of the same name."""

    def on_start(self):
        super().on_start()
        self.rises = np.zeros(self.instrument_count + 1, np.int64)


OTHERS = {
    "more": lambda past: engine_for(past, Wider),
    "rises": lambda past: engine_for(past, Longer),
    "quantity": lambda past: engine_for(past, quantity=7.0),
    "instruments": lambda past: engine_for(past, costs=Costs(fee=Decimal("0.0008"))),
}


@pytest.mark.parametrize("what", OTHERS)
def test_an_engine_that_was_made_otherwise_refuses_the_memory_and_stays_as_it_was(what):
    past = history(7, 2, 20)
    lived, other = engine_for(past), OTHERS[what](past)
    lived.process(past.events)
    before = memory_of(other)

    with pytest.raises(BadInput, match=what):
        remember(other, memory_of(lived))

    same_memory(memory_of(other), before)


def test_an_engine_of_other_instruments_refuses_the_memory():
    past = history(7, 2, 20)
    other = Engine(CompiledRestless(), [COIN], cash=CASH, costs=COSTS)

    with pytest.raises(BadInput, match="instruments"):
        remember(other, memory_of(engine_for(past)))
