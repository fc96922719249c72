"""The tables of a report: numbers with their definitions, months, drawdowns, trades, and facts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

import numpy as np
import polars as pl

from barque.kernels.arrays import FloatArray, IntArray
from barque.research.result import Result
from barque.research.statistics import DAY, DEFINITIONS, DailyCurve
from barque.research.statistics.definitions import GROUPS, written

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DEEPEST = 5
SHOWN_TRADES = 5
STRONGEST = 62  # percent of colour in the strongest cell: words stay readable on it


def statistics(numbers: Mapping[str, Any]) -> str:
    """Return every statistic in its group; each name leads to its definition."""
    return "".join(
        f'<section class="card"><h3>{escape(group)}</h3><dl class="facts">'
        + "".join(_statistic(name, numbers[name]) for name in names if name in numbers)
        + "</dl></section>"
        for group, names in GROUPS.items()
        if any(numbers.get(name) is not None for name in names)
    )


def tile(name: str, numbers: Mapping[str, Any], note: str = "") -> str:
    """Return one number, large."""
    definition = DEFINITIONS[name]
    value = numbers.get(name)
    mood = ""
    if name in ("total_return", "cagr", "alpha") and value is not None:
        mood = "good" if value >= 0 else "bad"
    return (
        f'<a class="tile" href="#def-{name}" title="{_tip(name)}">'
        f"<span>{escape(definition.label)}</span>"
        f'<strong class="{mood}">{escape(written(name, value))}</strong>'
        f"<small>{escape(note)}</small></a>"
    )


def definitions() -> str:
    """Return what every number means and who defined it."""
    return "".join(
        f'<dt id="def-{name}">{escape(one.label)} <code>{name}</code></dt>'
        f"<dd>{escape(one.words)}"
        + (f" <cite>{escape(one.source)}.</cite>" if one.source else "")
        + "</dd>"
        for name, one in DEFINITIONS.items()
    )


def months(curve: DailyCurve) -> str:
    """Return a table of monthly returns, coloured by their size, with each year's."""
    returns = curve.monthly_returns()
    if len(returns) < 2:
        return ""
    sizes = np.abs(list(returns.values()))
    strongest = float(np.quantile(sizes, 0.95)) or 1.0
    years = sorted({year for year, _ in returns})
    head = "".join(f'<th scope="col">{month}</th>' for month in MONTHS)
    rows = "".join(_year(year, returns, strongest) for year in years)
    return (
        '<div class="wide"><table class="months"><thead><tr><th scope="col">Year</th>'
        f'{head}<th scope="col">Year</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def drawdowns(curve: DailyCurve) -> str:
    """Return a table of the deepest falls between ends of days."""
    found = sorted(_falls(curve.days, curve.closes), key=lambda fall: fall[0])[:DEEPEST]
    rows = [
        (f"{depth:.2%}", _day(peak), _day(trough), _day(back) if back else "not yet",
         f"{(back or int(curve.days[-1])) - peak:,} days")
        for depth, peak, trough, back in found
    ]  # fmt: skip
    return table(("Depth", "Peak", "Trough", "Back", "Length"), rows, numbers=1)


def trades(result: Result) -> str:
    """Return tables of the best and the worst trades."""
    closed = result.round_trips.filter(~pl.col("open"))
    if closed.is_empty():
        return ""
    best = closed.sort("profit", descending=True).head(SHOWN_TRADES)
    worst = closed.sort("profit").head(SHOWN_TRADES)
    return (
        f"<div><h3>Best trades</h3>{_trades(best)}</div>"
        f"<div><h3>Worst trades</h3>{_trades(worst)}</div>"
    )


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """Return rows under their columns; the first `numbers` columns are aligned to the right."""
    head = "".join(
        f'<th scope="col"{" class=number" * (k < numbers)}>{escape(column)}</th>'
        for k, column in enumerate(columns)
    )
    body = "".join(
        "<tr>" + "".join(_cell(value, k < numbers) for k, value in enumerate(row)) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names and what is to be said of them."""
    return "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs)


def _statistic(name: str, value: Any) -> str:
    label = escape(DEFINITIONS[name].label)
    return (
        f'<dt><a href="#def-{name}" title="{_tip(name)}">{label}</a></dt>'
        f"<dd>{escape(written(name, value))}</dd>"
    )


def _tip(name: str) -> str:
    one = DEFINITIONS[name]
    return escape(f"{one.words} {one.source}".strip(), quote=True)


def _year(year: int, returns: Mapping[tuple[int, int], float], strongest: float) -> str:
    cells = [returns.get((year, month)) for month in range(1, 13)]
    known = [1.0 + value for value in cells if value is not None]
    whole = float(np.prod(known)) - 1.0
    drawn = "".join(_month(value, strongest) for value in cells)
    return f'<tr><th scope="row">{year}</th>{drawn}{_month(whole, 3 * strongest, "whole")}</tr>'


def _month(value: float | None, strongest: float, kind: str = "") -> str:
    if value is None:
        return f'<td class="none {kind}"></td>'
    share = round(STRONGEST * min(1.0, abs(value) / strongest))
    side = "gain" if value >= 0 else "loss"
    return f'<td class="{side} {kind}" style="--share:{share}%">{_plain_percent(value)}</td>'


def _plain_percent(value: float) -> str:
    """Return a fraction in percent; what rounds to nothing has no sign."""
    return f"{value * 100 + 0.0 if abs(value) >= 5e-4 else 0.0:.1f}"


def _falls(days: IntArray, closes: FloatArray) -> Iterator[tuple[float, int, int, int | None]]:
    """Return depth, and days of peak, trough and recovery (None while it lasts), of each fall."""
    peaks = np.maximum.accumulate(closes)
    below = closes < peaks
    starts = np.flatnonzero(below & ~np.append(False, below[:-1]))
    ends = np.flatnonzero(below & ~np.append(below[1:], False))
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        trough = start + int((closes[start : end + 1] / peaks[start]).argmin())
        back = int(days[end + 1]) if end + 1 < len(days) else None
        yield (
            float(closes[trough] / peaks[start] - 1.0),
            int(days[start - 1]),
            int(days[trough]),
            back,
        )


def _trades(frame: pl.DataFrame) -> str:
    rows = [
        (
            f"{row['profit']:,.2f}",
            "" if row["return"] is None else f"{row['return']:.2%}",
            f"{row['side'].lower()} {row['quantity']:,.6g} {row['instrument']}",
            _moment(row["entry_ts"]),
            written("avg_trade_duration", (row["exit_ts"] - row["entry_ts"]) / DAY),
        )
        for row in frame.iter_rows(named=True)
    ]
    return table(("Profit", "Return", "Position", "Begun (UTC)", "Held"), rows, numbers=2)


def _cell(value: str, number: bool) -> str:
    return f'<td class="number">{escape(value)}</td>' if number else f"<td>{escape(value)}</td>"


def _day(day: int) -> str:
    return f"{np.datetime64(day, 'D')}"


def _moment(ts: int) -> str:
    return datetime.fromtimestamp(ts // 10**9, UTC).strftime("%Y-%m-%d %H:%M")
