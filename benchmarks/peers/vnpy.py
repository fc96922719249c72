"""vnpy: its CTA backtester, with bars handed over instead of read from its database.

It has limit orders only: one a percent through the market fills at the next open. Its equity
curve has one point a day.
"""

import importlib.metadata
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from vnpy.trader.constant import Direction, Exchange, Interval
from vnpy.trader.object import BarData
from vnpy_ctastrategy import CtaTemplate
from vnpy_ctastrategy.backtesting import BacktestingEngine

from benchmarks.market import Bars
from benchmarks.measure import Outcome
from benchmarks.rule import CASH, FAST, FEE, PRICE_SCALE, SLOW, UNITS

VERSION = importlib.metadata.version("vnpy")
MINUTE = timedelta(minutes=1)


class Crossing(CtaTemplate):
    author = "benchmark"

    def on_init(self) -> None:
        self.closes: list[float] = []
        self.fast_sum = self.slow_sum = 0.0

    def on_bar(self, bar: BarData) -> None:
        close = bar.close_price
        self.closes.append(close)
        count = len(self.closes)
        self.fast_sum += close - (self.closes[-FAST - 1] if count > FAST else 0.0)
        self.slow_sum += close - (self.closes[-SLOW - 1] if count > SLOW else 0.0)
        if count < SLOW:
            return
        lead = self.fast_sum * SLOW - self.slow_sum * FAST
        if lead > 0 and not self.pos:
            self.buy(close * 1.01, UNITS)
        elif lead < 0 and self.pos:
            self.sell(close * 0.99, UNITS)


def prepare(bars: Bars) -> list[BarData]:
    first = datetime.fromtimestamp(bars.ts[0] / 1e9, UTC).replace(tzinfo=None)
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    return [
        BarData(
            symbol="X",
            exchange=Exchange.LOCAL,
            datetime=first + t * MINUTE,
            interval=Interval.MINUTE,
            open_price=opening,
            high_price=high,
            low_price=low,
            close_price=close,
            volume=volume,
            gateway_name="BENCHMARK",
        )
        for t, (opening, high, low, close, volume) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        )
    ]


def run(bars: list[BarData]) -> tuple[Any, Any, Any, datetime]:
    engine = BacktestingEngine()
    engine.output = lambda message: None
    engine.set_parameters(
        vt_symbol="X.LOCAL",
        interval=Interval.MINUTE,
        start=bars[0].datetime,
        end=bars[-1].datetime,
        rate=FEE,
        slippage=0,
        size=1,
        pricetick=1 / PRICE_SCALE,
        capital=CASH,
    )
    engine.add_strategy(Crossing, {})
    engine.history_data = bars
    engine.run_backtesting()
    curve = engine.calculate_result()
    statistics = engine.calculate_statistics(curve, output=False)
    return engine.get_all_trades(), curve, statistics, bars[0].datetime


def outcome(result: tuple[Any, Any, Any, datetime]) -> Outcome:
    trades, curve, _, first = result
    rows = [
        (
            (trade.datetime - first) // MINUTE,
            trade.volume if trade.direction == Direction.LONG else -trade.volume,
            trade.price,
        )
        for trade in trades
    ]
    return Outcome(np.array(rows, np.float64).reshape(-1, 3), float(curve["balance"].iloc[-1]))


STYLES = {"python": run}
