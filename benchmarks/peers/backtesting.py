"""backtesting.py: a Python class with `next`; orders fill at the next open."""

import importlib.metadata
import warnings
from typing import Any

import backtesting as bt
import numpy as np
import pandas as pd

from benchmarks.market import Bars
from benchmarks.measure import Outcome
from benchmarks.rule import CASH, FAST, FEE, SLOW, UNITS

VERSION = importlib.metadata.version("backtesting")
warnings.filterwarnings("ignore", module="backtesting")  # about the trade left open at the end


class Crossing(bt.Strategy):
    def init(self) -> None:
        self.fast = self.I(_mean, self.data.Close, FAST, plot=False)
        self.slow = self.I(_mean, self.data.Close, SLOW, plot=False)

    def next(self) -> None:
        fast, slow = self.fast[-1], self.slow[-1]
        if fast > slow and not self.position:
            self.buy(size=UNITS)
        elif fast < slow and self.position:
            self.position.close()


def _mean(prices: Any, window: int) -> Any:
    return pd.Series(prices).rolling(window).mean().to_numpy()


def prepare(bars: Bars) -> pd.DataFrame:
    names = ("Open", "High", "Low", "Close", "Volume")
    index = pd.DatetimeIndex(bars.ts.view("M8[ns]"))
    return pd.DataFrame({name: getattr(bars, name.lower()) for name in names}, index=index)


def run(frame: pd.DataFrame) -> Any:
    return bt.Backtest(frame, Crossing, cash=CASH, commission=FEE, finalize_trades=False).run()


def outcome(result: Any) -> Outcome:
    closed = result["_trades"]
    rows = [
        *zip(closed["EntryBar"], closed["Size"], closed["EntryPrice"], strict=True),
        *zip(closed["ExitBar"], -closed["Size"], closed["ExitPrice"], strict=True),
        *((t.entry_bar, t.size, t.entry_price) for t in result["_strategy"].trades),
    ]
    fills = np.array(sorted(rows), np.float64).reshape(-1, 3)
    return Outcome(fills, float(result["_equity_curve"]["Equity"].iloc[-1]))


STYLES = {"python": run}
