"""vectorbt: whole columns at once. Signals are shifted one bar, so the price is the next open."""

import importlib.metadata
from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt
from numba import njit
from vectorbt.portfolio import nb as portfolio_nb

from benchmarks.market import Bars
from benchmarks.measure import Outcome
from benchmarks.rule import CASH, FAST, FEE, SLOW, UNITS

VERSION = importlib.metadata.version("vectorbt")
vbt.settings.caching["enabled"] = False  # or the second run would be handed the first one's means


def prepare(bars: Bars) -> pd.DataFrame:
    index = pd.DatetimeIndex(bars.ts.view("M8[ns]"))
    return pd.DataFrame({"open": bars.open, "close": bars.close}, index=index)


def signals(frame: pd.DataFrame) -> Any:
    fast, slow = _means(frame)
    portfolio = vbt.Portfolio.from_signals(
        frame["close"],
        (fast > slow).shift(1, fill_value=False),
        (fast < slow).shift(1, fill_value=False),
        price=frame["open"],
        size=UNITS,
        fees=FEE,
        init_cash=CASH,
        freq="1min",
    )
    return _result(portfolio)


def order_function(frame: pd.DataFrame) -> Any:
    fast, slow = _means(frame)
    portfolio = vbt.Portfolio.from_order_func(
        frame["close"],
        _order,
        fast.to_numpy(),
        slow.to_numpy(),
        frame["open"].to_numpy(),
        float(UNITS),
        FEE,
        init_cash=CASH,
        freq="1min",
    )
    return _result(portfolio)


def _means(frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    return vbt.MA.run(frame["close"], FAST).ma, vbt.MA.run(frame["close"], SLOW).ma


@njit
def _order(context, fast, slow, opens, units, fee):
    before = context.i - 1
    if before >= 0:
        if fast[before] > slow[before] and context.position_now == 0:
            return portfolio_nb.order_nb(size=units, price=opens[context.i], fees=fee)
        if fast[before] < slow[before] and context.position_now > 0:
            return portfolio_nb.order_nb(
                size=-context.position_now, price=opens[context.i], fees=fee
            )
    return portfolio_nb.order_nothing_nb()


def _result(portfolio: Any) -> tuple[Any, Any, tuple[float, ...]]:
    """The fills, the curve, and four statistics; all the rest it offers is not asked for."""
    value = portfolio.value()
    statistics = (
        portfolio.total_return(),
        portfolio.sharpe_ratio(),
        portfolio.max_drawdown(),
        portfolio.trades.win_rate(),
    )
    return portfolio.orders.values, value, statistics


def outcome(result: Any) -> Outcome:
    orders, value, _ = result
    units = np.where(orders["side"] == 0, orders["size"], -orders["size"])
    fills = np.column_stack([orders["idx"], units, orders["price"]])
    return Outcome(fills, float(value.iloc[-1]))


STYLES = {"signals": signals, "order function": order_function}
