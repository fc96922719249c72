"""The checks of single rows: numbers that are none, prices that cannot be, quotes that cross."""

from collections.abc import Iterator

import polars as pl

from barque.data.kinds import PRICES

SIDES = ("", "bid_", "ask_")
CLOSES = ("adj_close",)
SIZES = ("volume", "tick_volume", "size", "bid_size", "ask_size")

Rule = tuple[str, str, pl.Expr]
"""A check, what it says, and an expression that is true in the rows where it is so."""


def holds(columns: list[str]) -> str:
    """Say what a file is, by its columns: bars, quote bars, quotes, trades, closes or other."""
    there = set(columns)
    if set(PRICES) <= there:
        return "bars"
    if {f"bid_{name}" for name in PRICES} <= there:
        return "quote bars"
    if {"bid", "ask"} <= there or {"bid_1", "ask_1"} <= there:
        return "quotes"
    if {"price", "size"} <= there:
        return "orders" if there & {"is_snapshot", "action"} else "trades"
    return "closes" if there & set(CLOSES) else "other"


def row_rules(columns: list[str]) -> Iterator[Rule]:
    """Return the rules that a file with these columns can break, row by row."""
    match holds(columns):
        case "bars":
            yield from _bar_rules("", columns)
        case "quote bars":
            yield from _bar_rules("bid_", columns)
            yield from _bar_rules("ask_", columns)
            for name in ("open", "close"):
                yield _crossed(f"bid_{name}", f"ask_{name}")
        case "quotes":
            bid, ask = ("bid", "ask") if "bid" in columns else ("bid_1", "ask_1")
            yield _crossed(bid, ask)
            yield from (
                ("not_positive", f"{name} is negative", pl.col(name) < 0) for name in (bid, ask)
            )
        case "trades" | "orders":
            yield from _price_rules("price")
        case "closes":
            yield from _price_rules("adj_close")
    yield from _size_rules(columns)


def _bar_rules(side: str, columns: list[str]) -> Iterator[Rule]:
    open_, high, low, close = (pl.col(f"{side}{name}") for name in PRICES)
    names = [f"{side}{name}" for name in PRICES]
    nobody = pl.all_horizontal(pl.col(names).is_null()) if side else pl.lit(False)
    for name in names:
        for check, says, wrong in _price_rules(name):
            yield check, says, wrong & ~nobody
    yield (
        "bad_ohlc",
        f"the {side}high is below the open or close",
        high < pl.max_horizontal(open_, close),
    )
    yield (
        "bad_ohlc",
        f"the {side}low is above the open or close",
        low > pl.min_horizontal(open_, close),
    )


def _price_rules(name: str) -> Iterator[Rule]:
    column = pl.col(name)
    yield "not_a_number", f"{name} is no finite number", ~column.is_finite().fill_null(False)
    yield "not_positive", f"{name} is zero or negative", column <= 0


def _size_rules(columns: list[str]) -> Iterator[Rule]:
    for name in SIZES:
        if name in columns:
            yield "negative_volume", f"{name} is negative", pl.col(name) < 0
    if "volume" in columns:
        yield "zero_volume", "nothing was traded", pl.col("volume") == 0


def _crossed(bid: str, ask: str) -> Rule:
    both = (pl.col(bid) > 0) & (pl.col(ask) > 0)
    return "crossed", f"{bid} is above {ask}", both & (pl.col(bid) > pl.col(ask))
