"""The compiled formula of every feature, over the state of one instrument.

The classes in `trend`, `dispersion` and `activity` say what each computes and where it is from.
A window is summed afresh at every bar: prices as whole numbers, exactly; the rest without a
running sum that could drift. Only smoothed features keep memory, in `floats[i, memory:]`.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from barque.features.program import (
    CAPACITY,
    CLOSES,
    COUNT,
    FACTOR,
    FLOAT_HEADER,
    HIGHS,
    INT_HEADER,
    LOWS,
    NEWEST,
    OPEN,
    RETURNS,
    SCALE,
    TS,
    TURNOVERS,
    VOLUMES,
)
from barque.kernels.compile import INNER

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

NANOSECONDS_PER_DAY = 86_400 * 10**9
THURSDAY = 3  # the weekday of 1970-01-01


@njit(**INNER)
def newest_int(ints: IntArray, i: int, ring: int) -> int:
    """Return the column of the newest value of a ring of whole numbers."""
    return INT_HEADER + 2 * ring * ints[i, CAPACITY] + ints[i, NEWEST]


@njit(**INNER)
def newest_float(ints: IntArray, i: int, ring: int) -> int:
    """Return the column of the newest value of a ring of real numbers."""
    return FLOAT_HEADER + 2 * ring * ints[i, CAPACITY] + ints[i, NEWEST]


@njit(**INNER)
def in_prices(floats: FloatArray, i: int, adjusted_units: float) -> float:
    """Return adjusted units as a price of today."""
    return adjusted_units / floats[i, SCALE] / floats[i, FACTOR]


@njit(**INNER)
def closes_total(ints: IntArray, i: int, window: int) -> int:
    """Return the exact sum of the last `window` closes."""
    at = newest_int(ints, i, CLOSES)
    total = 0
    for k in range(at - window + 1, at + 1):
        total += ints[i, k]
    return total


@njit(**INNER)
def largest(ints: IntArray, i: int, ring: int, window: int) -> int:
    """Return the largest of the last `window` values of a ring."""
    at = newest_int(ints, i, ring)
    found = ints[i, at]
    for k in range(at - window + 1, at):
        found = max(found, ints[i, k])
    return found


@njit(**INNER)
def smallest(ints: IntArray, i: int, ring: int, window: int) -> int:
    """Return the smallest of the last `window` values of a ring."""
    at = newest_int(ints, i, ring)
    found = ints[i, at]
    for k in range(at - window + 1, at):
        found = min(found, ints[i, k])
    return found


@njit(**INNER)
def sma(ints: IntArray, floats: FloatArray, i: int, window: int) -> float:
    """Compute `trend.Sma`."""
    return in_prices(floats, i, closes_total(ints, i, window) / window)


@njit(**INNER)
def smooth_close(ints: IntArray, floats: FloatArray, i: int, window: int, memory: int) -> float:
    """Move one exponential mean of the close by one bar; return it in adjusted units."""
    close = float(ints[i, newest_int(ints, i, CLOSES)])
    before = close if ints[i, COUNT] == 1 else floats[i, memory]
    floats[i, memory] = before + 2.0 / (window + 1.0) * (close - before)
    return floats[i, memory]


@njit(**INNER)
def ema(ints: IntArray, floats: FloatArray, i: int, window: int, memory: int) -> float:
    """Compute `trend.Ema`."""
    return in_prices(floats, i, smooth_close(ints, floats, i, window, memory))


@njit(**INNER)
def momentum(ints: IntArray, i: int, window: int, skip: int) -> float:
    """Compute `trend.Momentum`, and `trend.Return` with nothing skipped."""
    at = newest_int(ints, i, CLOSES)
    return float(ints[i, at - skip]) / float(ints[i, at - window]) - 1.0


@njit(**INNER)
def distance_from_sma(ints: IntArray, i: int, window: int) -> float:
    """Compute `trend.DistanceFromSma`."""
    total = closes_total(ints, i, window)
    return float(window * ints[i, newest_int(ints, i, CLOSES)] - total) / float(total)


@njit(**INNER)
def macd_line(
    ints: IntArray, floats: FloatArray, i: int, fast: int, slow: int, memory: int
) -> float:
    """Compute `trend.MacdLine`."""
    quick = smooth_close(ints, floats, i, fast, memory)
    calm = smooth_close(ints, floats, i, slow, memory + 1)
    return (quick - calm) / float(ints[i, newest_int(ints, i, CLOSES)])


@njit(**INNER)
def wilder(
    floats: FloatArray, i: int, memory: int, change: int, window: int, value: float
) -> float:
    """Move one of Wilder's means by `value`, the `change`-th: plain up to `window`, then smoothed.

    Up to the `window`-th change the memory holds a sum; from then on the mean.
    """
    before = floats[i, memory]
    if change == 1:
        after = value
    elif change <= window:
        after = before + value
    else:
        after = before + (value - before) / window
    if change == window:
        after /= window
    floats[i, memory] = after
    return after


@njit(**INNER)
def rsi(ints: IntArray, floats: FloatArray, i: int, window: int, memory: int) -> float:
    """Compute `trend.Rsi`."""
    changes = ints[i, COUNT] - 1
    if changes == 0:
        return math.nan
    at = newest_int(ints, i, CLOSES)
    change = float(ints[i, at] - ints[i, at - 1])
    rise = wilder(floats, i, memory, changes, window, max(change, 0.0))
    fall = wilder(floats, i, memory + 1, changes, window, max(-change, 0.0))
    return 100.0 * rise / (rise + fall) if rise + fall > 0.0 else 50.0


@njit(**INNER)
def stochastic(ints: IntArray, i: int, window: int) -> float:
    """Compute `trend.Stochastic`."""
    high = largest(ints, i, HIGHS, window)
    low = smallest(ints, i, LOWS, window)
    close = ints[i, newest_int(ints, i, CLOSES)]
    return 100.0 * float(close - low) / float(high - low) if high > low else 50.0


@njit(**INNER)
def efficiency(ints: IntArray, i: int, window: int) -> float:
    """Compute `trend.Efficiency`."""
    at = newest_int(ints, i, CLOSES)
    path = 0
    for k in range(at - window + 1, at + 1):
        path += abs(ints[i, k] - ints[i, k - 1])
    return float(abs(ints[i, at] - ints[i, at - window])) / float(path) if path > 0 else 0.0


@njit(**INNER)
def mean_return(ints: IntArray, floats: FloatArray, i: int, window: int) -> float:
    """Return the mean of the last `window` one-bar returns."""
    at = newest_float(ints, i, RETURNS)
    total = 0.0
    for k in range(at - window + 1, at + 1):
        total += floats[i, k]
    return total / window


@njit(**INNER)
def volatility(ints: IntArray, floats: FloatArray, i: int, window: int) -> float:
    """Compute `dispersion.Volatility`."""
    at = newest_float(ints, i, RETURNS)
    mean = mean_return(ints, floats, i, window)
    squares = 0.0
    for k in range(at - window + 1, at + 1):
        squares += (floats[i, k] - mean) ** 2
    return math.sqrt(squares / (window - 1))


@njit(**INNER)
def skew(ints: IntArray, floats: FloatArray, i: int, window: int) -> float:
    """Compute `dispersion.Skew`."""
    at = newest_float(ints, i, RETURNS)
    mean = mean_return(ints, floats, i, window)
    squares = 0.0
    cubes = 0.0
    for k in range(at - window + 1, at + 1):
        deviation = floats[i, k] - mean
        squares += deviation * deviation
        cubes += deviation * deviation * deviation
    variance = squares / window
    # Below this the returns differ by nothing but rounding.
    if variance <= 1e-30:
        return 0.0
    return cubes / window / (variance * math.sqrt(variance))


@njit(**INNER)
def max_return(ints: IntArray, floats: FloatArray, i: int, window: int) -> float:
    """Compute `dispersion.MaxReturn`."""
    at = newest_float(ints, i, RETURNS)
    best = floats[i, at]
    for k in range(at - window + 1, at):
        best = max(best, floats[i, k])
    return best


@njit(**INNER)
def parkinson_volatility(ints: IntArray, i: int, window: int) -> float:
    """Compute `dispersion.ParkinsonVolatility`."""
    high = newest_int(ints, i, HIGHS)
    low = newest_int(ints, i, LOWS)
    squares = 0.0
    for back in range(window):
        squares += math.log(float(ints[i, high - back]) / float(ints[i, low - back])) ** 2
    return math.sqrt(squares / (4.0 * window * math.log(2.0)))


@njit(**INNER)
def true_range_mean(ints: IntArray, floats: FloatArray, i: int, window: int, memory: int) -> float:
    """Move Wilder's mean of the true range by one bar; return it in adjusted units."""
    changes = ints[i, COUNT] - 1
    if changes == 0:
        return math.nan
    before = ints[i, newest_int(ints, i, CLOSES) - 1]
    high = max(before, ints[i, newest_int(ints, i, HIGHS)])
    low = min(before, ints[i, newest_int(ints, i, LOWS)])
    return wilder(floats, i, memory, changes, window, float(high - low))


