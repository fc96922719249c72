"""Turns market data into numbers; one definition serves one event at a time and all history."""

from barque.features.activity import (
    Amihud,
    CloseLocation,
    DayOfWeek,
    Gap,
    Range,
    UpShare,
    VolumeRatio,
)
from barque.features.dispersion import (
    Atr,
    BollingerB,
    Drawdown,
    MaxReturn,
    NormalizedAtr,
    ParkinsonVolatility,
    Skew,
    Volatility,
)
from barque.features.feature import Feature
from barque.features.feature_set import DEFAULT_FEATURES, FeatureSet
from barque.features.step import (
    adjust_dividend,
    adjust_split,
    adjusted_close,
    observe,
    observe_bars,
    observe_events,
)
from barque.features.trend import (
    DistanceFromSma,
    Efficiency,
    Ema,
    MacdLine,
    Momentum,
    Return,
    Rsi,
    Sma,
    Stochastic,
)

__all__ = [
    "DEFAULT_FEATURES",
    "Amihud",
    "Atr",
    "BollingerB",
    "CloseLocation",
    "DayOfWeek",
    "DistanceFromSma",
    "Drawdown",
    "Efficiency",
    "Ema",
    "Feature",
    "FeatureSet",
    "Gap",
    "MacdLine",
    "MaxReturn",
    "Momentum",
    "NormalizedAtr",
    "ParkinsonVolatility",
    "Range",
    "Return",
    "Rsi",
    "Skew",
    "Sma",
    "Stochastic",
    "UpShare",
    "Volatility",
    "VolumeRatio",
    "adjust_dividend",
    "adjust_split",
    "adjusted_close",
    "observe",
    "observe_bars",
    "observe_events",
]
