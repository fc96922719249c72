"""Each statistic is its definition, on curves that a person can follow."""

import math
from dataclasses import asdict
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.kernels.layout import CURVE_EQUITY, CURVE_TS, CURVE_WIDTH
from barque.research.statistics import DAY, read_curve, statistics

HOUR = DAY // 24


def curve(equity, step: int = DAY) -> np.ndarray:
    rows = np.zeros((len(equity), CURVE_WIDTH), np.int64)
    rows[:, CURVE_TS] = np.arange(len(equity)) * step
    rows[:, CURVE_EQUITY] = equity
    return rows


def measured(equity, step: int = DAY, turnover: float = 0.0):
    return statistics(curve(equity, step), fills=3, fees=1.5, turnover=turnover, dividends=2.5)


def test_a_small_curve_by_hand() -> None:
    """Up a tenth, down a fifth, up a quarter: 100, 110, 88, 110 on four days."""
    found = measured([100, 110, 88, 110], turnover=306.0)

    returns, years = np.array([0.1, -0.2, 0.25]), 3 / 365.25
    assert found.total_return == pytest.approx(0.1)
    assert found.cagr == pytest.approx(1.1 ** (1 / years) - 1)
    assert found.periods_per_year == pytest.approx(365.25)
    assert found.annual_volatility == pytest.approx(returns.std(ddof=1) * math.sqrt(365.25))
    assert found.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(365.25))
    assert found.max_drawdown == pytest.approx(0.2)
    assert found.turnover == pytest.approx(306 / 102 / years)
    assert (found.fills, found.fees, found.dividends) == (3, 1.5, 2.5)


equities = st.lists(st.integers(1, 10**15), min_size=2, max_size=60)


@given(equities, st.sampled_from([HOUR, DAY, 3 * DAY]))
def test_every_statistic_is_what_its_definition_says(equity, step: int) -> None:
    rows = curve(equity, step)
    found = statistics(rows, fills=0, fees=0.0, turnover=0.0, dividends=0.0)

    last = {int(ts) // DAY: e for ts, e in zip(rows[:, CURVE_TS], equity, strict=True)}
    closes = list(last.values())
    returns = [b / a - 1 for a, b in pairwise(closes)]
    falls = [(max(equity[: k + 1]) - e) / max(equity[: k + 1]) for k, e in enumerate(equity)]
    assert found.total_return == pytest.approx(equity[-1] / equity[0] - 1)
    assert found.max_drawdown == pytest.approx(max(falls))
    np.testing.assert_allclose(read_curve(rows)[0], closes)
    if len(returns) > 1 and np.std(returns, ddof=1) > 0:
        wanted = np.mean(returns) / np.std(returns, ddof=1) * math.sqrt(found.periods_per_year)
        assert found.sharpe == pytest.approx(wanted)


def test_returns_are_taken_between_the_last_equities_of_days() -> None:
    """Two days of 24 hours: only hour 23 and hour 47 count."""
    equity = np.arange(1, 49)

    assert read_curve(curve(equity, HOUR))[0].tolist() == [24, 48]


@pytest.mark.parametrize("equity", [[], [100], [0, 100], [-5, 100]])
def test_without_a_beginning_nothing_is_known(equity) -> None:
    found = measured(equity)

    unknown = [value for name, value in asdict(found).items() if name not in ("fills", "fees")]
    assert unknown == [None] * 7 + [2.5]


@pytest.mark.parametrize("equity", [[100, 50, 0], [100, 0, 0], [100, 0, -50, 20], [100, -100]])
def test_who_loses_everything_has_a_return_and_no_ratio(equity) -> None:
    found = measured(equity, turnover=10.0)

    assert found.total_return == equity[-1] / 100 - 1
    assert found.max_drawdown >= 1.0
    assert (found.sharpe, found.annual_volatility, found.turnover) == (None, None, None)
    assert found.cagr is None or equity[-1] > 0


def test_a_curve_that_never_moves_has_no_ratio() -> None:
    found = measured([100] * 10)

    assert (found.total_return, found.max_drawdown, found.sharpe) == (0.0, 0.0, None)


def test_a_year_of_doubling_every_hour_is_more_than_a_number_can_say() -> None:
    assert measured([100, 200], step=HOUR).cagr is None


def test_a_drawdown_is_measured_at_every_slice_and_not_only_at_closes() -> None:
    assert measured([100, 50, 120, 90], step=HOUR).max_drawdown == 0.5
