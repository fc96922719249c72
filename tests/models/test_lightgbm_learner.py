"""What LightGBM learned becomes a model, or is refused with the reason."""

import numpy as np
import pytest

from barque.domain.errors import BadInput, NotReady
from barque.models import LightGbmLearner, import_model, to_bytes
from tests.models.examples import provenance

lightgbm = pytest.importorskip("lightgbm")

ABOUT = {
    name: getattr(provenance(3), name)
    for name in ("feature_names", "feature_fingerprint", "label_horizon", "train_start")
} | {"train_end": 20, "last_label_visible": 30, "data_hash": "of the data"}


def _samples() -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(1).normal(size=(2_000, 3))
    return x, (x[:, 0] > 0).astype(float)


def test_the_same_samples_and_seed_give_the_same_model() -> None:
    one, two, other = (
        LightGbmLearner(trees=5, seed=s).fit(*_samples(), **ABOUT) for s in (1, 1, 2)
    )

    assert to_bytes(one) == to_bytes(two)
    assert one.number.tobytes() != other.number.tobytes()


def test_a_model_says_how_it_was_made() -> None:
    about = LightGbmLearner(trees=5, seed=3).fit(*_samples(), **ABOUT).provenance

    assert (about.rows, about.seed, about.objective) == (2_000, 3, "binary")
    assert about.params["num_boost_round"] == 5
    assert about.versions["lightgbm"] == lightgbm.__version__


def _trained(x: np.ndarray, y: np.ndarray, dataset: dict | None = None, **params) -> str:
    params = {"verbosity": -1, "num_threads": 1, "objective": "regression", **params}
    return lightgbm.train(params, lightgbm.Dataset(x, y, **(dataset or {})), 3).model_to_string()


def test_a_categorical_split_is_refused() -> None:
    x = np.random.default_rng(1).integers(0, 8, (1_000, 1)).astype(float)
    text = _trained(x, np.isin(x[:, 0], [1, 4, 6]).astype(float), {"categorical_feature": [0]})

    with pytest.raises(BadInput, match="category"):
        import_model(text, provenance(1))


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"linear_tree": True}, "linear"),
        ({"objective": "multiclass", "num_class": 2}, "2 numbers"),
        ({"reg_sqrt": True}, "not known"),
        ({"objective": "gamma"}, None),
    ],
)
def test_what_cannot_be_walked_exactly_is_refused(params: dict, why: str | None) -> None:
    x, y = _samples()
    text = _trained(x, y + 0.5 * ("gamma" in params.values()), **params)

    if why is None:
        import_model(text, provenance(3))
    else:
        with pytest.raises(BadInput, match=why):
            import_model(text, provenance(3))


def test_without_lightgbm_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "lightgbm", None)

    with pytest.raises(NotReady, match="barque\\[learning\\]"):
        LightGbmLearner().fit(*_samples(), **ABOUT)
