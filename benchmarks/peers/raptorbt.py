"""raptorbt: signals as arrays into its compiled core, or a Python class called at each bar."""

import importlib.metadata
import os
from typing import Any

os.environ["RAPTORBT_NO_VERSION_CHECK"] = "1"  # else importing it asks a package index

import numpy as np
import raptorbt as rb
from raptorbt.strategy.orders.types import Market

from benchmarks.market import Bars
from benchmarks.measure import Outcome
from benchmarks.rule import CASH, FAST, FEE, SLOW, UNITS

VERSION = importlib.metadata.version("raptorbt")


def prepare(bars: Bars) -> Bars:
    return bars


def signals(bars: Bars) -> Any:
    """Array runs size by a share of equity. Ask for more than UNITS; the lot rounds it down."""
    fast, slow = rb.sma(bars.close, FAST), rb.sma(bars.close, SLOW)
    result = rb.run_single_backtest(
        *_columns(bars),
        fast > slow,
        fast < slow,
        config=_config(),
        position_sizes=1.7 * UNITS * bars.close / CASH,
        instrument_config=rb.InstrumentConfig(lot_size=float(UNITS)),
    )
    return _result(result)


def python(bars: Bars) -> Any:
    class Crossing(rb.Strategy):
        def on_start(self, context: Any) -> None:
            self.fast, self.slow = rb.sma(bars.close, FAST), rb.sma(bars.close, SLOW)
            self.long = False

        def on_bar(self, context: Any) -> None:
            fast, slow = self.fast[context.idx], self.slow[context.idx]
            if fast > slow and not self.long:
                self.submit_order(Market(side="buy", units=UNITS))
                self.long = True
            elif fast < slow and self.long:
                self.close_position()
                self.long = False

    return _result(rb.run_strategy_backtest(Crossing, *_columns(bars), config=_config()))


def _columns(bars: Bars) -> tuple[Any, ...]:
    return bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume


def _config() -> Any:
    return rb.BacktestConfig(initial_capital=CASH, fees=FEE, fill_timing="next_bar_open")


def _result(result: Any) -> tuple[Any, Any, Any]:
    return result.trades(), result.equity_curve(), result.metrics


def outcome(result: Any) -> Outcome:
    trades, curve, metrics = result
    entries = [(t.entry_idx, t.size, t.entry_price) for t in trades]
    exits = [(t.exit_idx, -t.size, t.exit_price) for t in trades]
    if metrics.total_open_trades:
        exits.pop()  # what is still held is listed as if it were sold at the last close
    fills = np.array(sorted(entries + exits), np.float64).reshape(-1, 3)
    return Outcome(fills, float(curve[-1]))


STYLES = {"signals": signals, "python": python}
