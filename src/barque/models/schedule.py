"""Which model predicts when: none is used before its last label was visible."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from barque.domain.errors import BadInput
from barque.models.trees import LEAF, Trees
from barque.models.walker import (
    ABREAST,
    CHILD,
    MODEL_WIDTH,
    NODE_WIDTH,
    SLOT,
    VERSIONS,
    predict_rows,
)

IntArray = NDArray[np.int64]
SmallIntArray = NDArray[np.int32]
FloatArray = NDArray[np.float64]
Arrays = tuple[IntArray, SmallIntArray, SmallIntArray, SmallIntArray, FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelSchedule:
    """Models and the time each becomes usable, so that an event picks its model by its own time.

    `usable_from` (nanoseconds UTC) increases, and no model is usable before its last training
    label was visible. All models look at the same features. `arrays` are the models laid out for
    the compiled walker: models, roots, depths, nodes, numbers.
    """

    usable_from: tuple[int, ...]
    trees: tuple[Trees, ...]
    arrays: Arrays = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._check()
        object.__setattr__(self, "arrays", _lay_out(self.usable_from, self.trees))

    @property
    def feature_names(self) -> tuple[str, ...]:
        return self.trees[0].provenance.feature_names

    @property
    def feature_fingerprint(self) -> str:
        return self.trees[0].provenance.feature_fingerprint

    def scratch(self) -> FloatArray:
        """Return the buffer that `predict` works in. Each thread needs its own."""
        return np.zeros(VERSIONS * self.trees[0].features + 1)

    def predict(self, ts: IntArray, rows: FloatArray) -> FloatArray:
        """Return a prediction for each row of features known at `ts`; NaN before the first model.

        `ts` is int64 (n,), `rows` float64 (n, features); another shape raises `BadInput`.
        """
        if rows.shape != (ts.size, self.trees[0].features):
            raise BadInput(
                f"The rows to predict are {rows.shape}; "
                f"they must be ({ts.size}, {self.trees[0].features})."
            )
        out = np.empty(ts.size)
        rows = np.ascontiguousarray(rows, np.float64)
        predict_rows(*self.arrays, ts, rows, self.scratch(), out)
        return out

    def _check(self) -> None:
        if not self.trees or len(self.trees) != len(self.usable_from):
            raise BadInput(
                f"A schedule has {len(self.trees)} models and {len(self.usable_from)} times; "
                "it needs one time for each, and at least one model."
            )
        if any(later <= earlier for earlier, later in pairwise(self.usable_from)):
            raise BadInput("The models of a schedule must become usable one after the other.")
        if any(abs(ts) > np.iinfo(np.int64).max for ts in self.usable_from):
            raise BadInput("A schedule's times must be nanoseconds that fit 64 bits.")
        for ts, trees in zip(self.usable_from, self.trees, strict=True):
            self._check_model(ts, trees)

    def _check_model(self, ts: int, trees: Trees) -> None:
        visible = trees.provenance.last_label_visible
        if ts < visible:
            raise BadInput(
                f"A model is scheduled from {ts}, but was trained on a label visible at {visible}: "
                "it would know the future. Schedule it later, or train it on less."
            )
        about = trees.provenance
        if (about.feature_names, about.feature_fingerprint) != (
            self.feature_names,
            self.feature_fingerprint,
        ):
            raise BadInput("The models of a schedule must look at the same features.")


def _lay_out(usable_from: tuple[int, ...], schedule: tuple[Trees, ...]) -> Arrays:
    models = np.zeros((len(schedule), MODEL_WIDTH), np.int64)
    roots: list[int] = []
    depths: list[int] = []
    nodes: list[SmallIntArray] = []
    numbers: list[FloatArray] = []
    node = 0
    for row, ts, trees in zip(models, usable_from, schedule, strict=True):
        first = len(depths)
        for tree_nodes, tree_numbers, tree_depth in _by_depth(trees):
            tree_nodes[:, CHILD] += node
            if len(roots) % ABREAST == 0:
                depths.append(0)
            depths[-1] = max(depths[-1], tree_depth)
            roots.append(node)
            nodes.append(tree_nodes)
            numbers.append(tree_numbers)
            node += len(tree_nodes)
        row[:] = (ts, first, len(depths), trees.link, trees.features)
    if node > np.iinfo(np.int32).max:
        raise BadInput(f"A schedule has {node:,} nodes; at most 2^31 - 1 can be walked.")
    return (
        models,
        np.array(roots, np.int32),
        np.array(depths, np.int32),
        np.concatenate(nodes),
        np.concatenate(numbers),
    )


Tree = tuple[SmallIntArray, FloatArray, int]


def _by_depth(trees: Trees) -> list[Tree]:
    """Return each tree laid out for the walker, shallow ones first, filled up to whole groups."""
    ends = [*trees.roots[1:].tolist(), trees.feature.size]
    laid_out = [
        _lay_out_tree(trees, root, end) for root, end in zip(trees.roots, ends, strict=True)
    ]
    empty = np.array([[VERSIONS * trees.features, 0]], np.int32)
    missing = -len(laid_out) % ABREAST
    laid_out += [(empty.copy(), np.zeros(1), 0) for _ in range(missing)]
    return sorted(laid_out, key=lambda tree: tree[2])


def _lay_out_tree(trees: Trees, root: int, end: int) -> Tree:
    """Return one tree level by level, so that siblings are neighbours, and its depth."""
    order, depth = _levels(trees, int(root))
    place = np.zeros(end - root, np.int32)
    place[order - root] = np.arange(order.size)
    leaf = trees.feature[order] == LEAF
    nodes = np.zeros((order.size, NODE_WIDTH), np.int32)
    version = trees.missing[order] * trees.features + trees.feature[order]
    nodes[:, SLOT] = np.where(leaf, VERSIONS * trees.features, version)
    nodes[:, CHILD] = np.arange(order.size)
    nodes[~leaf, CHILD] = place[trees.left[order[~leaf]] - root]
    return nodes, trees.number[order], depth


def _levels(trees: Trees, root: int) -> tuple[IntArray, int]:
    level = np.array([root])
    levels = [level]
    while (inner := level[trees.feature[level] != LEAF]).size:
        level = np.stack([trees.left[inner], trees.right[inner]], axis=1).ravel()
        levels.append(level)
    return np.concatenate(levels), len(levels) - 1
