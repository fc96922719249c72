"""The page itself: what stands where."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from importlib.resources import files
from typing import Any

from barque.research.market import Market, Past
from barque.research.report import figures, tables
from barque.research.report.drawing import Figure, html
from barque.research.report.trades import candles
from barque.research.result import Result
from barque.research.statistics import Benchmark
from barque.research.statistics.definitions import written

LARGEST_REFUSALS = 12


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that comes from elsewhere: a title and finished HTML."""

    title: str
    html: str


def report(
    found: Mapping[str, Any],
    result: Result,
    past: Past | None,
    market: Market | None,
    benchmark: Benchmark | None,
    sections: tuple[Section, ...] = (),
) -> str:
    """Return a backtest as one HTML page without any reference to another file or the network.

    `found` is `Result.summary` with the run's `id` and `trials`. Without `past` and `market` the
    pictures that need prices are left out, and the page says so.
    """
    title = f"{result.strategy}, run {found['id']}" if "id" in found else result.strategy
    body = "".join(_parts(found, result, past, market, benchmark, sections))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(title)}</title>'
        f"<style>{_asset('page.css')}</style></head><body>{body}"
        f"<script>{_asset('page.js')}</script></body></html>\n"
    )


def _parts(
    found: Mapping[str, Any],
    result: Result,
    past: Past | None,
    market: Market | None,
    benchmark: Benchmark | None,
    sections: tuple[Section, ...],
) -> Iterator[str]:
    numbers = found["statistics"]
    yield _header(found, result)
    yield "<main>"
    yield _warnings(found, result, market)
    yield _tiles(numbers, found)
    if len(result.curve) > 1:
        yield _figures(*figures.equity(result, benchmark), figures.underwater(result, benchmark))
        yield from _by_days(result, benchmark)
        if market is not None:
            yield _pair(figures.exposure(result, market), figures.costs(result))
        else:
            yield _pair(figures.costs(result))
    yield from _trading(result, past, market)
    for section in sections:
        yield _titled(section.title, section.html)
    yield _titled("All statistics", f'<div class="cards">{tables.statistics(numbers)}</div>')
    yield _basis(found)
    yield (
        '<section id="definitions"><details><summary><h2>What the numbers mean</h2></summary>'
        f'<dl class="definitions">{tables.definitions()}</dl></details></section></main>'
    )


def _header(found: Mapping[str, Any], result: Result) -> str:
    names = ", ".join(found["instruments"][:5])
    more = len(found["instruments"]) - 5
    parts = [
        names + (f" and {more} more" if more > 0 else ""),
        f"{_day(found['start'])} to {_day(found['end'])}",
        ", ".join(f"{name} {value}" for name, value in result.parameters.items()),
    ]
    run = f"Run {found['id']}" if "id" in found else "Backtest"
    return (
        f'<header><p class="kicker">{run}</p><h1>{escape(result.strategy)}</h1>'
        f"<p>{escape(' · '.join(part for part in parts if part))}</p></header>"
    )


def _warnings(found: Mapping[str, Any], result: Result, market: Market | None) -> str:
    said = []
    if (trials := found.get("trials", 1)) > 1:
        said.append(
            f"This is one of {trials} trials on these data: the best of many looks better than it "
            "is. Only a deflated Sharpe ratio takes that into account."
        )
    if result.daily is not None and result.daily.is_ruined:
        said.append("The account was worth nothing at some time: statistics of returns end there.")
    said.extend(f"Trading stopped: {reason}." for reason in found.get("halts", ()))
    refused = {asked: sum(why.values()) for asked, why in result.refused_by_reason.items() if why}
    if refused:
        counts = ", ".join(f"{asked} {count:,}" for asked, count in refused.items())
        said.append(f"Refused: {counts}. The table below says why.")
    if market is None and len(result.curve):
        said.append("The data of this run are not at hand: pictures of prices are left out.")
    return "".join(f'<p class="warning">{escape(words)}</p>' for words in said)