@njit(**INNER)
def atr(ints: IntArray, floats: FloatArray, i: int, window: int, memory: int) -> float:
    """Compute `dispersion.Atr`."""
    return in_prices(floats, i, true_range_mean(ints, floats, i, window, memory))


@njit(**INNER)
def normalized_atr(ints: IntArray, floats: FloatArray, i: int, window: int, memory: int) -> float:
    """Compute `dispersion.NormalizedAtr`."""
    close = float(ints[i, newest_int(ints, i, CLOSES)])
    return true_range_mean(ints, floats, i, window, memory) / close


@njit(**INNER)
def bollinger_b(ints: IntArray, i: int, window: int, width: int) -> float:
    """Compute `dispersion.BollingerB`. Deviations are n · c - Σ c: exact, and n times too large."""
    at = newest_int(ints, i, CLOSES)
    total = closes_total(ints, i, window)
    squares = 0.0
    for k in range(at - window + 1, at + 1):
        squares += float(window * ints[i, k] - total) ** 2
    band = width * math.sqrt(squares / window)
    return 0.5 + 0.5 * float(window * ints[i, at] - total) / band if band > 0.0 else 0.5


@njit(**INNER)
def drawdown(ints: IntArray, i: int, window: int) -> float:
    """Compute `dispersion.Drawdown`."""
    close = ints[i, newest_int(ints, i, CLOSES)]
    best = largest(ints, i, CLOSES, window)
    return float(close - best) / float(best)


