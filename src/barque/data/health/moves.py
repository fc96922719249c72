"""The checks of one row against those around it: order, doubles, outliers, splits not adjusted.

- An outlier is a price at least twice as high or low as before that goes back by three quarters of
  the way with the next row.
- An unadjusted split is an open whose ratio to the close before lies within 2 % of a common split
  (3:2, 2:1, 3:1 ... 20:1, and their inverses), at least 15 times what the price moves in half of
  all rows. The market then trades on at the new price: neither that bar nor the next one leaves it
  by more than 15 %. And nobody is alarmed: the bar's volume is below 2.5 times the ratio times the
  median of the 20 bars before; in a file without volumes a ratio of 3:2 is none. A split that the
  file states is none.
"""

from collections.abc import Iterator

import polars as pl

from barque.data.health.rows import Rule

FOLD = 0.69
"""Logarithm of a doubling, nearly."""

RATIOS = (1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0)
NEAR_RATIO = 0.02
NEAR_PRICE = 0.15
UNUSUAL = 15
ALARMED = 2.5
RECENT = 20

BY_SYMBOL = "symbol"


def time_rules(may_tie: bool, now: int) -> Iterator[Rule]:
    """Return the rules about the times of a symbol's rows, in the file's order."""
    step = pl.col("ts").diff().over(BY_SYMBOL)
    yield "unsorted", "the time is before that of the row above", step < 0
    if not may_tie:
        # By hash of the pair: a double may be anywhere, not only in the next row.
        double = (
            pl.struct(BY_SYMBOL, "ts").is_duplicated()
            & ~pl.struct(BY_SYMBOL, "ts").is_first_distinct()
        )
        yield "duplicate", "the time occurs again", double
    yield "future", "the time has not come yet", pl.col("ts") > now


def move_rules(columns: list[str], price: str) -> Iterator[Rule]:
    """Return the rules about prices from row to row; `price` is the column of closes."""
    there = _log(price) - _log(price).shift(1).over(BY_SYMBOL)
    back = there.shift(-1).over(BY_SYMBOL)
    is_spike = (there.abs() > FOLD) & ((there + back).abs() < 0.25 * there.abs())
    yield "outlier", f"{price} leaves and comes back with the next row", is_spike
    if "open" in columns and price == "close":
        yield "unadjusted_split", "the price goes on at a fraction of what it was", _split(columns)


def _split(columns: list[str]) -> pl.Expr:
    jump = _log("open") - _log("close").shift(1).over(BY_SYMBOL)
    ratio = jump.abs().exp()
    common = RATIOS if "volume" in columns else RATIOS[1:]
    near = pl.any_horizontal([(ratio / one - 1).abs() < NEAR_RATIO for one in common])
    move = _log("close") - _log("close").shift(1).over(BY_SYMBOL)
    unusual = jump.abs() > UNUSUAL * move.abs().median().over(BY_SYMBOL)
    after = _log("close").shift(-1).over(BY_SYMBOL) - _log("open")
    calm = (_log("close") - _log("open")).abs() < NEAR_PRICE
    calm_after = after.abs().fill_null(0) < NEAR_PRICE
    told = (pl.col("split") != 1) if "split" in columns else pl.lit(False)
    return near & unusual & calm & calm_after & ~told & _unalarmed(columns, ratio)


def _unalarmed(columns: list[str], ratio: pl.Expr) -> pl.Expr:
    if "volume" not in columns:
        return pl.lit(True)
    usual = pl.col("volume").rolling_median(RECENT, min_samples=1).shift(1).over(BY_SYMBOL)
    return pl.col("volume") < ALARMED * ratio * usual


def _log(name: str) -> pl.Expr:
    column = pl.col(name)
    return pl.when(column > 0).then(column).log()
