"""What a split may be: some whole number of new shares for another whole number of old ones.

With both at most 1,000 the engine's whole numbers hold any position through any split.
"""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from barque.data.sessions import IntArray
from barque.domain.errors import CorruptData

LARGEST_TERM = 1_000
"""The most `new` shares, and the most `old` ones, in a split."""


def split_terms(ratio: float) -> Fraction:
    """Return new/old for a ratio from 1/1,000 to 1,000: the nearest whose terms are allowed."""
    return Fraction(ratio).limit_denominator(int(LARGEST_TERM / max(ratio, 1)))


def check_splits(columns: Mapping[str, IntArray], where: str) -> None:
    """Raise CorruptData, naming the split by its place in `where`, unless all are allowed."""
    terms = np.stack([columns["new"], columns["old"]])
    wrong = ((terms < 1) | (terms > LARGEST_TERM)).any(axis=0)
    if wrong.any():
        row = int(wrong.argmax())
        new, old = terms[:, row]
        raise CorruptData(
            f"{where}, split {row + 1}: {new} new for {old} old; whole numbers from 1 to "
            f"{LARGEST_TERM:,} are allowed. Correct it and import the data again."
        )
