"""A model that could not be walked cannot be made."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.domain.errors import BadInput
from barque.models import Link, Missing, Trees
from barque.models.trees import ARRAYS
from tests.models.examples import provenance, stump_arrays, stumps


@pytest.mark.parametrize(
    ("array", "at", "value", "why"),
    [
        ("left", 0, 0, "cycle"),
        ("left", 2, 0, "cycle"),
        ("right", 0, 6, "out of range"),
        ("right", 0, 2**60, "out of range"),
        ("right", 0, -7, "cycle"),
        ("right", 0, 5, "another tree"),
        ("right", 2, 3, "no parent, or with two"),
        ("left", 5, 5, "leaf has a child"),
        ("feature", 0, 2, "2 features"),
        ("feature", 0, -2, "2 features"),
        ("number", 0, np.nan, "not a finite"),
        ("number", 1, np.inf, "not a finite"),
        ("missing", 0, 4, "unknown way"),
        ("roots", 0, 1, "first root at node 0"),
        ("roots", 1, 0, "roots must increase"),
        ("roots", 1, 6, "roots must increase"),
    ],
)
def test_a_wrong_number_is_refused(array: str, at: int, value: float, why: str) -> None:
    arrays = stump_arrays()
    arrays[array][at] = value

    with pytest.raises(BadInput, match=why):
        Trees(**arrays, link=Link.IDENTITY, provenance=provenance())


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize(
    "change",
    [
        lambda array: array[:-1],
        lambda array: array.astype(np.float32),
        lambda array: array.reshape(1, -1),
        lambda array: np.repeat(array, 2)[::2],
        lambda array: array[:0],
    ],
)
def test_a_wrong_shape_or_type_is_refused(name: str, change) -> None:
    arrays = stump_arrays()
    arrays[name] = change(arrays[name])

    with pytest.raises(BadInput):
        Trees(**arrays, link=Link.IDENTITY, provenance=provenance())


@given(data=st.data())
def test_children_by_chance_are_refused_or_are_a_tree(data) -> None:
    """Whatever the children are, a model that is made has one way from its root to every node."""
    arrays = stump_arrays()
    child = st.integers(-2, 7)
    for name in ("left", "right"):
        for at in (0, 2):
            arrays[name][at] = data.draw(child)

    try:
        trees = Trees(**arrays, link=Link.IDENTITY, provenance=provenance())
    except BadInput:
        return

    assert sorted(_reached(trees, 0)) == [0, 1, 2, 3, 4]


def _reached(trees: Trees, node: int) -> list[int]:
    if trees.feature[node] < 0:
        return [node]
    children = (int(trees.left[node]), int(trees.right[node]))
    return [node, *(below for child in children for below in _reached(trees, child))]


def test_a_model_cannot_be_changed() -> None:
    trees = stumps()

    with pytest.raises(ValueError, match="read-only"):
        trees.number[0] = 1.0


def test_the_ways_of_missing_are_numbered_as_the_walker_lays_rows_out() -> None:
    assert [*Missing] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "changed",
    [
        {"feature_names": ()},
        {"feature_names": ("a", "a")},
        {"rows": 3.0},
        {"data_hash": None},
        {"train_start": 21},
        {"last_label_visible": 19},
    ],
)
def test_incomplete_or_impossible_provenance_is_refused(changed: dict) -> None:
    with pytest.raises(BadInput):
        provenance(**changed)
