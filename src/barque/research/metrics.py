"""How good predictions were, on samples the model had not seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barque.research.samples import Samples

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

SMALLEST_SLICE = 5
"""Instruments at one time, below which a rank correlation across them says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Out-of-sample quality. Labels of neighbouring bars overlap: samples are not independent."""

    folds: int
    samples: int
    auc: float
    """Chance that a rise was given a higher prediction than a fall; ½ is no skill."""
    fold_auc: tuple[float, ...]
    information_coefficient: float
    """Rank correlation of prediction and return: mean over times with at least five instruments,
    or over all samples when there is no such time; 0 is no skill."""
    hit_rate: float
    """Share of predictions on the right side of ½."""
    base_rate: float
    """Share of rises: the hit rate of always saying yes."""


def measure(predicted: FloatArray, samples: Samples, fold: IntArray) -> Metrics:
    """Compare predicted chances of a rise with what happened. `fold` numbers the samples' folds."""
    rose = samples.rose
    numbers = np.unique(fold)
    return Metrics(
        folds=numbers.size,
        samples=len(samples),
        auc=area_under_curve(predicted, rose),
        fold_auc=tuple(area_under_curve(predicted[fold == k], rose[fold == k]) for k in numbers),
        information_coefficient=information_coefficient(
            predicted, samples.forward_return, samples.ts
        ),
        hit_rate=float(np.mean((predicted > 0.5) == (rose > 0.5))),
        base_rate=float(np.mean(rose)),
    )


def area_under_curve(predicted: FloatArray, rose: FloatArray) -> float:
    """Return the area under the ROC curve, ties counted half (Hanley and McNeil, 1982).

    NaN when all labels are the same.
    """
    rises = float(rose.sum())
    falls = rose.size - rises
    if rises == 0.0 or falls == 0.0:
        return float("nan")
    ranks = average_ranks(predicted, np.zeros(rose.size, np.int64)) + 1.0
    return float((ranks[rose > 0.5].sum() - rises * (rises + 1.0) / 2.0) / (rises * falls))


def information_coefficient(predicted: FloatArray, earned: FloatArray, ts: IntArray) -> float:
    """Return the rank correlation of predictions and returns (Spearman, 1904), mean over times.

    NaN when nothing varies. See `Metrics.information_coefficient` for times with few instruments.
    """
    _, group, sizes = np.unique(ts, return_inverse=True, return_counts=True)
    if sizes.max() < SMALLEST_SLICE:
        group, sizes = np.zeros_like(group), np.array([ts.size])
    a = _centred(average_ranks(predicted, group), group, sizes)
    b = _centred(average_ranks(earned, group), group, sizes)
    both = np.bincount(group, a * b)
    spread = np.sqrt(np.bincount(group, a * a) * np.bincount(group, b * b))
    counted = (sizes >= SMALLEST_SLICE) & (spread > 0.0)
    return float(np.mean(both[counted] / spread[counted])) if counted.any() else float("nan")


def average_ranks(values: FloatArray, group: IntArray) -> FloatArray:
    """Return ranks within groups; equal values share the mean of theirs.

    Ranks of a group begin where those of the group before end; the first is 0.
    """
    order = np.lexsort((values, group))
    v, g = values[order], group[order]
    first = np.flatnonzero(np.concatenate([[True], (v[1:] != v[:-1]) | (g[1:] != g[:-1])]))
    sizes = np.diff(np.append(first, v.size))
    ranks = np.empty(v.size)
    ranks[order] = np.repeat(first + (sizes - 1) / 2.0, sizes)
    return ranks


def _centred(values: FloatArray, group: IntArray, sizes: IntArray) -> FloatArray:
    return values - (np.bincount(group, values) / sizes)[group]
