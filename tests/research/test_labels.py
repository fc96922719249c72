"""A label is what came, and is known only when it came."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.domain.errors import BadInput
from barque.domain.events import EventKind
from barque.features import Atr, FeatureSet, Return, Sma
from barque.kernels import layout
from barque.research.labels import NEVER, bar_numbers, forward_returns
from barque.research.samples import collect
from tests.research.markets import DAY, events_of, noise, stocks

bars = st.lists(st.tuples(st.integers(0, 3), st.floats(1.0, 100.0)), max_size=60)


@given(bars=bars, horizon=st.integers(1, 9))
def test_a_label_is_the_return_to_the_close_that_makes_it_visible(bars, horizon: int) -> None:
    ts = np.arange(len(bars)) * 10
    instrument = np.array([i for i, _ in bars], np.int64)
    close = np.array([c for _, c in bars])

    forward, visible = forward_returns(ts, instrument, close, horizon)

    for t, (i, now) in enumerate(bars):
        later = [k for k in range(t + 1, len(bars)) if bars[k][0] == i]
        if len(later) < horizon:
            assert np.isnan(forward[t])
            assert visible[t] == NEVER
        else:
            at = later[horizon - 1]
            assert forward[t] == bars[at][1] / now - 1.0
            assert visible[t] == ts[at] > ts[t]
        assert bar_numbers(instrument)[t] == sum(j == i for j, _ in bars[: t + 1])


def test_a_close_that_is_not_known_gives_no_label() -> None:
    close = np.array([1.0, np.nan, 2.0, 3.0])

    forward, visible = forward_returns(np.arange(4), np.zeros(4, np.int64), close, 1)

    np.testing.assert_array_equal(forward, [np.nan, np.nan, 0.5, np.nan])
    assert visible.tolist() == [NEVER, NEVER, 3, NEVER]


@pytest.mark.parametrize("horizon", [0, -1])
def test_a_horizon_without_bars_is_refused(horizon: int) -> None:
    with pytest.raises(BadInput, match="at least 1"):
        forward_returns(np.arange(3), np.zeros(3, np.int64), np.ones(3), horizon)


def _action(kind: EventKind, ts: int, first: int, second: int = 0) -> np.ndarray:
    event = np.zeros(layout.EVENT_WIDTH, np.int64)
    event[[layout.TS, layout.START, layout.KIND]] = (ts, ts, kind)
    event[[layout.SPLIT_NEW, layout.SPLIT_OLD]] = (first, second)
    return event


def test_labels_and_features_are_total_returns() -> None:
    """At 70, then a dividend of 7 (63 ex), then 7 shares for 1 (9 each): nothing was earned."""
    closes = np.repeat([70.0, 63.0, 9.0], [10, 10, 10])[:, None]
    events = events_of(closes)
    events[:, layout.OPEN : layout.VOLUME] = events[:, [layout.CLOSE]]
    dividend = _action(EventKind.DIVIDEND, 11 * DAY - 1, 7 * 10**8)
    split = _action(EventKind.SPLIT, 21 * DAY - 1, 7, 1)
    events = np.insert(events, [10, 20], [dividend, split], axis=0)

    samples = collect([events], stocks(1), FeatureSet((Return(1),)), horizon=3)

    np.testing.assert_allclose(samples.forward_return[:-3], 0.0, atol=1e-9)
    np.testing.assert_allclose(samples.features, 0.0, atol=1e-9)
    assert len(samples) == 29


def test_a_later_split_or_dividend_leaves_earlier_features_alone() -> None:
    """No hindsight: prices are adjusted forwards, from what had happened."""
    events = noise(seed=2, days=60, instruments=1)
    split = _action(EventKind.SPLIT, 51 * DAY - 1, 7, 1)
    dividend = _action(EventKind.DIVIDEND, 41 * DAY - 1, 5 * 10**8)
    acted = np.insert(events, [40, 50], [dividend, split], axis=0)
    features = FeatureSet((Return(5), Sma(20), Atr(14)))

    without = collect([events], stocks(1), features, horizon=3)
    with_actions = collect([acted], stocks(1), features, horizon=3)

    before = without.ts <= 40 * DAY
    assert before.sum() == 21
    assert with_actions.features[before].tobytes() == without.features[before].tobytes()
    assert with_actions.features[~before].tobytes() != without.features[~before].tobytes()


@given(cuts=st.lists(st.integers(0, 160), max_size=6).map(sorted))
def test_chunks_do_not_matter(cuts: list[int]) -> None:
    events = noise(seed=1, days=40, instruments=4)
    features = FeatureSet((Return(5),))

    whole = collect([events], stocks(4), features, horizon=5)
    pieces = collect(np.split(events, cuts), stocks(4), features, horizon=5)

    assert pieces.content_hash == whole.content_hash


def test_nothing_to_learn_from_is_refused() -> None:
    features = FeatureSet((Return(50),))

    with pytest.raises(BadInput, match="no bars"):
        collect([], stocks(1), features, horizon=5)
    with pytest.raises(BadInput, match="51 bars"):
        collect([noise(1, 50, 1)], stocks(1), features, horizon=5)
