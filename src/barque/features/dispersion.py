"""Features of how widely the price moves. r is a one-bar return of the adjusted close."""

from dataclasses import dataclass
from typing import ClassVar

from barque.features.feature import ChangeFeature, WindowFeature
from barque.features.program import Op


@dataclass(frozen=True, slots=True)
class Volatility(ChangeFeature):
    """Standard deviation of the last `window` one-bar returns, not annualised.

    √(Σ (r - mean r)² / (n - 1)), computed afresh from the window at every bar.
    """

    op: ClassVar[Op] = Op.VOLATILITY
    least: ClassVar[int] = 2
    window: int = 20


@dataclass(frozen=True, slots=True)
class Skew(ChangeFeature):
    """Whether the large moves of the last `window` bars were rises (+) or falls (-).

    g₁ = m₃ / m₂^{3/2} with central moments m; 0 when nothing varied (Joanes and Gill, 1998).
    """

    op: ClassVar[Op] = Op.SKEW
    least: ClassVar[int] = 3
    window: int = 60


@dataclass(frozen=True, slots=True)
class MaxReturn(ChangeFeature):
    """The best one-bar return of the last `window` bars (Bali, Cakici and Whitelaw, 2011)."""

    op: ClassVar[Op] = Op.MAX_RETURN
    window: int = 20


@dataclass(frozen=True, slots=True)
class ParkinsonVolatility(WindowFeature):
    """Volatility of one bar seen from highs and lows over `window` bars.

    √(Σ ln²(high/low) / (4 n ln 2)) (Parkinson, 1980).
    """

    op: ClassVar[Op] = Op.PARKINSON_VOLATILITY
    window: int = 20


@dataclass(frozen=True, slots=True)
class Atr(ChangeFeature):
    """Average true range, in today's prices: how far the price travels in a bar, gaps included.

    True range = max(high, c_{t-1}) - min(low, c_{t-1}); the plain mean of the first n, then
    x ← x + (new - x)/n (Wilder, 1978).
    """

    op: ClassVar[Op] = Op.ATR
    memory: ClassVar[int] = 1
    window: int = 14

    @property
    def lookback(self) -> int:
        return 2


@dataclass(frozen=True, slots=True)
class NormalizedAtr(Atr):
    """Average true range as a fraction of the close: Atr / c_t (Forman, 2006)."""

    op: ClassVar[Op] = Op.NORMALIZED_ATR


@dataclass(frozen=True, slots=True)
class BollingerB(WindowFeature):
    """Where the close lies in its Bollinger bands: 0 at the lower, 1 at the upper band.

    %b = (c_t - (m - kσ)) / 2kσ with mean m and population deviation σ of n closes and k = `width`;
    ½ when the bands meet (Bollinger, 2001).
    """

    op: ClassVar[Op] = Op.BOLLINGER_B
    least: ClassVar[int] = 2
    window: int = 20
    width: int = 2

    def __post_init__(self) -> None:
        WindowFeature.__post_init__(self)
        self.require("width", self.width, 1, 10)


@dataclass(frozen=True, slots=True)
class Drawdown(WindowFeature):
    """How far the close is below the best close of the last `window` bars: c_t / max c - 1 ≤ 0."""

    op: ClassVar[Op] = Op.DRAWDOWN
    window: int = 60
