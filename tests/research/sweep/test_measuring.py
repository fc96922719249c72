"""A point of a sweep is the backtest it would be alone."""

import tracemalloc
from dataclasses import asdict
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np
import pytest

from barque.data.events.stream import bar_events
from barque.domain.costs import Costs
from barque.features import FeatureSet, Momentum, Sma
from barque.research.backtest import backtest
from barque.research.sweep.measuring import OBJECTIVES, Measuring
from barque.strategies import Signals, Strategy, compiled
from barque.strategies.library.sma_cross import SmaCross
from barque.strategies.shared import can_share
from tests.research.markets import stocks

HOUR = 3600 * 10**9
COSTS = Costs(fee=Decimal("0.001"), slippage=Decimal("0.0005"))


@compiled
class Leaning(Signals):
    """Long when momentum is above a threshold."""

    features: ClassVar[FeatureSet] = FeatureSet((Momentum(20, 2), Sma(9)))
    threshold: float = 0.0

    def signal(self, x: Any, prediction: float) -> float:
        if np.isnan(x[0]):
            return np.nan
        return 1.0 if x[0] > self.threshold else -1.0


class Looking(Strategy):
    """Plain, with a hook that sees all bars before it begins."""

    level: float = 100.0

    def prepare(self, bars):
        self.means = bars[0]["close"].rolling_mean(5).to_list()
        self.row = 0

    def on_bar(self, bar):
        mean = self.means[self.row // self.instrument_count]
        self.row += 1
        if bar.instrument == 0 and mean is not None:
            if mean > self.level and not self.position(0):
                self.buy(0, 5)
            elif mean < self.level and self.position(0):
                self.sell(0, 5)


def past(bars: int = 900, instruments: int = 2, seed: int = 4):
    chance = np.random.default_rng(seed)
    ts = np.arange(1, bars + 1, dtype=np.int64) * HOUR
    frames = {}
    for one in stocks(instruments):
        close = np.round(100 * np.exp(np.cumsum(chance.normal(0, 0.004, bars))), 2)
        opened = np.concatenate(([100.0], close[:-1]))
        frames[one.id] = {
            "ts": ts, "start": ts - HOUR, "open": opened, "high": np.maximum(opened, close),
            "low": np.minimum(opened, close), "close": close, "volume": np.full(bars, 1000.0),
        }  # fmt: skip
    return bar_events(stocks(instruments), frames)


@pytest.mark.parametrize("most_held", [0, 10**6], ids=["read anew", "held"])
@pytest.mark.parametrize(
    ("strategy", "points"),
    [
        (SmaCross, [{"fast": fast, "slow": slow} for fast in (2, 5, 9) for slow in (12, 30)]),
        (Leaning, [{"threshold": t, "band": b} for t in (-0.01, 0.0, 0.02) for b in (0.05, 0.3)]),
        (Looking, [{"level": level} for level in (95.0, 100.0, 104.0)]),
    ],
)
def test_each_point_gets_the_fills_of_a_run_of_its_own(strategy, points, most_held):
    events = past()
    measuring = Measuring(lambda: strategy, events, costs=COSTS, most_held=most_held)
    traded = 0

    for number, parameters in enumerate(points):
        alone = backtest(strategy(**parameters), events, costs=COSTS)
        run = measuring.run(parameters)

        assert np.array_equal(run.records, alone.records)
        assert np.array_equal(run.curve, alone.curve)
        point = measuring.measure(number, parameters)
        told = asdict(alone.statistics)
        assert {name: point.figures[name] for name in OBJECTIVES} == {
            name: told[name] for name in OBJECTIVES
        }
        assert point.final_equity == str(alone.final_equity)
        traded += len(alone.fills)
    assert traded > 20


def test_features_are_worked_out_once_for_all_points(monkeypatch):
    calls = []
    from barque.research.sweep import measuring as module

    observe = module.observe_events
    monkeypatch.setattr(module, "observe_events", lambda *a: (calls.append(1), observe(*a)))
    measuring = Measuring(lambda: Leaning, past())

    for threshold in (0.0, 0.01, 0.02):
        measuring.measure(0, {"threshold": threshold})

    assert len(calls) == 1


def test_only_a_strategy_that_leaves_its_features_alone_shares_them():
    class Own(Leaning):
        def on_bar(self, bar):
            self.exposure[bar.instrument] = 1.0

    assert can_share(Leaning)
    assert not can_share(Own)
    assert not can_share(SmaCross)


def test_a_point_that_the_strategy_does_not_take_is_refused_in_its_words():
    point = Measuring(lambda: SmaCross, past(50)).measure(3, {"fast": 30, "slow": 10})

    assert "fast is 30 and slow is 10" in point.refused
    assert not point.was_run
    assert point.figures is None


def test_a_point_that_never_trades_has_no_sharpe_ratio():
    point = Measuring(lambda: SmaCross, past(50)).measure(0, {"fast": 30, "slow": 49})

    assert point.was_run
    assert point.figures["sharpe"] is None
    assert point.figures["trades"] == 0


def test_memory_does_not_grow_with_the_number_of_points():
    measuring = Measuring(lambda: Leaning, past(400))

    def measure(points):
        for k in range(points):
            measuring.measure(k, {"threshold": 0.0001 * k})

    tracemalloc.start()
    measure(10)
    before = tracemalloc.get_traced_memory()[0]
    measure(150)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    assert grown < 100_000
