"""The past of an honest strategy does not hang on the future, even one that learns."""

import os
from pathlib import Path

import numpy as np
import pytest

from barque.domain.errors import BadInput
from barque.research.futures import Future
from barque.research.lookahead import SAME, History, choose_cuts, find_lookahead
from barque.research.reach import watched
from barque.strategies import Strategy
from tests.research.markets import DAY, noise, stocks

TIMES = np.arange(1, 101) * DAY
MARKET = History(stocks(1), noise(seed=3, days=30, instruments=1))


def test_every_moment_with_a_future_is_a_cut_when_all_are_asked_for():
    assert sorted(choose_cuts(TIMES, None, seed=1)) == list(TIMES[:-1])


@pytest.mark.parametrize("count", [1, 2, 10, 60, 99, 500])
def test_as_many_cuts_as_asked_for_no_two_the_same(count):
    cuts = choose_cuts(TIMES, count, seed=1)

    assert len(set(cuts)) == len(cuts) == min(count, 99)
    assert max(cuts) < TIMES[-1]
    assert cuts == choose_cuts(TIMES, count, seed=1)


def test_a_history_without_a_future_is_refused():
    with pytest.raises(BadInput, match="1 moments"):
        choose_cuts(TIMES[:1], 5, seed=1)
    with pytest.raises(BadInput, match="0 cuts"):
        choose_cuts(TIMES, 0, seed=1)


class Learned(Strategy):
    """Buys while the close is below a mean that was learned when the strategy was made."""

    def __init__(self, mean, since=0):
        super().__init__()
        self.mean, self.since = mean, since

    def on_bar(self, bar):
        if bar.ts >= self.since and bar.close < self.mean:
            self.buy(0, 1)


def test_a_model_that_learned_from_the_whole_history_is_caught():
    found = find_lookahead(lambda past: Learned(past.bars[0]["close"].mean()), MARKET)

    assert found.leaks
    assert found.leaks[0].what == "orders"


def learned_from_ten_days(since):
    return lambda past: Learned(past.bars[0]["close"].head(10).mean(), since * DAY)


@pytest.mark.parametrize(("since", "is_clean"), [(3, False), (10, True)])
def test_a_model_may_be_used_once_it_knows_what_it_learned_from(since, is_clean):
    found = find_lookahead(
        learned_from_ten_days(since), MARKET,
        futures=(Future.NOISE, Future.PERMUTED), cuts=None,
    )  # fmt: skip

    assert found.clean is is_clean


class Chance(Strategy):
    def on_bar(self, bar):
        self.buy(0, int.from_bytes(os.urandom(2)) + 1)


def test_chance_is_told_from_a_leak():
    found = find_lookahead(lambda past: Chance(), MARKET, cuts=4)

    assert found.leaks[0].future == SAME


class FailsWithoutFuture(Strategy):
    def prepare(self, bars):
        self.closes = bars[0]["close"].to_list()
        self.row = 0

    def on_bar(self, bar):
        self.row += 1
        if self.row < 30 and self.closes[self.row] > bar.close:
            self.buy(0, 1)


def test_what_fails_without_a_future_needs_one():
    found = find_lookahead(
        lambda past: FailsWithoutFuture(), MARKET, cuts=4, futures=(Future.TRUNCATED,)
    )

    assert "IndexError" in found.leaks[0].what


def test_what_is_read_is_seen_and_code_is_not(tmp_path):
    read = tmp_path / "numbers.txt"
    read.write_text("1")

    with watched() as reached:
        read.read_text()
        Path(__file__).read_text()

    read.read_text()
    assert reached == {str(read)}
