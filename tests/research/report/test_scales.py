"""Round numbers beside a picture lie within it, are few, and stand where they say."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from barque.research.report.scales import HEIGHT, scale_of, time_ticks
from tests.research.curves import DAY, HOUR

numbers = st.floats(-1e9, 1e9).filter(lambda x: x == 0 or abs(x) > 1e-6)


@given(st.lists(numbers, min_size=1, max_size=20), st.booleans(), st.booleans())
def test_every_value_and_every_tick_lies_within(values, zero: bool, log: bool) -> None:
    scale = scale_of(np.array(values), zero=zero, log=log)

    places = scale.place(np.array([*values, *scale.ticks()]))
    assert (places > -1e-3).all()
    assert (places < HEIGHT + 1e-3).all()
    assert len(scale.ticks()) <= 9


@given(st.floats(1e-3, 1e6), st.floats(5, 1e5))
def test_on_a_logarithmic_scale_equal_heights_are_equal_percentages(
    low: float, times: float
) -> None:
    scale = scale_of(np.array([low, low * times]), log=True)

    places = scale.place(np.array([low, low * times**0.5, low * times]))
    assert scale.is_logarithmic
    assert np.allclose(places[0] - places[1], places[1] - places[2])
    assert len(scale.ticks()) >= 1


@given(st.integers(0, 2 * 10**18), st.integers(HOUR // 60, 60 * 365 * DAY))
def test_times_beside_a_picture_are_few_and_in_order(start: int, span: int) -> None:
    ticks = time_ticks(start, start + span)

    places = [place for place, _ in ticks]
    assert places == sorted(places)
    assert len(ticks) <= 12
    assert all(-1e-6 <= place <= 1 + 1e-6 for place in places)
