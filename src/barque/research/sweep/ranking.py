"""Which points are best, and which are best together with their neighbours.

The best of many points is often one that was lucky: it stands alone, and its neighbours, which do
almost the same, do badly. So each point is also judged by its plateau, the median of the objective
over the point and its neighbours. In a grid these are the points at most one step away on every
axis; points that were drawn have the nearest `NEAREST`, by the distance on axes from 0 to 1.
A neighbour of which nothing can be said, because it never traded, say, or failed, counts as worst;
one that the strategy refused is no neighbour.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barque.kernels.arrays import FloatArray, IntArray
from barque.research.sweep.measuring import SMALLER_IS_BETTER
from barque.research.sweep.space import Space

NEAREST = 8
FEWEST = 3
"""Points without as many neighbours, themselves included, have no plateau."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Points of a sweep in order.

    `values` are the objective by the number of the point and `plateaus` its median around it, NaN
    where there is none; both are as they were measured, so small may be good. `by_plateau` and
    `by_value` are numbers of points, best first; points without a value are in neither.
    """

    objective: str
    values: FloatArray
    plateaus: FloatArray
    by_plateau: IntArray
    by_value: IntArray

    @property
    def best(self) -> int | None:
        """The point with the best plateau; without any plateau, the best point."""
        if len(self.by_plateau):
            return int(self.by_plateau[0])
        return int(self.by_value[0]) if len(self.by_value) else None


def rank(space: Space, objective: str, values: FloatArray, is_refused: FloatArray) -> Ranking:
    """Put points in order by `objective`; `values` has NaN where there is none.

    `is_refused` is not 0 where the strategy did not take the parameters. Among equal points the one
    with the better value, and then with the lower number, is first.
    """
    sign = -1.0 if objective in SMALLER_IS_BETTER else 1.0
    good = np.where(np.isnan(values), -np.inf, sign * values)
    plateaus = _plateaus(space, good, is_refused != 0.0)
    by_value = _descending(good, good)
    by_plateau = _descending(np.where(np.isnan(plateaus), -np.inf, plateaus), good)
    shown = np.where(np.isinf(plateaus), np.nan, sign * plateaus)
    return Ranking(objective, values, shown, by_plateau, by_value)


def _descending(first: FloatArray, then: FloatArray) -> IntArray:
    order = np.lexsort((np.arange(len(first)), -then, -first))
    return order[np.isfinite(first[order]) & np.isfinite(then[order])]


def _plateaus(space: Space, good: FloatArray, is_refused: NDArray[np.bool_]) -> FloatArray:
    found = np.full(len(good), np.nan)
    near = space.around if space.is_grid else _Nearest(space)
    for k in np.flatnonzero(~is_refused):
        around = [n for n in near(int(k)) if not is_refused[n]]
        if len(around) >= FEWEST:
            found[k] = _median(good[around])
    return found


def _median(values: FloatArray) -> float:
    """Return the median; of an even number of values the lower of the two in the middle."""
    return float(np.sort(values)[(len(values) - 1) // 2])


class _Nearest:
    """Finds the points nearest to a point, itself included, where points were drawn."""

    def __init__(self, space: Space) -> None:
        self._positions = np.stack([space.position(k) for k in range(len(space))])

    def __call__(self, number: int) -> list[int]:
        apart = np.abs(self._positions - self._positions[number]).max(axis=1)
        nearest: list[int] = np.argsort(apart, kind="stable")[: NEAREST + 1].tolist()
        return nearest
