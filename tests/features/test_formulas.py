"""Each feature is what its docstring says, against a slow and obvious oracle in fractions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.features import (
    Amihud,
    Atr,
    BollingerB,
    CloseLocation,
    DayOfWeek,
    DistanceFromSma,
    Drawdown,
    Efficiency,
    Ema,
    Feature,
    FeatureSet,
    Gap,
    MacdLine,
    MaxReturn,
    Momentum,
    NormalizedAtr,
    ParkinsonVolatility,
    Range,
    Return,
    Rsi,
    Skew,
    Sma,
    Stochastic,
    UpShare,
    Volatility,
    VolumeRatio,
)
from barque.features.program import Op
from tests.features.histories import History, by_batch, histories, random_history
from tests.features.oracle import expected

windows = st.integers(1, 20)
changes = st.integers(3, 20)
FEATURES = {
    Sma: st.builds(Sma, windows),
    Ema: st.builds(Ema, windows),
    Return: st.builds(Return, windows),
    Momentum: st.builds(Momentum, st.integers(5, 20), st.integers(0, 4)),
    DistanceFromSma: st.builds(DistanceFromSma, windows),
    MacdLine: st.builds(MacdLine, st.integers(1, 9), st.integers(10, 20)),
    Rsi: st.builds(Rsi, windows),
    Stochastic: st.builds(Stochastic, windows),
    Efficiency: st.builds(Efficiency, windows),
    Volatility: st.builds(Volatility, changes),
    Skew: st.builds(Skew, changes),
    MaxReturn: st.builds(MaxReturn, windows),
    ParkinsonVolatility: st.builds(ParkinsonVolatility, windows),
    Atr: st.builds(Atr, windows),
    NormalizedAtr: st.builds(NormalizedAtr, windows),
    BollingerB: st.builds(BollingerB, changes, st.integers(1, 3)),
    Drawdown: st.builds(Drawdown, windows),
    Range: st.builds(Range),
    CloseLocation: st.builds(CloseLocation),
    Gap: st.builds(Gap),
    UpShare: st.builds(UpShare, windows),
    VolumeRatio: st.builds(VolumeRatio, windows),
    Amihud: st.builds(Amihud, windows),
    DayOfWeek: st.builds(DayOfWeek),
}


def test_every_feature_has_an_oracle() -> None:
    assert {kind.op for kind in FEATURES} == set(Op)


@pytest.mark.parametrize("kind", FEATURES, ids=lambda kind: kind.__name__)
@given(data=st.data(), history=histories)
def test_a_feature_is_what_it_says(kind: type[Feature], data, history: History) -> None:
    feature = data.draw(FEATURES[kind])

    values = by_batch(FeatureSet((feature,)), history)[:, 0]

    for t in {0, len(history) // 2, len(history) - 1}:
        wanted = expected(feature, history[: t + 1])
        np.testing.assert_allclose(values[t], wanted, rtol=1e-9, atol=1e-12, equal_nan=True)


def test_equal_means_compare_as_equal_after_any_past() -> None:
    """The signal at a tie must not depend on rounding left behind by an older, larger price."""
    high = random_history(seed=1, bars=500, first=10**12)
    flat = random_history(seed=2, bars=40, step=0.0, first=1_003)
    features = FeatureSet((Sma(10), Sma(30), DistanceFromSma(10)))

    fast, slow, distance = by_batch(features, high.then(flat))[-1]

    assert fast == slow == 10.03
    assert distance == 0.0
