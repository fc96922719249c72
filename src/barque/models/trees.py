"""A sum of decision trees: what gradient boosting learns. Plain arrays, checked when made."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from barque.domain.errors import BadInput
from barque.models.provenance import Provenance

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

LEAF = -1
"""The `feature` of a node that decides nothing."""


class Missing(IntEnum):
    """What a node does with a value that is not there. Zero has two meanings in LightGBM."""

    NAN_LEFT = 0
    NAN_RIGHT = 1
    NAN_OR_ZERO_LEFT = 2
    NAN_OR_ZERO_RIGHT = 3


class Link(IntEnum):
    """How the sum of the trees becomes a prediction."""

    IDENTITY = 0
    LOGISTIC = 1  # 1 / (1 + e^-x), a probability
    EXPONENTIAL = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trees:
    """A trained model: its prediction is link(Σ of the leaf a row falls in, over all trees).

    Arrays hold one entry per node, tree after tree, each tree from its root down: a node comes
    after its parent. `roots[k]` is the first node of tree k. A node sends a row left when the
    value of its `feature` is ≤ `number`, else right; a leaf's `number` is its value and its
    children are -1. A wrong shape, child, cycle or number is refused with `BadInput`.
    """

    roots: IntArray
    feature: IntArray
    number: FloatArray
    left: IntArray
    right: IntArray
    missing: IntArray
    link: Link
    provenance: Provenance

    def __post_init__(self) -> None:
        self._check_shapes()
        self._check_numbers()
        self._check_children()
        for name in ARRAYS:
            getattr(self, name).flags.writeable = False

    @property
    def features(self) -> int:
        """How many features a row has."""
        return len(self.provenance.feature_names)

    def _check_shapes(self) -> None:
        nodes = self.feature.size
        for name, kind in ARRAYS.items():
            array = getattr(self, name)
            length = array.size if name == "roots" else nodes
            if array.dtype != kind or array.shape != (length,) or not array.flags.c_contiguous:
                raise BadInput(
                    f"A model's {name} is {array.dtype} {array.shape}; "
                    f"it must be {kind} ({length},)."
                )
        if nodes == 0 or self.roots.size == 0 or self.roots[0] != 0:
            raise BadInput("A model must have at least one tree, and its first root at node 0.")
        if (np.diff(self.roots) < 1).any() or self.roots[-1] >= nodes:
            raise BadInput(f"A model's roots must increase and stay below its {nodes} nodes.")

    def _check_numbers(self) -> None:
        if not np.isfinite(self.number).all():
            raise BadInput("A model has a threshold or leaf value that is not a finite number.")
        if self.feature.min() < LEAF or self.feature.max() >= self.features:
            raise BadInput(
                f"A model's node reads feature {self.feature.min()} to {self.feature.max()}; "
                f"the model has {self.features} features."
            )
        if self.missing.min() < min(Missing) or self.missing.max() > max(Missing):
            raise BadInput("A model's node treats missing values in an unknown way.")

    def _check_children(self) -> None:
        """Every node but the roots has exactly one parent, before it in the same tree."""
        nodes = np.arange(self.feature.size)
        inner = self.feature != LEAF
        tree = np.searchsorted(self.roots, nodes, side="right")
        children = np.concatenate([self.left[inner], self.right[inner]])
        parents = np.concatenate([nodes[inner], nodes[inner]])
        if (self.left[~inner] != LEAF).any() or (self.right[~inner] != LEAF).any():
            raise BadInput("A model's leaf has a child; its children must be -1.")
        if (children <= parents).any() or (children >= nodes.size).any():
            raise BadInput("A model's node has a child before itself or out of range: a cycle.")
        if (tree[children] != tree[parents]).any():
            raise BadInput("A model's node has a child in another tree.")
        lost = np.bincount(children, minlength=nodes.size) != 1
        if lost[np.setdiff1d(nodes, self.roots)].any():
            raise BadInput("A model has a node with no parent, or with two.")


ARRAYS = {
    "roots": np.dtype("<i8"),
    "feature": np.dtype("<i8"),
    "number": np.dtype("<f8"),
    "left": np.dtype("<i8"),
    "right": np.dtype("<i8"),
    "missing": np.dtype("<i8"),
}
"""The arrays of a model and their types, in memory and in a file."""
