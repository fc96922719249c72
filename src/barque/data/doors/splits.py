"""What a split may be: some whole number of new shares for another whole number of old ones.

With both at most 1,000 the engine's whole numbers hold any position through any split.
"""

from fractions import Fraction

LARGEST_TERM = 1_000
"""The most `new` shares, and the most `old` ones, in a split."""


def split_terms(ratio: float) -> Fraction:
    """Return new/old for a ratio from 1/1,000 to 1,000: the nearest whose terms are allowed."""
    largest = LARGEST_TERM / max(ratio, 1) * (1 + 1e-9)  # 90.9090909091 stands for 1000/11
    return Fraction(ratio).limit_denominator(int(largest))
