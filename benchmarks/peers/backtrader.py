"""backtrader: Cerebro in its fast mode (preloaded, indicators computed at once)."""

import importlib.metadata
from typing import Any

import backtrader as bt
import numpy as np
import pandas as pd

from benchmarks.market import Bars
from benchmarks.measure import Outcome
from benchmarks.rule import CASH, FAST, FEE, SLOW, UNITS

VERSION = importlib.metadata.version("backtrader")


class Crossing(bt.Strategy):
    def __init__(self) -> None:
        self.fast, self.slow = bt.ind.SMA(period=FAST), bt.ind.SMA(period=SLOW)
        self.fills: list[tuple[int, float, float]] = []
        self.curve: list[float] = []

    def notify_order(self, order: Any) -> None:
        if order.status == order.Completed:
            done = order.executed
            self.fills.append((len(self) - 1, done.size, done.price))

    def prenext(self) -> None:
        self.curve.append(self.broker.getvalue())

    def next(self) -> None:
        self.curve.append(self.broker.getvalue())
        fast, slow = self.fast[0], self.slow[0]
        if fast > slow and not self.position:
            self.buy(size=UNITS)
        elif fast < slow and self.position:
            self.close()


def prepare(bars: Bars) -> pd.DataFrame:
    names = ("open", "high", "low", "close", "volume")
    index = pd.DatetimeIndex(bars.ts.view("M8[ns]"))
    return pd.DataFrame({name: getattr(bars, name) for name in names}, index=index)


def run(frame: pd.DataFrame) -> Any:
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(bt.feeds.PandasData(dataname=frame))
    cerebro.addstrategy(Crossing)
    for analyzer in (bt.analyzers.DrawDown, bt.analyzers.TradeAnalyzer, bt.analyzers.SharpeRatio):
        cerebro.addanalyzer(analyzer)
    cerebro.broker.setcash(CASH)
    cerebro.broker.setcommission(FEE)
    return cerebro.run()[0]


def outcome(result: Any) -> Outcome:
    return Outcome(np.array(result.fills, np.float64).reshape(-1, 3), result.curve[-1])


STYLES = {"python": run}
