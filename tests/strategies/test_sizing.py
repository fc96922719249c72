"""Sizes are what the rules say, and target weights never cost more than there is."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.strategies import sizing

NAN = float("nan")

PORTFOLIO = st.lists(
    st.tuples(st.floats(-1, 1), st.floats(0.01, 10_000)), min_size=1, max_size=30
)  # fmt: skip


def lots_for(weights, worths, money):
    weights, worths = np.array(weights, float), np.array(worths, float)
    lots, order = np.zeros((2, weights.size), np.int64)
    spent = sizing.target_lots(weights, worths, float(money), lots, order, np.zeros(weights.size))
    return lots.tolist(), spent


def obvious_lots(weights, worths, money):
    """The same rule in exact fractions, by sorting."""
    exact = [
        abs(Fraction(w)) * Fraction(money) / Fraction(c)
        for w, c in zip(weights, worths, strict=True)
    ]
    lots = [int(share) for share in exact]
    left = sum((e - n) * Fraction(c) for e, n, c in zip(exact, lots, worths, strict=True))
    for i in sorted(range(len(lots)), key=lambda i: (lots[i] - exact[i], i)):
        if exact[i] > lots[i] and Fraction(worths[i]) <= left:
            left -= Fraction(worths[i])
            lots[i] += 1
    return [-n if w < 0 else n for n, w in zip(lots, weights, strict=True)]


@given(st.lists(st.tuples(st.integers(-64, 64), st.integers(1, 400)), min_size=1, max_size=30),
       st.integers(1, 2**20))  # fmt: skip
def test_target_weights_are_rounded_by_largest_remainder(portfolio, money):
    weights = [w / 64 for w, _ in portfolio]
    worths = [float(c) for _, c in portfolio]

    lots, _ = lots_for(weights, worths, money)

    assert lots == obvious_lots(weights, worths, money)


@given(PORTFOLIO, st.floats(1, 1e9))
def test_target_weights_never_cost_more_than_their_part_of_the_money(portfolio, money):
    weights, worths = zip(*portfolio, strict=True)

    lots, spent = lots_for(weights, worths, money)

    assert spent == pytest.approx(sum(abs(n) * c for n, c in zip(lots, worths, strict=True)))
    assert spent <= sum(map(abs, weights)) * money + 1e-7 * money
    for n, weight, worth in zip(lots, weights, worths, strict=True):
        assert abs(n - weight * money / worth) < 1 + 1e-6


def test_what_one_share_leaves_over_buys_the_next():
    # Exact shares are 3.5, 3.5 and 2 lots: 100 and 100 left over buy one more of the first.
    assert lots_for([0.35, 0.35, 0.2], [100, 100, 100], 1_000) == ([4, 3, 2], 900.0)


def test_an_instrument_without_a_price_gets_nothing_and_its_share_stays_cash():
    assert lots_for([0.5, 0.25, 0.25], [0.0, NAN, 10.0], 1_000) == ([0, 0, 25], 250.0)


def test_without_money_nothing_is_held():
    assert lots_for([0.5, -0.5], [10.0, 10.0], -5) == ([0, 0], 0.0)


def test_a_share_of_the_money_leaves_the_buffer():
    assert sizing.share_of(10_000.0, 50.0, 1.0, 0.05) == pytest.approx(190)
    assert sizing.share_of(10_000.0, 50.0, -0.5, 0.0) == -100


@pytest.mark.parametrize("numbers", [(0.0, 50.0), (NAN, 50.0), (100.0, 0.0), (100.0, NAN)])
def test_where_a_number_is_missing_nothing_is_held(numbers):
    money, worth = numbers

    assert sizing.share_of(money, worth, 1.0, 0.0) == 0
    assert sizing.volatility_target(money, worth, 0.2, 0.1, 1.0) == 0


@given(st.floats(0.001, 2), st.floats(0.001, 2), st.floats(0.1, 5))
def test_what_is_held_moves_the_money_by_the_target(volatility, target, most):
    quantity = sizing.volatility_target(10_000.0, 25.0, volatility, target, most)

    part = quantity * 25 / 10_000
    assert part == pytest.approx(min(target / volatility, most))


def test_kelly_is_that_of_the_papers():
    # An even bet won 53 times of 100 (Thorp 2006): 6 % of the money.
    assert sizing.kelly_of_bets(0.53, 1.0) == pytest.approx(0.06)
    assert sizing.kelly_of_bets(0.4, 1.0) == 0
    # The S&P 500 of Thorp's section 7: excess 0.11 - 0.06, deviation 0.15.
    assert sizing.kelly_of_returns(0.05, 0.15**2) == pytest.approx(2.2222, abs=1e-4)
    assert sizing.kelly_of_returns(0.05, 0.0) == 0


@given(st.integers(-(10**6), 10**6), st.sampled_from([0.1, 0.01, 1.0, 100.0, 1e-8]))
def test_whole_lots_stay_whole(count, lot):
    assert sizing.whole_lots(count * lot, lot) == pytest.approx(count * lot, rel=1e-12)
    assert sizing.whole_lots((count + 0.5) * lot, lot) == pytest.approx(int(count + 0.5) * lot)
