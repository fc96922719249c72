"""Measures of skill against their obvious definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from barque.research.metrics import area_under_curve, average_ranks, information_coefficient

few = st.sampled_from([0.1, 0.2, 0.3, 0.4, 0.5])
pairs = st.lists(st.tuples(few, st.booleans()), min_size=1, max_size=40)


@given(pairs=pairs)
def test_auc_is_the_chance_to_rank_a_rise_above_a_fall(pairs) -> None:
    predicted = np.array([p for p, _ in pairs])
    rose = np.array([float(r) for _, r in pairs])

    wins = [(a > b) + (a == b) / 2 for a, r in pairs if r for b, s in pairs if not s]
    wanted = np.mean(wins) if wins else np.nan

    assert area_under_curve(predicted, rose) == pytest.approx(wanted, nan_ok=True)


@given(values=st.lists(few, min_size=1, max_size=40))
def test_ranks_are_averaged_over_ties(values: list[float]) -> None:
    ranks = average_ranks(np.array(values), np.zeros(len(values), np.int64))

    np.testing.assert_array_equal(ranks + 1, stats.rankdata(values))


@given(seed=st.integers(0, 2**32 - 1))
def test_the_information_coefficient_is_the_mean_rank_correlation_of_full_slices(seed: int) -> None:
    chance = np.random.default_rng(seed)
    ts = np.sort(chance.integers(0, 12, 90))
    predicted = np.round(chance.normal(size=90), 1)
    earned = chance.normal(size=90)

    slices = [ts == t for t in np.unique(ts) if (ts == t).sum() >= 5]
    wanted = [stats.spearmanr(predicted[rows], earned[rows]).statistic for rows in slices]

    assert information_coefficient(predicted, earned, ts) == pytest.approx(np.mean(wanted))


def test_without_full_slices_all_samples_are_one() -> None:
    chance = np.random.default_rng(1)
    predicted, earned = chance.normal(size=(2, 50))

    wanted = stats.spearmanr(predicted, earned).statistic

    assert information_coefficient(predicted, earned, np.arange(50)) == pytest.approx(wanted)


def test_what_does_not_vary_has_no_skill_to_measure() -> None:
    constant = np.full(20, 0.5)

    assert np.isnan(information_coefficient(constant, np.arange(20.0), np.zeros(20, np.int64)))
    assert np.isnan(area_under_curve(constant, np.ones(20)))
