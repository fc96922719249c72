"""Every feature once more, slowly and obviously, at the last bar of a history."""

import itertools
import math
import statistics
from fractions import Fraction

from barque.features import (
    Amihud,
    Atr,
    BollingerB,
    CloseLocation,
    DayOfWeek,
    DistanceFromSma,
    Drawdown,
    Efficiency,
    Ema,
    Feature,
    Gap,
    MacdLine,
    MaxReturn,
    Momentum,
    NormalizedAtr,
    ParkinsonVolatility,
    Range,
    Return,
    Rsi,
    Skew,
    Sma,
    Stochastic,
    UpShare,
    Volatility,
    VolumeRatio,
)
from tests.features.histories import DAY, SCALE, History


def expected(feature: Feature, past: History) -> float:
    """What `feature` is after the bars of `past`, NaN if it is not known yet."""
    if len(past) < feature.warmup:
        return math.nan
    return float(_value(feature, past))


def _value(feature: Feature, past: History) -> float | Fraction:
    o, h, low = ([Fraction(int(x), SCALE) for x in s] for s in (past.open, past.high, past.low))
    c = [Fraction(int(x), SCALE) for x in past.close]
    v = [int(x) for x in past.volume]
    r = [now / before - 1 for before, now in itertools.pairwise(c)]
    match feature:
        case Sma(n):
            return sum(c[-n:]) / n
        case Ema(n):
            return _ema(c, n)
        case Return(n):
            return c[-1] / c[-1 - n] - 1
        case Momentum(n, skip):
            return c[-1 - skip] / c[-1 - n] - 1
        case DistanceFromSma(n):
            return c[-1] / (sum(c[-n:]) / n) - 1
        case MacdLine(fast, slow):
            return (_ema(c, fast) - _ema(c, slow)) / float(c[-1])
        case Rsi(n):
            moves = [float(now - before) for before, now in itertools.pairwise(c)]
            rise = _wilder([max(m, 0.0) for m in moves], n)
            fall = _wilder([max(-m, 0.0) for m in moves], n)
            return 100 * rise / (rise + fall) if rise + fall else 50.0
        case Stochastic(n):
            high, bottom = max(h[-n:]), min(low[-n:])
            return 100 * (c[-1] - bottom) / (high - bottom) if high > bottom else 50.0
        case Efficiency(n):
            path = sum(abs(a - b) for a, b in zip(c[-n:], c[-n - 1 : -1], strict=True))
            return abs(c[-1] - c[-1 - n]) / path if path else 0.0
        case Volatility(n):
            return statistics.stdev([float(x) for x in r[-n:]])
        case Skew(n):
            return _skew(r[-n:])
        case MaxReturn(n):
            return max(r[-n:])
        case ParkinsonVolatility(n):
            logs = [math.log(a / b) ** 2 for a, b in zip(h[-n:], low[-n:], strict=True)]
            return math.sqrt(sum(logs) / (4 * n * math.log(2)))
        case NormalizedAtr(n):
            return _atr(h, low, c, n) / float(c[-1])
        case Atr(n):
            return _atr(h, low, c, n)
        case BollingerB(n, k):
            mean, sigma = sum(c[-n:]) / n, statistics.pstdev(c[-n:])
            return 0.5 + float(c[-1] - mean) / (2 * k * sigma) if sigma else 0.5
        case Drawdown(n):
            return c[-1] / max(c[-n:]) - 1
        case Range():
            return (h[-1] - low[-1]) / c[-1]
        case CloseLocation():
            return (c[-1] - low[-1]) / (h[-1] - low[-1]) if h[-1] > low[-1] else 0.5
        case Gap():
            return o[-1] / c[-2] - 1
        case UpShare(n):
            return Fraction(sum(x > 0 for x in r[-n:]), n)
        case VolumeRatio(n):
            before = sum(v[-n - 1 : -1])
            return Fraction(v[-1] * n, before) if before else math.nan
        case Amihud(n):
            traded = [(x, a * b) for x, a, b in zip(r, c[1:], v[1:], strict=True)][-n:]
            ratios = [abs(x) / amount for x, amount in traded if amount]
            return 10**6 * sum(ratios) / len(ratios) if ratios else math.nan
        case DayOfWeek():
            return float((int(past.ts[-1]) // DAY + 3) % 7)
    raise AssertionError(f"the oracle does not know {feature}")


def _ema(c: list[Fraction], n: int) -> float:
    mean = float(c[0])
    for close in c[1:]:
        mean = mean * (1 - 2 / (n + 1)) + float(close) * 2 / (n + 1)
    return mean


def _wilder(values: list[float], n: int) -> float:
    mean = sum(values[:n]) / n
    for value in values[n:]:
        mean = (mean * (n - 1) + value) / n
    return mean


def _atr(h: list[Fraction], low: list[Fraction], c: list[Fraction], n: int) -> float:
    ranges = [
        float(max(high, before) - min(bottom, before))
        for high, bottom, before in zip(h[1:], low[1:], c, strict=False)
    ]
    return _wilder(ranges, n)


def _skew(r: list[Fraction]) -> float:
    mean = sum(r) / len(r)
    second = sum((x - mean) ** 2 for x in r) / len(r)
    third = sum((x - mean) ** 3 for x in r) / len(r)
    return float(third) / float(second) ** 1.5 if second > 1e-25 else 0.0
