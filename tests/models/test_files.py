"""A model file is numbers and text; a damaged or malicious one is refused and says why."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from barque.domain.errors import BadInput
from barque.models import (
    ModelSchedule,
    from_bytes,
    schedule_from_bytes,
    schedule_to_bytes,
    to_bytes,
)
from barque.models.files import ENTRY, _digest
from tests.models.examples import random_trees, stump_arrays, stumps

GOOD = to_bytes(stumps())


@given(seed=st.integers(0, 2**32 - 1))
def test_what_was_saved_is_what_is_loaded(seed: int) -> None:
    trees = random_trees(seed)

    loaded = from_bytes(to_bytes(trees))

    assert to_bytes(loaded) == to_bytes(trees)
    assert loaded.provenance == trees.provenance
    assert loaded.link is trees.link


@given(at=st.integers(0, len(GOOD) - 1), flip=st.integers(1, 255))
def test_a_flipped_byte_is_refused(at: int, flip: int) -> None:
    damaged = bytearray(GOOD)
    damaged[at] ^= flip

    with pytest.raises(BadInput):
        from_bytes(bytes(damaged))


@given(length=st.integers(0, len(GOOD) - 1))
def test_a_truncated_file_is_refused(length: int) -> None:
    with pytest.raises(BadInput):
        from_bytes(GOOD[:length])


@given(noise=st.binary(max_size=400))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(BadInput):
        from_bytes(noise)
    with pytest.raises(BadInput):
        from_bytes(GOOD + b"." + noise)


def _forged(arrays=None, about=None, **changed) -> bytes:
    """A file with a correct digest, as an enemy who knows the format would write it."""
    header = json.loads(GOOD[8 : 8 + int.from_bytes(GOOD[:8], "little")])["__metadata__"]
    stated = json.loads(header[ENTRY])
    del stated["sha256"]
    stated["about"] |= about or {}
    return _signed(load(GOOD) if arrays is None else arrays, {**stated, **changed})


def _signed(tensors, stated) -> bytes:
    return save(tensors, {ENTRY: json.dumps({**stated, "sha256": _digest(tensors, stated)})})


def test_a_forgery_that_changes_nothing_is_accepted() -> None:
    """The tests below are refused for what they change, not for how they are made."""
    assert to_bytes(from_bytes(_forged())) == GOOD


@pytest.mark.parametrize(
    ("array", "at", "value", "why"),
    [
        ("left", 0, 0, "cycle"),
        ("right", 2, 1 << 40, "out of range"),
        ("feature", 0, 2, "2 features"),
        ("number", 3, np.nan, "not a finite"),
    ],
)
def test_a_forged_model_is_refused(array: str, at: int, value: float, why: str) -> None:
    arrays = stump_arrays()
    arrays[array][at] = value

    with pytest.raises(BadInput, match=why):
        from_bytes(_forged(arrays))


@pytest.mark.parametrize(
    ("forged", "why"),
    [
        (_forged(schema=2), "schema 2"),
        (_forged(kind="schedule"), "must hold a 'trees'"),
        (_forged(about={"link": "EVAL"}), "link 'EVAL'"),
        (_forged(about={"link": []}), r"link \[\]"),
        (_forged(about={"extra": 1}), "exactly"),
        (_forged(about={"rows": "many"}), "rows"),
        (_forged(about={"feature_names": ["a", 1]}), "list of names"),
        (_forged(about={"feature_names": "ab"}), "list of names"),
        (_forged(about={"train_start": 10**30}), "in order"),
        (_forged({**stump_arrays(), "more": np.zeros(1)}), "exactly the arrays"),
        (_forged({"feature": np.zeros(1)}), "exactly the arrays"),
    ],
)
def test_forged_metadata_is_refused(forged: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        from_bytes(forged)


@pytest.mark.parametrize("entry", ["[" * 100_000, "not json", "[1]", "null", '{"kind": "trees"}'])
def test_metadata_of_another_shape_is_refused(entry: str) -> None:
    with pytest.raises(BadInput):
        from_bytes(save(stump_arrays(), {ENTRY: entry}))


def test_metadata_about_something_else_is_refused() -> None:
    with pytest.raises(BadInput, match="must hold"):
        from_bytes(_signed(load(GOOD), {"kind": "trees", "schema": 1, "about": []}))


def test_a_file_without_metadata_is_refused() -> None:
    with pytest.raises(BadInput, match="does not hold a model"):
        from_bytes(save(stump_arrays()))


def test_a_schedule_is_saved_with_its_models() -> None:
    schedule = ModelSchedule(usable_from=(30, 40), trees=(stumps(1.0), stumps(2.0)))

    loaded = schedule_from_bytes(schedule_to_bytes(schedule))

    assert loaded.usable_from == (30, 40)
    assert [*map(to_bytes, loaded.trees)] == [*map(to_bytes, schedule.trees)]


@given(at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_flipped_byte_of_a_schedule_is_refused(at: int, flip: int) -> None:
    damaged = bytearray(schedule_to_bytes(ModelSchedule(usable_from=(30,), trees=(stumps(),))))
    damaged[at % len(damaged)] ^= flip

    with pytest.raises(BadInput):
        schedule_from_bytes(bytes(damaged))
