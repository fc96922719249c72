"""zipline's TestDividendPerformance: who is paid a cash dividend, and who pays it.

zipline pays on the pay date; Barque pays on the ex-date, so its cash has the amount that many days
earlier. Nothing else differs.
"""

from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from tests.cli.keyboard import answer
from tests.published.markets import ask, bar_file, bring_in, flat

HERE = Path(__file__).parent
SESSIONS = [datetime(2006, 1, day) for day in (3, 4, 5, 6, 9, 10)]


class Published(NamedTuple):
    """The cash flow of each day, without the dividend, and that on its days."""

    traded: tuple[int, ...]
    dividend: int
    ex: int
    pay: int

    def cash(self, paid_on):
        """Return the cash after each day if the dividend is paid on that one."""
        flows = list(self.traded)
        flows[paid_on] += self.dividend
        return [10_000.0 + flow for flow in accumulate(flows)]


CASES = {
    "long": Published((-1000, 0, 0, 0, 0, 0), 1000, ex=1, pay=2),
    "bought on the ex-date": Published((0, -1000, 0, 0, 0, 0), 0, ex=1, pay=2),
    "sold before it was paid": Published((-1000, 0, 1000, 0, 0, 0), 1000, ex=1, pay=3),
    "sold before the ex-date": Published((0, -1000, 1000, 0, 0, 0), 0, ex=4, pay=5),
    "short": Published((0, 1000, 0, 0, 0, 0), -1000, ex=2, pay=3),
}

PUBLISHED_CASH = {
    "long": [9000, 9000, 10000, 10000, 10000, 10000],
    "bought on the ex-date": [10000, 9000, 9000, 9000, 9000, 9000],
    "sold before it was paid": [9000, 9000, 10000, 11000, 11000, 11000],
    "sold before the ex-date": [10000, 9000, 10000, 10000, 10000, 10000],
    "short": [10000, 11000, 11000, 10000, 10000, 10000],
}


@pytest.mark.parametrize("name", CASES)
def test_cash_of_every_day_is_the_published_one_but_for_the_day_of_payment(home, tmp_path, name):
    case = CASES[name]
    dividend = [10.0 if day == case.ex else 0.0 for day in range(6)]
    file = bar_file(tmp_path / "bars.csv", SESSIONS, flat(*[10] * 6), dividend=dividend)
    bring_in(file, "ONE.TEST", calendar="XNYS")

    found = ask(
        f"{HERE}/dated_orders.py",
        "ONE.TEST",
        terms=HERE / "terms.toml",
        set=f"case={list(CASES).index(name)}",
    )

    assert case.cash(paid_on=case.pay) == PUBLISHED_CASH[name], "the table above is as published"
    assert cash_by_day(found, tmp_path) == case.cash(paid_on=case.ex)
    assert found["statistics"]["dividends"] == case.dividend


def cash_by_day(found, folder):
    """Return the cash at the end of each day; an ex-date has a point of its own at its open."""
    file = folder / "equity.csv"
    answer("backtest", "export", found["id"], "--equity", file)
    day = pl.col("ts").str.slice(0, len("2006-01-03")).alias("day")
    points = pl.read_csv(file).sort("ts").group_by(day, maintain_order=True)
    return points.last()["cash"].to_list()
