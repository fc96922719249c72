"""LEAN's regression algorithms on SPY: its orders, how they last, sizing, fees, dividends."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.keyboard import answer
from tests.published.lean.prices import adjusted_days, adjusted_minutes, dividends, traded_days
from tests.published.markets import (
    ask,
    bring_in,
    cash_after_fills,
    cents,
    fees,
    held_at_the_end,
    signed,
)

HERE = Path(__file__).parent
SPY = "SPY.ARCX"

MACD_FILLS = (HERE / "macd_fills.csv").read_text().splitlines()[1:]
"""Of a simulation of the published rules in exact fractions; LEAN publishes sums only."""

FROM_MIDNIGHT_TO_THE_LAST_CLOSE = 4 + 16 / 24
"""The days by which LEAN makes a year of 2013-10-07 to 11, in New York."""


@pytest.fixture
def spy_days(home, tmp_path, test_data):
    """Return what imports SPY's adjusted daily bars of some time."""

    def bring(first, last, *more):
        file = tmp_path / "spy.csv"
        adjusted_days(test_data, "SPY", first, last).write_csv(file)
        bring_in(file, SPY, *more, calendar="XNYS")

    return bring


@pytest.fixture
def spy_minutes(home, tmp_path, test_data):
    """Return what imports SPY's adjusted minutes, of trades or of quotes, of some October days."""

    def bring(kind, first, last):
        minutes = adjusted_minutes(
            test_data, kind, "SPY", date(2013, 10, first), date(2013, 10, last)
        )
        minutes.write_csv(tmp_path / f"{kind}.csv")
        exact = ("--period", "1m", "--tick", "0.00000001")
        bring_in(tmp_path / f"{kind}.csv", SPY, *exact, calendar="XNYS")

    return bring


def test_macd_trend_makes_84_orders_and_ends_with_137751_04(spy_days):
    spy_days(date(2004, 1, 1), date(2014, 12, 31))

    found = ask(f"{HERE}/macd.py:MacdTrend", SPY, terms=HERE / "terms.toml")

    assert [f"{day_of(fill)},{signed(fill):+}" for fill in found["fills"]] == MACD_FILLS
    assert len(found["fills"]) == 84
    assert cents(found["final_equity"]) == Decimal("137751.04")
    assert fees(found) == Decimal("468.54")
    assert round(found["statistics"]["total_return"], 5) == 0.37751
    assert round(found["statistics"]["max_drawdown"], 3) == 0.349
    assert round(found["statistics"]["win_rate"], 2) == 0.57


def test_insights_make_199_orders_at_the_quote_and_end_with_99827_80(home, tmp_path, test_data):
    trades = adjusted_minutes(test_data, "trade", "SPY", date(2013, 10, 7), date(2013, 10, 11))
    quotes = adjusted_minutes(test_data, "quote", "SPY", date(2013, 10, 7), date(2013, 10, 11))
    for name, frame in (("trades", trades), ("quotes", quotes)):
        frame.write_csv(tmp_path / f"{name}.csv")
        bring_in(tmp_path / f"{name}.csv", SPY, "--period", "1m", calendar="XNYS")

    found = ask(
        f"{HERE}/insights.py",
        SPY,
        terms=HERE / "terms_at_the_quote.toml",
        period="1m",
        market=["bar", "quote_bar"],
    )

    cash = cash_after_fills(found, 100_000)[-1]
    at_the_last_trade = cash + held_at_the_end(found) * Decimal(trades["close"][-1])
    assert len(found["fills"]) == 199
    assert fees(found) == Decimal("199.00")
    assert cents(at_the_last_trade) == Decimal("99827.80")
    assert cents(found["final_equity"]) == Decimal("99826.85"), "at the middle of the last quote"


def test_indicator_suite_buys_once_and_ends_with_35437_00(spy_days):
    spy_days(date(2012, 12, 31), date(2014, 12, 31))

    found = ask(f"{HERE}/suite.py", SPY, terms=HERE / "terms.toml", cash=25_000)

    assert [(day_of(fill), fill["quantity"]) for fill in found["fills"]] == [("2013-01-30", "194")]
    assert cents(found["final_equity"]) == Decimal("35437.00")
    assert fees(found) == Decimal("1.00")


