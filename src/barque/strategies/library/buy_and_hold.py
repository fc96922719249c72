"""The mark that every other strategy is measured against."""

from typing import ClassVar

from barque.features import FeatureSet, Return
from barque.strategies.signals import Signals
from barque.strategies.strategy import compiled


@compiled
class BuyAndHold(Signals):
    """Buys an equal share of every instrument when it is first seen, and keeps it.

    `fraction` of the equity is spent; the rest is for what the price does until the order fills.
    """

    features: ClassVar[FeatureSet] = FeatureSet((Return(1),))
    fraction: float = 0.95
    # Never evened out, unless it is a hundredth or the hundredfold of what is wanted.
    band: float = 0.99

    def signal(self, x: object, prediction: float) -> float:
        return 1.0
