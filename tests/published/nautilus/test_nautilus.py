"""NautilusTrader's EMA cross on GBP/USD: bid and ask, percentage fee, shorts, P&L in dollars."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import polars as pl
import pytest

from tests.cli.keyboard import answer
from tests.published.markets import PRICES, ask, signed

HERE = Path(__file__).parent
POUND = "GBPUSD.FX"
LAST = 1_330_560_000_000_000_000  # 2012-03-01 00:00: the end of the data

QUANTITY = 1_000_000
FIRST_BALANCES = [Decimal(text) for text in ("999980.00", "999820.37", "999800.37", "999361.64")]
PUBLISHED_BALANCE = Decimal("961069.95")
NIGHTLY_CHARGE = Decimal("992.56")
"""What nights cost in all: the difference of two published balances of one run."""


@pytest.fixture
def crossed(home, tmp_path, test_data):
    """Import the quotes; return the closes, bid and ask, where these had to change places.

    Barque takes no quote whose bid is above its ask; 347 minutes of this file close with one. The
    middle, which decides, stays the same.
    """
    quotes = pl.read_parquet(test_data / "forex" / "gbpusd_minute_bidask_2012.parquet")
    sides = [
        reach(f"bid_{name}", f"ask_{name}").alias(f"{side}_{name}")
        for name in PRICES
        for side, reach in (("bid", pl.min_horizontal), ("ask", pl.max_horizontal))
    ]
    file = tmp_path / "quotes.csv"
    quotes.with_columns(sides).drop("symbol").write_csv(file)
    kind = ("--kind", "fx", "--period", "1m", "--stamp", "close")
    answer("data", "import", file, "--instrument", POUND, *kind)
    changed = quotes.filter(pl.col("bid_close") > pl.col("ask_close"))
    rows = zip(
        changed["timestamp"].dt.epoch("ns"),
        changed["bid_close"],
        changed["ask_close"],
        strict=True,
    )
    return {ts: sides for ts, *sides in rows}


def test_every_order_is_filled_as_published_and_the_balance_is_that_before_the_nights(crossed):
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
    as_quoted = [price_as_quoted(fill, crossed) for fill in fills]
    assert sum(one != other for one, other in zip(prices, as_quoted, strict=True)) == 4
    assert balances(fills, as_quoted)[-1] - NIGHTLY_CHARGE == PUBLISHED_BALANCE
    assert balances(fills, prices)[-1] == Decimal("962037.27")


def price_as_quoted(fill, crossed):
    """Return what NautilusTrader paid: the file's own side, even where it crosses the other."""
    if fill["ts"] not in crossed:
        return Decimal(fill["price"])
    bid, ask = crossed[fill["ts"]]
    return Decimal(str(ask if fill["side"] == "BUY" else bid))


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
