"""Where things stand in a picture, and the round numbers beside it."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from barque.kernels.arrays import FloatArray

WIDTH = 1000.0
"""Of a drawing, in its own units: a page stretches it."""

HEIGHT = 1000.0
SECOND = 10**9


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps numbers between `low` and `high` to the height of a drawing, upside up."""

    low: float
    high: float
    is_logarithmic: bool = False

    def place(self, values: FloatArray | float) -> FloatArray:
        low, high = self._of(self.low), self._of(self.high)
        placed: FloatArray = HEIGHT * (high - self._of(values)) / (high - low)
        return placed

    def ticks(self) -> list[float]:
        """Return round numbers within the scale."""
        if self.is_logarithmic:
            return _log_ticks(self.low, self.high)
        step = _round_step((self.high - self.low) / 6)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [k * step for k in range(first, last + 1)]

    def _of(self, values: FloatArray | float) -> FloatArray:
        found: FloatArray = np.asarray(values, np.float64)
        return np.log(found) if self.is_logarithmic else found


def scale_of(*series: FloatArray, zero: bool = False, log: bool = False) -> Scale:
    """Return a scale on which all series fit, with a little room; with zero if it is asked for."""
    values = np.concatenate([one[np.isfinite(one)] for one in series])
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    if log and low > 0 and high > 4 * low:
        return Scale(low / 1.06, high * 1.06, is_logarithmic=True)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high == 0.0:
        return Scale(-1.0, 1.0)
    room = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
    return Scale(
        low if zero and low == 0.0 else low - room, high if zero and high == 0.0 else high + room
    )


def time_ticks(start: int, end: int, most: int = 8) -> list[tuple[float, str]]:
    """Return places (0 to 1) and words of round times between two times, ns UTC."""
    first, last = (datetime.fromtimestamp(ts / SECOND, UTC) for ts in (start, end))
    days = (last - first).total_seconds() / 86_400
    if days > 800:
        ticks = _years(first, last, most)
    elif days > 50:
        ticks = _months(first, last, most)
    else:
        ticks = _hours(first, last, days * 24 / most)
    span = max(1, end - start)
    return [((int(at.timestamp()) * SECOND - start) / span, words) for at, words in ticks]


def _years(first: datetime, last: datetime, most: int) -> list[tuple[datetime, str]]:
    step = max(1, math.ceil((last.year - first.year) / most))
    years = [year for year in range(first.year + 1, last.year + 1) if year % step == 0]
    return [(datetime(year, 1, 1, tzinfo=UTC), str(year)) for year in years]


def _months(first: datetime, last: datetime, most: int) -> list[tuple[datetime, str]]:
    begin, end = first.year * 12 + first.month, last.year * 12 + last.month - 1
    step = next((step for step in (1, 2, 3, 6, 12) if (end - begin) / step <= most), 12)
    found = []
    for month in range(begin, end + 1):
        if month % step == 0:
            at = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
            found.append((at, at.strftime("%b %Y") if step > 1 or month % 12 == 0 else f"{at:%b}"))
    return found


def _hours(first: datetime, last: datetime, hours: float) -> list[tuple[datetime, str]]:
    steps = (1 / 60, 1 / 12, 0.25, 1, 3, 6, 12, 24, 48, 96, 168)
    step = timedelta(hours=next((step for step in steps if step >= hours), 240))
    at = first.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while at <= last:
        if at > first:
            day = at.hour == at.minute == 0
            found.append((at, at.strftime("%d %b") if day else at.strftime("%H:%M")))
        at += step
    return found


def _round_step(rough: float) -> float:
    """Return the next of 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    return next(power * k for k in (1.0, 2.0, 2.5, 5.0, 10.0) if power * k >= rough * 0.999)


def _log_ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times powers of ten; powers alone, and fewer, where there are many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1, 2, 5), (1, 3), (1,)):
        found = [d * 10.0**p for p in powers for d in digits if low <= d * 10.0**p <= high]
        if len(found) <= 7:
            break
    return found[:: -(-len(found) // 7)]
