"""LEAN's prices: as they were traded, or times the factors of its factor file."""

from datetime import time

import polars as pl

PRICES = ("open", "high", "low", "close")


def adjusted_days(data, symbol, first, last):
    """Return the daily bars from `first` to `last`, both included, as LEAN showed them.

    A row of the factor file holds up to and including its date. The factors are those of the file:
    they count the dividends that came after the last bar as well.
    """
    factors = factors_of(data, symbol)
    joined = traded_days(data, symbol, first, last).join_asof(
        factors, on="timestamp", strategy="forward"
    )
    return joined.with_columns(pl.col(*PRICES) * pl.col("factor")).drop("factor")


def traded_days(data, symbol, first, last):
    """Return the daily bars from `first` to `last`, both included, as they were traded."""
    days = pl.read_parquet(data / "equity_daily_raw" / "us_equity_daily_raw.parquet")
    days = days.filter(pl.col("symbol") == symbol)
    return days.filter(pl.col("timestamp").dt.date().is_between(first, last)).sort("timestamp")


def dividends(data, days):
    """Return the dividends of the days' symbol in cents, as LEAN pays them: on the day after."""
    rows = factor_rows(data, days["symbol"][0])
    now, next_ = pl.col("price_factor"), pl.col("price_factor").shift(-1)
    cash = (pl.col("reference_price") * (1 - now / next_)).round(2)
    paid = rows.select("timestamp", cash.alias("dividend")).filter(pl.col("dividend") > 0)
    after = days.select("timestamp", pl.col("timestamp").alias("date"))
    joined = paid.join_asof(after, on="timestamp", strategy="forward", allow_exact_matches=False)
    return joined.drop_nulls("date").select("date", "dividend")


def factors_of(data, symbol):
    """Return what a price is multiplied by, up to and including each `timestamp`."""
    factor = pl.col("price_factor") * pl.col("split_factor")
    return factor_rows(data, symbol).select("timestamp", factor.alias("factor"))


def factor_rows(data, symbol):
    rows = pl.read_parquet(data / "equity_daily_raw" / "factor_file.parquet")
    return rows.filter(pl.col("symbol") == symbol).sort("timestamp")


def adjusted_minutes(data, kind, symbol, first, last):
    """Return the minute bars, of kind "trade" or "quote", of New York's sessions in summer."""
    minutes = pl.read_parquet(data / "equity_intraday" / f"us_equity_minute_{kind}.parquet")
    stamp = pl.col("timestamp")
    minutes = minutes.filter(
        pl.col("symbol") == symbol,
        stamp.dt.date().is_between(first, last),
        stamp.dt.time().is_between(time(13, 30), time(20), closed="left"),
    )
    factors = factors_of(data, symbol).with_columns(pl.col("timestamp").dt.date().alias("day"))
    minutes = minutes.with_columns(stamp.dt.date().alias("day"))
    joined = minutes.join_asof(factors.select("day", "factor"), on="day", strategy="forward")
    prices = [name for name in joined.columns if name.endswith(PRICES)]
    return joined.with_columns(pl.col(prices) * pl.col("factor")).drop("day", "factor", "symbol")
