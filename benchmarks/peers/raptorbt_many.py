"""raptorbt at the two contests: its batch of single backtests, and its rebalancing policy."""

import importlib.metadata
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["RAPTORBT_NO_VERSION_CHECK"] = "1"  # else importing it asks a package index

import numpy as np
import raptorbt as rb

from benchmarks import market
from benchmarks.rule import CASH, FEE, UNITS
from benchmarks.tasks import INSTRUMENTS, PAIRS, PORTFOLIO_CASH, SWEEP_BARS, panel

VERSION = importlib.metadata.version("raptorbt")


def sweep(data: Path) -> Callable[[], dict[str, Any]]:
    bars = market.load(SWEEP_BARS, data)
    columns = bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume
    config = rb.BacktestConfig(initial_capital=CASH, fees=FEE, fill_timing="next_bar_open")

    def trade() -> dict[str, Any]:
        sizes = UNITS * bars.close / CASH
        means = {window: rb.sma(bars.close, window) for pair in PAIRS for window in pair}
        items = [
            rb.BatchSingleItem(
                f"{fast}-{slow}", means[fast] > means[slow], means[fast] < means[slow],
                config=config, position_sizes=sizes,
            )
            for fast, slow in PAIRS
        ]  # fmt: skip
        found = [result.metrics for _, result in rb.batch_single_backtest(*columns, items)]
        return {"fills": 0, "equity": sum(metrics.end_value for metrics in found)}

    return trade


def portfolio(data: Path) -> Callable[[], dict[str, Any]]:
    prices = np.ascontiguousarray(panel().close)
    weights = np.full_like(prices, 1.0 / INSTRUMENTS)

    def trade() -> dict[str, Any]:
        found = rb.simulate_rebalance_policy(
            prices, weights, float(PORTFOLIO_CASH), "calendar", 21.0
        )
        return {"fills": int(found.n_trades), "equity": float(found.equity_curve()[-1])}

    return trade