@njit(**INNER)
def bar_range(ints: IntArray, i: int) -> float:
    """Compute `activity.Range`."""
    high = ints[i, newest_int(ints, i, HIGHS)]
    low = ints[i, newest_int(ints, i, LOWS)]
    return float(high - low) / float(ints[i, newest_int(ints, i, CLOSES)])


@njit(**INNER)
def close_location(ints: IntArray, i: int) -> float:
    """Compute `activity.CloseLocation`."""
    high = ints[i, newest_int(ints, i, HIGHS)]
    low = ints[i, newest_int(ints, i, LOWS)]
    close = ints[i, newest_int(ints, i, CLOSES)]
    return float(close - low) / float(high - low) if high > low else 0.5


@njit(**INNER)
def gap(ints: IntArray, i: int) -> float:
    """Compute `activity.Gap`."""
    before = ints[i, newest_int(ints, i, CLOSES) - 1]
    return float(ints[i, OPEN] - before) / float(before)


@njit(**INNER)
def up_share(ints: IntArray, i: int, window: int) -> float:
    """Compute `activity.UpShare`."""
    at = newest_int(ints, i, CLOSES)
    rises = 0
    for k in range(at - window + 1, at + 1):
        rises += 1 if ints[i, k] > ints[i, k - 1] else 0
    return float(rises) / window


@njit(**INNER)
def volume_ratio(ints: IntArray, floats: FloatArray, i: int, window: int) -> float:
    """Compute `activity.VolumeRatio`."""
    at = newest_float(ints, i, VOLUMES)
    total = 0.0
    for k in range(at - window, at):
        total += floats[i, k]
    return floats[i, at] * window / total if total > 0.0 else math.nan


@njit(**INNER)
def amihud(ints: IntArray, floats: FloatArray, i: int, window: int) -> float:
    """Compute `activity.Amihud`."""
    moved = newest_float(ints, i, RETURNS)
    traded = newest_float(ints, i, TURNOVERS)
    total = 0.0
    bars = 0
    for back in range(window):
        turnover = floats[i, traded - back]
        if turnover > 0.0:
            total += abs(floats[i, moved - back]) / turnover
            bars += 1
    return 1e6 * total / bars if bars > 0 else math.nan


@njit(**INNER)
def day_of_week(ints: IntArray, i: int) -> float:
    """Compute `activity.DayOfWeek`."""
    return float((ints[i, TS] // NANOSECONDS_PER_DAY + THURSDAY) % 7)