def _tiles(numbers: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    chance = numbers.get("probabilistic_sharpe")
    theirs = numbers.get("benchmark_return")
    notes = {
        "total_return": "" if theirs is None else f"{numbers['benchmark']}: {theirs:.2%}",
        "sharpe": "" if chance is None else f"{chance:.1%} chance it is above 0",
        "trades": f"{numbers['fills']:,} fills",
        "max_drawdown": "longest "
        + written("max_drawdown_duration", numbers["max_drawdown_duration"]),
    }
    shown = (
        "total_return", "cagr", "sharpe", "max_drawdown", "annual_volatility", "trades",
        "win_rate", "profit_factor",
    )  # fmt: skip
    tiles = "".join(tables.tile(name, numbers, notes.get(name, "")) for name in shown)
    return f'<section class="tiles" aria-label="Summary">{tiles}</section>'


def _by_days(result: Result, benchmark: Benchmark | None) -> Iterator[str]:
    curve = result.daily
    if curve is None or curve.is_ruined:
        return
    if grid := tables.months(curve):
        yield _titled("Monthly returns, percent", grid)
    yield _pair(
        figures.rolling_sharpe(result, curve, benchmark), figures.returns_histogram(result, curve)
    )
    yield _titled("Deepest drawdowns", tables.drawdowns(curve))


def _trading(result: Result, past: Past | None, market: Market | None) -> Iterator[str]:
    drawn = []
    if past is not None and market is not None:
        drawn = list(candles(result, market, past))
    if drawn:
        yield _titled("Trades on candles", "".join(map(html, drawn)))
    if (profits := figures.trade_profits(result)) is not None:
        yield _figures(profits)
        yield f'<section class="pair">{tables.trades(result)}</section>'
    if rows := sorted(_refusals(result), reverse=True)[:LARGEST_REFUSALS]:
        told = [(f"{count:,}", asked, reason) for count, asked, reason in rows]
        yield _titled("Refused", tables.table(("Times", "What", "Why"), told, numbers=1))


def _refusals(result: Result) -> Iterator[tuple[int, str, str]]:
    for asked, reasons in result.refused_by_reason.items():
        for reason, count in reasons.items():
            yield count, asked, reason


def _basis(found: Mapping[str, Any]) -> str:
    assumed = "".join(f"<li>{escape(words)}</li>" for words in found["assumptions"])
    facts = (
        ("Cash at the start", _cash(found)),
        ("Equity at the end", _money(found["final_equity"], found)),
        ("Events", f"{found['events']:,}"),
        ("Data (SHA-256)", found["data_hash"]),
        ("Barque", found["code_version"]),
        ("Seed", "no chance in this run" if found.get("seed") is None else str(found["seed"])),
        ("Time it took", f"{found['wall_seconds']:.2f} s"),
    )
    return (
        '<section class="pair"><div><h2>Assumed</h2><ul>'
        f'{assumed}</ul></div><div><h2>Run</h2><dl class="facts run">{tables.facts(facts)}</dl>'
        "</div></section>"
    )


def _titled(title: str, inner: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{inner}</section>"


def _figures(*drawn: Figure) -> str:
    return f"<section>{''.join(map(html, drawn))}</section>"


def _pair(*drawn: Figure | None) -> str:
    there = [html(one) for one in drawn if one is not None]
    kind = "pair" if len(there) > 1 else ""
    return f'<section class="{kind}">{"".join(there)}</section>' if there else ""


def _cash(found: Mapping[str, Any]) -> str:
    began = found["terms"]["cash"]
    amounts = began if isinstance(began, Mapping) else {found["currency"]: began}
    return ", ".join(f"{Decimal(amount):,f} {name}" for name, amount in amounts.items())


def _money(amount: str, found: Mapping[str, Any]) -> str:
    return f"{Decimal(amount):,f} {found['currency']}"


def _day(ts: int | None) -> str:
    return "" if ts is None else f"{datetime.fromtimestamp(ts // 10**9, UTC):%Y-%m-%d}"


def _asset(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
