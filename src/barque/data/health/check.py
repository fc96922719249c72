"""Look through a whole file and say what is wrong with it; nothing stops at the first fault."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from barque.data.health import clock
from barque.data.health.findings import MOST_PLACES, Finding, Health, Place
from barque.data.health.moves import move_rules, time_rules
from barque.data.health.rows import CLOSES, SIDES, SIZES, Rule, holds, row_rules
from barque.data.importing.tables import TIME_NAMES, read_table
from barque.data.kinds import PRICES
from barque.data.sessions import period_length

ROW = "#"
IN_BARS = ("bars", "quote bars", "closes")
_NUMBERS = {f"{side}{name}" for side in SIDES for name in PRICES} | {
    *CLOSES, *SIZES, "price", "bid", "ask", "bid_1", "ask_1", "split"
}  # fmt: skip


def check_file(
    path: Path, *, now: int, calendar: str | None = None, period: str | None = None
) -> Health:
    """Return what is wrong, missing or strange in a .csv, .parquet or .feather file.

    `now` is in nanoseconds UTC. Without `calendar` and `period` they are guessed, as `data.health`
    says. CorruptData only if it cannot be read, or a row has no time.
    """
    frame = _frame(path)
    kind = holds(frame.columns)
    in_bars = kind in IN_BARS
    step = period_length(period) if period else clock.guessed_step(frame) if in_bars else 0
    ts = frame["ts"].to_numpy()
    calendar = calendar or (clock.guessed_calendar(ts) if in_bars else clock.UNKNOWN)
    found = [*_by_rules(frame, kind, now)]
    if in_bars and step:
        found += _by_clock(frame, calendar, step)
    return Health(
        file=path.name,
        holds=kind,
        rows=frame.height,
        symbols=frame["symbol"].n_unique(),
        start=int(ts.min()),
        end=int(ts.max()),
        period=clock.period_name(step),
        calendar=calendar,
        findings=tuple(found),
    )


def _frame(path: Path) -> pl.DataFrame:
    table = read_table(path)
    ts = pl.Series("ts", table.times())
    named = table.frame.rename(lambda name: name.strip().lower())
    named = named.drop([name for name in TIME_NAMES if name in named.columns][:1])
    numbers = [name for name in named.columns if name in _NUMBERS]
    symbol = pl.col("symbol").cast(pl.String) if "symbol" in named.columns else pl.lit("")
    return named.with_columns(
        ts,
        pl.Series(ROW, table.rows),
        symbol.fill_null("").alias("symbol"),
        *(pl.col(name).cast(pl.Float64, strict=False) for name in numbers),
    )


def _by_rules(frame: pl.DataFrame, kind: str, now: int) -> Iterator[Finding]:
    for rule in _rules(frame.columns, kind, now):
        check, says, wrong = rule
        rows = frame.filter(wrong.fill_null(False)).select(ROW, "ts", "symbol")
        for (symbol,), some in rows.group_by("symbol", maintain_order=True):
            yield _finding(check, str(symbol), says, some.height, some)


def _rules(columns: list[str], kind: str, now: int) -> Iterator[Rule]:
    yield from row_rules(columns)
    if kind == "other":  # no market data: dates in it may lie ahead, and come twice
        return
    yield from time_rules(may_tie=kind not in IN_BARS, now=now)
    if kind in ("bars", "closes"):
        yield from move_rules(columns, "close" if kind == "bars" else "adj_close")


def _by_clock(frame: pl.DataFrame, calendar: str, step: int) -> Iterator[Finding]:
    for (symbol,), some in frame.group_by("symbol", maintain_order=True):
        name, ts = str(symbol), some["ts"].to_numpy()
        closed = some.filter(pl.Series(clock.without_session(ts, calendar, step)))
        if closed.height:
            says = f"{calendar} has no session that day"
            yield _finding("no_session", name, says, closed.height, closed)
        hours = clock.better_offset(ts, calendar, step)
        if hours:
            says = f"times fit the sessions of {calendar} if they are {hours:+g} h off"
            yield _finding("time_zone", name, says, some.height, some)
        elif calendar:
            yield from _by_gaps(some, name, calendar, step)


def _by_gaps(some: pl.DataFrame, name: str, calendar: str, step: int) -> Iterator[Finding]:
    found, expected = clock.gaps(np.sort(some["ts"].to_numpy()), calendar, step)
    missing = sum(gap.missing for gap in found)
    if not found:
        return
    before = some.filter(pl.col("ts").is_in([gap.after for gap in found]))
    if len(found) > clock.SPARSE * expected or missing > expected / 2:
        says = f"only {1 - missing / expected:.1%} of the periods of {calendar} have a bar"
        yield _finding("sparse", name, says, missing, before)
    else:
        longest = max(gap.missing for gap in found)
        says = f"{missing:,} bars are missing, {longest:,} at most in one gap"
        yield _finding("gap", name, says, len(found), before)


def _finding(check: str, symbol: str, says: str, count: int, rows: pl.DataFrame) -> Finding:
    first = rows.head(MOST_PLACES).select(ROW, "ts").iter_rows()
    return Finding(check, symbol, count, says, tuple(Place(row, ts) for row, ts in first))
