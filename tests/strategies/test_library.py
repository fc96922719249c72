"""The strategies that come with Barque do what their first sentence says."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.data.events.stream import bar_events
from barque.domain.errors import BadInput
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.strategies import Strategy
from barque.strategies.library.buy_and_hold import BuyAndHold
from barque.strategies.library.sma_cross import SmaCross
from barque.strategies.library.trend import Trend
from tests.engine.histories import EQUITY, history

CASH = Decimal(1_000_000)
FAST, SLOW = 2, 4


class SlowSma(Strategy):
    """The rule as a sentence: all closes are kept, and means are fractions."""

    quantity: float = 5.0

    def on_start(self):
        self.closes = [[] for _ in range(self.instrument_count)]

    def on_bar(self, bar):
        i = bar.instrument
        self.closes[i].append(bar.close_units)
        if len(self.closes[i]) < SLOW:
            return
        above = self.mean(i, FAST) > self.mean(i, SLOW)
        if above and self.position(i) == 0:
            self.buy(i, self.quantity)
        elif not above and self.position(i) > 0:
            self.sell(i, self.position(i))

    def mean(self, i, window):
        return Fraction(sum(self.closes[i][-window:]), window)

    def on_split(self, instrument, new, old):
        # Half a unit is rounded up, as the product does.
        halves = [Fraction(close * old, new) + Fraction(1, 2) for close in self.closes[instrument]]
        self.closes[instrument] = [half.__floor__() for half in halves]


def play(strategy, past):
    engine = Engine(strategy, past.instruments, cash=CASH)
    return engine, engine.process(past.events)


@given(st.builds(history, st.integers(0, 2**32), st.integers(1, 3), st.integers(5, 25)))
@settings(max_examples=60)
def test_sma_cross_is_the_rule_in_fractions_through_splits_and_ties(past):
    product, sentence = SmaCross(fast=FAST, slow=SLOW, quantity=5.0), SlowSma()

    _, fast = play(product, past)
    _, slow = play(sentence, past)

    assert product.fast_sum.tolist() == [sum(closes[-FAST:]) for closes in sentence.closes]
    assert product.slow_sum.tolist() == [sum(closes[-SLOW:]) for closes in sentence.closes]
    np.testing.assert_array_equal(fast.records, slow.records)
    np.testing.assert_array_equal(fast.curve, slow.curve)


@pytest.mark.parametrize(("fast", "slow"), [(0, 5), (5, 5), (6, 5), (-1, 5), (5, 10**9)])
def test_sma_cross_refuses_windows_that_make_no_sense(fast, slow):
    with pytest.raises(BadInput, match="fast < slow"):
        play(SmaCross(fast=fast, slow=slow), history(1, 1, 3))


def test_trend_is_in_while_the_price_rises_and_out_after_it_turned():
    prices = np.concatenate([np.linspace(100, 200, 200), np.linspace(200, 100, 200)])
    bars = dict.fromkeys(("open", "high", "low", "close"), prices) | {
        "ts": np.arange(1, 401) * 86_400 * 10**9, "volume": np.full(400, 1000.0),
    }  # fmt: skip
    events = bar_events([EQUITY], {EQUITY.id: bars}).array()
    engine = Engine(Trend(), [EQUITY], cash=CASH)

    held = []
    for part in (events[:100], events[100:200], events[200:]):
        engine.process(part)
        held.append(int(engine.state.instruments[0, at.POSITION]))

    assert held[0] == 0
    assert held[1] > 0
    assert held[2] == 0


def test_buy_and_hold_buys_every_instrument_once_and_never_sells():
    past = history(8, 2, 25)

    engine, outcome = play(BuyAndHold(), past)

    fills = outcome.records[outcome.records[:, at.RECORD_KIND] == at.FILLED]
    assert sorted(fills[:, at.RECORD_INSTRUMENT]) == [0, 1]
    assert (fills[:, at.A1] == 1).all()
    assert (engine.state.instruments[:, at.POSITION] > 0).all()
