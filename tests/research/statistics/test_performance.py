"""Each statistic is its definition, on curves that a person can follow."""

import math
from dataclasses import asdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.research.statistics import DAY, Conventions, performance
from barque.research.statistics.curve import daily
from tests.research.curves import HOUR, curve, daily_of


def measured(equity, step: int = DAY, first: int | None = None, **conventions):
    return performance(daily_of(equity, step, first), Conventions(**conventions))


def test_a_small_curve_by_hand() -> None:
    """Up a tenth, down a fifth, up a quarter: 100, 110, 88, 110 on four days."""
    found = measured([100, 110, 88, 110])

    returns, years = np.array([0.1, -0.2, 0.25]), 3 / 365.25
    assert found.total_return == pytest.approx(0.1)
    assert found.cagr == pytest.approx(1.1 ** (1 / years) - 1)
    assert found.periods_per_year == pytest.approx(365.25)
    assert found.annual_volatility == pytest.approx(returns.std(ddof=1) * math.sqrt(365.25))
    assert found.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(365.25))
    assert found.sortino == pytest.approx(0.05 / math.sqrt(0.04 / 3) * math.sqrt(365.25))
    assert found.omega == pytest.approx(0.35 / 0.2)
    assert found.max_drawdown == pytest.approx(0.2)
    assert found.max_drawdown_duration == pytest.approx(2.0)
    assert found.calmar == pytest.approx(found.cagr / 0.2)
    assert found.ulcer_index == pytest.approx(0.1)
    assert found.periods == 3


equities = st.lists(st.integers(1, 10**15), min_size=2, max_size=60)


def drawdowns(equity, ts, first: int) -> tuple[float, int]:
    """The obvious way: look back from every slice, and forward from every peak."""
    deepest, longest = 0.0, 0
    points = [(ts[0], first), *zip(ts, equity, strict=True)]
    for k, (_, now) in enumerate(points):
        peak = max(value for _, value in points[: k + 1])
        deepest = max(deepest, (peak - now) / peak)
    for k, (begun, peak) in enumerate(points):
        if peak < max(value for _, value in points[: k + 1]):
            continue
        later = points[k + 1 :]
        back = next((t for t, value in later if value >= peak), points[-1][0])
        if later and later[0][1] < peak:
            longest = max(longest, back - begun)
    return deepest, longest


@given(equities, st.sampled_from([HOUR, DAY, 3 * DAY]), st.integers(1, 10**15))
def test_a_drawdown_is_the_worst_look_back_and_the_longest_look_forward(
    equity, step, first
) -> None:
    rows = curve(equity, step)

    found = performance(daily(rows, first))

    deepest, longest = drawdowns(equity, rows[:, 0].tolist(), first)
    assert found.max_drawdown == pytest.approx(deepest)
    assert found.max_drawdown_duration == pytest.approx(longest / DAY)


@given(equities, st.sampled_from([HOUR, DAY, 3 * DAY]))
def test_every_statistic_is_what_its_definition_says(equity, step: int) -> None:
    rows = curve(equity, step)
    found = performance(daily(rows, equity[0]))

    last = {int(ts) // DAY: e for ts, e in zip(rows[:, 0], equity, strict=True)}
    closes = list(last.values())
    returns = [b / a - 1 for a, b in pairwise(closes)]
    assert found.total_return == pytest.approx(equity[-1] / equity[0] - 1)
    np.testing.assert_allclose(daily(rows, equity[0]).closes, closes)
    assert daily(rows, equity[0]).days.tolist() == list(last)
    if len(returns) > 1 and np.std(returns, ddof=1) > 1e-9 * max(map(abs, returns)):
        wanted = np.mean(returns) / np.std(returns, ddof=1) * math.sqrt(found.periods_per_year)
        assert found.sharpe == pytest.approx(wanted)


plausible = st.integers(10**9, 10**12)  # what is all but lost leaves no digits to compound


@given(
    st.lists(plausible, min_size=2, max_size=60),
    st.sampled_from([HOUR, DAY, 20 * DAY]),
    plausible,
)
def test_monthly_returns_compound_to_the_total(equity, step: int, first: int) -> None:
    found = daily_of(equity, step, first)

    months = found.monthly_returns()

    assert math.prod(1 + earned for earned in months.values()) == pytest.approx(found.growth)
    assert sorted(months) == list(months)


@given(equities)
def test_nothing_is_ever_nan_or_infinite(equity) -> None:
    for value in asdict(measured(equity)).values():
        assert value is None or math.isfinite(value)


def test_returns_are_taken_between_the_last_equities_of_days() -> None:
    """Two days of 24 hours: only hour 23 and hour 47 count."""
    assert daily_of(range(1, 49), HOUR).closes.tolist() == [24, 48]


@pytest.mark.parametrize("equity", [[], [100], [0, 100], [-5, 100]])
def test_without_a_beginning_nothing_is_known(equity) -> None:
    found = performance(daily(curve(equity), equity[0] if equity else 0))

    told = ("periods", "risk_free_rate")
    assert {value for name, value in asdict(found).items() if name not in told} == {None}


@pytest.mark.parametrize("equity", [[100, 50, 0], [100, 0, 0], [100, 0, -50, 20], [100, -100]])
def test_who_loses_everything_has_a_return_and_no_ratio(equity) -> None:
    found = measured(equity)

    assert found.total_return == equity[-1] / 100 - 1
    assert found.max_drawdown >= 1.0
    assert (found.sharpe, found.annual_volatility, found.sortino) == (None, None, None)
    assert found.cagr is None or equity[-1] > 0


def test_a_curve_that_never_moves_has_no_ratio() -> None:
    found = measured([100] * 10)

    assert (found.total_return, found.max_drawdown, found.sharpe) == (0.0, 0.0, None)
    assert (found.sortino, found.omega, found.calmar, found.tail_ratio) == (None,) * 4


def test_a_curve_that_grows_evenly_has_no_ratio_made_of_rounding() -> None:
    found = measured([round(10**15 * 1.01**k) for k in range(50)])

    assert found.sharpe is None


def test_a_year_of_doubling_every_hour_is_more_than_a_number_can_say() -> None:
    assert measured([100, 200], step=HOUR).cagr is None


def test_a_drawdown_is_measured_at_every_slice_and_not_only_at_closes() -> None:
    assert measured([100, 50, 120, 90], step=HOUR).max_drawdown == 0.5


def test_what_was_lost_before_the_first_slice_ended_is_lost() -> None:
    found = measured([90, 90, 90], first=100)

    assert found.total_return == pytest.approx(-0.1)
    assert found.max_drawdown == pytest.approx(0.1)


def test_a_risk_free_rate_lowers_the_ratio_and_not_the_return() -> None:
    equity = [100, 110, 88, 110]

    plain, charged = measured(equity), measured(equity, risk_free_rate=0.05)

    each = math.expm1(math.log(1.05) / 365.25)
    excess = np.array([0.1, -0.2, 0.25]) - each
    assert charged.sharpe == pytest.approx(excess.mean() / excess.std(ddof=1) * math.sqrt(365.25))
    assert charged.total_return == plain.total_return
    assert charged.annual_volatility == plain.annual_volatility


def test_periods_a_year_may_be_given() -> None:
    equity = [100, 110, 88, 110]

    found = measured(equity, periods_per_year=252)

    assert found.sharpe == pytest.approx(measured(equity).sharpe * math.sqrt(252 / 365.25))
    assert found.periods_per_year == 252
