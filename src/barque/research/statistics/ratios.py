"""The formulas of return and risk, each with its source. What cannot be known is `None`.

`returns` are of equal periods, as fractions; `excess` are returns less the risk-free return of a
period. Standard deviations have ddof 1 unless it is said otherwise.
"""

import math
from statistics import NormalDist

import numpy as np

from barque.kernels.arrays import FloatArray

NORMAL = NormalDist()
LARGEST_EXPONENT = 700.0  # of e: beyond it a float ends
NO_SPREAD = 1e-13  # of the largest |return|: below it a deviation is what rounding left


def cagr(growth: float, years: float) -> float | None:
    """Return the growth of a year that compounds to `growth`, less one."""
    if growth <= 0 or years <= 0:
        return None
    exponent = math.log(growth) / years
    return math.expm1(exponent) if exponent < LARGEST_EXPONENT else None


def deviation(returns: FloatArray) -> float | None:
    """Return the standard deviation, ddof 1; None for fewer than two returns or without spread."""
    if len(returns) < 2:
        return None
    from_mean = returns - returns.mean()
    found = math.sqrt(float(from_mean @ from_mean) / (len(returns) - 1))
    return found if found > NO_SPREAD * float(np.abs(returns).max()) else None


def sharpe(excess: FloatArray) -> float | None:
    """Return mean over standard deviation, of one period (Sharpe, 1994, eq. 1 to 6)."""
    spread = deviation(excess)
    return None if spread is None else float(np.mean(excess)) / spread


def sortino(excess: FloatArray) -> float | None:
    """Return mean over downside deviation, of one period (Sortino and Price, 1994).

    The downside deviation is the root of the mean, over all returns, of the squares of the
    negative ones.
    """
    if len(excess) < 2:
        return None
    downside = math.sqrt(float(np.mean(np.square(np.minimum(excess, 0.0)))))
    return float(np.mean(excess)) / downside if downside > 0 else None


def omega(excess: FloatArray) -> float | None:
    """Return the sum of what was above the threshold over what was below (Keating, Shadwick, 2002).

    The threshold is the risk-free return.
    """
    below = -float(np.minimum(excess, 0.0).sum())
    return float(np.maximum(excess, 0.0).sum()) / below if below > 0 else None


def tails(returns: FloatArray) -> tuple[float, float] | None:
    """Return the 5th and the 95th percentile, on the line between the two nearest returns.

    The fifth, without its sign, is value at risk: the loss that one period in twenty exceeded
    (historical; Jorion, 1996).
    """
    if len(returns) < 2:
        return None
    in_order = np.sort(returns)
    return _percentile(in_order, 0.05), _percentile(in_order, 0.95)


def conditional_value_at_risk(returns: FloatArray, low: float) -> float:
    """Return the mean loss of the periods at or beyond value at risk, the percentile `low`.

    Rockafellar and Uryasev (2000).
    """
    return -float(returns[returns <= low].mean())


def tail_ratio(low: float, high: float) -> float | None:
    """Return the 95th percentile over the 5th, without signs."""
    return abs(high) / abs(low) if low != 0 else None


def moments(returns: FloatArray) -> tuple[float, float] | None:
    """Return skew and excess kurtosis, ddof 0 (Fisher's g1 and g2).

    The third moment over the deviation cubed, and the fourth over its square squared, less 3.
    """
    if deviation(returns) is None:
        return None
    from_mean = returns - returns.mean()
    squares = from_mean * from_mean
    variance = float(squares.mean())
    skew = float((squares * from_mean).mean()) / variance**1.5
    return skew, float((squares * squares).mean()) / variance**2 - 3.0


def ulcer_index(closes: FloatArray) -> float:
    """Return the root of the mean squared fall from the peak so far (Martin and McCann, 1989)."""
    peaks = np.maximum.accumulate(closes)
    return math.sqrt(float(np.mean(np.square(1.0 - closes / peaks))))


def probabilistic_sharpe(
    ratio: float, count: int, skew: float, kurtosis: float, benchmark: float = 0.0
) -> float | None:
    """Return the chance that the true Sharpe ratio is above `benchmark`.

    Bailey and López de Prado (2012), eq. 11. Both ratios are of one period; `kurtosis` is the
    excess over the normal's.
    """
    spread = _spread_of_sharpe(ratio, skew, kurtosis)
    if spread <= 0 or count < 2:
        return None
    return NORMAL.cdf((ratio - benchmark) * math.sqrt(count - 1) / math.sqrt(spread))


def minimum_track_record_length(
    ratio: float,
    skew: float,
    kurtosis: float,
    benchmark: float = 0.0,
    confidence: float = 0.95,
) -> float | None:
    """Return how many periods it takes to say, at `confidence`, that the ratio is above another.

    Bailey and López de Prado (2012), eq. 13. None when it is not above it.
    """
    spread = _spread_of_sharpe(ratio, skew, kurtosis)
    if ratio <= benchmark or spread <= 0:
        return None
    return 1.0 + spread * (NORMAL.inv_cdf(confidence) / (ratio - benchmark)) ** 2


def sharpe_difference(one: FloatArray, other: FloatArray) -> float | None:
    """Return the chance of a difference of Sharpe ratios this large if there were none.

    Two-sided; Jobson and Korkie (1981) with the correction of Memmel (2003). The excess returns
    are of the same periods.
    """
    first, second = sharpe(one), sharpe(other)
    if first is None or second is None:
        return None
    rho = float(np.corrcoef(one, other)[0, 1])
    squares = 0.5 * (first**2 + second**2 - 2.0 * first * second * rho**2)
    variance = (2.0 - 2.0 * rho + squares) / len(one)
    if variance <= 1e-15:
        return None
    return 2.0 * NORMAL.cdf(-abs(first - second) / math.sqrt(variance))


def beta(excess: FloatArray, benchmark: FloatArray) -> float | None:
    """Return the covariance with the benchmark over its variance (Sharpe, 1964)."""
    if deviation(benchmark) is None:
        return None
    covariance = np.cov(excess, benchmark, ddof=1)
    return float(covariance[0, 1] / covariance[1, 1])


def _percentile(in_order: FloatArray, share: float) -> float:
    """Return what `share` of sorted numbers are below (Hyndman and Fan, 1996, definition 7)."""
    place = share * (len(in_order) - 1)
    below = int(place)
    low, high = in_order[below : below + 2].tolist()
    return float(low + (high - low) * (place - below))


def _spread_of_sharpe(ratio: float, skew: float, kurtosis: float) -> float:
    return 1.0 - skew * ratio + (kurtosis + 2.0) / 4.0 * ratio**2
