import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.data.sessions import (
    DAY,
    NO_SESSION,
    IntArray,
    period_length,
    session_closes,
    session_hours,
)
from barque.domain.errors import BadInput
from tests.data.builders import nanoseconds


def days(*dates: str) -> IntArray:
    return np.array([nanoseconds(date) for date in dates], np.int64)


@pytest.mark.parametrize(
    ("date", "opens", "closes"),
    [
        ("2014-06-09", "2014-06-09T13:30", "2014-06-09T20:00"),
        ("2014-01-09", "2014-01-09T14:30", "2014-01-09T21:00"),
        ("2013-07-03", "2013-07-03T13:30", "2013-07-03T17:00"),
        ("2016-11-25", "2016-11-25T14:30", "2016-11-25T18:00"),
    ],
    ids=["summer", "winter", "before a holiday", "after Thanksgiving"],
)
def test_new_york_opens_and_closes_by_its_own_clock(date: str, opens: str, closes: str) -> None:
    hours = session_hours("XNYS", days(date))

    assert [int(side[0]) for side in hours] == [nanoseconds(opens), nanoseconds(closes)]


def test_a_holiday_and_a_sunday_have_no_session() -> None:
    opens, closes = session_hours("XNYS", days("2013-07-04", "2013-07-07", "2013-07-05"))

    assert (opens == NO_SESSION).tolist() == [True, True, False]
    assert (closes == NO_SESSION).tolist() == [True, True, False]


def test_before_its_known_history_a_calendar_has_weekdays_with_its_first_hours() -> None:
    opens, closes = session_hours("XTKS", days("1990-01-04", "1990-01-06", "2000-01-05"))

    assert int(opens[0]) == nanoseconds("1990-01-04T00:00")
    assert closes[0] - opens[0] == closes[2] - opens[2] == 6 * 3_600 * 10**9
    assert opens[1] == NO_SESSION


@pytest.mark.parametrize("calendar", ["24/7", "24/5"])
def test_where_the_market_does_not_sleep_a_day_is_the_utc_day(calendar: str) -> None:
    opens, closes = session_hours(calendar, days("2022-02-02"))

    assert [int(opens[0]), int(closes[0])] == days("2022-02-02", "2022-02-03").tolist()


def test_foreign_exchange_closes_at_five_in_new_york_on_weekdays() -> None:
    first, last = days("2021-03-12", "2021-03-16")

    closes = session_closes("24/5", int(first), int(last))

    expected = ["2021-03-12T22:00", "2021-03-15T21:00"]
    assert closes.tolist() == [nanoseconds(time) for time in expected]


@given(st.integers(-(10**18), 10**18), st.integers(0, 40 * DAY))
def test_a_day_that_never_ends_still_closes_at_each_utc_midnight(first: int, length: int) -> None:
    closes = session_closes("24/7", first, first + length).tolist()

    assert closes == [
        t for t in range(-(-first // DAY) * DAY, first + length + 1, DAY) if t > first
    ]


def test_closes_lie_after_the_first_time_and_up_to_the_last() -> None:
    close = nanoseconds("2014-06-09T20:00")

    assert session_closes("XNYS", close - 1, close).tolist() == [close]
    assert session_closes("XNYS", close, close + 1).size == 0


@pytest.mark.parametrize(("period", "seconds"), [("1m", 60), ("4h", 14_400), ("1d", 86_400)])
def test_a_period_has_a_length(period: str, seconds: int) -> None:
    assert period_length(period) == seconds * 10**9


@pytest.mark.parametrize("period", ["", "m", "0m", "1w", "2d", "1.5h", "-1m", "1M"])
def test_a_period_nobody_knows_is_refused(period: str) -> None:
    with pytest.raises(BadInput, match="write a number and s, m or h"):
        period_length(period)


def test_a_calendar_nobody_knows_is_refused() -> None:
    with pytest.raises(BadInput, match="'XNYX' is unknown"):
        session_hours("XNYX", days("2020-01-02"))
