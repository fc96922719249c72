"""An event is never judged by a model that was trained on labels visible later."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.domain.errors import BadInput
from barque.models import ModelSchedule
from tests.models.examples import provenance, stumps

EMPTY = np.array([[0.0, 0.0]])


@given(
    times=st.lists(st.integers(30, 10**18), min_size=1, max_size=20, unique=True).map(sorted),
    ts=st.integers(0, 10**18),
)
def test_the_newest_usable_model_is_used(times: list[int], ts: int) -> None:
    models = tuple(stumps(float(k)) for k in range(len(times)))
    schedule = ModelSchedule(usable_from=tuple(times), trees=models)

    found = schedule.predict(np.array([ts]), EMPTY)[0]

    usable = [k for k, time in enumerate(times) if time <= ts]
    if usable:
        assert found == 1.0 + usable[-1]
    else:
        assert np.isnan(found)


def test_a_model_cannot_be_used_before_its_last_label_was_visible() -> None:
    with pytest.raises(BadInput, match="know the future"):
        ModelSchedule(usable_from=(29,), trees=(stumps(last_label_visible=30),))


@pytest.mark.parametrize("times", [(), (30,), (40, 30), (30, 30), (30, 40, 50), (30, 2**63)])
def test_times_must_fit_the_models(times: tuple[int, ...]) -> None:
    with pytest.raises(BadInput):
        ModelSchedule(usable_from=times, trees=(stumps(), stumps()))


def test_models_of_different_features_cannot_follow_each_other() -> None:
    other = stumps(provenance=provenance(feature_fingerprint="of others"))

    with pytest.raises(BadInput, match="same features"):
        ModelSchedule(usable_from=(30, 40), trees=(stumps(), other))


@pytest.mark.parametrize("shape", [(1, 3), (2, 2), (2,)])
def test_rows_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    schedule = ModelSchedule(usable_from=(30,), trees=(stumps(),))

    with pytest.raises(BadInput, match="they must be"):
        schedule.predict(np.array([30]), np.zeros(shape))
