"""Training with LightGBM, and its models as `Trees`. Needs the extra `learning`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from barque.domain.errors import BadInput, NotReady
from barque.models.provenance import Provenance
from barque.models.trees import LEAF, Link, Missing, Trees
from barque.models.walker import LARGEST

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

IDENTITY_OBJECTIVES = ("regression", "regression_l1", "huber", "fair", "quantile", "mape")
LOGISTIC_OBJECTIVES = ("binary", "cross_entropy")
EXPONENTIAL_OBJECTIVES = ("poisson", "gamma", "tweedie")

REPEATABLE = {
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
"""What makes two trainings on the same samples give the same trees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LightGbmLearner:
    """Gradient-boosted trees (Ke et al., 2017), small and cautious: markets are mostly noise."""

    objective: str = "binary"
    trees: int = 100
    leaves: int = 15
    learning_rate: float = 0.05
    samples_per_leaf: int = 200
    feature_share: float = 0.7
    row_share: float = 0.7
    l2: float = 1.0
    seed: int = 0

    @property
    def params(self) -> dict[str, str | int | float | bool]:
        """What LightGBM is told."""
        return {
            "objective": self.objective,
            "num_leaves": self.leaves,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": self.samples_per_leaf,
            "feature_fraction": self.feature_share,
            "bagging_fraction": self.row_share,
            "bagging_freq": 1,
            "lambda_l2": self.l2,
            "seed": self.seed,
            **REPEATABLE,
        }

    def fit(self, x: FloatArray, y: FloatArray, **about: Any) -> Trees:
        """Train on samples `x` (rows, features) with labels `y` (rows,).

        `about` is what `Provenance` wants to know of the samples. Raises `NotReady` without
        LightGBM.
        """
        lightgbm = _lightgbm()
        data = lightgbm.Dataset(x, y, params=REPEATABLE)
        booster = lightgbm.train(self.params, data, num_boost_round=self.trees)
        provenance = Provenance(
            objective=self.objective,
            rows=int(y.size),
            seed=self.seed,
            params={**self.params, "num_boost_round": self.trees},
            versions={"lightgbm": lightgbm.__version__, "numpy": np.__version__},
            **about,
        )
        return import_model(booster.model_to_string(), provenance)


def _lightgbm() -> ModuleType:
    try:
        import lightgbm
    except ImportError as error:
        raise NotReady("LightGBM is not installed; `pip install 'barque[learning]'`.") from error
    return lightgbm


def import_model(text: str, provenance: Provenance) -> Trees:
    """Return a LightGBM model, as its text format tells it, as `Trees`.

    Refuses with `BadInput` what the walker cannot predict exactly: categorical splits, linear
    leaves, several classes, unknown objectives.
    """
    head, *sections = re.split(r"\nTree=\d+\n", text.split("\nend of trees")[0])
    header = _pairs(head)
    _refuse_many_outputs(header)
    link, scale = _link(header.get("objective", ""))
    if "average_output" in head.splitlines():
        scale /= len(sections)
    trees = [_tree(_pairs(section), scale) for section in sections]
    if not trees:
        raise BadInput("The LightGBM model has no trees; train it on more samples.")
    sizes = [tree["feature"].size for tree in trees]
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    for tree, root in zip(trees, roots, strict=True):
        for side in ("left", "right"):
            tree[side][tree["feature"] != LEAF] += root
    arrays = {name: np.concatenate([tree[name] for tree in trees]) for name in trees[0]}
    return Trees(**arrays, roots=roots, link=link, provenance=provenance)


def _pairs(section: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in section.splitlines() if "=" in line)


def _refuse_many_outputs(header: Mapping[str, str]) -> None:
    classes = header.get("num_tree_per_iteration", "1")
    if classes != "1":
        raise BadInput(f"The LightGBM model predicts {classes} numbers; only one can be used.")


def _link(objective: str) -> tuple[Link, float]:
    """Return the link of an objective, and what the leaves are multiplied by before it."""
    name, *options = objective.split()
    given = dict(option.split(":", 1) for option in options if ":" in option)
    if name in LOGISTIC_OBJECTIVES:
        return Link.LOGISTIC, float(given.get("sigmoid", 1.0))
    if name in EXPONENTIAL_OBJECTIVES:
        return Link.EXPONENTIAL, 1.0
    if name in IDENTITY_OBJECTIVES and "sqrt" not in options:
        return Link.IDENTITY, 1.0
    known = (*LOGISTIC_OBJECTIVES, *EXPONENTIAL_OBJECTIVES, *IDENTITY_OBJECTIVES)
    raise BadInput(f"The LightGBM objective {objective!r} is not known; known are {sorted(known)}.")


def _tree(section: Mapping[str, str], scale: float) -> dict[str, NDArray[Any]]:
    """Return one tree as arrays, its root first: inner nodes in LightGBM's order, then leaves."""
    if section.get("is_linear", "0") != "0":
        raise BadInput("The LightGBM model has linear leaves; train with linear_tree=False.")
    if section.get("num_cat", "0") != "0":
        raise BadInput(
            "The LightGBM model splits on a category, which cannot be walked yet; "
            "train with categorical_feature empty."
        )
    values = scale * _numbers(section, "leaf_value")
    leaf = np.full(values.size, LEAF)
    # A split of NaN from all else has an infinite threshold.
    threshold = np.clip(_numbers(section, "threshold"), -LARGEST, LARGEST)
    missing = _missing(_integers(section, "decision_type"), threshold)
    return {
        "feature": np.concatenate([_integers(section, "split_feature"), leaf]),
        "number": np.concatenate([threshold, values]),
        "left": np.concatenate([_children(section, "left_child", values.size - 1), leaf]),
        "right": np.concatenate([_children(section, "right_child", values.size - 1), leaf]),
        "missing": np.concatenate([missing, np.zeros(values.size, np.int64)]),
    }


def _children(section: Mapping[str, str], side: str, inner: int) -> IntArray:
    """Return children as nodes: LightGBM writes leaf k as ~k."""
    child = _integers(section, side)
    return np.where(child < 0, inner + ~child, child)


def _missing(decision: IntArray, threshold: FloatArray) -> IntArray:
    """Return what each node does with a missing value, from LightGBM's decision bits."""
    right = np.where(decision & 2, 0, 1)
    means = (decision >> 2) & 3
    # Without a meaning of its own, NaN counts as zero and is compared.
    as_zero = np.where(threshold >= 0.0, Missing.NAN_LEFT, Missing.NAN_RIGHT)
    choices = [as_zero, Missing.NAN_OR_ZERO_LEFT + right, Missing.NAN_LEFT + right]
    return np.choose(means, choices).astype(np.int64)


def _integers(section: Mapping[str, str], key: str) -> IntArray:
    return np.array(section.get(key, "").split(), np.int64)


def _numbers(section: Mapping[str, str], key: str) -> FloatArray:
    return np.array(section.get(key, "").split(), np.float64)
