"""Law 4: every ledger balances exactly."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.domain.costs import Costs
from barque.domain.events import EventFlag, EventKind
from barque.domain.orders import Reason
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.risk.limits import Limits
from barque.strategies import Strategy, compiled
from tests.engine.histories import INSTRUMENTS, History, histories, history, scripted
from tests.engine.oracle import Oracle

CASH = Decimal(1_000_000)
UNITS = 10**8

rates = st.sampled_from(["0", "0.001", "0.00025", "0.000333333333"]).map(Decimal)
per_unit = st.sampled_from(["0", "0.005", "0.0000001"]).map(Decimal)


def play(history: History, costs: Costs, limits: Limits):
    engine = Engine(
        scripted(history.script), history.instruments, cash=CASH, costs=costs, limits=limits
    )
    outcome = engine.process(history.events)
    return engine.state, outcome


def recount(history: History, costs: Costs, limits: Limits) -> Oracle:
    oracle = Oracle(
        list(history.instruments),
        int(CASH) * UNITS,
        Fraction(costs.fee),
        Fraction(costs.fee_per_unit) * UNITS,
        Fraction(costs.slippage),
    )
    bars = 0
    for row in history.events.tolist():
        oracle.event(row)
        if row[at.FLAGS] & EventFlag.ENDS_SLICE:
            oracle.curve.append(oracle.equity)
        if row[at.KIND] == EventKind.BAR:
            for r in history.script.get(bars, ()):
                oracle.request(row[at.TS], r.i, r.type, r.side, r.quantity, r.price, r.tif)
            bars += 1
    return oracle


@given(histories(), rates, per_unit, rates)
@settings(max_examples=150)
def test_every_fill_and_every_unit_of_cash_is_what_fractions_say(history, fee, each, slippage):
    costs, limits = Costs(fee=fee, fee_per_unit=each, slippage=slippage), Limits()

    state, outcome = play(history, costs, limits)
    oracle = recount(history, costs, limits)

    fills = outcome.records[outcome.records[:, at.RECORD_KIND] == at.FILLED]
    signed = fills[:, at.A1] * fills[:, at.A2]
    columns = (fills[:, at.A0], signed, fills[:, at.A3], fills[:, at.A4], fills[:, at.A5])
    assert [tuple(row) for row in np.column_stack(columns).tolist()] == oracle.fills
    assert outcome.curve[:, at.CURVE_EQUITY].tolist() == oracle.curve
    assert state.account[at.CASH] == oracle.cash
    assert state.account[at.EQUITY] == oracle.equity
    for row, holding in zip(state.instruments, oracle.holdings, strict=True):
        kept = [row[at.POSITION], row[at.COST], row[at.LAST], row[at.REALIZED]]
        assert kept == [holding.position, holding.cost, holding.last, holding.realized]


@given(histories(), rates, per_unit)
@settings(max_examples=80)
def test_cash_is_within_half_a_unit_a_rounding_of_the_unrounded_truth(history, fee, each):
    costs, limits = Costs(fee=fee, fee_per_unit=each), Limits()

    state, _ = play(history, costs, limits)
    oracle = recount(history, costs, limits)

    # A fee rate is charged on the rounded notional: half a unit of it more or less is nothing.
    assert abs(int(state.account[at.CASH]) - oracle.exact_cash) <= Fraction(oracle.roundings + 1, 2)


@given(histories(), rates)
@settings(max_examples=80)
def test_what_was_paid_is_in_cash_cost_profit_or_fees_to_the_last_unit(history, fee):
    state, _ = play(history, Costs(fee=fee), Limits())

    table = state.instruments
    paid = int(CASH) * UNITS - int(state.account[at.CASH])
    fees, dividends = int(table[:, at.INSTRUMENT_FEES].sum()), int(table[:, at.DIVIDENDS].sum())
    cost = int(table[table[:, at.MARGINED] == 0][:, at.COST].sum())
    assert paid == cost - int(table[:, at.REALIZED].sum()) + fees - dividends
    assert int(state.account[at.FEES]) == fees


@given(histories())
@settings(max_examples=80)
def test_what_works_on_each_side_is_the_sum_of_the_orders_there(history):
    state, _ = play(history, Costs(), Limits())

    used = state.orders[state.orders[:, at.ORDER_ID] > 0]
    for i, row in enumerate(state.instruments):
        mine = used[used[:, at.ORDER_INSTRUMENT] == i]
        assert row[at.WORKING_BUY] == mine[mine[:, at.SIDE] > 0][:, at.LEAVES].sum()
        assert row[at.WORKING_SELL] == mine[mine[:, at.SIDE] < 0][:, at.LEAVES].sum()
    assert state.account[at.WORKING_ORDERS] == len(used)


@given(histories(), st.integers(1, 500))
@settings(max_examples=80)
def test_no_limit_is_ever_passed_but_by_a_split(history, lots):
    bars_only = history.events[history.events[:, at.KIND] == EventKind.BAR]
    limit = Decimal(lots)
    engine = Engine(
        scripted(history.script), history.instruments, cash=CASH, limits=Limits(position=limit)
    )

    for row in bars_only:
        engine.process(row[None])

        for i, instrument in enumerate(history.instruments):
            held = abs(int(engine.state.instruments[i, at.POSITION]))
            assert held <= instrument.quantity_units(limit)


class Greedy(Strategy):
    """Asks far more in one event than there is room for."""

    asks: int = 1_000

    def on_bar(self, bar):
        for _ in range(self.asks):
            self.buy(bar.instrument, 1.0)


@pytest.mark.parametrize("style", [Greedy, compiled(type("GreedyCompiled", (Greedy,), {}))])
def test_what_was_asked_beyond_the_room_of_one_event_is_refused_and_counted(style):
    engine = Engine(style(), INSTRUMENTS[:1], cash=CASH)
    past = history(1, 1, 2)

    records = engine.process(past.events[:1]).records

    room = len(engine.state.requests)
    assert (records[:room, at.RECORD_KIND] == at.ACCEPTED).all()
    lost = records[room:]
    assert lost[:, [at.RECORD_KIND, at.A3, at.A6]].tolist() == [
        [at.REFUSED, 1_000 - room, Reason.TOO_MANY_REQUESTS]
    ]
