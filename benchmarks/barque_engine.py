"""Barque, in its three styles: signals, compiled hooks, and hooks in plain Python."""

from decimal import Decimal
from typing import Any

import numpy as np

import barque
from barque.data.events.stream import EventStream, bar_events
from barque.domain.costs import Costs
from barque.domain.events import Bar
from barque.domain.instruments import Instrument, InstrumentKind
from barque.features import FeatureSet, Sma
from barque.research.backtest import backtest
from barque.research.result import Result
from barque.strategies import Signals, Strategy, compiled
from benchmarks.market import FIRST_START, MINUTE, Bars
from benchmarks.measure import Outcome
from benchmarks.rule import CASH, FAST, FEE, PRICE_DIGITS, SLOW, UNITS

VERSION = barque.__version__
COIN = Instrument(
    id="COIN.SIM",
    kind=InstrumentKind.SPOT,
    currency="USD",
    price_digits=8,
    quantity_digits=0,
    tick=Decimal(1).scaleb(-PRICE_DIGITS),
    lot=Decimal(1),
)


class Crossing(Strategy):
    """The rule as hooks. Sums of whole price units are exact; the ring holds the last closes."""

    def on_start(self) -> None:
        self.ring = np.zeros(SLOW, np.int64)
        self.seen = self.fast_sum = self.slow_sum = 0
        self.leaves_slow, self.leaves_fast = 0, SLOW - FAST  # places in the ring

    def on_bar(self, bar: Bar) -> None:
        self.fast_sum += bar.close_units - int(self.ring[self.leaves_fast])
        self.slow_sum += bar.close_units - int(self.ring[self.leaves_slow])
        self.ring[self.leaves_slow] = bar.close_units
        self.leaves_slow = self._next_place(self.leaves_slow)
        self.leaves_fast = self._next_place(self.leaves_fast)
        self.seen += 1
        if self.seen < SLOW:
            return
        lead = self.fast_sum * SLOW - self.slow_sum * FAST
        if lead > 0 and self.position(0) == 0:
            self.buy(0, UNITS)
        elif lead < 0 and self.position(0) > 0:
            self.sell(0, UNITS)

    def _next_place(self, place: int) -> int:
        return place + 1 if place + 1 < SLOW else 0


@compiled
class CompiledCrossing(Crossing):
    """The same hooks as machine code."""


class PlainCrossing(Strategy):
    """The rule as a Python programmer writes it: a list instead of an array."""

    def on_start(self) -> None:
        self.closes: list[int] = []
        self.fast_sum = self.slow_sum = 0

    def on_bar(self, bar: Bar) -> None:
        close, closes = bar.close_units, self.closes
        closes.append(close)
        self.fast_sum += close
        self.slow_sum += close
        count = len(closes)
        if count > FAST:
            self.fast_sum -= closes[count - FAST - 1]
        if count > SLOW:
            self.slow_sum -= closes[count - SLOW - 1]
        if count < SLOW:
            return
        lead = self.fast_sum * SLOW - self.slow_sum * FAST
        if lead > 0:
            if not self.position(0):
                self.buy(0, UNITS)
        elif lead < 0 and self.position(0):
            self.sell(0, UNITS)


class CrossingSignals(Signals):
    """The rule without order code: two features, an opinion, and a fixed size."""

    features = FeatureSet((Sma(FAST), Sma(SLOW)))

    def signal(self, x: Any, prediction: float) -> float:
        fast, slow = x[0], x[1]
        if fast > slow:
            return 1.0
        if fast < slow:
            return 0.0
        return np.nan

    def size(self, instrument: int, exposure: float) -> float:
        return exposure * UNITS


def prepare(bars: Bars) -> EventStream:
    return bar_events([COIN], {COIN.id: bars._asdict()})


def signals(events: EventStream) -> Result:
    return _run(CrossingSignals(), events)


def compiled_hooks(events: EventStream) -> Result:
    return _run(CompiledCrossing(), events)


def plain_python(events: EventStream) -> Result:
    return _run(PlainCrossing(), events)


def _run(strategy: Strategy, events: EventStream) -> Result:
    result = backtest(strategy, events, cash=CASH, costs=Costs(fee=Decimal(str(FEE))))
    assert result.statistics
    assert len(result.curve) == events.rows  # exact, in cash units; its frame is made on demand
    assert len(result.fills) == result.statistics.fills
    return result


def outcome(result: Result) -> Outcome:
    fills = result.fills
    bought = (fills["side"] == "BUY").to_numpy()
    units = np.where(bought, fills["quantity"], -fills["quantity"])
    opened = (fills["ts"].to_numpy() - FIRST_START) // MINUTE
    rows = np.column_stack([opened, units, fills["price"]])
    return Outcome(rows, float(result.final_equity))


STYLES = {"signals": signals, "compiled": compiled_hooks, "python": plain_python}
