"""vectorbt's test_free_cash: percentage fees, a fixed fee, slippage, short sales and flips."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.published.markets import ask, bar_file, bring_in, cash_after_fills, days, flat
from tests.published.vectorbt.given_orders import ORDERS

HERE = Path(__file__).parent
RISING, FALLING = (1, 2, 3, 4, 5), (5, 4, 3, 2, 1)

# Each column's "free cash" and "debt" after each of its five orders, as published.
PUBLISHED = {
    ("UP.TEST", 0): (
        "93.8995 82.6985 96.4 115.002 89.0045", "0 0 0 0 24.75"
    ),
    ("UP.TEST", 1): (
        "94.0005 83.0015 81.55 74.998 48.4955", "4.95 14.85 7.425 0 0"
    ),
    ("UP.TEST", 2): (
        "93.8995 92.7015 80.8985 79.5025 67.0975", "0 9.9 0 19.8 0"
    ),
    ("DOWN.TEST", 0): (
        "73.4975 52.0955 65.797 74.598 68.5985", "0 0 0 0 4.95"
    ),
    ("DOWN.TEST", 1): (
        "74.0025 53.0045 81.253 114.602 108.5015", "24.75 44.55 22.275 0 0"
    ),
    ("DOWN.TEST", 2): (
        "73.4975 72.1015 80.0985 78.9005 87.4995", "0 19.8 0 9.9 0"
    ),
}  # fmt: skip


def published_cash(free, debt):
    """Return the cash that vectorbt's two figures stand for: it counts a debt twice."""
    pairs = zip(free.split(), debt.split(), strict=True)
    return [Decimal(one) + 2 * Decimal(owed) for one, owed in pairs]


@pytest.fixture
def market(home, tmp_path):
    for name, prices in (("UP.TEST", RISING), ("DOWN.TEST", FALLING)):
        bring_in(bar_file(tmp_path / "bars.csv", days("2020-01-01", 5), flat(*prices)), name)


@pytest.mark.parametrize(("instrument", "column"), PUBLISHED)
def test_cash_after_every_order_is_the_published_one(market, instrument, column):
    found = ask(
        f"{HERE}/given_orders.py", instrument, terms=HERE / "terms.toml", set=f"column={column}"
    )

    cash = cash_after_fills(found, 100)
    assert cash == published_cash(*PUBLISHED[instrument, column])
    last = RISING[-1] if instrument == "UP.TEST" else FALLING[-1]
    assert Decimal(found["final_equity"]) == cash[-1] + last * sum(ORDERS[column])
