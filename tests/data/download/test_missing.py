"""What the calendar expects, and what is asked for together."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.data.download.missing import Run, expected_starts, joined, outside, runs
from tests.data.builders import DAY, MINUTE, nanoseconds

LATER = nanoseconds("2030-01-01")

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)


def starts(calendar: str, period: str, first: str, end: str, now: int = LATER) -> list[str]:
    found = expected_starts(calendar, period, (nanoseconds(first), nanoseconds(end)), now)
    return [str(one)[:16] for one in found.astype("M8[ns]")]


def test_round_the_clock_every_period_that_begins_in_the_span_is_expected() -> None:
    found = starts("24/7", "1h", "2024-03-01T21:30", "2024-03-02T00:00")

    assert found == ["2024-03-01T22:00", "2024-03-01T23:00"]


def test_a_bar_that_has_not_closed_is_not_expected() -> None:
    now = nanoseconds("2024-03-01T23:59:59.999999999")

    assert starts("24/7", "1h", "2024-03-01T22:00", "2024-03-03", now) == ["2024-03-01T22:00"]


def test_an_exchange_has_days_but_no_weekends_and_no_holidays() -> None:
    found = starts("XNYS", "1d", "2024-01-12", "2024-01-18")

    assert found == ["2024-01-12T14:30", "2024-01-16T14:30", "2024-01-17T14:30"]


def test_a_session_is_cut_into_periods_and_a_half_day_is_shorter() -> None:
    assert len(starts("XNYS", "1m", "2024-11-27", "2024-11-28")) == 390
    assert len(starts("XNYS", "1m", "2024-11-29", "2024-11-30")) == 210
    assert starts("XNYS", "1h", "2024-11-29", "2024-11-30")[0] == "2024-11-29T14:00"


def test_foreign_exchange_has_no_saturday() -> None:
    assert len(starts("24/5", "1d", "2024-03-01", "2024-03-11")) == 6
    assert starts("24/5", "1h", "2024-03-09", "2024-03-10T12:00") == []


@pytest.mark.parametrize("calendar", ["24/7", "24/5", "XNYS"])
def test_an_empty_span_expects_nothing(calendar: str) -> None:
    assert expected_starts(calendar, "1m", (DAY, DAY), LATER).size == 0


def test_bars_that_lie_close_together_are_asked_for_together() -> None:
    missing = np.array([1, 2, 3, 5, 20, 21]) * MINUTE

    found = runs(missing, 2 * MINUTE)

    assert found == [Run(MINUTE, 5 * MINUTE), Run(20 * MINUTE, 21 * MINUTE)]
    assert runs(missing[:0], MINUTE) == []


@given(SPANS)
def test_joined_spans_hold_the_same_times_and_do_not_touch(spans: list[tuple[int, int]]) -> None:
    found = joined(spans)

    times = np.arange(-1, 62)
    assert outside(times, found).tolist() == outside(times, spans).tolist()
    assert all(a[1] < b[0] for a, b in pairwise(found))
