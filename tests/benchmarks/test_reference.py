from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import market, reference
from benchmarks.reference import MONEY_SCALE, NEXT_OPEN, SAME_CLOSE
from benchmarks.rule import CASH, FAST, PRICE_SCALE, SLOW, UNITS

prices = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=260)


def slow_trade(opens, closes):
    """The rule again, from its words: means as fractions, decided bar by bar."""
    cash, held, fills = Fraction(CASH), 0, []
    for t in range(len(closes)):
        decided = t - 1
        if decided >= SLOW - 1:
            fast = Fraction(sum(closes[decided - FAST + 1 : decided + 1]), FAST)
            slow = Fraction(sum(closes[decided - SLOW + 1 : decided + 1]), SLOW)
            change = UNITS if fast > slow and held == 0 else -held if fast < slow else 0
            if change:
                notional = Fraction(change * opens[t], PRICE_SCALE)
                cash -= notional + abs(notional) / 1000
                held += change
                fills.append((t, change, opens[t]))
    return fills, cash + Fraction(held * closes[-1], PRICE_SCALE)


@given(prices)
def test_the_reference_is_the_rule_as_it_is_worded(bars):
    opens, closes = zip(*bars, strict=True)

    answer = reference.trade(opens, closes)

    fills, equity = slow_trade(opens, closes)
    assert [tuple(fill) for fill in answer.fills.tolist()] == fills
    assert Fraction(answer.equity, MONEY_SCALE) == equity


@given(prices)
def test_filling_at_the_close_takes_the_price_that_was_decided_on(bars):
    closes = [close for _, close in bars]

    answer = reference.trade_at_close(closes)

    assert all(closes[t] == price for t, _, price in answer.fills.tolist())
    later = reference.trade([closes[0], *closes[:-1]], closes).fills
    assert later.tolist() == (answer.fills + np.array([1, 0, 0]))[: len(later)].tolist()


def test_both_answers_are_saved_and_differ(tmp_path):
    market.save(market.generate(2_000), tmp_path)
    assert not reference.is_saved(2_000, tmp_path)

    reference.save(2_000, tmp_path)

    assert reference.is_saved(2_000, tmp_path)
    at_open, at_close = (reference.load(2_000, t, tmp_path) for t in (NEXT_OPEN, SAME_CLOSE))
    assert len(at_open.fills) > 10
    assert at_open.equity != at_close.equity
