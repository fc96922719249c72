"""Bars that a run builds, in the words of a person."""

from decimal import Decimal

import pytest

from barque.bootstrap.built import bar_rules
from barque.data.events.aggregation import DollarBars, RenkoBars, TickBars, TimeBars, VolumeBars
from barque.domain.errors import BadInput


@pytest.mark.parametrize(
    ("word", "rule"),
    [
        ("1h", TimeBars("1h", of="bar")),
        ("1d", TimeBars("1d", of="bar")),
        ("ticks:500", TickBars(500, of="bar")),
        ("volume:0.5", VolumeBars(Decimal("0.5"), of="bar")),
        ("value:1e6", DollarBars(Decimal(10**6), of="bar")),
        ("renko:0.25", RenkoBars(Decimal("0.25"), of="bar")),
    ],
)
def test_each_way_to_build_has_a_word(word, rule):
    assert bar_rules([word], ("bar",)) == [rule]


@pytest.mark.parametrize(
    ("market", "pieces"),
    [(("bar", "quote"), "quote"), (("quote", "trade"), "trade"), (("quote_bar", "bar"), "bar")],
)
def test_bars_are_built_of_the_finest_that_is_told(market, pieces):
    [rule] = bar_rules(["5m"], market)

    assert rule.of == pieces


@pytest.mark.parametrize(
    ("word", "market", "said"),
    [
        ("5x", ("bar",), "The period '5x' is unknown"),
        ("tick:5", ("bar",), "Did you mean 'ticks'"),
        ("ticks:2.5", ("bar",), "a whole number of ticks"),
        ("renko:0", ("bar",), "must be above 0"),
        ("renko:low", ("bar",), "--build is 'low'"),
        ("renko:", ("bar",), "--build is ''"),
        ("1h", ("quote_bar",), "told quote_bar only"),
    ],
)
def test_what_cannot_be_built_is_refused_in_words(word, market, said):
    with pytest.raises(BadInput, match=said):
        bar_rules([word], market)
