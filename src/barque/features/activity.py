"""Features of one bar, of the calendar and of how much is traded."""

from dataclasses import dataclass
from typing import ClassVar

from barque.features.feature import ChangeFeature, Feature
from barque.features.program import Op


@dataclass(frozen=True, slots=True)
class Range(Feature):
    """How wide the bar was: (high - low) / close."""

    op: ClassVar[Op] = Op.RANGE


@dataclass(frozen=True, slots=True)
class CloseLocation(Feature):
    """Where in its bar the price closed: 0 at the low, 1 at the high, ½ without a range.

    (close - low) / (high - low) (after Chaikin's close location value, 1966).
    """

    op: ClassVar[Op] = Op.CLOSE_LOCATION


@dataclass(frozen=True, slots=True)
class Gap(Feature):
    """How far the bar opened from the close before it, splits and dividends accounted for."""

    op: ClassVar[Op] = Op.GAP

    @property
    def warmup(self) -> int:
        return 2


@dataclass(frozen=True, slots=True)
class UpShare(ChangeFeature):
    """The share of the last `window` bars that closed above the close before, from 0 to 1."""

    op: ClassVar[Op] = Op.UP_SHARE
    window: int = 20


@dataclass(frozen=True, slots=True)
class VolumeRatio(ChangeFeature):
    """Volume of the bar over the mean volume of the `window` bars before it.

    Shares are restated for splits. NaN when nothing was traded before.
    """

    op: ClassVar[Op] = Op.VOLUME_RATIO
    window: int = 20


@dataclass(frozen=True, slots=True)
class Amihud(ChangeFeature):
    """How much a million of turnover moves the price: illiquidity over `window` bars.

    10⁶ · mean of |r| / (close · volume) over the bars that traded; NaN if none did (Amihud, 2002).
    """

    op: ClassVar[Op] = Op.AMIHUD
    window: int = 20


@dataclass(frozen=True, slots=True)
class DayOfWeek(Feature):
    """The weekday of the bar's close in UTC: 0 on Monday, 6 on Sunday."""

    op: ClassVar[Op] = Op.DAY_OF_WEEK
