"""Known answers of the papers, and of another library on generated and on real curves."""

import math

import empyrical
import numpy as np
import pytest

from barque.research.statistics import (
    Benchmark,
    Conventions,
    performance,
    ratios,
    relative,
)
from tests.research.curves import chance, of_returns, real_returns

DAILY = Conventions(periods_per_year=252.0)
CURVES = {
    "generated": chance(1, 1500),
    "losing": chance(2, 400, drift=-0.002),
    "calm": chance(3, 90, drift=0.0002, spread=0.0005),
    "AAPL": real_returns("AAPL"),
    "MSFT": real_returns("MSFT"),
}


@pytest.mark.parametrize(
    ("per_year", "wanted"),
    [(252, 2.73), (52, 2.83), (12, 3.24)],
)
def test_minimum_track_record_of_bailey_and_lopez_de_prado(per_year: int, wanted: float) -> None:
    """A Sharpe ratio of 2 a year, normal returns: how many years until it is above 1 at 95%."""
    root = math.sqrt(per_year)

    periods = ratios.minimum_track_record_length(2 / root, 0.0, 0.0, benchmark=1 / root)

    assert periods / per_year == pytest.approx(wanted, abs=0.005)


def test_minimum_track_record_of_a_hedge_fund_index() -> None:
    """The same paper: monthly, skew -0.72 and kurtosis 5.78 make it 4.99 years."""
    root = math.sqrt(12)

    months = ratios.minimum_track_record_length(2 / root, -0.72, 5.78 - 3, benchmark=1 / root)

    assert months / 12 == pytest.approx(4.99, abs=0.005)


@pytest.mark.parametrize(
    ("skew", "kurtosis", "wanted"), [(0.0, 3.0, 0.982), (-2.448, 10.164, 0.913)]
)
def test_probabilistic_sharpe_of_bailey_and_lopez_de_prado(skew, kurtosis, wanted) -> None:
    """Two years of months with a ratio of 0.458: skew and tails make 98% no more than 91%."""
    assert ratios.probabilistic_sharpe(0.458, 24, skew, kurtosis - 3) == pytest.approx(
        wanted, abs=0.0005
    )


def test_a_track_record_of_the_minimum_length_is_just_long_enough() -> None:
    length = ratios.minimum_track_record_length(0.1, -0.5, 3.0)

    assert ratios.probabilistic_sharpe(0.1, length, -0.5, 3.0) == pytest.approx(0.95)


def test_two_alike_returns_differ_by_luck_and_two_unlike_do_not() -> None:
    market = chance(5, 2000, drift=0.0)
    alike, better = market + chance(6, 2000, drift=0.0) / 10, market + 0.002

    assert ratios.sharpe_difference(market, alike) > 0.2
    assert ratios.sharpe_difference(market, better) < 1e-6
    assert ratios.sharpe_difference(market, market) is None


@pytest.mark.parametrize("name", CURVES)
def test_statistics_are_those_of_empyrical(name: str) -> None:
    returns = CURVES[name]

    found = performance(of_returns(returns), DAILY)

    assert found.total_return == pytest.approx(empyrical.cum_returns_final(returns), rel=1e-9)
    assert found.annual_volatility == pytest.approx(empyrical.annual_volatility(returns))
    assert found.sharpe == pytest.approx(empyrical.sharpe_ratio(returns))
    assert found.sortino == pytest.approx(empyrical.sortino_ratio(returns))
    assert found.omega == pytest.approx(empyrical.omega_ratio(returns))
    assert found.max_drawdown == pytest.approx(-empyrical.max_drawdown(returns))
    assert found.value_at_risk == pytest.approx(-empyrical.value_at_risk(returns))
    assert found.conditional_value_at_risk == pytest.approx(
        -empyrical.conditional_value_at_risk(returns)
    )
    assert found.tail_ratio == pytest.approx(empyrical.tail_ratio(returns))


@pytest.mark.parametrize("name", CURVES)
def test_a_risk_free_rate_is_taken_off_as_empyrical_does(name: str) -> None:
    returns, told = CURVES[name], Conventions(risk_free_rate=0.03, periods_per_year=252.0)

    found = performance(of_returns(returns), told)

    each = 1.03 ** (1 / 252) - 1
    assert found.sharpe == pytest.approx(empyrical.sharpe_ratio(returns, each))
    assert found.sortino == pytest.approx(empyrical.sortino_ratio(returns, each))
    assert found.omega == pytest.approx(empyrical.omega_ratio(returns, each))


@pytest.mark.parametrize("name", ["generated", "losing"])
def test_beside_a_benchmark_statistics_are_those_of_empyrical(name: str) -> None:
    returns = CURVES[name]
    other = 0.4 * returns + chance(9, len(returns))
    curve = of_returns(returns)
    benchmark = Benchmark(
        name="other", ends=curve.day_ends, growth=np.concatenate(([1.0], np.cumprod(1 + other)))
    )

    found = relative(curve, benchmark, DAILY)

    assert found.beta == pytest.approx(empyrical.beta(returns, other))
    # Theirs compounds over a year, ours adds up.
    assert (1 + found.alpha / 252) ** 252 - 1 == pytest.approx(empyrical.alpha(returns, other))
    assert found.information_ratio == pytest.approx(
        empyrical.excess_sharpe(returns, other) * math.sqrt(252)
    )
    assert found.correlation == pytest.approx(np.corrcoef(returns, other)[0, 1])
    assert found.treynor_ratio == pytest.approx(returns.mean() * 252 / found.beta)
    assert found.benchmark_return == pytest.approx(np.prod(1 + other) - 1)
    assert found.benchmark_max_drawdown == pytest.approx(-empyrical.max_drawdown(other))


def test_skew_and_kurtosis_are_moments_over_the_deviation() -> None:
    returns = chance(4, 500)

    centred = (returns - returns.mean()) / returns.std()
    assert ratios.moments(returns) == pytest.approx((np.mean(centred**3), np.mean(centred**4) - 3))


def test_a_benchmark_that_is_the_account_has_beta_one_and_alpha_zero() -> None:
    returns = CURVES["AAPL"]
    curve = of_returns(returns)

    itself = Benchmark(name="itself", ends=curve.day_ends, growth=curve.growth_by_day)
    found = relative(curve, itself, DAILY)

    assert (found.beta, found.correlation) == pytest.approx((1.0, 1.0))
    assert found.alpha == pytest.approx(0.0, abs=1e-12)
    assert found.information_ratio is None
