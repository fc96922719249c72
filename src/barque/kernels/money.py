"""The only product of the ledger: a·b/d in whole units, exact or refused, never wrapped."""

import numpy as np
from numba import njit

from barque.domain.instruments import LARGEST_MONEY
from barque.kernels.arrays import IntArray
from barque.kernels.compile import JIT
from barque.kernels.layout import MULTIPLIER, NOTIONAL_DIVISOR

RATE = 10**12
MONEY = LARGEST_MONEY


@njit(**JIT)
def fits(amount: int) -> bool:
    """Return whether an amount is in the range of the ledger, from -MONEY to MONEY."""
    # One comparison; the sum may wrap.
    return bool(np.uint64(amount + MONEY) <= np.uint64(2 * MONEY))


@njit(**JIT)
def mul_div(a: int, b: int, d: int) -> tuple[int, bool]:
    """Return round-half-even(a·b/d) and whether it fits, for 1 ≤ d ≤ 10^15.

    The float guess is off by less than 2,048; the remainder a·b − q·d is exact modulo 2^64, so
    one correction makes the quotient exact without 128-bit integers.
    """
    product = float(a) * float(b)
    if d == 1:
        return (a * b, True) if abs(product) < 4e18 else (0, False)
    if product == 0.0:  # a rate of nothing
        return 0, True
    guess = product / float(d)
    if not abs(guess) < 4e18:
        return 0, False
    quotient = np.int64(guess)
    remainder = a * b - quotient * d
    if remainder < 0 or remainder >= d:  # the division is slow, and seldom needed
        step = remainder // d
        quotient += step
        remainder -= step * d
    to_next = d - remainder
    if remainder > to_next or (remainder == to_next and quotient & 1):
        quotient += 1
    return quotient, True  # type: ignore[return-value]  # machine integers


@njit(**JIT)
def middle(a: int, b: int) -> int:
    """Return the price half way between two, a tie to the even one."""
    total = a + b
    half = total >> 1
    return half + (total & 1 & half)


@njit(**JIT)
def notional(instruments: IntArray, i: int, price: int, quantity: int) -> tuple[int, bool]:
    """Return the signed cash value of `quantity` at `price`, in cash units."""
    multiplier = instruments[i, MULTIPLIER]
    largest = MONEY if multiplier == 1 else MONEY // multiplier
    if abs(quantity) > largest:
        return 0, False
    return mul_div(price, quantity * multiplier, instruments[i, NOTIONAL_DIVISOR])


@njit(**JIT)
def square_root(rate: int) -> int:
    """Return the square root of a rate from 0 to 1, as the nearest rate."""
    root = np.int64(np.sqrt(float(rate)) * 1e6)
    over = rate * RATE - root * root  # wraps and is exact: it is small
    while over < 0:
        over += 2 * root - 1
        root -= 1
    while over > 2 * root:
        over -= 2 * root + 1
        root += 1
    return root + 1 if over > root else root  # type: ignore[return-value]  # a machine integer
