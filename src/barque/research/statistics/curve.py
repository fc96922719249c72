"""An equity curve by days: what every statistic of return and risk is taken from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from barque.kernels.arrays import FloatArray, IntArray
from barque.kernels.curve import scan
from barque.kernels.layout import CURVE_EQUITY, CURVE_TS

DAY = 86_400 * 10**9
YEAR = 365.25 * DAY


@dataclass(frozen=True, kw_only=True)
class DailyCurve:
    """What an account was worth at the end of each UTC day that has a slice, in cash units.

    `first` is the cash it began with, `days` are numbers of UTC days since 1970. Lowest and mean
    equity, and the falls, are those of all slices, not only of the ends of days. `longest_fall` is
    in ns.
    """

    first: float
    days: IntArray
    closes: FloatArray
    start: int
    end: int
    lowest: float
    mean: float
    deepest_fall: float
    longest_fall: int

    @property
    def years(self) -> float:
        """Years of 365.25 days from the first slice to the last."""
        return (self.end - self.start) / YEAR

    @property
    def growth(self) -> float:
        """What one unit of money became."""
        return float(self.closes[-1]) / self.first

    @property
    def is_ruined(self) -> bool:
        """Whether equity was ever nothing or less: from then on there are no returns."""
        return self.lowest <= 0

    @cached_property
    def returns(self) -> FloatArray:
        """Returns between the ends of successive days; none of a ruined account."""
        if self.is_ruined:
            return np.empty(0)
        returns: FloatArray = self.closes[1:] / self.closes[:-1] - 1.0
        return returns

    @property
    def periods_per_year(self) -> float | None:
        """How many of those returns there were a year."""
        return (len(self.closes) - 1) / self.years if self.years > 0 else None

    @cached_property
    def growth_by_day(self) -> FloatArray:
        """What one unit of money had become at the end of each day."""
        growth: FloatArray = self.closes / self.first
        return growth

    @property
    def day_ends(self) -> IntArray:
        """The last ns of each day."""
        ends: IntArray = (self.days + 1) * DAY - 1
        return ends

    def monthly_returns(self) -> dict[tuple[int, int], float]:
        """Return by (year, month), in order. They compound to the total return.

        The first is from what the account began with; a month without a slice has none. Of a
        ruined account there are none.
        """
        if self.is_ruined:
            return {}
        months = self.days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        ends = np.flatnonzero(np.append(months[1:] != months[:-1], True))
        growth = np.concatenate(([1.0], self.growth_by_day[ends]))
        returns = growth[1:] / growth[:-1] - 1.0
        return {
            (1970 + int(month) // 12, int(month) % 12 + 1): float(earned)
            for month, earned in zip(months[ends], returns, strict=True)
        }


def daily(curve: IntArray, first: int) -> DailyCurve | None:
    """Return an equity curve (n, CURVE_WIDTH) by days; None where nothing can be said of it.

    `first` is what the account began with, in cash units. A curve needs two slices, and an account
    more than nothing.
    """
    if len(curve) < 2 or first <= 0:
        return None
    ts, equity = (np.ascontiguousarray(curve[:, column]) for column in (CURVE_TS, CURVE_EQUITY))
    room = min(len(curve), int(ts[-1] // DAY - ts[0] // DAY) + 1)
    closes, days = np.empty(room), np.empty(room, np.int64)
    count, lowest, mean, deepest, longest = scan(ts, equity, first, DAY, closes, days)
    return DailyCurve(
        first=float(first),
        days=days[:count],
        closes=closes[:count],
        start=int(ts[0]),
        end=int(ts[-1]),
        lowest=float(lowest),
        mean=mean,
        deepest_fall=deepest,
        longest_fall=longest,
    )
