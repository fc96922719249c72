"""Another future leaves the past as it was, and is a market that could be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barque.domain.events import EventKind
from barque.kernels import layout as at
from barque.research.futures import Future, replaced, without_numbers
from barque.research.lookahead import History
from tests.research.markets import DAY, noise, stocks

EVENTS = noise(seed=5, days=40, instruments=3)
BARS = (EventKind.BID_BAR, EventKind.ASK_BAR)


def quote_bars():
    """The same market as bid and ask bars, a tick apart."""
    both = np.repeat(EVENTS, 2, axis=0)
    both[::2, at.KIND], both[1::2, at.KIND] = BARS
    both[1::2, at.OPEN : at.CLOSE + 1] += 10**6
    return both


@given(st.integers(1, 39), st.sampled_from(Future), st.integers(0, 2**32))
def test_the_past_stays_to_the_last_bit(day, future, seed):
    found = replaced(EVENTS, day * DAY, future, seed)

    past = EVENTS[:, at.TS] <= day * DAY
    assert np.array_equal(found[: past.sum()], EVENTS[past])


@given(st.integers(1, 38), st.sampled_from([Future.NOISE, Future.PERMUTED]), st.integers(0, 2**32))
def test_the_future_is_another_of_sane_bars_at_the_same_times(day, future, seed):
    found = replaced(EVENTS, day * DAY, future, seed)

    assert not np.array_equal(found, EVENTS)
    for column in (at.TS, at.START, at.KIND, at.INSTRUMENT, at.FLAGS):
        assert np.array_equal(found[:, column], EVENTS[:, column])
    low, high = found[:, at.LOW], found[:, at.HIGH]
    assert (low > 0).all()
    for column in (at.OPEN, at.CLOSE):
        assert ((low <= found[:, column]) & (found[:, column] <= high)).all()


@pytest.mark.parametrize("future", [Future.NOISE, Future.PERMUTED])
def test_the_two_sides_of_a_quote_bar_do_not_cross(future):
    found = replaced(quote_bars(), 10 * DAY, future, seed=1)

    assert not np.array_equal(found, quote_bars())
    for column in (at.OPEN, at.CLOSE):
        assert (found[::2, column] <= found[1::2, column]).all()


def test_nothing_comes_after_the_cut_of_a_truncated_future():
    assert replaced(EVENTS, 7 * DAY, Future.TRUNCATED, seed=1)[-1, at.TS] == 7 * DAY


def test_missing_numbers_are_missing_only_after_the_cut():
    bars = History(stocks(3), EVENTS).bars

    for frame, told in zip(bars, without_numbers(bars, 7 * DAY), strict=True):
        assert told.head(7).equals(frame.head(7))
        assert told["ts"].equals(frame["ts"])
        assert told[7:, ["open", "high", "low", "close", "volume"]].to_numpy().dtype == float
        assert np.isnan(told[7:, ["open", "high", "low", "close", "volume"]].to_numpy()).all()
