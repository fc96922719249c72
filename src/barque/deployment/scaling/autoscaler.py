"""Kubernetes' horizontal pod autoscaler, as its documentation states the algorithm.

Source: Kubernetes documentation, "Horizontal Pod Autoscaling" (autoscaling/v2), sections "Algorithm
details" and "Configurable scaling behavior", read 2026. Pure: no clock and no chance.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from barque.deployment.auto_scaling import Movement, RoleScaling, Step

TOLERANCE = 0.1
SYNC_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Reading:
    """One metric, now; `value` is None when it cannot be had.

    It is the mean over the replicas that report; `silent` ones, not ready yet or without a metric,
    count as using nothing when growing and their target when shrinking. Or it is one number of the
    whole, as the age of a queue: then `counted` are the replicas that are ready.
    """

    value: float | None
    target: float
    silent: int = 0
    counted: int | None = None


@dataclass(slots=True)
class Autoscaler:
    """One role's autoscaler and what it remembers."""

    policy: RoleScaling
    least: int
    most: int
    _wished: list[tuple[float, int]] = field(default_factory=list)
    _moved: list[tuple[float, int]] = field(default_factory=list)

    def decide(self, now: float, replicas: int, readings: Sequence[Reading]) -> int:
        """Return how many replicas there shall be, `now` seconds after the beginning."""
        wished = self._bounded(wish(replicas, readings))
        steady = self._stabilised(now, replicas, wished)
        allowed = self._bounded(self._within_speed(now, replicas, steady))
        if allowed != replicas:
            self._moved.append((now, allowed - replicas))
        return allowed

    def _bounded(self, replicas: int) -> int:
        return max(self.least, min(self.most, replicas))

    def _stabilised(self, now: float, replicas: int, wished: int) -> int:
        """Grow only to the least, shrink only to the most that was wished within the window."""
        up, down = self.policy.up.window, self.policy.down.window
        self._wished.append((now, wished))
        self._wished = [one for one in self._wished if one[0] > now - max(up, down, 1)]
        rise = min([wish for at, wish in self._wished if at > now - up] or [wished])
        fall = max([wish for at, wish in self._wished if at > now - down] or [wished])
        if replicas < rise:
            return rise
        return fall if replicas > fall else replicas

    def _within_speed(self, now: float, replicas: int, wished: int) -> int:
        if wished > replicas:
            return min(wished, max(self._limits(now, replicas, self.policy.up, way=1)))
        if wished < replicas:
            return max(wished, min(self._limits(now, replicas, self.policy.down, way=-1)))
        return replicas

    def _limits(self, now: float, replicas: int, movement: Movement, way: int) -> list[int]:
        """Return how far each policy lets it go, from where its period began (select: Max)."""
        return [
            _limit(step, replicas - self._moved_since(now - step.every, way), way)
            for step in movement.policies
        ]

    def _moved_since(self, moment: float, way: int) -> int:
        return sum(by for at, by in self._moved if at > moment and by * way > 0)


def wish(replicas: int, readings: Sequence[Reading]) -> int:
    """Return the replicas that the metrics ask for: the most that any of them does.

    A metric that cannot be had stops shrinking, and growing only if no other metric asks for it.
    """
    had = [_wish_of(replicas, one) for one in readings if one.value is not None]
    if not had:
        return replicas
    most = max(had)
    return max(most, replicas) if len(had) < len(readings) else most


def _wish_of(replicas: int, reading: Reading) -> int:
    """Return ceil(replicas x value / target), unless within the tolerance."""
    assert reading.value is not None
    ratio = reading.value / reading.target
    if replicas == 0:
        return math.ceil(ratio)
    if reading.silent:
        known = (replicas - reading.silent) * reading.value
        assumed = 0.0 if ratio > 1 else reading.silent * reading.target
        careful = (known + assumed) / replicas / reading.target
        if (careful > 1) != (ratio > 1):
            return replicas
        ratio = careful
    if abs(ratio - 1) <= TOLERANCE + 1e-9:
        return replicas
    counted = replicas if reading.counted is None else reading.counted
    return math.ceil(round(counted * ratio, 9))


def _limit(step: Step, began_with: int, way: int) -> int:
    if step.replicas is not None:
        return began_with + way * step.replicas
    assert step.percent is not None
    share = began_with * (1 + way * step.percent / 100)
    return math.ceil(round(share, 9)) if way > 0 else math.floor(round(share, 9))
