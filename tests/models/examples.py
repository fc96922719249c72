"""Small models for tests."""

import numpy as np
from numpy.typing import NDArray

from barque.models import Link, Missing, Provenance, Trees
from barque.models.trees import LEAF


def provenance(features: int = 2, last_label_visible: int = 30, **changed) -> Provenance:
    about = {
        "feature_names": tuple(f"feature_{k}" for k in range(features)),
        "feature_fingerprint": "of the features",
        "objective": "regression",
        "label_horizon": 5,
        "train_start": 10,
        "train_end": 20,
        "last_label_visible": last_label_visible,
        "rows": 3,
        "data_hash": "of the data",
        "seed": 7,
        "params": {"num_leaves": 3},
        "versions": {"lightgbm": "4"},
    }
    return Provenance(**{**about, **changed})


def stump_arrays() -> dict[str, NDArray]:
    """Two trees: feature 0 ≤ 0.5 gives 1, else feature 1 ≤ -1 gives 2, else 3; and always 10."""
    return {
        "roots": np.array([0, 5]),
        "feature": np.array([0, LEAF, 1, LEAF, LEAF, LEAF]),
        "number": np.array([0.5, 1.0, -1.0, 2.0, 3.0, 10.0]),
        "left": np.array([1, -1, 3, -1, -1, -1]),
        "right": np.array([2, -1, 4, -1, -1, -1]),
        "missing": np.array([Missing.NAN_RIGHT, 0, Missing.NAN_LEFT, 0, 0, 0], np.int64),
    }


def stumps(value: float = 10.0, last_label_visible: int = 30, **changed) -> Trees:
    arrays = stump_arrays()
    arrays["number"][5] = value
    about = provenance(last_label_visible=last_label_visible)
    return Trees(**{**arrays, "link": Link.IDENTITY, "provenance": about, **changed})


def random_trees(seed: int, features: int = 3, count: int = 11) -> Trees:
    """Trees of chance shapes, with every way of treating missing values."""
    chance = np.random.default_rng(seed)
    columns: dict[str, list] = {name: [] for name in stump_arrays()}
    for _ in range(count):
        root = len(columns["feature"])
        columns["roots"].append(root)
        size = 2 * int(chance.integers(0, 12)) + 1
        rows = _random_tree(chance, features, size)
        for name, column in rows.items():
            shift = root if name in ("left", "right") else 0
            columns[name] += [x + shift if x >= 0 else x for x in column] if shift else column
    arrays = {name: np.array(column) for name, column in columns.items()}
    return Trees(**arrays, link=Link.LOGISTIC, provenance=provenance(features))


def _random_tree(chance: np.random.Generator, features: int, size: int) -> dict[str, list]:
    rows = {"feature": [LEAF], "left": [-1], "right": [-1], "missing": [0]}
    while len(rows["feature"]) < size:
        leaves = [k for k, feature in enumerate(rows["feature"]) if feature == LEAF]
        at, first = int(chance.choice(leaves)), len(rows["feature"])
        rows["feature"][at] = int(chance.integers(features))
        rows["missing"][at] = int(chance.integers(len(Missing)))
        rows["left"][at], rows["right"][at] = first, first + 1
        for name, value in (("feature", LEAF), ("left", -1), ("right", -1), ("missing", 0)):
            rows[name] += [value, value]
    rows["number"] = np.round(chance.normal(size=size), 1).tolist()
    return rows
