"""Every row is the backtest that it says it is, and the cost that ends the edge ends it."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.domain.costs import (
    BasisPoints,
    CostModels,
    Costs,
    MakerTaker,
    OwnFee,
    Percentage,
    PerShare,
    Ticks,
    Tier,
)
from barque.domain.instruments import cash_units
from barque.domain.orders import FillTime
from barque.domain.rules import Rules
from barque.kernels import layout as at
from barque.research.backtest import backtest
from barque.research.sensitivity import Row, Sensitivity, sensitivity
from barque.research.sensitivity.scenarios import period_of, time_in_words
from barque.research.terms import Terms
from barque.risk.limits import Limits
from barque.strategies import Strategy, compiled
from tests.research.markets import DAY
from tests.research.results import Past, Swinging, past

D = Decimal
WORDS = ("name", "label", "short", "words")
LIMITS = Limits(notional=D(10**6))


@compiled
class CompiledSwinging(Swinging):
    """The same, as machine code."""


class Scheduled(Strategy):
    """Buys and sells by the calendar: nothing that happens to it changes what it does."""

    quantity: float = 10.0

    def on_start(self):
        self.bars = np.zeros(self.instrument_count, np.int64)

    def on_bar(self, bar):
        i = bar.instrument
        self.bars[i] += 1
        if self.bars[i] % 7 == 2 + i:
            self.buy(i, self.quantity)
        elif self.bars[i] % 7 == 5:
            self.sell(i, self.quantity)


@compiled
class CompiledScheduled(Scheduled):
    """The same, as machine code."""


@compiled
class Growing(Strategy):
    """Puts half of what it owns at stake for every other week."""

    def on_start(self):
        self.bars = np.zeros(self.instrument_count, np.int64)

    def on_bar(self, bar):
        i = bar.instrument
        self.bars[i] += 1
        if self.bars[i] % 14 == 3:
            self.buy(i, np.floor(0.5 * self.equity() / bar.close))
        elif self.bars[i] % 14 == 10 and self.position(i) > 0.0:
            self.sell(i, self.position(i))


def ask(kind, told: Past, asked: Terms) -> tuple[Sensitivity, dict[str, Row]]:
    answer = sensitivity(kind, told, run(kind, told, asked), asked)
    return answer, {row.name: row for row in answer.rows}


def run(kind, told: Past, asked: Terms):
    return backtest(
        kind(), told, cash=asked.cash, costs=asked.costs, limits=asked.limits, rules=asked.rules
    )


def same(row: Row, wanted) -> None:
    assert row.final_equity == wanted.final_equity
    assert row.fills == wanted.statistics.fills
    assert row.total_return == pytest.approx(wanted.statistics.total_return, rel=1e-12)
    if wanted.statistics.sharpe is None:  # an account that never moved has none
        assert row.sharpe is None
    else:
        assert row.sharpe == pytest.approx(wanted.statistics.sharpe, rel=1e-9)


def models(fee: Decimal, ticks: int) -> CostModels:
    return CostModels(fee=Percentage(fee), slippage=Ticks(ticks))


fees = st.sampled_from([D("0.0001"), D("0.001"), D("0.004")])
markets = st.builds(past, st.integers(20, 90), st.integers(1, 3), st.integers(0, 2**32))
kinds = st.sampled_from([CompiledSwinging, CompiledScheduled, Growing])


@given(markets, kinds, fees, st.integers(0, 3), st.sampled_from([0, DAY]))
@settings(max_examples=40, deadline=None)
def test_every_row_is_a_backtest_with_those_terms(told, kind, fee, ticks, latency):
    asked = Terms(costs=models(fee, ticks), limits=LIMITS, rules=Rules(latency=latency))

    answer, rows = ask(kind, told, asked)

    same(rows["as_asked"], run(kind, told, asked))
    same(rows["fees_doubled"], run(kind, told, replace(asked, costs=models(2 * fee, ticks))))
    for more in (1, 2):
        terms = replace(asked, costs=models(fee, ticks + more))
        same(rows[f"slippage_{more}"], run(kind, told, terms))
    terms = replace(asked, rules=Rules(latency=latency + DAY))
    same(rows["one_bar_later"], run(kind, told, terms))
    terms = replace(asked, rules=Rules(fill_time=FillTime.SAME_CLOSE))
    same(rows["other_fill_time"], run(kind, told, terms))
    assert all(
        row.difference == row.final_equity - answer.rows[0].final_equity for row in rows.values()
    )
    assert "decided anew" in answer.words


@given(markets, fees)
@settings(max_examples=20, deadline=None)
def test_kept_decisions_are_those_of_a_strategy_that_would_decide_the_same(told, fee):
    asked = Terms(costs=models(fee, 1))

    kept, anew = (ask(kind, told, asked)[0] for kind in (Scheduled, CompiledScheduled))

    same_rows = [row for row in anew.rows if row.name != "one_bar_later_kept"]
    late, late_kept = (row for row in anew.rows if row.name.startswith("one_bar_later"))
    assert list(kept.rows) == same_rows
    assert replace(late_kept, **dict.fromkeys(WORDS)) == replace(late, **dict.fromkeys(WORDS))
    assert kept.break_even == anew.break_even
    assert "as they were made" in kept.words


@given(markets, fees)
@settings(max_examples=30, deadline=None)
def test_the_cost_that_ends_the_edge_put_back_leaves_nothing(told, fee):
    asked = Terms(costs=Costs(fee=fee, slippage=D("0.0002")))

    answer, rows = ask(CompiledScheduled, told, asked)

    profit = rows["as_asked"].final_equity - D(1_000_000)
    if profit <= 0:
        assert answer.break_even.basis_points is None
        return
    found = run(
        CompiledScheduled,
        told,
        replace(asked, costs=replace(asked.costs, fee=fee + answer.break_even.rate)),
    )
    units = cash_units(found.final_equity, "USD") - 10**14
    fills = found.records[found.records[:, at.RECORD_KIND] == at.FILLED]
    assert abs(units) <= len(fills) + np.abs(fills[:, at.A4]).sum() / 10**12 + 1
    assert answer.break_even.runs == 1
    assert answer.break_even.left == found.final_equity - D(1_000_000)


def test_where_sizes_follow_the_equity_the_cost_is_searched_for():
    told, asked = past(600, 1, 2), Terms(costs=Costs(fee=D("0.0001")))

    answer, rows = ask(Growing, told, asked)

    even = answer.break_even
    profit = rows["as_asked"].final_equity - D(1_000_000)
    assert profit > 0
    found = run(Growing, told, replace(asked, costs=Costs(fee=D("0.0001") + even.rate)))
    assert 1 < even.runs <= 6
    assert abs(found.final_equity - D(1_000_000)) <= profit / 100
    assert "searched for" in even.words


def test_who_loses_has_no_edge_to_lose():
    answer, _ = ask(CompiledScheduled, past(60, 1, 5), Terms(costs=Costs(fee=D("0.2"))))

    assert answer.break_even.basis_points is None
    assert "earned nothing" in answer.break_even.words


def test_who_never_traded_has_only_rows_that_are_alike():
    answer, rows = ask(Strategy, past(10, 1), Terms())

    assert {row.fills for row in answer.rows} == {0}
    assert {row.difference for row in answer.rows} == {D(0)}
    assert rows["fees_doubled"].words == "The run paid no fee: there is none to double."
    assert "half_the_fills" not in rows
    assert "half of them cannot be left out" in answer.words
    assert answer.break_even.words == "Nothing was traded."


def tiered(maker: Decimal, taker: Decimal, later: Decimal) -> MakerTaker:
    return MakerTaker(maker=maker, taker=taker, tiers=(Tier(D(9_000), D(0), later),))


@pytest.mark.parametrize(
    ("fee", "twice"),
    [
        (
            PerShare(each=D("0.05"), minimum=D(1), maximum=D("0.01")),
            PerShare(each=D("0.1"), minimum=D(2), maximum=D("0.02")),
        ),
        (
            tiered(maker=D("-0.0001"), taker=D("0.001"), later=D("0.0007")),
            tiered(maker=D("-0.0002"), taker=D("0.002"), later=D("0.0014")),
        ),
        (
            OwnFee(lambda price, quantity, notional, is_maker: 2.5),
            OwnFee(lambda price, quantity, notional, is_maker: 5.0),
        ),
    ],
    ids=lambda model: type(model).__name__,
)  # fmt: skip
def test_fees_of_every_model_are_doubled(fee, twice):
    told, asked = past(60, 2), Terms(costs=CostModels(fee=fee))

    _, rows = ask(CompiledScheduled, told, asked)

    same(rows["fees_doubled"], run(CompiledScheduled, told, Terms(costs=CostModels(fee=twice))))


def test_where_a_tick_says_nothing_slippage_is_in_basis_points():
    told = past(60, 2)
    fine = replace(told.instruments[1], tick=D("0.00000001"))
    told = Past((told.instruments[0], fine), told.events)

    _, rows = ask(CompiledScheduled, told, Terms(costs=models(D("0.001"), 0)))

    own = {fine.id: CostModels(fee=Percentage(D("0.001")), slippage=BasisPoints(D(2)))}
    wanted = replace(models(D("0.001"), 2), of=own)
    same(rows["slippage_2"], run(CompiledScheduled, told, Terms(costs=wanted)))
    assert rows["slippage_2"].label == "Slippage + 2 ticks"
    assert "some of the prices: 2 basis points there" in rows["slippage_2"].words


def test_a_run_that_fills_at_its_close_is_asked_about_the_next_open():
    told, asked = past(60, 1), Terms(rules=Rules(fill_time=FillTime.SAME_CLOSE))

    _, rows = ask(CompiledScheduled, told, asked)

    same(rows["other_fill_time"], run(CompiledScheduled, told, Terms()))
    same(rows["one_bar_later"], run(CompiledScheduled, told, Terms(rules=Rules(latency=DAY))))
    assert rows["other_fill_time"].label == "Fills at the next open"


def test_chunks_do_not_matter():
    told, asked = past(100, 2), Terms(costs=models(D("0.001"), 1))
    cut = Past(told.instruments, told.events)
    ends = np.flatnonzero(told.events[:, at.FLAGS] & 1)[::9] + 1
    cut.__class__ = type(
        "Cut", (Past,), {"__iter__": lambda self: iter(np.split(self.events, ends))}
    )

    whole, parts = (ask(Swinging, one, asked)[0] for one in (told, cut))

    assert whole.rows == parts.rows


def test_of_the_two_halves_the_worse_is_told():
    _, rows = ask(Swinging, past(300, 2), Terms(limits=LIMITS))

    half = rows["half_the_fills"]
    whole = rows["as_asked"].final_equity - D(1_000_000)
    assert half.final_equity - D(1_000_000) <= whole / 2
    assert abs(half.fills - rows["as_asked"].fills / 2) <= 4


def test_a_bar_is_as_long_as_most():
    found = run(Scheduled, past(20, 1), Terms())

    assert period_of(found) == DAY
    assert [time_in_words(ns) for ns in (DAY, 90 * 60 * 10**9, 10**9, 10**6)] == [
        "1 day", "1.5 hours", "1 second", "1 ms",
    ]  # fmt: skip


@compiled
class Prepared(Strategy):
    """Holds what stands above its mean so far, which it computes on the whole column at once."""

    def prepare(self, bars):
        close = bars[0]["close"].to_numpy()
        means = np.cumsum(close) / np.arange(1, len(close) + 1)
        self.above = (close > means).astype(np.int64)

    def on_start(self):
        self.bars = 0

    def on_bar(self, bar):
        held = self.position(0)
        if self.above[self.bars] == 1 and held == 0.0:
            self.buy(0, 10.0)
        elif self.above[self.bars] == 0 and held > 0.0:
            self.sell(0, held)
        self.bars += 1


def test_a_strategy_that_prepares_is_prepared_for_every_row():
    told, asked = past(59, 1), Terms(costs=models(D("0.001"), 1))

    _, rows = ask(Prepared, told, asked)

    assert rows["as_asked"].fills > 2
    same(rows["slippage_2"], run(Prepared, told, Terms(costs=models(D("0.001"), 3))))
    same(rows["one_bar_later"], run(Prepared, told, replace(asked, rules=Rules(latency=DAY))))
