"""Follow what has risen for half a year, and leave when it turns."""

from typing import Any, ClassVar

import numpy as np

from barque.features import DistanceFromSma, FeatureSet, Momentum
from barque.strategies.signals import Signals
from barque.strategies.strategy import compiled


@compiled
class Trend(Signals):
    """Owns what rose over about 120 bars and stands above its mean of 50; otherwise holds cash.

    Time-series momentum (Moskowitz, Ooi and Pedersen, 2012), long only, without leverage.
    """

    features: ClassVar[FeatureSet] = FeatureSet((Momentum(120, 5), DistanceFromSma(50)))

    def signal(self, x: Any, prediction: float) -> float:
        momentum, distance = x[0], x[1]
        if np.isnan(momentum) or np.isnan(distance):
            return np.nan
        return 1.0 if momentum > 0.0 and distance > 0.0 else 0.0
