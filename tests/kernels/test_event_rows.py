from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from barque.kernels.event_rows import NEVER, merge_rows, to_units
from barque.kernels.layout import CLOSE, EVENT_WIDTH, FLAGS, INSTRUMENT, TS

LARGEST = 10**15


def exactly_rounded(value: float, digits: int) -> int:
    return round(Fraction(value) * 10**digits)


@given(st.integers(-LARGEST, LARGEST), st.integers(0, 12))
def test_a_written_price_becomes_the_units_it_stands_for(units: int, digits: int) -> None:
    written = float(Fraction(units, 10**digits))

    assert int(to_units(written, 10.0**digits)) == units


@given(st.integers(-LARGEST, LARGEST), st.integers(0, 9))
@example(1, 1)
def test_a_value_between_two_units_is_rounded_by_its_exact_value(near: int, digits: int) -> None:
    value = float(Fraction(2 * near + 1, 2 * 10**digits))
    if abs(value) * 10**digits > LARGEST:
        value = float(Fraction(1, 2 * 10**digits))

    assert int(to_units(value, 10.0**digits)) == exactly_rounded(value, digits)


def test_a_product_that_only_looks_like_a_tie_is_not_rounded_to_even() -> None:
    looks_like_a_tie = [
        value
        for value in ((2 * k + 1) / 2e8 for k in range(20_000))
        if Fraction(value) * 10**8 % 1 != Fraction(1, 2) and value * 1e8 % 1 == 0.5
    ]

    units = [int(to_units(value, 1e8)) for value in looks_like_a_tie]

    assert len(looks_like_a_tie) > 1_000
    assert units == [exactly_rounded(value, 8) for value in looks_like_a_tie]
    assert units != [round(value * 1e8) for value in looks_like_a_tie]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_stays_none(value: float) -> None:
    assert not np.isfinite(to_units(value, 1e8))


times = st.lists(st.integers(0, 30), max_size=12).map(sorted)
often_shared = st.one_of(times, st.just(list(range(3, 15))), st.just(list(range(12))))


@given(st.lists(often_shared, min_size=1, max_size=6))
def test_merged_rows_are_ordered_by_time_then_source_then_place(sources: list[list[int]]) -> None:
    held = np.zeros((12 * len(sources), EVENT_WIDTH), np.int64)
    for index, source in enumerate(sources):
        block = held[12 * index :]
        block[: len(source), TS] = source
        block[: len(source), INSTRUMENT] = index
        block[: len(source), CLOSE] = range(len(source))
    heads = 12 * np.arange(len(sources))
    ends = heads + [len(source) for source in sources]
    out = np.zeros((12 * len(sources), EVENT_WIDTH), np.int64)
    merge = np.array([NEVER, 0])
    ties = np.array([len(set(source)) < len(source) for source in sources])

    filled = merge_rows(held, heads, ends, ends >= 0, ties, merge, out, 0, len(out) + 1)

    assert merge[0] == NEVER
    told = [tuple(row) for row in out[:filled, [TS, INSTRUMENT, CLOSE]].tolist()]
    assert told == sorted((ts, i, k) for i, one in enumerate(sources) for k, ts in enumerate(one))
    merged = [(ts, i) for ts, i, _ in told]
    ends = [bool(row[FLAGS]) for row in out[:filled]]
    following = [*[ts for ts, _ in merged[1:]], None][: len(merged)]
    assert ends == [ts != after for (ts, _), after in zip(merged, following, strict=True)]
