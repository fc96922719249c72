"""Return and risk of an equity curve, each with its definition.

Returns are taken between the last equities of successive UTC days that have one. A year is 365.25
days; `periods_per_year` is the number of those returns a year, as observed. The risk-free rate is
zero, standard deviations have ddof 1, and returns compound.
"""

import math
from dataclasses import dataclass

import numpy as np

from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.curve import scan
from barque.kernels.layout import CURVE_EQUITY, CURVE_TS

DAY = 86_400 * 10**9
YEAR = 365.25 * DAY
LARGEST_EXPONENT = 700.0  # of e: beyond it a float ends


@dataclass(frozen=True, slots=True)
class Statistics:
    """Fractions, not percent. NaN-free: what cannot be known is `None`.

    `total_return` is last/first equity less one. `cagr` the same a year. `annual_volatility` the
    standard deviation of returns times √`periods_per_year`. `sharpe` their mean over their
    standard deviation times √`periods_per_year` (Sharpe, 1994). `max_drawdown` the largest fall
    from a peak of equity, as a fraction of it, at any slice. `turnover` is bought plus sold
    notional a year over mean equity. `fees` and `dividends` are in quote currency.

    An equity of nothing or less has no return: after one, volatility, sharpe and
    turnover are `None`, and so is the `cagr` of what ends there.
    """

    total_return: float | None
    cagr: float | None
    annual_volatility: float | None
    sharpe: float | None
    max_drawdown: float | None
    periods_per_year: float | None
    turnover: float | None
    fills: int
    fees: float
    dividends: float


def statistics(
    curve: IntArray, *, fills: int, fees: float, turnover: float, dividends: float
) -> Statistics:
    """Return the statistics of an equity curve (n, CURVE_WIDTH) in cash units.

    `turnover` is the sum of |notional| in cash units.
    """
    if len(curve) < 2 or curve[0, CURVE_EQUITY] <= 0:
        nothing = (None,) * 7
        return Statistics(*nothing, fills=fills, fees=fees, dividends=dividends)
    closes, lowest, mean, deepest = read_curve(curve)
    ruined = lowest <= 0
    years = float(curve[-1, CURVE_TS] - curve[0, CURVE_TS]) / YEAR
    growth = float(curve[-1, CURVE_EQUITY]) / float(curve[0, CURVE_EQUITY])
    per_year = (len(closes) - 1) / years if years > 0 else None
    returns = np.empty(0) if ruined else closes[1:] / closes[:-1] - 1
    deviation = float(np.std(returns, ddof=1)) if len(returns) > 1 else None
    volatility = sharpe = None
    if deviation and per_year:
        volatility = deviation * math.sqrt(per_year)
        sharpe = float(np.mean(returns)) / deviation * math.sqrt(per_year)
    return Statistics(
        total_return=growth - 1,
        cagr=_a_year(growth, years) if growth > 0 and years > 0 else None,
        annual_volatility=volatility,
        sharpe=sharpe,
        max_drawdown=deepest,
        periods_per_year=per_year,
        turnover=turnover / mean / years if years > 0 and not ruined else None,
        fills=fills,
        fees=fees,
        dividends=dividends,
    )


def _a_year(growth: float, years: float) -> float | None:
    """Return what growth would be a year, less one; `None` where no float is large enough."""
    exponent = math.log(growth) / years
    return math.expm1(exponent) if exponent < LARGEST_EXPONENT else None


def read_curve(curve: IntArray) -> tuple[FloatArray, float, float, float]:
    """Return closes by UTC day, lowest and mean equity in cash units, and the deepest fall."""
    ts, equity = (np.ascontiguousarray(curve[:, column]) for column in (CURVE_TS, CURVE_EQUITY))
    days = int(ts[-1] // DAY - ts[0] // DAY) + 1
    closes = np.empty(min(len(curve), days))
    count, lowest, mean, deepest = scan(ts, equity, DAY, closes)
    return closes[:count], lowest, mean, deepest
