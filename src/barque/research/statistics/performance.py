"""Return and risk of an account: what its equity curve says."""

import math
from dataclasses import dataclass

import numpy as np

from barque.domain.errors import BadInput
from barque.kernels.arrays import FloatArray
from barque.research.statistics import ratios
from barque.research.statistics.curve import DAY, DailyCurve

MOST_INTEREST = 10
"""What is more a year than this was meant as percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """What statistics are told, rather than find out. Standard deviations have ddof 1.

    `risk_free_rate` is a year's, as a fraction that compounds. `periods_per_year` None is as many
    daily returns as there were a year: about 252 on an exchange, 365 where trading never stops.
    """

    risk_free_rate: float = 0.0
    periods_per_year: float | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.risk_free_rate) or not -1 < self.risk_free_rate < MOST_INTEREST:
            raise BadInput(
                f"The risk-free rate is {self.risk_free_rate}; it is a fraction a year, above -1 "
                f"and below {MOST_INTEREST}: 0.02 is two percent."
            )
        if self.periods_per_year is not None and not 0 < self.periods_per_year < math.inf:
            raise BadInput(f"There are {self.periods_per_year} periods a year; give more than 0.")

    def risk_free(self, per_year: float) -> float:
        """Return the risk-free return of one period."""
        return math.expm1(math.log1p(self.risk_free_rate) / per_year)


USUAL = Conventions()


@dataclass(frozen=True, kw_only=True)
class Performance:
    """Return and risk. Fractions, not percent; see `research.statistics.definitions`."""

    total_return: float | None = None
    cagr: float | None = None
    annual_volatility: float | None = None
    sharpe: float | None = None
    probabilistic_sharpe: float | None = None
    minimum_track_record_length: float | None = None
    sortino: float | None = None
    calmar: float | None = None
    omega: float | None = None
    max_drawdown: float | None = None
    max_drawdown_duration: float | None = None
    ulcer_index: float | None = None
    value_at_risk: float | None = None
    conditional_value_at_risk: float | None = None
    tail_ratio: float | None = None
    skew: float | None = None
    kurtosis: float | None = None
    periods: int = 0
    periods_per_year: float | None = None
    risk_free_rate: float = 0.0


def performance(curve: DailyCurve | None, conventions: Conventions = USUAL) -> Performance:
    """Return what an equity curve says of return and risk."""
    rate = conventions.risk_free_rate
    if curve is None:
        return Performance(risk_free_rate=rate)
    per_year = conventions.periods_per_year or curve.periods_per_year
    returns = curve.returns
    excess = returns - conventions.risk_free(per_year) if per_year else np.empty(0)
    grown = ratios.cagr(curve.growth, curve.years)
    deviation = ratios.deviation(returns)
    one = ratios.sharpe(excess)
    skew, kurtosis = ratios.moments(returns) or (None, None)
    tails = ratios.tails(returns)
    return Performance(
        total_return=curve.growth - 1.0,
        cagr=grown,
        annual_volatility=_a_year(deviation, per_year),
        sharpe=_a_year(one, per_year),
        probabilistic_sharpe=_chance(one, excess, skew, kurtosis),
        minimum_track_record_length=_length(one, skew, kurtosis),
        sortino=_a_year(ratios.sortino(excess), per_year),
        calmar=grown / curve.deepest_fall if grown is not None and curve.deepest_fall else None,
        omega=ratios.omega(excess),
        max_drawdown=curve.deepest_fall,
        max_drawdown_duration=curve.longest_fall / DAY,
        ulcer_index=None if curve.is_ruined else ratios.ulcer_index(curve.closes),
        value_at_risk=-tails[0] if tails else None,
        conditional_value_at_risk=(
            ratios.conditional_value_at_risk(returns, tails[0]) if tails else None
        ),
        tail_ratio=ratios.tail_ratio(*tails) if tails else None,
        skew=skew,
        kurtosis=kurtosis,
        periods=len(returns),
        periods_per_year=per_year,
        risk_free_rate=rate,
    )


def sharpe_a_year(returns: FloatArray, years: float, conventions: Conventions) -> float | None:
    """Return the Sharpe ratio of daily returns over so many years, as `performance` has it."""
    per_year = conventions.periods_per_year or (len(returns) / years if years > 0 else None)
    if not per_year:
        return None
    return _a_year(ratios.sharpe(returns - conventions.risk_free(per_year)), per_year)


def _a_year(of_one_period: float | None, per_year: float | None) -> float | None:
    if of_one_period is None or not per_year:
        return None
    return of_one_period * math.sqrt(per_year)


def _chance(
    one: float | None, excess: FloatArray, skew: float | None, kurtosis: float | None
) -> float | None:
    if one is None or skew is None or kurtosis is None:
        return None
    return ratios.probabilistic_sharpe(one, len(excess), skew, kurtosis)


def _length(one: float | None, skew: float | None, kurtosis: float | None) -> float | None:
    if one is None or skew is None or kurtosis is None:
        return None
    return ratios.minimum_track_record_length(one, skew, kurtosis)
