"""Laws 2 and 3: a stream is a batch, and the future does not matter. To the last bit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.features import (
    DEFAULT_FEATURES,
    Amihud,
    Atr,
    Ema,
    FeatureSet,
    Gap,
    MacdLine,
    Momentum,
    Return,
    Rsi,
    Sma,
    Stochastic,
    Volatility,
    VolumeRatio,
    adjust_dividend,
    adjust_split,
    observe,
    observe_bars,
)
from tests.features.histories import (
    History,
    assert_same_bits,
    by_batch,
    by_stream,
    histories,
    random_history,
    seeds,
)

SHORT = FeatureSet(
    (
        *(Sma(5), Ema(5), Return(3), Momentum(9, 2), MacdLine(3, 7), Rsi(4), Stochastic(6)),
        *(Atr(5), Volatility(8), Gap(), VolumeRatio(6), Amihud(4)),
    )
)
"""Known after a few bars, with every kind of memory in it."""

sets = st.sampled_from([SHORT, DEFAULT_FEATURES])


@given(features=sets, history=histories)
def test_a_stream_is_a_batch(features: FeatureSet, history: History) -> None:
    assert_same_bits(by_stream(features, history), by_batch(features, history))


@given(history=histories, cut=st.floats(0, 1))
def test_a_stream_that_is_cut_saved_and_restored_goes_on_as_if_it_was_not(
    history: History, cut: float
) -> None:
    at = int(cut * len(history))
    state = SHORT.state(1)
    before = by_stream(SHORT, history[:at], state)

    saved = [np.frombuffer(part.tobytes(), part.dtype).reshape(part.shape).copy() for part in state]
    after = by_stream(SHORT, history[at:], tuple(saved))

    assert_same_bits(np.concatenate([before, after]), by_batch(SHORT, history))


@given(features=sets, seed=seeds, bars=st.integers(1, 200))
def test_a_long_history_streams_as_it_batches(features, seed: int, bars: int) -> None:
    history = random_history(seed, bars)

    assert_same_bits(by_stream(features, history), by_batch(features, history))


def _noise(future: History, seed: int) -> History:
    return random_history(seed, len(future), step=0.3, first=77)


def _shuffled(future: History, seed: int) -> History:
    return future[np.random.default_rng(seed).permutation(len(future))]


def _missing(future: History, seed: int) -> History:
    gone = {name: np.zeros_like(getattr(future, name)) for name in ("open", "high", "low", "close")}
    return replace(future, **gone, volume=np.zeros_like(future.volume))


def _cut_off(future: History, seed: int) -> History:
    return future[:0]


@pytest.mark.parametrize("change", [_noise, _shuffled, _missing, _cut_off])
@given(features=sets, seed=seeds, bars=st.integers(2, 200), cut=st.floats(0, 1))
def test_the_future_does_not_matter(change, features, seed: int, bars: int, cut: float) -> None:
    history = random_history(seed, bars)
    now = max(1, int(cut * bars))
    other = history[:now].then(change(history[now:], seed + 1))

    assert_same_bits(by_batch(features, history)[:now], by_batch(features, other)[:now])


def test_a_future_of_nan_does_not_matter() -> None:
    history = random_history(seed=3, bars=150)
    ints, floats = DEFAULT_FEATURES.state(1)
    out = by_stream(DEFAULT_FEATURES, history[:140], (ints, floats))
    kept = out.copy()

    ts, *prices, volume, units = history[140:].columns
    lost = [np.full_like(column, np.nan) for column in (*prices, volume)]
    after = np.zeros((10, len(DEFAULT_FEATURES)))
    observe_bars(DEFAULT_FEATURES.program, ints, floats, 0, ts, *lost, units, after)

    assert_same_bits(out, kept)
    assert np.isnan(after).all()


@given(seed=seeds, bars=st.integers(2, 200), cut=st.floats(0, 1), ratio=st.sampled_from([2, 7, 10]))
def test_a_split_does_not_move_a_feature(seed: int, bars: int, cut: float, ratio: int) -> None:
    """One old share becomes `ratio` new ones: cheaper, more of them, and nothing happened."""
    at = max(1, int(cut * bars))
    whole = random_history(seed, bars).scaled(price=ratio)
    new_shares = random_history(seed, bars).scaled(volume=ratio)[at:]
    state = DEFAULT_FEATURES.state(1)

    before = by_stream(DEFAULT_FEATURES, whole[:at], state)
    adjust_split(*state, 0, ratio, 1)
    after = by_stream(DEFAULT_FEATURES, new_shares, state)

    wanted = by_batch(DEFAULT_FEATURES, whole)
    exact = [k for k, name in enumerate(DEFAULT_FEATURES.names) if not name.startswith("amihud")]
    split = np.concatenate([before, after])
    assert_same_bits(split[:, exact], wanted[:, exact])
    np.testing.assert_allclose(split, wanted, rtol=1e-12)


@given(seed=seeds, ratio=st.sampled_from([2, 7, 10]))
def test_a_price_feature_is_stated_in_todays_shares(seed: int, ratio: int) -> None:
    features = FeatureSet((Sma(5), Ema(5), Atr(5)))
    whole = random_history(seed, 30).scaled(price=ratio)
    state = features.state(1)

    by_stream(features, whole[:20], state)
    adjust_split(*state, 0, ratio, 1)
    after = by_stream(features, random_history(seed, 30)[20:], state)

    np.testing.assert_allclose(after, by_batch(features, whole)[20:] / ratio, rtol=1e-12)


@given(seed=seeds, share=st.floats(0.0001, 0.9))
def test_a_dividend_is_as_if_reinvested(seed: int, share: float) -> None:
    """The price falls by the dividend on its ex-date: the holder neither earned nor lost."""
    features = FeatureSet((Return(1), Gap()))
    last = random_history(seed, 5, first=10**8)
    still = last[-1:]
    amount = share * still.close[0] / 100
    state = features.state(1)
    by_stream(features, last, state)

    adjust_dividend(*state, 0, amount)
    units = np.rint(still.close * (1 - share)).astype(np.int64)
    ex_date = History(still.ts, units, units, units, units, still.volume)
    earned, gap = by_stream(features, ex_date, state)[0]

    assert earned == pytest.approx(0.0, abs=1e-6)
    assert gap == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("amount", [0.0, -1.0, 1e9, float("nan")])
def test_a_dividend_that_cannot_be_changes_nothing(amount: float) -> None:
    state = SHORT.state(1)
    history = random_history(seed=4, bars=30)
    by_stream(SHORT, history[:20], state)

    adjust_dividend(*state, 0, amount)

    assert_same_bits(by_stream(SHORT, history[20:], state), by_batch(SHORT, history)[20:])


@pytest.mark.parametrize("price", [0, -5, 10**17])
def test_after_an_unusable_bar_the_history_starts_again(price: int) -> None:
    bad = np.full(1, price)
    history = random_history(seed=5, bars=40)
    state = SHORT.state(1)
    by_stream(SHORT, history, state)

    during = by_stream(SHORT, History(history.ts[:1], bad, bad, bad, bad, bad * 0), state)
    after = by_stream(SHORT, history, state)

    assert np.isnan(during).all()
    assert_same_bits(after, by_batch(SHORT, history))


def test_instruments_do_not_see_each_other() -> None:
    """One trades at every bar, the other at two of three."""
    one, two = random_history(seed=6, bars=60), random_history(seed=7, bars=40)
    ints, floats = SHORT.state(2)
    out = [np.empty((len(history), len(SHORT))) for history in (one, two)]

    for t in range(60):
        told = [(0, one, t)] + ([(1, two, t - t // 3 - 1)] if t % 3 else [])
        for i, history, k in told:
            bar = [column[k] for column in history.columns]
            observe(SHORT.program, ints, floats, i, *bar, out[i][k])

    assert_same_bits(out[0], by_batch(SHORT, one))
    assert_same_bits(out[1], by_batch(SHORT, two))


@given(history=histories)
def test_a_feature_in_a_set_is_what_it_is_alone(history: History) -> None:
    together = by_batch(SHORT, history)

    for k, feature in enumerate(SHORT.features):
        assert_same_bits(together[:, k], by_batch(FeatureSet((feature,)), history)[:, 0])
