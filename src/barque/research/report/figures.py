"""What each picture of a report shows."""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from barque.domain.instruments import cash_digits
from barque.kernels import layout as at
from barque.kernels import round_trips as trip
from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.thinning import thin
from barque.research.market import Market
from barque.research.report.drawing import (
    Figure,
    Line,
    bar_figure,
    line_figure,
)
from barque.research.report.scales import Scale, scale_of
from barque.research.result import Result
from barque.research.statistics import Benchmark, DailyCurve
from barque.research.statistics.definitions import Form
from barque.research.statistics.ratios import deviation

POINTS = 1200
FLAT = 4.0
"""How many times further than the account a benchmark may go before its line looks flat."""

BINS = 40
STRETCHES = 200
"""In how many parts the time of a run is shown where means are drawn."""
MOST_BARS = 200
SHORTEST_WINDOW, LONGEST_WINDOW = 20, 126


def equity(result: Result, benchmark: Benchmark | None) -> Iterator[Figure]:
    """What the account was worth, beside what the benchmark would have become.

    Beside a benchmark that moves much more, the account's line is flat: a second picture then
    shows it alone with the benchmark held in a part that moves as much.
    """
    ts, worth = _curve(result)
    kept = thin(worth, POINTS)
    own, start = Line(name=result.strategy, kind="own", values=worth[kept]), float(result.cash)
    words = f"In {result.currency}, at the end of every slice of time."
    if benchmark is None:
        yield _equity("Equity", words, ts[kept], [own])
        return
    other = Line(name=benchmark.name, kind="other", values=benchmark.at(ts[kept]) * start)
    yield _equity("Equity", words, ts[kept], [own, other])
    calm = _as_calm(benchmark, result.daily)
    if calm is not None and _reach(own.values) * FLAT < _reach(other.values):
        values = calm.at(ts[kept]) * start
        words = f"Of {benchmark.name}, the part whose daily returns vary as much as the account's."
        lines = [own, Line(name=calm.name, kind="other", values=values)]
        yield _equity("Equity at equal risk", words, ts[kept], lines)


def underwater(result: Result, benchmark: Benchmark | None) -> Figure:
    """How far equity was below its highest so far."""
    ts, worth = _curve(result)
    fall = _below_peak(worth, float(result.cash))
    kept = thin(fall, POINTS)
    lines = [Line(name=result.strategy, kind="down", values=fall[kept], area=True)]
    if benchmark is not None:
        other = _below_peak(benchmark.at(ts), 1.0)[kept]
        lines.append(Line(name=benchmark.name, kind="other", values=other))
    scale = scale_of(*(line.values for line in lines), zero=True)
    return line_figure(
        "Drawdown", "How far equity was below its highest so far.", ts[kept], lines, scale,
        Form.PERCENT, height=170,
    )  # fmt: skip


