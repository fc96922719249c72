"""The checks against the clock: bars that are missing, and bars when nobody trades.

The calendar is the one given, else it is guessed from the days: with Saturdays it is 24/7, with
Sundays and no Saturdays 24/5, else XNYS where 98 % of the days are its sessions; otherwise there
is none and nothing is said of gaps. A bar is expected in every period that a session reaches into.
Where there are more gaps than 1 in 100 bars, or fewer than half the bars, a file holds samples or
only periods in which somebody traded: one note says so, not a gap each. Under 24/5 the days around
Christmas and New Year and the first and last three hours of a week are not expected: venues differ
in them.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from barque.data.sessions import DAILY, DAY, NO_SESSION, IntArray, session_hours, session_spans

UNKNOWN = ""
SPARSE = 0.01
OFFSETS = np.arange(-14, 15) * 3_600 * 10**9
EDGE = 3 * 3_600 * 10**9
ENOUGH = 100
"""With fewer rows nothing is said of their time zone."""

BETTER = 0.15
"""By this share of rows another offset must fit sessions better to be called a mistake."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Bars that are not there: after which ts, and how many."""

    after: int
    missing: int


def guessed_calendar(ts: IntArray) -> str:
    """Return the calendar that the days of a file look like; empty if none does."""
    days = np.unique(ts // DAY)
    weekday = (days + 3) % 7  # Monday is 0
    if days.size < 3:
        return UNKNOWN
    by_row = (ts // DAY + 3) % 7
    if (by_row == 5).mean() > 0.05:
        return "24/7"
    if (weekday == 6).mean() > 0.05:
        return "24/5"
    opens, _ = session_hours("XNYS", days * DAY)
    return "XNYS" if (opens != NO_SESSION).mean() >= 0.98 else UNKNOWN


def guessed_step(frame: pl.DataFrame) -> int:
    """Return the most common step between the rows of a symbol, in nanoseconds; 0 if unknown."""
    steps = frame.select(pl.col("ts").diff().over("symbol").alias("step")).filter(
        pl.col("step") > 0
    )
    if not steps.height:
        return 0
    return int(steps["step"].mode().min())  # type: ignore[arg-type]  # whole numbers


def gaps(ts: IntArray, calendar: str, step: int) -> tuple[list[Gap], int]:
    """Return the runs of bars that are missing between the first and the last, and how many fit."""
    expected = _expected(ts, calendar, step)
    missing = np.flatnonzero(~np.isin(expected, ts))
    if not missing.size:
        return [], expected.size
    runs = np.split(missing, np.flatnonzero(np.diff(missing) > 1) + 1)
    found = [Gap(int(expected[run[0] - 1]) if run[0] else int(ts[0]), run.size) for run in runs]
    return found, expected.size


def _expected(ts: IntArray, calendar: str, step: int) -> IntArray:
    first, last = int(ts.min()), int(ts.max())
    if calendar == "24/7":
        return first + step * np.arange((last - first) // step + 1, dtype=np.int64)
    if step >= DAY:
        days = np.arange(first // DAY, last // DAY + 1, dtype=np.int64) * DAY
        if calendar == "24/5":
            return days[(days // DAY + 3) % 7 < 5]
        sessions: IntArray = days[session_hours(calendar, days)[0] != NO_SESSION]
        return sessions
    opens, closes = session_spans(calendar, first, last + DAY)
    if not opens.size:
        return np.empty(0, np.int64)
    grid = [np.arange(a // step * step, b, step) for a, b in zip(opens, closes, strict=True)]
    expected: IntArray = np.unique(np.concatenate(grid))
    expected = expected[(expected >= first) & (expected <= last)]
    if calendar == "24/5":
        expected = expected[_in_week(expected, opens, closes) & ~_holiday(expected)]
    return expected


def _in_week(ts: IntArray, opens: IntArray, closes: IntArray) -> NDArray[np.bool_]:
    """Say which times are neither in the first nor in the last hours of their week."""
    begins = opens[np.diff(opens, prepend=opens[0] - 3 * DAY) > 2 * DAY]
    ends = closes[np.diff(closes, append=closes[-1] + 3 * DAY) > 2 * DAY]
    since = ts - begins[np.maximum(np.searchsorted(begins, ts, "right") - 1, 0)]
    left = ends[np.minimum(np.searchsorted(ends, ts, "right"), ends.size - 1)] - ts
    found: NDArray[np.bool_] = (since >= EDGE) & (left > EDGE)
    return found


def _holiday(ts: IntArray) -> NDArray[np.bool_]:
    """From Christmas Eve to the 26th, and from New Year's Eve to the 2nd."""
    days = pl.Series(ts).cast(pl.Datetime("ns")).dt
    month, day = days.month().to_numpy(), days.day().to_numpy()
    found: NDArray[np.bool_] = ((month == 12) & np.isin(day, (24, 25, 26, 31))) | (
        (month == 1) & (day <= 2)
    )
    return found


def without_session(ts: IntArray, calendar: str, step: int) -> NDArray[np.bool_]:
    """Say of daily bars which are of a day without a session."""
    if calendar in ("24/7", "24/5", UNKNOWN) or step < DAY:
        return np.zeros(ts.size, np.bool_)
    found: NDArray[np.bool_] = session_hours(calendar, ts // DAY * DAY)[0] == NO_SESSION
    return found


def better_offset(ts: IntArray, calendar: str, step: int) -> float:
    """Return by how many hours times seem to be late; 0 if they fit the sessions as they are."""
    if calendar in ("24/7", UNKNOWN) or not 0 < step < DAY or ts.size < ENOUGH:
        return 0.0
    opens, closes = session_spans(calendar, int(ts.min()) - 2 * DAY, int(ts.max()) + 2 * DAY)
    shares = np.array([_share(ts - offset, opens, closes, step) for offset in OFFSETS])
    now = shares[OFFSETS == 0][0]
    best = int(np.argmax(shares))
    return float(OFFSETS[best] / 3.6e12) if shares[best] > now + BETTER else 0.0


def _share(ts: IntArray, opens: IntArray, closes: IntArray, step: int) -> float:
    at = np.searchsorted(opens, ts + step - 1, "right") - 1
    return float(((at >= 0) & (ts < closes[np.maximum(at, 0)])).mean())


def period_name(step: int) -> str:
    """Return a step as people write it: 5m, 1h, 1d; empty if it is none."""
    if step >= DAY:
        return DAILY
    for unit, name in ((3_600, "h"), (60, "m"), (1, "s")):
        if step and step % (unit * 10**9) == 0:
            return f"{step // (unit * 10**9)}{name}"
    return ""
