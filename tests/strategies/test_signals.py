"""Signals: what is learned from is what is seen in trading; orders are what is missing."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings

from barque.domain.events import EventKind
from barque.engine.engine import Engine
from barque.features import (
    DEFAULT_FEATURES,
    Amihud,
    Atr,
    Ema,
    FeatureSet,
    Gap,
    Return,
    Sma,
    observe_events,
)
from barque.kernels import layout as at
from barque.research.samples import unit_rows
from barque.strategies import Signals, compiled
from tests.engine.histories import EQUITY, HOUR, histories

CASH = Decimal(100_000)


class Looking(Signals):
    """Trades nothing and remembers what it saw of each bar."""

    is_compiled = False
    features = FeatureSet((Return(1), Sma(3), Ema(4), Atr(2), Gap(), Amihud(2)))

    def on_start(self):
        super().on_start()
        self.seen = []

    def on_bar(self, bar):
        super().on_bar(bar)
        self.seen.append(self.x[bar.instrument].copy())


@given(histories())
@settings(max_examples=60)
def test_what_is_learned_from_is_what_is_seen_to_the_last_bit(past) -> None:
    features = Looking.features
    engine = Engine(Looking(), past.instruments, cash=CASH)
    learned = np.zeros((len(past.events), len(features)))
    closes = np.zeros(len(past.events))

    engine.process(past.events)
    state = features.state(len(past.instruments))
    rules = unit_rows(past.instruments)
    observe_events(features.program, *state, rules, past.events, learned, closes)

    bars = past.events[:, at.KIND] == EventKind.BAR
    np.testing.assert_array_equal(np.array(engine.strategy.seen), learned[bars])


@compiled
class LookingCompiled(Signals):
    """Sees the same as machine code."""

    features = Looking.features


@given(histories())
@settings(max_examples=40)
def test_compiled_signals_see_what_plain_ones_see(past) -> None:
    plain = Engine(Looking(), past.instruments, cash=CASH)
    machine = Engine(LookingCompiled(), past.instruments, cash=CASH)

    plain.process(past.events)
    machine.process(past.events)

    np.testing.assert_array_equal(machine.strategy.x, plain.strategy.x)


class Wanting(Signals):
    """Wants what its script says, bar by bar."""

    is_compiled = False
    features = DEFAULT_FEATURES
    wants = (1.0,)

    def on_start(self):
        super().on_start()
        self.bars = 0

    def signal(self, x, prediction):
        self.bars += 1
        return self.wants[min(self.bars, len(self.wants)) - 1]


def fills(strategy: Wanting, wants, prices) -> list[int]:
    """The signed quantities that follow from wanted exposures, bar by bar."""
    strategy.wants = wants
    rows = np.zeros((len(prices), at.EVENT_WIDTH), np.int64)
    rows[:, at.TS] = (np.arange(len(prices)) + 1) * HOUR
    rows[:, at.START] = rows[:, at.TS] - HOUR
    rows[:, at.KIND] = EventKind.BAR
    rows[:, at.OPEN : at.CLOSE + 1] = np.array(prices)[:, None] * 10**8
    rows[:, at.FLAGS] = 1
    records = Engine(strategy, [EQUITY], cash=CASH).process(rows).records
    filled = records[records[:, at.RECORD_KIND] == at.FILLED]
    return (filled[:, at.A1] * filled[:, at.A2]).tolist()


@pytest.mark.parametrize(
    ("wants", "prices", "traded"),
    [
        ((1.0,), [100, 100, 100], [1_000]),  # all in, once
        ((0.5,), [100, 100], [500]),
        ((-1.0,), [100, 100], [-1_000]),
        ((1.0, 0.0), [100, 100, 100], [1_000, -1_000]),
        ((1.0, -1.0), [100, 100, 100], [1_000, -2_000]),
        ((np.nan,), [100, 100], []),  # no opinion
        ((1.0, np.nan), [100, 100, 100], [1_000]),  # no opinion is not a wish to be flat
        ((0.0005,), [100, 100], []),  # less than a lot
        ((1.0, 0.9), [100, 100, 100], [1_000]),  # within the band
        ((1.0, 0.7), [100, 100, 100], [1_000, -300]),  # beyond it
        ((1.0,), [3, 3], [33_333]),  # whole lots, rounded down
    ],
)
def test_the_difference_between_wanted_and_held_is_traded(wants, prices, traded) -> None:
    assert fills(Wanting(), wants, prices) == traded


def test_a_fraction_of_the_equity_is_used() -> None:
    assert fills(Wanting(fraction=0.25), (1.0,), [100, 100]) == [250]