def rolling_sharpe(result: Result, curve: DailyCurve, benchmark: Benchmark | None) -> Figure | None:
    """The Sharpe ratio of the days before, as it went; None where there are too few days."""
    window = min(LONGEST_WINDOW, len(curve.returns) // 3)
    per_year = result.statistics.periods_per_year
    if window < SHORTEST_WINDOW or per_year is None:
        return None
    risk_free = result.conventions.risk_free(per_year)
    ts = curve.day_ends[window:]
    lines = [_rolling(result.strategy, "own", curve.returns - risk_free, window, per_year)]
    if benchmark is not None:
        growth = benchmark.at(curve.day_ends)
        excess = growth[1:] / growth[:-1] - 1.0 - risk_free
        lines.append(_rolling(benchmark.name, "other", excess, window, per_year))
    kept = thin(np.nan_to_num(lines[0].values), POINTS)
    thinned = [Line(name=one.name, kind=one.kind, values=one.values[kept]) for one in lines]
    scale = scale_of(*(line.values for line in thinned), zero=True)
    words = f"Of the {window} daily returns before, a year; see Sharpe ratio below."
    return line_figure("Rolling Sharpe ratio", words, ts[kept], thinned, scale, Form.RATIO)


def returns_histogram(result: Result, curve: DailyCurve) -> Figure | None:
    """How often daily returns were how large; None where there are too few."""
    if len(curve.returns) < SHORTEST_WINDOW:
        return None
    words = "How many days earned how much. Beyond the ends, all in the last bar."
    if (risk := result.statistics.value_at_risk) is not None:
        words += f" One day in twenty lost more than {risk:.2%}."
    return _histogram("Daily returns", words, curve.returns, "days")


def exposure(result: Result, market: Market) -> Figure:
    """What was held, as a part of equity: all together, and long less short."""
    ends = market.prices.ends
    ends = np.append(ends[:-1], min(int(ends[-1]), int(result.curve[-1, at.CURVE_TS])))
    gross, net = _held_value(result, market, ends)
    ts, worth = _curve(result)
    equity = worth[np.maximum(np.searchsorted(ts, ends, side="right") - 1, 0)]
    parts = [np.divide(value, equity, out=np.full_like(equity, np.nan), where=equity > 0)
             for value in (gross, net)]  # fmt: skip
    starts = np.arange(0, len(ends), -(-len(ends) // STRETCHES))
    gross_part, net_part = (_means(np.nan_to_num(part), starts) for part in parts)
    lines = [
        Line(name="net", kind="own", values=net_part, area=True),
        Line(name="gross", kind="other", values=gross_part),
    ]
    scale = scale_of(gross_part, net_part, zero=True)
    words = "Value of all positions over equity (gross), and of long less short ones (net): means."
    return line_figure("Exposure", words, ends[starts], lines, scale, Form.PERCENT, height=170)


def costs(result: Result) -> Figure | None:
    """What was paid for trading, added up; None of a run that paid and received nothing."""
    sums = [
        (name, kind, series)
        for name, kind, series in _cash_over_time(result)
        if len(series[0]) and np.any(series[1])
    ]
    if not sums:
        return None
    ts = np.unique(
        np.concatenate([result.curve[[0, -1], at.CURVE_TS], *(s[0] for _, _, s in sums)])
    )
    totals = [np.append(0.0, series[1])[np.searchsorted(series[0], ts, side="right")]
              for _, _, series in sums]  # fmt: skip
    kept = thin(totals[0], POINTS)
    lines = [
        Line(name=name, kind=kind, values=total[kept])
        for (name, kind, _), total in zip(sums, totals, strict=True)
    ]
    scale = scale_of(*(line.values for line in lines), zero=True)
    words = f"In {result.currency}, added up: fees are paid, the rest is received when positive."
    return line_figure(
        "Costs and income", words, ts[kept], lines, scale, Form.MONEY, height=170, step=True
    )


def trade_profits(result: Result) -> Figure | None:
    """What each trade earned, or how often how much where there are many; None without trades."""
    closed = result.round_trips.filter(~result.round_trips["open"])
    if closed.is_empty():
        return None
    if closed.height > MOST_BARS:
        earned = closed["return"].drop_nulls().to_numpy()
        words = "How many trades earned how much of what opened them."
        return _histogram("Returns of trades", words, earned, "trades")
    profit = closed["profit"].to_numpy()
    labels = [
        f"{side.lower()} {instrument}"
        for side, instrument in zip(closed["side"], closed["instrument"], strict=True)
    ]
    return bar_figure(
        "Trades", f"Profit of each trade after fees, in {result.currency}, in the order of entry.",
        labels, profit, Form.MONEY, kinds=_signs(profit), x_ticks=(), name="profit",
    )  # fmt: skip


def _equity(title: str, words: str, ts: IntArray, lines: list[Line]) -> Figure:
    scale = scale_of(*(line.values for line in lines), log=True)
    if scale.is_logarithmic:
        words += " The scale is logarithmic: equal heights are equal percentages."
    return line_figure(title, words, ts, lines, scale, Form.MONEY, height=300)


def _reach(values: FloatArray) -> float:
    """Return how far apart, as a ratio, the lowest and the highest are."""
    low, high = float(values.min()), float(values.max())
    return math.log(high / low) if low > 0 else math.inf


def _curve(result: Result) -> tuple[IntArray, FloatArray]:
    worth = result.curve[:, at.CURVE_EQUITY] / 10 ** cash_digits(result.currency)
    return result.curve[:, at.CURVE_TS], worth


def _below_peak(worth: FloatArray, first: float) -> FloatArray:
    peaks = np.maximum(np.maximum.accumulate(worth), first)
    fall: FloatArray = worth / peaks - 1.0
    return fall


def _means(values: FloatArray, starts: IntArray) -> FloatArray:
    """Return the mean of each stretch that begins at one of `starts`."""
    means: FloatArray = np.add.reduceat(values, starts) / np.diff(np.append(starts, len(values)))
    return means


def _as_calm(benchmark: Benchmark, curve: DailyCurve | None) -> Benchmark | None:
    """Return the benchmark held in the part that moves as much as the account did."""
    if curve is None or curve.is_ruined:
        return None
    growth = benchmark.at(curve.day_ends)
    returns = growth[1:] / growth[:-1] - 1.0
    own, theirs = deviation(curve.returns), deviation(returns)
    if own is None or theirs is None:
        return None
    grown: FloatArray = np.cumprod(np.append(1.0, 1.0 + returns * (own / theirs)))
    name = f"{benchmark.name}, {own / theirs:.0%} of it"
    return Benchmark(name=name, ends=curve.day_ends, growth=grown)


def _rolling(name: str, kind: str, excess: FloatArray, window: int, per_year: float) -> Line:
    windows = np.lib.stride_tricks.sliding_window_view(excess, window)
    mean, spread = windows.mean(axis=1), windows.std(axis=1, ddof=1)
    known = spread > 1e-12
    ratio = np.divide(mean, spread, out=np.full(len(mean), np.nan), where=known)
    return Line(name=name, kind=kind, values=ratio * np.sqrt(per_year))


def _histogram(title: str, words: str, values: FloatArray, name: str) -> Figure:
    low, high = np.quantile(values, (0.002, 0.998))
    reach = max(abs(low), abs(high)) or 1e-6
    edges = np.linspace(-reach, reach, BINS + 1)
    across = Scale(-reach, reach)
    counts = np.histogram(np.clip(values, -reach, reach), edges)[0].astype(np.float64)
    centres = (edges[1:] + edges[:-1]) / 2
    digits = 1 if reach > 0.02 else 2
    labels = [f"{a:.{digits}%} to {b:.{digits}%}" for a, b in pairwise(edges)]
    ticks = [(0.5 + tick / reach / 2, f"{tick:.{digits}%}") for tick in across.ticks()]
    return bar_figure(
        title, words, labels, counts, Form.COUNT, kinds=_signs(centres), x_ticks=ticks, name=name
    )


def _signs(values: FloatArray) -> list[str]:
    return ["up" if value >= 0 else "down" for value in values.tolist()]


def _held_value(result: Result, market: Market, ends: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return gross and net value of all positions at each time, in the account's currency."""
    gross, net = np.zeros(len(ends)), np.zeros(len(ends))
    held, own = result.book.held, 10 ** cash_digits(result.currency)
    for i, instrument in enumerate(result.instruments):
        mine = held[held[:, trip.HELD_INSTRUMENT] == i]
        if not len(mine):
            continue
        order = np.maximum.accumulate(mine[:, trip.HELD_TS])
        quantity = np.append(0, mine[:, trip.HELD_QUANTITY])[
            np.searchsorted(order, ends, side="right")
        ] / (10**instrument.quantity_digits)
        size = instrument.multiplier / 10**instrument.multiplier_digits
        rate = result.rates[i] * 10 ** cash_digits(instrument.currency) / own
        value = quantity * np.nan_to_num(market.prices.closes[:, i]) * size * rate
        gross += np.abs(value)
        net += value
    return gross, net


def _cash_over_time(result: Result) -> Iterator[tuple[str, str, tuple[IntArray, FloatArray]]]:
    """Return name, kind, and (ts, sum so far) of what was paid and received besides fills."""
    own, rates = 10 ** cash_digits(result.currency), result.book.rates
    for name, style, kind, cash in (
        ("fees", "down", at.FILLED, at.A5),
        ("dividends", "own", at.DIVIDEND_PAID, at.A0),
        ("funding", "other", at.FUNDED, at.A0),
        ("interest", "third", at.INTEREST_PAID, at.A0),
    ):
        rows = result.journal.of(kind)
        # What belongs to no instrument is interest of a currency: A3 is its number.
        which = rows[:, at.RECORD_INSTRUMENT]
        which = np.where(which >= 0, which, len(result.instruments) + rows[:, at.A3])
        amounts = rows[:, cash] * rates[which] / own
        yield name, style, (rows[:, at.RECORD_TS], np.cumsum(amounts))
