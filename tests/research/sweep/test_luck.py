"""The best of many looks better than it is, by as much as chance says."""

import numpy as np
import pytest

from barque.research.statistics import Statistics
from barque.research.sweep.luck import expected_best, luck


@pytest.mark.parametrize("trials", [5, 50, 1_000])
def test_the_expected_best_is_what_chance_shows(trials):
    chance = np.random.default_rng(3)
    many = chance.normal(0.0, 0.5, (4_000, trials)).max(axis=1)

    said = expected_best(chance.normal(0.0, 0.5, 20_000), trials)

    assert said == pytest.approx(many.mean(), rel=0.05)


def test_the_example_of_the_paper_is_found():
    # Bailey and López de Prado (2014), section "A numerical example": five years of daily returns
    # with a Sharpe ratio of 2.5 a year, skew -3, kurtosis 10, the best of 100 trials whose Sharpe
    # ratios have a variance of 1/2 a year: SR0 is 0.1132 a day and the deflated ratio 0.9004.
    sharpes = np.array([-1.0, 1.0]) * np.sqrt(0.5 / 2)
    found = Statistics(sharpe=2.5, periods=1250, periods_per_year=250.0, skew=-3.0, kurtosis=7.0)

    said = luck(found, sharpes, 100)

    assert said.expected_best / np.sqrt(250) == pytest.approx(0.1132, abs=1e-4)
    assert said.deflated_sharpe == pytest.approx(0.9004, abs=1e-3)


def test_one_trial_has_no_expected_best():
    said = luck(Statistics(sharpe=1.0), np.array([1.0]), 1)

    assert (said.expected_best, said.deflated_sharpe) == (None, None)
