"""Trades where they were made: candles, and what was bought and sold in each."""

from collections.abc import Iterator

import numpy as np

from barque.kernels import layout as at
from barque.kernels.arrays import FloatArray, IntArray
from barque.research.market import Market, Past, bars_between
from barque.research.report.drawing import Candles, Figure, candle_figure
from barque.research.result import Result

MOST_INSTRUMENTS = 4
CLOSE_UP = 130
"""How many bars a close-up shows."""


def candles(result: Result, market: Market, past: Past) -> Iterator[Figure]:
    """Draw the instruments that were filled most often: the whole run, and the last trades near."""
    fills = result.journal.of(at.FILLED)
    numbers, counts = np.unique(fills[:, at.RECORD_INSTRUMENT], return_counts=True)
    for k, i in enumerate(numbers[np.argsort(-counts, kind="stable")][:MOST_INSTRUMENTS].tolist()):
        mine = fills[fills[:, at.RECORD_INSTRUMENT] == i]
        yield _whole_run(result, market, i, mine)
        if k == 0 and (near := _close_up(result, market, past, i, mine)) is not None:
            yield near


def _whole_run(result: Result, market: Market, i: int, fills: IntArray) -> Figure:
    there = np.flatnonzero(market.candles[i, :, 3])
    starts = market.origin + there * market.width
    shown = _with_trades(result, market, i, starts, market.candles[i, there], fills)
    name = result.instruments[i].id
    words = (
        f"{len(fills):,} fills. Each candle is {_length(market.width)}; a dot is the mean price "
        "of what was bought in it, a square of what was sold."
    )
    if any(split.instrument == i for split in market.splits):
        words += " Prices are in today's shares."
    return candle_figure(f"{name}, the whole run", words, shown)


def _close_up(result: Result, market: Market, past: Past, i: int, fills: IntArray) -> Figure | None:
    """Draw bar by bar around the last fill."""
    last, bars_in_all = int(fills[-1, at.A6]), max(1, result.events // len(result.instruments))
    length = (past.end - past.start) // bars_in_all + 1
    bars = bars_between(past, i, last - 2 * CLOSE_UP * length, last + CLOSE_UP * length)
    if len(bars) < 3:
        return None
    after = int(np.searchsorted(bars[:, 0], last)) + CLOSE_UP // 5
    bars = bars[max(0, after - CLOSE_UP) : after]
    ts = bars[:, 0].astype(np.int64)
    prices = bars[:, 1:] * market.adjustment(i, ts)[:, None]
    # A bar is stamped with its close: it begins where the one before it ended.
    starts = np.concatenate(([2 * ts[0] - ts[1]], ts[:-1]))
    inside = fills[(fills[:, at.A6] >= starts[0]) & (fills[:, at.A6] <= ts[-1])]
    shown = _with_trades(result, market, i, starts, prices, inside)
    name = result.instruments[i].id
    return candle_figure(f"{name}, the last trades", "Bar by bar, as they were traded.", shown)


def _with_trades(
    result: Result,
    market: Market,
    i: int,
    starts: IntArray,
    prices: FloatArray,
    fills: IntArray,
) -> Candles:
    """Put fills on candles: the mean price, by quantity, of what was bought and sold in each."""
    # What was filled inside a bar is stamped with its close, where the next one begins.
    ts = np.minimum(fills[:, at.A6], fills[:, at.RECORD_TS] - 1)
    price = fills[:, at.A3] / 10.0 ** result.instruments[i].price_digits
    price = price * market.adjustment(i, ts)
    place = np.clip(np.searchsorted(starts, ts, side="right") - 1, 0, len(starts) - 1)
    sides = []
    for side in (1, -1):
        mine = fills[:, at.A1] == side
        quantity = fills[mine, at.A2].astype(np.float64)
        count = np.bincount(place[mine], minlength=len(starts))
        weight = np.bincount(place[mine], quantity, minlength=len(starts))
        paid = np.bincount(place[mine], quantity * price[mine], minlength=len(starts))
        mean = np.divide(paid, weight, out=np.full(len(starts), np.nan), where=weight > 0)
        sides.append((mean, count))
    (bought, buys), (sold, sells) = sides
    return Candles(starts=starts, prices=prices, bought=bought, sold=sold, buys=buys, sells=sells)


def _length(width: int) -> str:
    hours = width / 3.6e12
    if hours >= 36:
        return f"{hours / 24:.0f} days"
    return f"{hours:.3g} hours" if hours >= 1.5 else f"{hours * 60:.3g} minutes"
