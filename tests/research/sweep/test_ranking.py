"""A plateau is worth more than a needle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.research.sweep.ranking import rank
from barque.research.sweep.space import Axis, read_space

KNOWN = {"fast": 10, "slow": 30, "stop": 0.1}


def test_a_plateau_is_chosen_before_a_needle():
    space = read_space(["fast=1:5", "slow=1:5"], KNOWN)
    values = np.zeros(25)
    values[[space.number_of((i, j)) for i in (1, 2, 3) for j in (1, 2, 3)]] = 1.0
    values[space.number_of((2, 2))] = 1.1
    values[space.number_of((0, 4))] = 3.0

    ranking = rank(space, "sharpe", values, np.zeros(25))

    assert ranking.best == space.number_of((2, 2))
    assert ranking.by_value[0] == space.number_of((0, 4))


def test_small_is_good_for_a_drawdown():
    space = read_space(["fast=1:5"], KNOWN)

    ranking = rank(space, "max_drawdown", np.array([0.5, 0.1, 0.2, 0.15, 0.4]), np.zeros(5))

    assert ranking.best == 2
    assert ranking.by_value.tolist() == [1, 3, 2, 4, 0]
    assert ranking.plateaus[2] == 0.15


def test_a_neighbour_without_a_value_is_worst_and_a_refused_one_is_none():
    space = read_space(["fast=1:7"], KNOWN)
    values = np.array([5.0, 5.0, np.nan, np.nan, 2.0, 2.0, 2.0])

    silent = rank(space, "sharpe", values, np.zeros(7))
    refused = rank(space, "sharpe", values, np.isnan(values).astype(float))

    assert np.isnan(silent.plateaus[3])
    assert silent.best == 1
    assert refused.best == 5
    assert np.isnan(refused.plateaus[1]), "two points are no plateau"


@given(st.lists(st.one_of(st.none(), st.integers(-3, 3)), min_size=1, max_size=30))
def test_the_order_is_that_of_the_obvious_rule(values):
    space = read_space([f"fast=1:{len(values)}"], KNOWN)
    numbers = np.array([np.nan if value is None else value for value in values], np.float64)

    ranking = rank(space, "sharpe", numbers, np.zeros(len(values)))

    worst = [-np.inf if value is None else value for value in values]
    medians = {
        k: sorted(around)[(len(around) - 1) // 2]
        for k in range(len(values))
        if len(around := worst[max(0, k - 1) : k + 2]) >= 3
    }
    expected = sorted(
        (k for k in medians if medians[k] > -np.inf and worst[k] > -np.inf),
        key=lambda k: (-medians[k], -worst[k], k),
    )
    assert ranking.by_plateau.tolist() == expected


def test_drawn_points_are_judged_with_their_nearest():
    space = read_space(["stop=0:1", "fast=1:100"], KNOWN, 60, 5)
    values = np.array([-abs(space.position(k) - 0.3).max() for k in range(60)])

    ranking = rank(space, "sharpe", values, np.zeros(60))

    assert isinstance(space.axes[0], Axis)
    assert abs(space.position(ranking.best) - 0.3).max() < 0.25


@pytest.mark.parametrize("values", [[np.nan, np.nan], []])
def test_nothing_is_best_where_nothing_is_known(values):
    space = read_space(["fast=1:2"], KNOWN)
    known = np.array(values or [np.nan, np.nan])

    assert rank(space, "sharpe", known, np.zeros(2)).best is None
