"""Features of where the price goes. c is the adjusted close, t the bar, n the window."""

from dataclasses import dataclass
from typing import ClassVar

from barque.features.feature import ChangeFeature, Feature, WindowFeature
from barque.features.program import Op


@dataclass(frozen=True, slots=True)
class Sma(WindowFeature):
    """Mean of the last `window` closes, in today's prices.

    Σ c / n, summed in whole units, so that equal means compare as equal. Older closes are stated
    in today's shares and after dividends paid since.
    """

    op: ClassVar[Op] = Op.SMA
    window: int = 20


@dataclass(frozen=True, slots=True)
class Ema(WindowFeature):
    """Exponential mean of the close over about `window` bars, in today's prices.

    e_t = e_{t-1} + 2/(n+1) · (c_t - e_{t-1}), begun at the first close (Brown, 1959).
    """

    op: ClassVar[Op] = Op.EMA
    memory: ClassVar[int] = 1
    window: int = 12

    @property
    def lookback(self) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class Return(ChangeFeature):
    """What the last `window` bars earned, dividends included: c_t / c_{t-n} - 1."""

    op: ClassVar[Op] = Op.RETURN
    window: int = 1


@dataclass(frozen=True, slots=True)
class Momentum(ChangeFeature):
    """What the last `window` bars earned, the most recent `skip` left out.

    c_{t-skip} / c_{t-n} - 1 (Jegadeesh and Titman, 1993).
    """

    op: ClassVar[Op] = Op.MOMENTUM
    least: ClassVar[int] = 2
    window: int = 120
    skip: int = 5

    def __post_init__(self) -> None:
        ChangeFeature.__post_init__(self)
        self.require("skip", self.skip, 0, self.window - 1)


@dataclass(frozen=True, slots=True)
class DistanceFromSma(WindowFeature):
    """How far the close is above its mean over `window` bars: c_t / sma_t - 1.

    Computed as (n · c_t - Σ c) / Σ c in whole units: exactly 0 when they are equal.
    """

    op: ClassVar[Op] = Op.DISTANCE_FROM_SMA
    window: int = 50


@dataclass(frozen=True, slots=True)
class MacdLine(Feature):
    """Fast less slow exponential mean of the close, as a fraction of the close.

    (ema_fast - ema_slow) / c_t (Appel, 1979; stated relative to price so that instruments compare).
    """

    op: ClassVar[Op] = Op.MACD_LINE
    memory: ClassVar[int] = 2
    fast: int = 12
    slow: int = 26

    def __post_init__(self) -> None:
        self.require("slow", self.slow, 2)
        self.require("fast", self.fast, 1, self.slow - 1)

    @property
    def warmup(self) -> int:
        return self.slow

    @property
    def lookback(self) -> int:
        return 1


@dataclass(frozen=True, slots=True)
class Rsi(ChangeFeature):
    """Relative strength index, from 0 (only falls) to 100 (only rises); 50 when nothing moved.

    100 · G / (G + L), where G and L are means of rises and falls: the plain mean of the first n,
    then x ← x + (new - x)/n (Wilder, 1978).
    """

    op: ClassVar[Op] = Op.RSI
    memory: ClassVar[int] = 2
    window: int = 14

    @property
    def lookback(self) -> int:
        return 2


@dataclass(frozen=True, slots=True)
class Stochastic(WindowFeature):
    """Where the close lies in the range of the last `window` bars, from 0 (low) to 100 (high).

    %K = 100 · (c_t - min low) / (max high - min low), 50 without a range (Lane, 1984).
    """

    op: ClassVar[Op] = Op.STOCHASTIC
    window: int = 14


@dataclass(frozen=True, slots=True)
class Efficiency(ChangeFeature):
    """How straight the price went, from 0 (back and forth) to 1 (straight); 0 if it never moved.

    |c_t - c_{t-n}| / Σ |c_k - c_{k-1}| (Kaufman, 1995).
    """

    op: ClassVar[Op] = Op.EFFICIENCY
    window: int = 10
