"""When a market is open, and how long a bar is.

Two calendars are ours: "24/7" (a session is a UTC day) and "24/5" (foreign exchange: sessions
close at 17:00 New York, Monday to Friday). All others are those of exchange-calendars, with their
holidays and half days. Where such a calendar has no history, before its first known session or
after its last, Monday to Friday are sessions with the hours of the nearest known one.
"""

import re
import warnings
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from barque.domain.errors import BadInput

IntArray = NDArray[np.int64]

DAY = 86_400 * 10**9
NO_SESSION = -(2**63)
"""Stands for the open and close of a day on which the calendar has no session."""

DAILY = "1d"

_UNITS = {"s": 10**9, "m": 60 * 10**9, "h": 3_600 * 10**9, "d": DAY}
FIRST_DAY, LAST_DAY = "1900-01-01", "2100-12-31"
"""The history asked of a calendar that has no bounds of its own."""


class _Schedule(NamedTuple):
    """Every session of a calendar: its day (UTC midnight), open and close, in nanoseconds."""

    days: IntArray
    opens: IntArray
    closes: IntArray


def period_length(period: str) -> int:
    """Return the length of a bar period such as 1m, 5m, 1h or 1d in nanoseconds."""
    match = re.fullmatch(r"([1-9]\d{0,3})([smhd])", period)
    if match is None or (match[2] == "d" and period != DAILY):
        raise BadInput(
            f"The period {period!r} is unknown; write a number and s, m or h, as 1m or 4h, or 1d."
        )
    return int(match[1]) * _UNITS[match[2]]


def session_hours(calendar: str, days: IntArray) -> tuple[IntArray, IntArray]:
    """Return the open and the close of the session of each day, in nanoseconds UTC.

    A day is given by its UTC midnight; both are NO_SESSION where the market is closed that day.
    Under 24/7 and 24/5 a day is the UTC day itself.
    """
    if calendar in ("24/7", "24/5"):
        return days, days + DAY
    schedule = _covering(calendar, days)
    at = np.minimum(np.searchsorted(schedule.days, days), schedule.days.size - 1)
    known = schedule.days[at] == days
    return (
        np.where(known, schedule.opens[at], NO_SESSION),
        np.where(known, schedule.closes[at], NO_SESSION),
    )


@lru_cache(maxsize=32)
def session_closes(calendar: str, first: int, last: int) -> IntArray:
    """Return the times at which sessions close, after `first` and up to `last`, sorted.

    Hundreds of instruments of one exchange ask the same; they are handed the same array.
    """
    if last <= first:
        return np.empty(0, np.int64)
    if calendar == "24/7":
        return np.arange(first // DAY + 1, last // DAY + 1, dtype=np.int64) * DAY
    closes = _closes_around(calendar, first, last)
    return closes[(closes > first) & (closes <= last)]


def session_spans(calendar: str, first: int, last: int) -> tuple[IntArray, IntArray]:
    """Return open and close of each session that closes after `first` and up to `last`, sorted."""
    if last <= first:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    days = np.arange(first // DAY - 1, last // DAY + 2, dtype=np.int64) * DAY
    match calendar:
        case "24/7":
            opens, closes = days, days + DAY
        case "24/5":
            weekdays = days[_is_weekday(days)]
            opens, closes = _at_new_york_five(weekdays - DAY), _at_new_york_five(weekdays)
        case _:
            schedule = _covering(calendar, days)
            opens, closes = schedule.opens, schedule.closes
    within = (closes > first) & (closes <= last)
    return opens[within], closes[within]


def time_zone(calendar: str) -> str:
    """Return the name of the time zone in which an exchange lives, as America/New_York."""
    return _zone(calendar)


def local_midnights(times: IntArray, calendar: str) -> IntArray | None:
    """Return the UTC midnights of days whose midnights at the exchange `times` are.

    None if one of them is no midnight there.
    """
    zone = _zone(calendar)
    local = pl.Series(times).cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone(zone)
    days: IntArray = local.dt.replace_time_zone(None).dt.timestamp("ns").to_numpy()
    return None if (days % DAY).any() else days


def _closes_around(calendar: str, first: int, last: int) -> IntArray:
    days = np.arange(first // DAY - 1, last // DAY + 2, dtype=np.int64) * DAY
    if calendar == "24/5":
        return _at_new_york_five(days[_is_weekday(days)])
    return _covering(calendar, days).closes


def _at_new_york_five(days: IntArray) -> IntArray:
    local = pl.Series(days + 17 * _UNITS["h"]).cast(pl.Datetime("ns"))
    return (
        local.dt.replace_time_zone("America/New_York")
        .dt.convert_time_zone("UTC")
        .dt.timestamp("ns")
        .to_numpy()
    )


def _is_weekday(days: IntArray) -> NDArray[np.bool_]:
    return (days // DAY + 3) % 7 < 5


def _covering(calendar: str, days: IntArray) -> _Schedule:
    """The calendar's sessions, extended by weekdays where `days` reach beyond its history."""
    known = _schedule(calendar)
    before, after = days[days < known.days[0]], days[days > known.days[-1]]
    if not before.size and not after.size:
        return known
    parts = [_assumed(calendar, before, 0), known, _assumed(calendar, after, -1)]
    return _Schedule(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _assumed(calendar: str, days: IntArray, nearest: int) -> _Schedule:
    """Weekdays with the local hours of the first (0) or last (-1) known session."""
    known = _schedule(calendar)
    weekdays = np.unique(days[_is_weekday(days)])
    zone = _zone(calendar)
    opens = _same_local_time(weekdays, int(known.days[nearest]), int(known.opens[nearest]), zone)
    closes = _same_local_time(weekdays, int(known.days[nearest]), int(known.closes[nearest]), zone)
    return _Schedule(weekdays, opens, closes)


def _same_local_time(days: IntArray, day: int, instant: int, zone: str) -> IntArray:
    local = pl.Series([instant]).cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone(zone)
    since_midnight = int(local.dt.replace_time_zone(None).dt.timestamp("ns")[0]) - day
    return (
        pl.Series(days + since_midnight)
        .cast(pl.Datetime("ns"))
        .dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC")
        .dt.timestamp("ns")
        .to_numpy()
    )


@lru_cache(maxsize=8)
def _zone(calendar: str) -> str:
    zone: ZoneInfo = _calendar(calendar).tz
    return zone.key


@lru_cache(maxsize=8)
def _schedule(calendar: str) -> _Schedule:
    short = _calendar(calendar)
    first, last = short.bound_min(), short.bound_max()
    whole = _calendar(
        calendar,
        start=first.date().isoformat() if first is not None else FIRST_DAY,
        end=last.date().isoformat() if last is not None else LAST_DAY,
    )
    columns = (whole.opens.index, whole.opens, whole.closes)
    return _Schedule(*(column.to_numpy("M8[ns]").astype(np.int64) for column in columns))


def _calendar(name: str, **span: str) -> Any:
    # Imported here: it brings pandas, which a run on a 24/7 market need not wait for.
    from exchange_calendars import get_calendar
    from exchange_calendars.errors import InvalidCalendarName

    try:
        with warnings.catch_warnings():
            # The library still uses a pandas attribute that will change its meaning.
            warnings.filterwarnings("ignore", message="Series.values", category=Warning)
            return get_calendar(name, **span)
    except InvalidCalendarName as error:
        raise BadInput(
            f"The calendar {name!r} is unknown; use 24/7, 24/5 or a name of "
            "exchange-calendars, such as XNYS."
        ) from error
