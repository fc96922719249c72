"""Three ways to write a strategy, one engine: the same rule in each gives identical records."""

from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.domain.costs import Costs
from barque.domain.events import EventFlag, EventKind
from barque.engine.engine import Engine
from barque.features import FeatureSet, Sma
from barque.kernels import layout as at
from barque.strategies import Signals, Strategy, compiled
from tests.engine.histories import EQUITY, HOUR
from tests.engine.test_recovery import slices

CASH, COSTS = Decimal(100_000), Costs(fee=Decimal("0.0007"), slippage=Decimal("0.0003"))
FAST, SLOW = 2, 5


@compiled
class BySignal(Signals):
    """Long where the fast mean is above the slow one, short where it is below; all in."""

    features = FeatureSet((Sma(FAST), Sma(SLOW)))

    def signal(self, x, prediction):
        if np.isnan(x[1]):
            return np.nan
        return 1.0 if x[0] > x[1] else -1.0


class BySignalInPython(BySignal):
    """The same features and signal, told as plain Python."""

    is_compiled = False


class ByHand(Strategy):
    """The same rule with its own sums and its own orders."""

    band: float = 0.2

    def on_start(self):
        self.closes = np.zeros((self.instrument_count, SLOW), np.int64)
        self.bars = np.zeros(self.instrument_count, np.int64)
        self.exposure = np.zeros(self.instrument_count)
        self.fresh = np.zeros(self.instrument_count, np.int64)

    def on_bar(self, bar):
        i = bar.instrument
        self.closes[i, self.bars[i] % SLOW] = bar.close_units
        self.bars[i] += 1
        fast = slow = 0
        for k in range(SLOW):
            slow += self.closes[i, k]
        for back in range(1, FAST + 1):
            fast += self.closes[i, (self.bars[i] - back) % SLOW]
        self.exposure[i] = 1.0 if fast * SLOW > slow * FAST else -1.0
        self.fresh[i] = 1

    def on_slice(self, ts):
        for i in range(self.instrument_count):
            if self.fresh[i] == 1 and self.bars[i] >= SLOW:
                self.trade(i)
            self.fresh[i] = 0

    def trade(self, i):
        if self._instruments[i, at.WORKING_BUY] + self._instruments[i, at.WORKING_SELL] > 0:
            return
        wanted = self.exposure[i] * self.equity() / self.instrument_count / self.last(i)
        change = wanted - self.position(i)
        if abs(change) <= self.band * max(abs(wanted), abs(self.position(i))):
            return
        quantity = np.floor(abs(change) + 1e-9)
        if quantity > 0:
            if change > 0:
                self.buy(i, quantity)
            else:
                self.sell(i, quantity)


@compiled
class ByHandCompiled(ByHand):
    """The same hooks as machine code."""


def market(seed: int, bars: int, width: int) -> np.ndarray:
    """Draw bars of several shares, of which one in four is missing."""
    chance = np.random.default_rng(seed)
    closes = np.rint(1e4 * np.exp(np.cumsum(chance.normal(0, 0.03, (bars, width)), axis=0)))
    opens = np.rint(closes * np.exp(chance.normal(0, 0.01, (bars, width))))
    rows = []
    for t in range(bars):
        told = np.flatnonzero(chance.random(width) < 0.75)
        for i in told:
            o, c = int(opens[t, i]) * 10**6, int(closes[t, i]) * 10**6
            flags = int(EventFlag.ENDS_SLICE) if i == told[-1] else 0
            begin = t * HOUR
            row = [begin + HOUR, begin, EventKind.BAR, i, o, max(o, c), min(o, c), c, 0, flags]
            rows.append([int(column) for column in row])
    return np.array(rows, np.int64).reshape(-1, at.EVENT_WIDTH)


def run(strategy: Strategy, events: np.ndarray, width: int):
    engine = Engine(strategy, [EQUITY] * width, cash=CASH, costs=COSTS)
    return engine.process(events)


@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 3))
@settings(max_examples=40)
def test_the_same_rule_gives_the_same_records_in_every_style(seed, bars, width) -> None:
    events = market(seed, bars, width)

    signals, *others = (
        run(style(), events, width)
        for style in (BySignal, BySignalInPython, ByHand, ByHandCompiled)
    )

    for other in others:
        np.testing.assert_array_equal(other.records, signals.records)
        np.testing.assert_array_equal(other.curve, signals.curve)


def test_the_rule_trades_both_ways_so_that_there_is_something_to_compare() -> None:
    fills = run(BySignal(), market(1, 60, 3), 3).records

    sides = fills[fills[:, at.RECORD_KIND] == at.FILLED][:, at.A1]
    assert {-1, 1} == set(sides.tolist())
    assert len(sides) > 10


@given(st.integers(0, 2**32), st.integers(1, 60))
@settings(max_examples=20)
def test_slice_by_slice_the_records_are_the_same_as_at_once(seed, bars) -> None:
    events = market(seed, bars, 2)
    engine = Engine(BySignal(), [EQUITY] * 2, cash=CASH, costs=COSTS)

    parts = [engine.process(part).records for part in slices(events) if len(part)]

    apart = np.concatenate(parts) if parts else np.empty((0, at.RECORD_WIDTH), np.int64)
    np.testing.assert_array_equal(apart, run(BySignal(), events, 2).records)
