"""freqtrade's test_backtest_detail: next open, stop and target in one candle, leverage, shorts."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tests.cli.keyboard import answer
from tests.published.freqtrade.freqtrade_cases import CASES
from tests.published.markets import PRICES, ask, bar_file, bring_in, signed

HERE = Path(__file__).parent
FIRST = datetime(2018, 1, 2)
HOUR = 3600 * 10**9

REASONS = {"MARKET": "exit", "STOP": "stop", "LIMIT": "roi"}
"""What freqtrade calls an exit, by the type of the order that made it."""


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_reasons_candles_and_profits_are_the_published_ones(home, tmp_path, number):
    case = CASES[number]
    bring_in(as_two_bars_each(tmp_path / "bars.csv", case.candles), "ONE.TEST", "--period", "1m")

    found = ask(
        f"{HERE}/signals_and_exits.py",
        "ONE.TEST",
        terms=HERE / "terms.toml",
        period="1m",
        set=f"case={number}",
    )

    entries, exits = found["fills"][::2], found["fills"][1::2]
    types = order_types(found, tmp_path)
    trades = [
        (REASONS[types[left["order_id"]]], candle_of(entered), candle_of(left))
        for entered, left in zip(entries, exits, strict=True)
    ]
    assert trades == list(case.trades)
    profit = sum(case.leverage * ratio(*pair) for pair in zip(entries, exits, strict=True))
    assert round(profit, 3) == Decimal(str(case.profit))
    assert found["refused"] == 0


def as_two_bars_each(path, candles):
    """Tell each hour's candle as two minutes: its open, and all of it."""
    rows, times = [], []
    for hour, candle in enumerate(candles):
        prices = [float(price) for price in candle.split()[: len(PRICES)]]
        rows += [prices[:1] * len(PRICES), prices]
        times += [FIRST + timedelta(hours=hour, minutes=minute) for minute in (0, 1)]
    return bar_file(path, times, rows)


def candle_of(fill):
    first = int((FIRST - datetime(1970, 1, 1)).total_seconds()) * 10**9
    return (fill["ts"] - first) // HOUR


def ratio(entered, left):
    """Return the profit of a trade as a part of what was paid."""
    change = Decimal(left["price"]) / Decimal(entered["price"]) - 1
    return change if signed(entered) > 0 else -change


def order_types(found, folder):
    file = folder / "orders.csv"
    answer("backtest", "export", found["id"], "--orders", file)
    return dict(pl.read_csv(file).select("order_id", "type").iter_rows())
