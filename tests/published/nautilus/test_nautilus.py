"""NautilusTrader's EMA cross on GBP/USD: bid and ask, percentage fee, shorts, P&L in dollars."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from tests.cli.keyboard import answer
from tests.published.markets import ask, signed

HERE = Path(__file__).parent
POUND = "GBPUSD.FX"
LAST = 1_330_560_000_000_000_000  # 2012-03-01 00:00: the end of the data

QUANTITY = 1_000_000
FIRST_BALANCES = [Decimal(text) for text in ("999980.00", "999820.37", "999800.37", "999361.64")]
PUBLISHED_BALANCE = Decimal("961069.95")
NIGHTLY_CHARGE = Decimal("992.56")
"""What nights cost in all: the difference of two published balances of one run."""


def test_every_order_is_filled_as_published_and_the_balance_is_that_before_the_nights(
    home, test_data
):
    file = test_data / "forex" / "gbpusd_minute_bidask_2012.parquet"
    kind = ("--kind", "fx", "--period", "1m", "--stamp", "close")
    answer("data", "import", file, "--instrument", POUND, *kind)

    found = ask(
        f"{HERE}/ema_cross.py",
        POUND,
        terms=HERE / "terms.toml",
        period="1m",
        market="quote_bar",
        timer="5m",
        set=f"close_at={LAST}",
    )

    fills = found["fills"]
    prices = [Decimal(fill["price"]) for fill in fills]
    assert len(fills) == 570
    assert [Decimal(fill["fee"]) for fill in fills] == [fee(price) for price in prices]
    assert [Decimal(fill["realized"]) for fill in fills] == earned(fills, prices)
    assert balances(fills, prices)[:4] == FIRST_BALANCES
    assert balances(fills, prices)[-1] - NIGHTLY_CHARGE == PUBLISHED_BALANCE


def fee(price):
    return cents_up(price * QUANTITY * Decimal("0.00002"))


def earned(fills, prices):
    """Return the dollars that each fill realized: those of the position that it closed."""
    held, entry, found = 0, Decimal(0), []
    for fill, price in zip(fills, prices, strict=True):
        found.append((price - entry) * held)
        held += int(signed(fill))
        entry = price
    return found


def balances(fills, prices):
    """Return the pounds after each fill: every amount at its fill's price, rounded to pence."""
    pounds, found = Decimal(1_000_000), []
    for price, profit in zip(prices, earned(fills, prices), strict=True):
        pounds += cents_up(cents_up(profit) / price) - cents_up(fee(price) / price)
        found.append(pounds)
    return found


def cents_up(amount):
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
