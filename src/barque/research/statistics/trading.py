"""What trading was like: how often it won, what a trade earned, what it cost.

A trade is a closed round trip from flat to flat. Its profit is after fees, with the dividends,
funding and borrowing of the time it was held. Amounts are in the account's currency; those of
other currencies are counted at the run's last rate.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from barque.kernels import round_trips as at
from barque.kernels.round_trips import add_up
from barque.research.round_trips import Book
from barque.research.statistics.curve import DAY, DailyCurve
from barque.research.statistics.ratios import NO_SPREAD


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
    sums = np.zeros(at.SUM_WIDTH)
    add_up(book.trips, book.rates / book.scale, sums)
    told = sums.tolist()
    count, won, lost = int(told[at.SUM_TRIPS]), told[at.SUM_WON], told[at.SUM_LOST]
    wins, losses = told[at.SUM_WINS], told[at.SUM_LOSSES]
    payoff = (won / wins) / (lost / losses) if wins and losses else None
    win_rate = wins / count if count else None
    return Trading(
        trades=count,
        win_rate=win_rate,
        profit_factor=won / lost if lost > 0 else None,
        payoff_ratio=payoff,
        expectancy=told[at.SUM_PROFIT] / count if count else None,
        sqn=_system_quality(told),
        kelly_criterion=_kelly(win_rate, payoff),
        avg_trade=told[at.SUM_EARNED] / count if count else None,
        best_trade=told[at.SUM_BEST] if count else None,
        worst_trade=told[at.SUM_WORST] if count else None,
        avg_trade_duration=told[at.SUM_HELD] / count / DAY if count else None,
        exposure=_exposure(book, curve),
        turnover=_turnover(book, curve),
        fills=int(book.sums[:, at.BOOK_FILLS].sum()),
        fees_paid=book.total(at.BOOK_FEES),
        dividends=book.total(at.BOOK_DIVIDENDS),
        funding=book.total(at.BOOK_FUNDING),
        interest=book.total(at.BOOK_INTEREST),
    )


def _system_quality(told: Sequence[float]) -> float | None:
    """Return √n · mean / standard deviation (ddof 1) of profits (Tharp, 2008)."""
    count = told[at.SUM_TRIPS]
    if count < 2:
        return None
    spread = math.sqrt(told[at.SUM_SQUARES] / (count - 1))
    if spread <= NO_SPREAD * told[at.SUM_LARGEST]:
        return None
    return math.sqrt(count) * told[at.SUM_PROFIT] / count / spread


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
