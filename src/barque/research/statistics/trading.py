"""What trading was like: how often it won, what a trade earned, what it cost.

A trade is a closed round trip from flat to flat. Its profit is after fees, with the dividends,
funding and borrowing of the time it was held. Amounts are in the account's currency; those of
other currencies are counted at the run's last rate.
"""

import math
from dataclasses import dataclass

import numpy as np

from barque.kernels import round_trips as at
from barque.kernels.arrays import FloatArray
from barque.research.round_trips import Book
from barque.research.statistics.curve import DAY, DailyCurve
from barque.research.statistics.ratios import deviation

AMOUNTS = (at.TRIP_REALIZED, at.TRIP_FEES, at.TRIP_CARRY, at.TRIP_ENTRY_VALUE)


@dataclass(frozen=True, kw_only=True)
class Trading:
    """Trades, and what was paid. See `research.statistics.definitions`."""

    trades: int = 0
    win_rate: float | None = None
    profit_factor: float | None = None
    payoff_ratio: float | None = None
    expectancy: float | None = None
    sqn: float | None = None
    kelly_criterion: float | None = None
    avg_trade: float | None = None
    best_trade: float | None = None
    worst_trade: float | None = None
    avg_trade_duration: float | None = None
    exposure: float | None = None
    turnover: float | None = None
    fills: int = 0
    fees_paid: float = 0.0
    dividends: float = 0.0
    funding: float = 0.0
    interest: float = 0.0


def trading(book: Book, curve: DailyCurve | None) -> Trading:
    """Return what the journal of a run says of its trades and costs."""
    trips = book.trips.T
    closed = np.compress(trips[at.TRIP_OPEN] == 0, trips, axis=1)
    rates = book.rates[closed[at.TRIP_INSTRUMENT]] / book.scale
    realized, fees, carry, entry = (closed[column] * rates for column in AMOUNTS)
    profit = realized - fees + carry
    wins, losses = profit[profit > 0], -profit[profit < 0]
    won, lost = float(wins.sum()), float(losses.sum())
    payoff = won / len(wins) / (lost / len(losses)) if len(wins) and len(losses) else None
    win_rate = len(wins) / len(profit) if len(profit) else None
    held = closed[at.TRIP_EXIT_TS] - closed[at.TRIP_ENTRY_TS]
    earned = np.divide(profit, entry, out=np.zeros_like(profit), where=entry > 0)
    return Trading(
        trades=len(profit),
        win_rate=win_rate,
        profit_factor=won / lost if lost > 0 else None,
        payoff_ratio=payoff,
        expectancy=_mean(profit),
        sqn=_system_quality(profit),
        kelly_criterion=_kelly(win_rate, payoff),
        avg_trade=_mean(earned),
        best_trade=float(earned.max()) if len(earned) else None,
        worst_trade=float(earned.min()) if len(earned) else None,
        avg_trade_duration=float(held.mean()) / DAY if len(held) else None,
        exposure=_exposure(book, curve),
        turnover=_turnover(book, curve),
        fills=int(book.sums[:, at.BOOK_FILLS].sum()),
        fees_paid=book.total(at.BOOK_FEES),
        dividends=book.total(at.BOOK_DIVIDENDS),
        funding=book.total(at.BOOK_FUNDING),
        interest=book.total(at.BOOK_INTEREST),
    )


def _mean(values: FloatArray) -> float | None:
    return float(values.mean()) if len(values) else None


def _system_quality(profit: FloatArray) -> float | None:
    """Return √n · mean / standard deviation of profits (Tharp, 2008)."""
    spread = deviation(profit) or 0.0
    return math.sqrt(len(profit)) * float(profit.mean()) / spread if spread > 0 else None


def _kelly(win_rate: float | None, payoff: float | None) -> float | None:
    """Return the share of capital to bet: W - (1 - W) / payoff (Kelly, 1956; Thorp, 2006)."""
    if win_rate is None or not payoff:
        return None
    return float(win_rate - (1.0 - win_rate) / payoff)


def _exposure(book: Book, curve: DailyCurve | None) -> float | None:
    if curve is None or curve.end <= curve.start:
        return None
    return min(1.0, book.time_held(curve.end) / (curve.end - curve.start))


def _turnover(book: Book, curve: DailyCurve | None) -> float | None:
    if curve is None or curve.is_ruined or curve.years <= 0:
        return None
    return book.traded / (curve.mean / book.scale) / curve.years
