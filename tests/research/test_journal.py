"""Orders have lives: what the records say of them, in the words of the field."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings

from barque.domain.orders import REASONS, OrderFlag, OrderType, Reason, Side, TimeInForce
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.research.journal import Journal
from tests.engine.histories import EQUITY, HOUR, histories, scripted
from tests.research.results import result
from tests.research.test_round_trips import COSTS

LIMIT, GTC = int(OrderType.LIMIT), int(TimeInForce.GTC)


def record(kind: int, ts: int, *values: int):
    row = np.zeros(at.RECORD_WIDTH, np.int64)
    row[[at.RECORD_KIND, at.RECORD_TS]] = kind, ts * HOUR
    row[at.A0 : at.A0 + len(values)] = values
    return row


def journal(*rows) -> Journal:
    return Journal(np.array(rows), (EQUITY,), "USD")


def accepted(order_id: int, quantity: int, flags: int = 0, price: int = 100):
    words = GTC + 256 * flags
    return record(at.ACCEPTED, 1, order_id, LIMIT, Side.BUY, quantity, price * 10**8, words)


def filled(order_id: int, ts: int, quantity: int, price: int, leaves: int):
    value = quantity * price * 10**8
    return record(
        at.FILLED, ts, order_id, Side.BUY, quantity, price * 10**8, value, 10**8, ts * HOUR, leaves
    )


def test_an_order_filled_in_two_parts_has_three_changes_and_a_mean_price() -> None:
    told = journal(accepted(1, 30), filled(1, 2, 10, 100, 20), filled(1, 3, 20, 97, 0))

    order = told.orders().row(0, named=True)
    changes = told.changes()

    assert (order["state"], order["filled"], order["fees"]) == ("FILLED", 30.0, 2.0)
    assert order["average_price"] == pytest.approx(98.0)
    assert changes["change"].to_list() == ["ACCEPTED", "FILLED", "FILLED"]
    assert changes["leaves"].to_list() == [30.0, 20.0, 0.0]
    assert changes["price"].to_list() == [100.0, 100.0, 97.0]


@pytest.mark.parametrize(
    ("last", "state"),
    [
        (record(at.CANCELED, 5, 1, Reason.BY_REQUEST, 20), "CANCELED"),
        (record(at.EXPIRED, 5, 1, Reason.SESSION_END, 20), "EXPIRED"),
        (record(at.TRIGGERED, 5, 1, 100 * 10**8), "TRIGGERED"),
        (record(at.AMENDED, 5, 1, 15, 99 * 10**8), "PARTIALLY_FILLED"),
        (record(at.ORDER_ADJUSTED, 5, 1, 40, 50 * 10**8), "PARTIALLY_FILLED"),
        (record(at.CANCEL_REFUSED, 5, 1, Reason.UNKNOWN_ORDER), "PARTIALLY_FILLED"),
        (record(19, 5, 1, Reason.POSITION_LIMIT, 20), "REJECTED"),
        (record(99, 5, 1, 2, 3), "PARTIALLY_FILLED"),
    ],
)
def test_the_last_record_that_moves_an_order_says_its_state(last, state: str) -> None:
    told = journal(accepted(1, 30), filled(1, 2, 10, 100, 20), last)

    assert told.orders()["state"].to_list() == [state]


def test_flags_and_reasons_are_said_in_words() -> None:
    flags = OrderFlag.POST_ONLY | OrderFlag.REDUCE_ONLY
    told = journal(accepted(1, 30, flags), record(at.CANCELED, 5, 1, Reason.BY_REQUEST, 30))

    order = told.orders().row(0, named=True)

    assert order["flags"] == "POST_ONLY REDUCE_ONLY"
    assert order["time_in_force"] == "GTC"
    assert order["reason"] == "canceled by request"
    assert told.changes()["leaves"].to_list() == [30.0, 30.0]


def test_everything_that_was_refused_is_listed_with_its_reason() -> None:
    told = journal(
        record(at.REFUSED, 1, 1, LIMIT, 1, 7, 10**8, GTC, Reason.OFF_LOT),
        record(at.CANCEL_REFUSED, 2, 5, Reason.UNKNOWN_ORDER),
        record(at.AMEND_REFUSED, 3, 6, Reason.UNKNOWN_ORDER),
        accepted(2, 10),
    )

    refused = told.refusals()

    assert refused["order_id"].to_list() == [1, 5, 6]
    assert refused["reason"].to_list()[0] == "the quantity is not a multiple of the lot"


def test_refusals_of_orders_changes_and_cancels_are_counted_by_reason() -> None:
    told = journal(
        record(at.REFUSED, 1, 1, LIMIT, 1, 7, 10**8, GTC, Reason.OFF_LOT),
        record(at.AMEND_REFUSED, 2, 6, Reason.NOTHING_TO_CHANGE),
        record(at.AMEND_REFUSED, 3, 6, Reason.UNKNOWN_ORDER),
        record(at.AMEND_REFUSED, 4, 6, Reason.UNKNOWN_ORDER),
        accepted(2, 10),
    )

    counted = told.refused_by_reason()

    assert counted == {
        "orders": {"the quantity is not a multiple of the lot": 1},
        "changes": {REASONS[Reason.UNKNOWN_ORDER]: 2, REASONS[Reason.NOTHING_TO_CHANGE]: 1},
        "cancels": {},
    }
    assert [*counted["changes"].values()] == [2, 1]


def test_halts_and_liquidations_are_said() -> None:
    told = journal(
        record(at.HALT, 1, 2), record(at.LIQUIDATION, 2, 5, 10, 1), record(at.HALT, 3, 99)
    )

    assert told.halts()["reason"].to_list() == [
        "an amount did not fit into the ledger's range",
        "closed out for want of margin",
        "reason 99",
    ]


def test_cash_that_moves_without_a_fill_is_a_flow() -> None:
    own = record(at.INTEREST_PAID, 3, 5 * 10**8)
    own[at.RECORD_INSTRUMENT] = -1
    told = journal(record(at.DIVIDEND_PAID, 1, 10**8, 10, 1), record(at.FUNDED, 2, -(10**8)), own)

    flows = told.flows()

    assert flows["kind"].to_list() == ["DIVIDEND", "FUNDING", "INTEREST"]
    assert flows["cash"].to_list() == [1.0, -1.0, 5.0]
    assert flows["instrument"].to_list() == ["ACME.XNAS", "ACME.XNAS", None]


@settings(max_examples=25, deadline=None)
@given(histories())
def test_every_orders_life_ends_as_the_engine_says(past) -> None:
    engine = Engine(scripted(past.script), past.instruments, cash=Decimal(10**7), costs=COSTS)
    records = engine.process(past.events).records

    orders = Journal(records, tuple(past.instruments), "USD").orders()

    working = engine.state.orders[engine.state.orders[:, at.ORDER_ID] > 0]
    alive = orders.filter(pl.col("state").is_in(["ACCEPTED", "PARTIALLY_FILLED"]))
    assert sorted(alive["order_id"]) == sorted(working[:, at.ORDER_ID].tolist())
    ended = orders.filter(pl.col("state") == "FILLED")
    splits = (records[:, at.RECORD_KIND] == at.ORDER_ADJUSTED).any()
    assert splits or (ended["filled"] - ended["quantity"]).abs().sum() < 1e-6


def test_positions_over_time_end_where_the_fills_do() -> None:
    found = result(40)

    last = found.positions.group_by("instrument").agg(pl.col("quantity").last())
    signed = pl.when(pl.col("side") == "BUY").then("quantity").otherwise(-pl.col("quantity"))
    summed = found.fills.group_by("instrument").agg(signed.sum())
    assert last.sort("instrument").rows() == summed.sort("instrument").rows()


def test_trades_in_the_table_earn_what_equity_grew_by() -> None:
    found = result(40)

    closed = found.round_trips.filter(~pl.col("open"))
    held = found.round_trips.filter(pl.col("open"))["entry_value"].sum()
    value = float(found.final_equity) - float(found.equity["cash"][-1])
    grown = float(found.final_equity - found.cash)
    still = found.round_trips.filter(pl.col("open"))["profit"].sum()
    assert closed["profit"].sum() + still + (value - held) == pytest.approx(grown)


def test_returns_compound_to_the_total_return() -> None:
    found = result(60)

    assert (1 + found.returns["return"]).product() - 1 == pytest.approx(
        found.statistics.total_return
    )
