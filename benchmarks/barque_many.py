"""Barque at the two contests."""

import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

import barque
from barque.data.events.stream import bar_events
from barque.domain.costs import Costs
from barque.domain.events import Bar
from barque.domain.instruments import Instrument, InstrumentKind
from barque.research.backtest import backtest
from barque.research.sweep.measuring import HeldPast, Measuring
from barque.strategies import Strategy, compiled
from barque.strategies.library.equal_weights import EqualWeights
from benchmarks import market
from benchmarks.barque_engine import COIN
from benchmarks.rule import CASH, FEE, UNITS
from benchmarks.tasks import (
    BUFFER,
    DAY,
    DAYS,
    INSTRUMENTS,
    PAIRS,
    PORTFOLIO_CASH,
    SWEEP_BARS,
    panel,
)

VERSION = barque.__version__
COSTS = Costs(fee=Decimal(str(FEE)))


@compiled
class Pair(Strategy):
    """The rule of the benchmark, with its windows as parameters."""

    fast: int = 20
    slow: int = 100

    def on_start(self) -> None:
        self.ring = np.zeros(self.slow, np.int64)
        self.seen = self.fast_sum = self.slow_sum = 0
        self.leaves_slow, self.leaves_fast = 0, self.slow - self.fast  # places in the ring

    def on_bar(self, bar: Bar) -> None:
        self.fast_sum += bar.close_units - self.ring[self.leaves_fast]
        self.slow_sum += bar.close_units - self.ring[self.leaves_slow]
        self.ring[self.leaves_slow] = bar.close_units
        self.leaves_slow = self._next_place(self.leaves_slow)
        self.leaves_fast = self._next_place(self.leaves_fast)
        self.seen += 1
        if self.seen < self.slow:
            return
        lead = self.fast_sum * self.slow - self.slow_sum * self.fast
        if lead > 0 and self.position(0) == 0:
            self.buy(0, UNITS)
        elif lead < 0 and self.position(0) > 0:
            self.sell(0, UNITS)

    def _next_place(self, place: int) -> int:
        return place + 1 if place + 1 < self.slow else 0


def sweep(data: Path) -> Callable[[], dict[str, Any]]:
    """Measure every pair as `barque sweep` does in each of its workers."""
    bars = market.load(SWEEP_BARS, data)

    def trade() -> dict[str, Any]:
        events = bar_events([COIN], {COIN.id: bars._asdict()})
        measuring = Measuring(lambda: Pair, events, cash=Decimal(CASH), costs=COSTS)
        points = [
            measuring.measure(k, {"fast": fast, "slow": slow})
            for k, (fast, slow) in enumerate(PAIRS)
        ]
        return {
            "fills": sum(point.figures["fills"] or 0 for point in points if point.figures),
            "equity": sum(float(point.final_equity or 0) for point in points),
        }

    return trade


def portfolio(data: Path) -> Callable[[], dict[str, Any]]:
    """Even out 500 instruments monthly; also time the parts that the whole consists of."""
    prices = panel()
    start, volume = prices.ts - DAY // 4, np.full(DAYS, 10_000_000.0)
    instruments = [_share(k) for k in range(INSTRUMENTS)]
    frames = {
        one.id: {
            "ts": prices.ts,
            "start": start,
            "open": np.ascontiguousarray(prices.open[:, k]),
            "high": np.maximum(prices.open[:, k], prices.close[:, k]),
            "low": np.minimum(prices.open[:, k], prices.close[:, k]),
            "close": np.ascontiguousarray(prices.close[:, k]),
            "volume": volume.copy(),
        }
        for k, one in enumerate(instruments)
    }
    held = HeldPast(bar_events(instruments, frames))

    def trade() -> dict[str, Any]:
        begun = time.perf_counter()
        for _ in bar_events(instruments, frames):
            pass
        merged = time.perf_counter()
        _even_out(held)
        alone = time.perf_counter()
        result = _even_out(bar_events(instruments, frames))
        whole = time.perf_counter() - alone
        return {
            "fills": result.statistics.fills,
            "equity": float(result.final_equity),
            "merge_s": merged - begun,
            "trading_alone_s": alone - merged,
            "whole_s": whole,
        }

    return trade


def _even_out(events: Any) -> Any:
    result = backtest(EqualWeights(buffer=BUFFER), events, cash=PORTFOLIO_CASH, costs=COSTS)
    assert result.statistics
    return result


def _share(k: int) -> Instrument:
    return Instrument(
        id=f"S{k:03d}.SIM",
        kind=InstrumentKind.EQUITY,
        currency="USD",
        price_digits=8,
        quantity_digits=0,
        tick=Decimal("0.01"),
        lot=Decimal(1),
        calendar="24/7",
    )
