"""What is left out of a picture is nothing that anybody would miss."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from barque.kernels.thinning import thin

curves = arrays(np.float64, st.integers(1, 400), elements=st.floats(-1e6, 1e6))


@given(curves, st.integers(4, 50))
def test_the_ends_and_the_extremes_are_kept(values, points: int) -> None:
    kept = thin(values, points)

    assert kept[0] == 0
    assert kept[-1] == len(values) - 1
    assert values[kept].max() == values.max()
    assert values[kept].min() == values.min()
    assert (np.diff(kept) > 0).all()
    assert len(kept) <= points + 8


@given(curves, st.integers(4, 50))
def test_the_deepest_fall_is_kept(values, points: int) -> None:
    kept = values[thin(values, points)]

    fall = np.maximum.accumulate(values) - values
    left = np.maximum.accumulate(kept) - kept
    assert left.max() == fall.max()


@given(arrays(np.float64, st.integers(1, 400), elements=st.floats(0.01, 1e6)), st.integers(4, 50))
def test_the_deepest_fall_is_kept_as_a_fraction_too(values, points: int) -> None:
    kept = values[thin(values, points)]

    fall = 1 - values / np.maximum.accumulate(values)
    left = 1 - kept / np.maximum.accumulate(kept)
    assert np.isclose(left.max(), fall.max())
