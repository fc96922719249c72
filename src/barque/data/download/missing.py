"""Which bars the calendar expects, and which of them are still to be asked for.

A bar is expected in every period that a session reaches into, once it has closed.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from barque.data.sessions import (
    DAILY,
    DAY,
    NO_SESSION,
    IntArray,
    period_length,
    session_hours,
    session_spans,
)

Span = tuple[int, int]
"""From the first nanosecond to just before the second."""


class Run(NamedTuple):
    """Bars that are asked for together: the starts of the first and the last."""

    first: int
    last: int


def expected_starts(calendar: str, period: str, span: Span, now: int) -> IntArray:
    """Return the starts within `span` of the bars that have closed by `now`, sorted."""
    first, end = span
    if end <= first:
        return np.empty(0, np.int64)
    if period == DAILY:
        starts, closes = _days(calendar, first, end)
    else:
        length = period_length(period)
        starts = _grid(calendar, length, first, end)
        closes = starts + length
    found: IntArray = starts[(starts >= first) & (starts < end) & (closes <= now)]
    return found


def outside(times: IntArray, spans: Iterable[Span]) -> IntArray:
    """Return the times that lie in none of the spans."""
    for first, end in spans:
        times = times[(times < first) | (times >= end)]
    return times


def runs(missing: IntArray, longest_step: int) -> list[Run]:
    """Return missing bars in runs; those at most `longest_step` apart are asked for together."""
    if not missing.size:
        return []
    cuts = np.flatnonzero(np.diff(missing) > longest_step) + 1
    return [Run(int(part[0]), int(part[-1])) for part in np.split(missing, cuts)]


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order of time, those that touch as one."""
    found: list[Span] = []
    for first, end in sorted(span for span in spans if span[0] < span[1]):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((first, end))
    return found


def _days(calendar: str, first: int, end: int) -> tuple[IntArray, IntArray]:
    days = np.arange(first // DAY - 1, end // DAY + 2, dtype=np.int64) * DAY
    if calendar == "24/5":
        days = days[(days // DAY + 3) % 7 < 5]
    opens, closes = session_hours(calendar, days)
    return opens[opens != NO_SESSION], closes[opens != NO_SESSION]


def _grid(calendar: str, length: int, first: int, end: int) -> IntArray:
    if calendar == "24/7":
        return np.arange(-(-first // length), -(-end // length), dtype=np.int64) * length
    opens, closes = session_spans(calendar, first, end + 2 * DAY)
    parts = [np.arange(a // length * length, b, length) for a, b in zip(opens, closes, strict=True)]
    return np.unique(np.concatenate([np.empty(0, np.int64), *parts]))
