"""PyAlgoTrade's broker tests: market, limit, stop and stop-limit orders, gaps and short sales."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.published.markets import ask, bar_file, bring_in, cash_after_fills, days
from tests.published.pyalgotrade.broker_cases import CASES, DIFFERENT

HERE = Path(__file__).parent


@pytest.mark.parametrize("name", CASES)
def test_prices_and_cash_after_every_fill_are_the_published_ones(home, tmp_path, name):
    case = CASES[name]

    found = asked(case, list(CASES).index(name), tmp_path)

    assert [Decimal(fill["price"]) for fill in found["fills"]] == list(case.prices)
    assert cash_after_fills(found, case.cash) == list(case.after)


def test_a_limit_that_the_bar_may_have_passed_before_its_stop_waits_for_another_bar(home, tmp_path):
    found = asked(DIFFERENT, len(CASES), tmp_path)

    assert DIFFERENT.prices == (10,), "PyAlgoTrade fills it in the same bar"
    assert found["fills"] == []
    assert found["refused"] == 0


def asked(case, number, folder):
    bars = [case.steps[0][0], *(bar for bar, _ in case.steps)]
    bring_in(bar_file(folder / "bars.csv", days("2011-01-01", len(bars)), bars), "ONE.TEST")
    return ask(
        f"{HERE}/given_orders.py",
        "ONE.TEST",
        terms=HERE / case.terms,
        cash=case.cash,
        set=f"case={number}",
    )
