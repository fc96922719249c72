"""Money is integers: exact to the last unit, or refused. Checked against Python's own integers."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from barque.kernels import layout as at
from barque.kernels.money import RATE, mul_div, notional, square_root

MONEY = 4 * 10**18
VALUE = 10**15
DOUBT = 2_048  # how far the float guess may be off: so near to the bound either answer is right

amounts = st.integers(-MONEY, MONEY) | st.integers(-50, 50)
values = st.integers(-VALUE, VALUE) | st.integers(-50, 50)
divisors = st.sampled_from([10**k for k in range(16)]) | st.integers(1, VALUE)


def row(**columns: int) -> np.ndarray:
    rules = np.zeros((1, at.INSTRUMENT_WIDTH), np.int64)
    rules[0, [at.NOTIONAL_DIVISOR, at.MULTIPLIER, at.QUANTITY_SCALE]] = 1
    for column, value in columns.items():
        rules[0, getattr(at, column)] = value
    return rules


@given(amounts, amounts, divisors)
@example(MONEY, 1, 1)
@example(-MONEY, 1, 1)
@example(MONEY - 4_096, 1, 1)
@example(MONEY, MONEY, 1)
@example(3 * 10**18, 4 * 10**14, 3 * 10**14)
def test_a_product_is_exact_or_refused(a: int, b: int, d: int) -> None:
    exact = Fraction(a * b, d)

    result, ok = mul_div(a, b, d)

    if abs(exact) < MONEY - DOUBT:
        assert ok
    if abs(exact) >= MONEY + DOUBT:
        assert not ok
    assert not ok or result == round(exact)


@given(st.integers(-VALUE, VALUE), st.integers(1, VALUE // 2))
@example(0, 1)
@example(1, 1)
def test_what_lies_between_two_units_goes_to_the_even_one(whole: int, half: int) -> None:
    tie = (2 * whole + 1) * half

    result, ok = mul_div(tie, 1, 2 * half) if abs(tie) < MONEY else (0, False)

    assert not ok or result == (whole if whole % 2 == 0 else whole + 1)


@given(st.integers(1, 4_000), st.integers(1, 10**15), st.data())
def test_a_guess_in_floating_point_never_costs_a_unit(digits: int, d: int, data) -> None:
    """Quotients near the bound, where a float counts in steps of 512."""
    quotient = MONEY - DOUBT - digits
    rest = data.draw(st.integers(0, d - 1))
    total = quotient * d + rest
    b = data.draw(st.integers(max(1, -(-total // MONEY)), VALUE))
    a = min(total // b, MONEY)

    result, ok = mul_div(a, b, d)

    assert ok
    assert result == round(Fraction(a * b, d))


@given(values, values, st.integers(1, 10**9), divisors)
def test_a_notional_is_price_times_quantity_times_multiplier(
    price: int, quantity: int, multiplier: int, divisor: int
) -> None:
    rules = row(MULTIPLIER=multiplier, NOTIONAL_DIVISOR=divisor)

    result, ok = notional(rules, 0, price, quantity)

    exact = Fraction(price * quantity * multiplier, divisor)
    fits = abs(quantity * multiplier) <= MONEY and abs(exact) < MONEY - DOUBT
    assert ok or not fits
    assert not ok or result == round(exact)


@pytest.mark.parametrize("side", [1, -1])
def test_a_quantity_that_wraps_when_multiplied_is_refused(side: int) -> None:
    """5·10^14 times 50,000 is 2.5·10^19, which 64 bits would take for 6.6·10^18 less a wrap."""
    rules = row(MULTIPLIER=50_000, NOTIONAL_DIVISOR=10**15)

    assert notional(rules, 0, 1, side * 5 * 10**14) == (0, False)


@given(st.integers(0, RATE))
@example(RATE)
@example(0)
@example(1)
def test_a_square_root_of_a_rate_is_the_nearest_rate(rate: int) -> None:
    root = square_root(rate)

    # Twice the root is within one of twice the true one: compared as squares, exactly.
    assert (2 * root - 1) ** 2 <= 4 * rate * RATE <= (2 * root + 1) ** 2 or rate == root == 0
