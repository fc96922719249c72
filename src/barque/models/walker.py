"""Compiled prediction: many trees at once, without a branch.

Eight trees are walked abreast. A step is one comparison and one addition: the two children of a
node are neighbours, so the next node is `first child + (value > threshold)`. A value that is
missing is replaced beforehand by an infinity that goes the right way; as nodes differ in what is
missing and where it goes, a row is laid out in four versions and a node reads the one it needs.
A leaf compares -inf with its value and so stays where it is, until the deepest of the eight is
done.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from barque.kernels.compile import INNER, JIT
from barque.models.trees import Link

IntArray = NDArray[np.int64]
SmallIntArray = NDArray[np.int32]
FloatArray = NDArray[np.float64]

ABREAST = 8
VERSIONS = 4  # of a row: one for each way in `trees.Missing`, in its order

# One model: models[m, column].
USABLE_FROM = 0  # nanoseconds UTC
FIRST_GROUP = 1
END_GROUP = 2
LINK = 3
FEATURES = 4
MODEL_WIDTH = 5

# One node: nodes[k, column].
SLOT = 0  # which number of the laid-out row it compares
CHILD = 1  # its left child; the right one comes next
NODE_WIDTH = 2

NEARLY_ZERO = float(np.float32(1e-35))  # LightGBM's kZeroThreshold
LARGEST = float(np.finfo(np.float64).max)
"""Stands for a value or threshold of infinity: infinities of a laid-out row mean missing."""
LOGISTIC = int(Link.LOGISTIC)
EXPONENTIAL = int(Link.EXPONENTIAL)


@njit(**JIT)
def model_at(models: IntArray, ts: int) -> int:
    """Return the newest model that is usable at `ts`, -1 when there is none yet."""
    model = models.shape[0] - 1
    while model >= 0 and models[model, USABLE_FROM] > ts:
        model -= 1
    return model


@njit(**INNER)
def lay_out_row(row: FloatArray, features: int, scratch: FloatArray) -> None:
    """Write the versions of a row, and -inf for leaves, into `scratch`."""
    for k in range(features):
        nan = math.isnan(row[k])
        value = min(max(row[k], -LARGEST), LARGEST)
        gone = nan or (-NEARLY_ZERO <= value <= NEARLY_ZERO)
        scratch[k] = -np.inf if nan else value
        scratch[features + k] = np.inf if nan else value
        scratch[2 * features + k] = -np.inf if gone else value
        scratch[3 * features + k] = np.inf if gone else value
    scratch[VERSIONS * features] = -np.inf


@njit(**INNER)
def step(
    nodes: SmallIntArray, numbers: FloatArray, scratch: FloatArray, at: np.uint32
) -> np.uint32:
    """Return the node a row goes to from node `at`; a leaf's is itself."""
    right = scratch[np.uint32(nodes[at, SLOT])] > numbers[at]
    # Unsigned, so that no index is tested for being negative.
    return np.uint32(nodes[at, CHILD]) + np.uint32(right)


@njit(**INNER)
def walk_group(
    roots: SmallIntArray,
    depth: int,
    nodes: SmallIntArray,
    numbers: FloatArray,
    group: int,
    scratch: FloatArray,
) -> float:
    """Return the sum of the leaves that one group of eight trees ends in."""
    first = group * ABREAST
    a = np.uint32(roots[first])
    b = np.uint32(roots[first + 1])
    c = np.uint32(roots[first + 2])
    d = np.uint32(roots[first + 3])
    e = np.uint32(roots[first + 4])
    f = np.uint32(roots[first + 5])
    g = np.uint32(roots[first + 6])
    h = np.uint32(roots[first + 7])
    for _ in range(depth):
        a = step(nodes, numbers, scratch, a)
        b = step(nodes, numbers, scratch, b)
        c = step(nodes, numbers, scratch, c)
        d = step(nodes, numbers, scratch, d)
        e = step(nodes, numbers, scratch, e)
        f = step(nodes, numbers, scratch, f)
        g = step(nodes, numbers, scratch, g)
        h = step(nodes, numbers, scratch, h)
    upper = (numbers[a] + numbers[b]) + (numbers[c] + numbers[d])
    lower = (numbers[e] + numbers[f]) + (numbers[g] + numbers[h])
    return upper + lower


@njit(**INNER)
def linked(total: float, link: int) -> float:
    """Return the prediction that a sum of leaves stands for."""
    if link == LOGISTIC:
        return 1.0 / (1.0 + math.exp(-total))
    if link == EXPONENTIAL:
        return math.exp(total)
    return total


@njit(**JIT)
def predict(
    models: IntArray,
    roots: SmallIntArray,
    depths: SmallIntArray,
    nodes: SmallIntArray,
    numbers: FloatArray,
    model: int,
    row: FloatArray,
    scratch: FloatArray,
) -> float:
    """Return what a model predicts for one row of features; NaN when `model` is -1.

    The arrays are `ModelSchedule.arrays`, in this order; `model` comes from `model_at`. `scratch`
    is `ModelSchedule.scratch()`, overwritten.
    """
    if model < 0:
        return math.nan
    lay_out_row(row, models[model, FEATURES], scratch)
    total = 0.0
    for group in range(models[model, FIRST_GROUP], models[model, END_GROUP]):
        total += walk_group(roots, depths[group], nodes, numbers, group, scratch)
    return linked(total, models[model, LINK])


@njit(**JIT)
def predict_rows(
    models: IntArray,
    roots: SmallIntArray,
    depths: SmallIntArray,
    nodes: SmallIntArray,
    numbers: FloatArray,
    ts: IntArray,
    rows: FloatArray,
    scratch: FloatArray,
    out: FloatArray,
) -> None:
    """Predict many rows, each by the newest model usable at its `ts`: `predict` in a loop."""
    for t in range(ts.size):
        model = model_at(models, ts[t])
        out[t] = predict(models, roots, depths, nodes, numbers, model, rows[t], scratch)
