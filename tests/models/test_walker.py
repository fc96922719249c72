"""The compiled walker goes where a plain walk goes, and where LightGBM goes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.models import Link, Missing, ModelSchedule, Trees, import_model, model_at, predict
from tests.models.examples import provenance, random_trees, stumps

lightgbm = pytest.importorskip("lightgbm")

CHOICES = [np.nan, 0.0, -0.0, 1e-36, -1e-36, 1e-35, 2e-35, np.inf, -np.inf, 1e308, 0.1, -0.1]
values = st.one_of(st.sampled_from(CHOICES), st.floats(-3, 3).map(lambda x: round(x, 1)))


def predicted(trees: Trees, rows: np.ndarray) -> np.ndarray:
    schedule = ModelSchedule(usable_from=(30,), trees=(trees,))
    return schedule.predict(np.full(len(rows), 30), rows)


def plain_walk(trees: Trees, row: list[float]) -> float:
    """The obvious version: one tree after the other, one node after the other."""
    total = 0.0
    for root in trees.roots:
        node = int(root)
        while trees.feature[node] >= 0:
            node = int(trees.left[node] if _goes_left(trees, node, row) else trees.right[node])
        total += trees.number[node]
    return 1.0 / (1.0 + math.exp(-total))


def _goes_left(trees: Trees, node: int, row: list[float]) -> bool:
    value = row[trees.feature[node]]
    way = Missing(trees.missing[node])
    zero_counts = way in (Missing.NAN_OR_ZERO_LEFT, Missing.NAN_OR_ZERO_RIGHT)
    if math.isnan(value) or (zero_counts and abs(value) <= float(np.float32(1e-35))):
        return way in (Missing.NAN_LEFT, Missing.NAN_OR_ZERO_LEFT)
    return bool(value <= trees.number[node])


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 20), row=st.tuples(*[values] * 3))
def test_the_walker_goes_where_a_plain_walk_goes(seed: int, count: int, row) -> None:
    trees = random_trees(seed, count=count)

    found = predicted(trees, np.array([row]))[0]

    assert found == pytest.approx(plain_walk(trees, row), abs=1e-14)


def _samples(seed: int, zeros: bool = False) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(600, 6))
    y = x[:, 0] + x[:, 1] * x[:, 2] + chance.normal(size=600)
    x[chance.random(x.shape) < 0.1] = np.nan
    x[chance.random(x.shape) < (0.2 if zeros else 0.05)] = 0.0
    x[:, 5] = np.where(chance.random(600) < 0.3, np.nan, 1.0)
    return x, y


def _strange_rows(seed: int) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return chance.choice([*CHOICES, *np.round(chance.normal(size=20), 2)], size=(400, 6))


@pytest.mark.parametrize(
    "options",
    [
        {"objective": "regression"},
        {"objective": "binary"},
        {"objective": "binary", "sigmoid": 0.7},
        {"objective": "cross_entropy"},
        {"objective": "poisson"},
        {"objective": "huber"},
        {"objective": "binary", "zero_as_missing": True},
        {"objective": "binary", "use_missing": False},
        {"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
        {"objective": "binary", "boosting": "dart"},
    ],
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_walker_equals_lightgbm(options: dict, seed: int) -> None:
    x, y = _samples(seed, zeros="zero_as_missing" in options)
    label = y if options["objective"] in ("regression", "huber") else (y > 0).astype(float)
    params = {"verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5, "num_leaves": 15, **options}
    booster = lightgbm.train(params, lightgbm.Dataset(x, label), 23)
    trees = import_model(booster.model_to_string(), provenance(6))

    rows = np.concatenate([x, _strange_rows(seed)])
    found = predicted(trees, rows)

    np.testing.assert_allclose(found, booster.predict(rows, num_threads=1), rtol=0, atol=1e-12)


def test_a_model_of_a_single_leaf_predicts_it() -> None:
    x, _ = _samples(1)
    params = {"verbosity": -1, "num_threads": 1, "objective": "regression"}
    booster = lightgbm.train(params, lightgbm.Dataset(x, np.full(600, 2.5)), 3)

    found = predicted(import_model(booster.model_to_string(), provenance(6)), x)

    np.testing.assert_allclose(found, booster.predict(x, num_threads=1), rtol=0, atol=1e-12)


def test_a_single_prediction_is_the_batch_prediction_to_the_last_bit() -> None:
    trees = random_trees(5, count=30)
    schedule = ModelSchedule(usable_from=(30,), trees=(trees,))
    rows = np.random.default_rng(1).normal(size=(200, 3))
    scratch = schedule.scratch()

    singles = [predict(*schedule.arrays, 0, row, scratch) for row in rows]

    assert singles == predicted(trees, rows).tolist()


def test_no_model_predicts_nothing() -> None:
    schedule = ModelSchedule(usable_from=(30,), trees=(stumps(),))

    assert model_at(schedule.arrays[0], 29) == -1
    assert math.isnan(predict(*schedule.arrays, -1, np.zeros(2), schedule.scratch()))


@pytest.mark.parametrize("link", Link)
def test_a_link_turns_the_sum_of_the_leaves_into_the_prediction(link: Link) -> None:
    wanted = {Link.IDENTITY: -1.0, Link.LOGISTIC: 1 / (1 + math.e), Link.EXPONENTIAL: 1 / math.e}

    found = predicted(stumps(-2.0, link=link), np.array([[0.0, 0.0]]))[0]

    assert found == pytest.approx(wanted[link], abs=1e-15)
