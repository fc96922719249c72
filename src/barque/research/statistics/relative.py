"""How an account did beside a benchmark, over the same days."""

import math
from dataclasses import dataclass

import numpy as np

from barque.kernels.arrays import FloatArray, IntArray
from barque.research.statistics import ratios
from barque.research.statistics.curve import DailyCurve
from barque.research.statistics.performance import USUAL, Conventions

ROUNDING = 1e-13
"""Returns that are nearer to each other than this are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """What one unit of money would have become elsewhere, at each of `ends` (ns UTC)."""

    name: str
    ends: IntArray
    growth: FloatArray

    def at(self, ts: IntArray) -> FloatArray:
        """Return the growth known at each time; 1 before the first."""
        place = np.searchsorted(self.ends, ts, side="right")
        known: FloatArray = np.concatenate(([1.0], self.growth))[place]
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Beside a benchmark. Fractions a year; see `research.statistics.definitions`."""

    benchmark: str | None = None
    benchmark_return: float | None = None
    benchmark_sharpe: float | None = None
    benchmark_max_drawdown: float | None = None
    alpha: float | None = None
    beta: float | None = None
    correlation: float | None = None
    information_ratio: float | None = None
    treynor_ratio: float | None = None


def relative(
    curve: DailyCurve | None, benchmark: Benchmark, conventions: Conventions = USUAL
) -> Relative:
    """Return how the account of `curve` did beside `benchmark`.

    What had no value at the end of a day is counted at its last.
    """
    if curve is None:
        return Relative(benchmark=benchmark.name)
    growth = benchmark.at(curve.day_ends)
    peaks = np.maximum.accumulate(np.concatenate(([1.0], growth)))[1:]
    said = Relative(
        benchmark=benchmark.name,
        benchmark_return=float(growth[-1]) - 1.0,
        benchmark_max_drawdown=float(np.max(1.0 - growth / peaks)),
    )
    per_year = conventions.periods_per_year or curve.periods_per_year
    if not per_year or len(curve.returns) < 2:
        return said
    risk_free = conventions.risk_free(per_year)
    own, other = curve.returns - risk_free, growth[1:] / growth[:-1] - 1.0 - risk_free
    slope, root = ratios.beta(own, other), math.sqrt(per_year)
    apart = np.where(np.abs(own - other) > ROUNDING, own - other, 0.0)
    theirs, difference = ratios.sharpe(other), ratios.sharpe(apart)
    mean = float(np.mean(own))
    return Relative(
        benchmark=said.benchmark,
        benchmark_return=said.benchmark_return,
        benchmark_max_drawdown=said.benchmark_max_drawdown,
        benchmark_sharpe=None if theirs is None else theirs * root,
        alpha=None if slope is None else (mean - slope * float(np.mean(other))) * per_year,
        beta=slope,
        correlation=_correlation(own, other),
        information_ratio=None if difference is None else difference * root,
        treynor_ratio=mean * per_year / slope if slope else None,
    )


def _correlation(one: FloatArray, other: FloatArray) -> float | None:
    if ratios.deviation(one) is None or ratios.deviation(other) is None:
        return None
    return float(np.corrcoef(one, other)[0, 1])
