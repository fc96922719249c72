"""A run in which a strategy would wait in vain is refused, with the option that it needs."""

import pytest

from barque.bootstrap.told import check_is_told
from barque.domain.errors import BadInput
from barque.strategies import Strategy


class HearsBars(Strategy):
    def on_bar(self, bar):
        pass


class HearsQuotes(Strategy):
    def on_quote(self, quote):
        pass

    def on_quote_bar(self, bid, ask):
        pass


class HearsBuilt(Strategy):
    def on_built_bar(self, bar, rule):
        pass


class HearsSlices(Strategy):
    def on_slice(self, ts):
        pass


class Wakes(HearsBars):
    def on_timer(self, id, ts):
        pass


@pytest.mark.parametrize(
    ("strategy", "market", "timers"),
    [
        (HearsBars, ("bar",), ()),
        (HearsBars, ("bar", "quote_bar"), ("1h",)),
        (HearsQuotes, ("quote",), ()),
        (HearsSlices, ("trade",), ()),
        (Wakes, ("bar",), ("1h",)),
    ],
)
def test_a_strategy_that_hears_something_may_run(strategy, market, timers):
    check_is_told(strategy, market, timers)


@pytest.mark.parametrize("strategy", [HearsBars, HearsBuilt])
def test_bars_that_are_built_are_heard(strategy):
    check_is_told(strategy, ("trade",), (), ("1h",))


def test_who_waits_for_built_bars_in_vain_is_refused():
    with pytest.raises(BadInput, match=r"the run builds no bars\. Add --build"):
        check_is_told(HearsBuilt, ("trade",), ())


@pytest.mark.parametrize(
    ("strategy", "market", "said"),
    [
        (HearsBars, ("quote",), "HearsBars has on_bar, .* told quote only. Add --market bar."),
        (HearsQuotes, ("bar",), "on_quote_bar and on_quote, .* Add --market quote_bar."),
        (Wakes, ("bar",), "Wakes has on_timer, and nothing wakes it. Add --timer"),
    ],
)
def test_a_strategy_that_would_wait_in_vain_is_refused(strategy, market, said):
    with pytest.raises(BadInput, match=said):
        check_is_told(strategy, market, ())