def test_stop_limits_differ_by_the_price_of_each_fill_and_by_nothing_else(spy_days):
    spy_days(date(2012, 12, 31), date(2016, 12, 30), "--tick", "0.00000001")

    found = ask(f"{HERE}/stop_limit.py", SPY, terms=HERE / "terms.toml")

    # LEAN fills at the worst of the bar within the limit, Barque where the market opened beyond.
    bought, sold = Decimal("147.338972"), Decimal("161.808835")
    first, second = found["fills"]
    assert [(day_of(fill), signed(fill)) for fill in (first, second)] == [
        ("2013-09-16", 100),
        ("2014-10-15", -100),
    ]
    better = 100 * (bought - Decimal(first["price"]) + Decimal(second["price"]) - sold)
    assert cents(found["final_equity"]) == Decimal("101596.09")
    assert cents(Decimal(found["final_equity"]) - better) == Decimal("101444.99")
    assert fees(found) == Decimal("2.00")


def test_dividends_in_cash_on_traded_prices_end_with_120462_08(home, tmp_path, test_data):
    days = traded_days(test_data, "SPY", date(1998, 1, 1), date(2006, 1, 1))
    for name, frame in (("days", days), ("dividends", dividends(test_data, days))):
        frame.write_csv(tmp_path / f"{name}.csv")
        bring_in(tmp_path / f"{name}.csv", SPY, calendar="XNYS")

    found = ask(f"{HERE}/half.py", SPY, terms=HERE / "terms.toml")

    assert [(day_of(fill), fill["quantity"]) for fill in found["fills"]] == [("1998-01-05", "512")]
    assert cents(found["final_equity"]) == Decimal("120462.08")
    assert fees(found) == Decimal("2.56")
    assert round(found["statistics"]["total_return"], 5) == 0.20462
    assert round(found["statistics"]["max_drawdown"], 3) == 0.282


def test_orders_on_the_close_of_this_day_and_of_the_next_end_with_99994_65(spy_minutes):
    spy_minutes("trade", 7, 8)

    found = ask(f"{HERE}/on_close.py", SPY, terms=HERE / "terms.toml", period="1m")

    assert [(time_of(fill), fill["quantity"]) for fill in found["fills"]] == [
        ("2013-10-07 20:00", "2"),
        ("2013-10-08 20:00", "2"),
    ]
    assert cents(found["final_equity"]) == Decimal("99994.65")
    assert fees(found) == Decimal("2.00")


def test_orders_end_with_their_session_with_their_date_or_never(spy_minutes, tmp_path):
    spy_minutes("trade", 7, 11)

    found = ask(f"{HERE}/lasting.py", SPY, terms=HERE / "terms.toml", period="1m")

    answer("backtest", "export", found["id"], "--orders", tmp_path / "orders.csv")
    with (tmp_path / "orders.csv").open() as file:
        orders = [(row["time_in_force"], row["state"]) for row in csv.DictReader(file)]
    assert orders == [
        ("GTC", "ACCEPTED"),
        ("GTC", "FILLED"),
        ("DAY", "EXPIRED"),
        ("DAY", "FILLED"),
        ("GTD", "EXPIRED"),
        ("GTD", "FILLED"),
    ]
    made = found["statistics"]["total_return"]
    assert round(made, 5) == 0.00070
    assert round((1 + made) ** (365 / FROM_MIDNIGHT_TO_THE_LAST_CLOSE) - 1, 5) == 0.05659
    assert fees(found) == Decimal("3.00")


def test_trailing_stops_differ_by_the_price_of_one_purchase_and_by_nothing_else(spy_minutes):
    spy_minutes("quote", 7, 11)

    found = ask(
        f"{HERE}/trailing.py", SPY, terms=HERE / "terms.toml", period="1m", market="quote_bar"
    )

    # The ask opened beyond the trigger: Barque pays the open, LEAN the close of that minute.
    bought, sold = found["fills"]
    close = Decimal("144.65203018")
    assert [(time_of(fill), signed(fill)) for fill in (bought, sold)] == [
        ("2013-10-10 13:30", 100),
        ("2013-10-10 15:09", -100),
    ]
    better = 100 * (close - Decimal(bought["price"]))
    assert cents(found["final_equity"]) == Decimal("100024.95")
    assert cents(Decimal(found["final_equity"]) - better) == Decimal("100023.22")
    assert fees(found) == Decimal("2.00")


def time_of(fill):
    return datetime.fromtimestamp(fill["ts"] // 10**9, UTC).strftime("%Y-%m-%d %H:%M")


def day_of(fill):
    return datetime.fromtimestamp(fill["ts"] // 10**9, UTC).strftime("%Y-%m-%d")
