"""Backtests for tests: a market made of chance, and a strategy that trades it often."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from barque.domain.costs import Costs
from barque.domain.events import EventFlag, EventKind
from barque.kernels import layout as at
from barque.research.backtest import backtest
from barque.research.result import Result
from barque.risk.limits import Limits
from barque.strategies import Strategy
from tests.research.markets import stocks, trends

COSTS = Costs(fee=Decimal("0.001"), slippage=Decimal("0.0002"))


@dataclass
class Past:
    """Events in memory, as a data set tells them."""

    instruments: tuple
    events: np.ndarray
    content_hash: str = "0" * 64

    @property
    def rows(self) -> int:
        return len(self.events)

    @property
    def start(self) -> int:
        return int(self.events[0, at.TS])

    @property
    def end(self) -> int:
        return int(self.events[-1, at.TS])

    def __iter__(self):
        return iter([self.events])


class Swinging(Strategy):
    """Holds what rose over five bars and sells what fell; now and then it asks for too much."""

    quantity: float = 100.0

    def on_start(self):
        self.before = np.zeros((self.instrument_count, 5))
        self.bars = np.zeros(self.instrument_count, np.int64)

    def on_bar(self, bar):
        i, place = bar.instrument, self.bars[bar.instrument] % 5
        rose = bar.close > self.before[i, place]
        self.before[i, place] = bar.close
        self.bars[i] += 1
        if self.bars[i] < 6:
            return
        if rose and self.position(i) == 0:
            self.buy(i, self.quantity)
        elif not rose and self.position(i) > 0:
            self.sell(i, self.position(i))
        if self.bars[i] % 50 == 0:
            self.buy_limit(i, 1e6, 10.0)


def past(days: int = 300, count: int = 2, seed: int = 3) -> Past:
    """Trending shares; the first pays a dividend and then splits two for one."""
    events = trends(seed, days, count)
    if days < 60:
        return Past(tuple(stocks(count)), events)
    ts = int(events[count * 50, at.START])
    actions = np.zeros((2, at.EVENT_WIDTH), np.int64)
    actions[:, at.TS] = actions[:, at.START] = ts
    actions[:, at.KIND] = EventKind.SPLIT, EventKind.DIVIDEND
    actions[0, [at.SPLIT_NEW, at.SPLIT_OLD]] = 2, 1
    actions[1, at.DIVIDEND_AMOUNT] = 10**8 // 2
    actions[1, at.FLAGS] = EventFlag.ENDS_SLICE
    prices = slice(at.OPEN, at.CLOSE + 1)
    later = (np.arange(len(events)) >= count * 50) & (events[:, at.INSTRUMENT] == 0)
    events[later, prices] //= 2
    return Past(tuple(stocks(count)), np.insert(events, count * 50, actions, axis=0))


def result(days: int = 300, count: int = 2, seed: int = 3) -> Result:
    return backtest(
        Swinging(), past(days, count, seed), costs=COSTS, limits=Limits(notional=Decimal(10**6))
    )
