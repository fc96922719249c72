"""A feature set is a checked, named program."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.domain.errors import BadInput
from barque.features import DEFAULT_FEATURES, FeatureSet, MacdLine, Momentum, Return, Rsi, Sma
from tests.features.histories import by_batch, random_history


def test_names_tell_a_feature_and_its_parameters() -> None:
    features = FeatureSet((Sma(20), Momentum(120, 5), Return()))

    assert features.names == ("sma_20", "momentum_120_5", "return_1")


def test_default_features_are_about_twenty_and_distinct() -> None:
    assert 20 <= len(DEFAULT_FEATURES) == len(set(DEFAULT_FEATURES.names)) <= 30


def test_warmup_is_when_the_last_feature_becomes_known() -> None:
    values = by_batch(DEFAULT_FEATURES, random_history(seed=8, bars=200))
    known = ~np.isnan(values).any(axis=1)

    assert int(np.argmax(known)) + 1 == DEFAULT_FEATURES.warmup
    assert known[DEFAULT_FEATURES.warmup :].all()


@pytest.mark.parametrize(
    "other",
    [
        FeatureSet((Rsi(14), Return(5))),
        FeatureSet((Return(5), Rsi(15))),
        FeatureSet((Return(5), Rsi(14), Sma(3))),
    ],
)
def test_a_fingerprint_tells_order_parameters_and_members(other: FeatureSet) -> None:
    features = FeatureSet((Return(5), Rsi(14)))

    assert features.fingerprint == FeatureSet((Return(5), Rsi(14))).fingerprint
    assert features.fingerprint != other.fingerprint


@given(window=st.one_of(st.integers(max_value=0), st.integers(min_value=2001)))
def test_a_window_out_of_range_is_refused(window: int) -> None:
    with pytest.raises(BadInput, match="it must be a whole number from 1 to 2000"):
        Sma(window)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Momentum(10, 10),
        lambda: MacdLine(26, 12),
        lambda: Sma(2.5),  # type: ignore[arg-type]
        lambda: FeatureSet(()),
        lambda: FeatureSet((Sma(3), Sma(3))),
    ],
)
def test_what_makes_no_sense_is_refused(make) -> None:
    with pytest.raises(BadInput):
        make()


def test_a_program_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        DEFAULT_FEATURES.program[0, 0] = 1
