"""Trades what a model has learned."""

from typing import Self

import numpy as np

from barque.features import FeatureSet
from barque.models.schedule import ModelSchedule
from barque.models.walker import model_at, predict
from barque.strategies.signals import Signals
from barque.strategies.strategy import compiled


@compiled
class Learned(Signals):
    """Long where the model gives a rise at least the chance `enter`, until it is below `leave`.

    Each bar is judged by the newest model that was usable at its close, so a walk-forward backtest
    is out of sample throughout.
    """

    enter: float = 0.54
    leave: float = 0.5

    schedule: ModelSchedule

    def taught(self, features: FeatureSet, schedule: ModelSchedule) -> Self:
        """Give the strategy its models and the features that they look at."""
        self.features = features  # type: ignore[misc]
        self.schedule = schedule
        return self

    def on_start(self) -> None:
        super().on_start()
        self._models, self._roots, self._depths, self._nodes, self._leaves = self.schedule.arrays
        self._scratch = self.schedule.scratch()

    def predict(self, instrument: int, ts: int) -> float:
        """Return the chance of a rise; NaN while a feature is unknown or no model is usable yet."""
        x = self.x[instrument]
        for k in range(x.shape[0]):
            if np.isnan(x[k]):
                return np.nan
        return predict(
            self._models, self._roots, self._depths, self._nodes, self._leaves,
            model_at(self._models, ts), x, self._scratch,
        )  # fmt: skip

    def signal(self, x: object, prediction: float) -> float:
        if prediction >= self.enter:
            return 1.0
        if prediction < self.leave:
            return 0.0
        return np.nan
