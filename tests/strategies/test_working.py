"""What is on its way is not asked for twice, however long orders take."""

from decimal import Decimal

import numpy as np
import pytest

from barque.domain.rules import Rules
from barque.research.backtest import backtest
from barque.strategies import Strategy
from barque.strategies.library.equal_weights import EqualWeights
from barque.strategies.library.sma_cross import SmaCross
from tests.research.markets import events_of, stocks
from tests.research.results import Past

SLOW = [Rules(latency=1), Rules(participation=Decimal("0.002"))]


def past(count):
    steps = np.random.default_rng(3).normal(0, 1, (400, count))
    return Past(tuple(stocks(count)), events_of(200 + np.cumsum(steps, axis=0)))


@pytest.mark.parametrize("rules", SLOW, ids=["latency", "participation"])
def test_a_crossing_is_never_held_twice_nor_turned(rules) -> None:
    result = backtest(SmaCross(quantity=5.0), past(1), rules=rules)

    fills = result.fills
    held = (fills["quantity"] * np.where(fills["side"] == "BUY", 1, -1)).cum_sum()
    assert len(fills) > 10
    assert held.min() >= 0
    assert held.max() == 5


def test_weights_are_not_exceeded_by_orders_that_are_still_at_work() -> None:
    result = backtest(EqualWeights(every=1), past(3), rules=SLOW[1])

    fills = result.fills.filter(result.fills["instrument"] == "S00.XNAS")
    held = (fills["quantity"] * np.where(fills["side"] == "BUY", 1, -1)).cum_sum()
    assert held.max() < 1_000_000 / 3 / 100, "a third of the equity at a price of some 200"


def test_what_only_reduces_does_not_count_as_working() -> None:
    class Looks(Strategy):
        def on_start(self):
            self.seen = []

        def on_bar(self, bar):
            if not self.seen:
                self.buy(0, 10, limit=1.0)
                self.sell(0, 4, limit=1_000.0)
                self.sell(0, 3, stop=1.0, reduce_only=True, after=1)
            self.seen.append((self.working(0), self.working(1)))

    strategy = Looks()
    backtest(strategy, past(1))

    assert strategy.seen[0][0] == 0.0
    assert strategy.seen[1][0] == 6.0
    assert np.isnan(strategy.seen[1][1])
