"""Round trips are the ledger in other words: the same amounts, to the last unit."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.domain.costs import Costs
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.kernels import round_trips as trip
from barque.research.round_trips import fifo, read_book
from tests.engine.histories import HOUR, histories, scripted

COSTS = Costs(fee=Decimal("0.0007"), slippage=Decimal("0.0003"), fee_per_unit=Decimal("0.01"))


def run(past) -> tuple[np.ndarray, np.ndarray]:
    """Return the records of a random history and the instruments' last state."""
    engine = Engine(scripted(past.script), past.instruments, cash=Decimal(10**7), costs=COSTS)
    return engine.process(past.events).records, engine.state.instruments


def book_of(records, count: int = 1):
    return read_book(records, np.ones(count), 1)


@settings(max_examples=60, deadline=None)
@given(histories())
def test_trips_from_flat_to_flat_add_up_to_the_ledger(past) -> None:
    records, ledger = run(past)

    book = book_of(records, len(past.instruments))

    for i, row in enumerate(ledger.tolist()):
        mine = book.trips[book.trips[:, trip.TRIP_INSTRUMENT] == i]
        assert mine[:, trip.TRIP_REALIZED].sum() == row[at.REALIZED]
        assert mine[:, trip.TRIP_FEES].sum() == row[at.INSTRUMENT_FEES]
        assert mine[:, trip.TRIP_CARRY].sum() == row[at.DIVIDENDS]
        assert book.sums[i, trip.BOOK_POSITION] == row[at.POSITION]
        assert book.sums[i, trip.BOOK_COST] == row[at.COST]
        assert mine[:, trip.TRIP_OPEN].sum() == (row[at.POSITION] != 0)


@settings(max_examples=60, deadline=None)
@given(histories())
def test_pairs_first_in_first_out_add_up_to_the_ledger(past) -> None:
    """While something is held, the two ways differ by how they count the cost of what is left."""
    records, ledger = run(past)

    pairs, lots = fifo(records, len(past.instruments))

    for i, row in enumerate(ledger.tolist()):
        mine = [pair for pair in pairs if pair.instrument == i]
        left = sum(lot.cost for lot in lots[i])
        fees = sum(pair.fees for pair in mine) + sum(lot.fee for lot in lots[i])
        assert sum(pair.profit for pair in mine) == row[at.REALIZED] + left - row[at.COST]
        assert fees == row[at.INSTRUMENT_FEES]
        assert sum(lot.quantity for lot in lots[i]) == row[at.POSITION]
        assert row[at.POSITION] or left == 0


@settings(max_examples=30, deadline=None)
@given(histories())
def test_a_trip_ends_where_the_position_is_gone_and_the_next_begins_after(past) -> None:
    records, _ = run(past)

    book = book_of(records, len(past.instruments))

    for i in range(len(past.instruments)):
        held = book.held[book.held[:, trip.HELD_INSTRUMENT] == i][:, trip.HELD_QUANTITY]
        signs = np.sign(held)
        begun = np.flatnonzero((signs != 0) & (signs != np.concatenate(([0], signs[:-1]))))
        mine = book.trips[book.trips[:, trip.TRIP_INSTRUMENT] == i]
        assert mine[:, trip.TRIP_SIDE].tolist() == signs[begun].tolist()


def fill(ts: int, side: int, quantity: int, value: int, fee: int, realized: int, i: int = 0):
    row = np.zeros(at.RECORD_WIDTH, np.int64)
    row[[at.RECORD_KIND, at.RECORD_TS, at.RECORD_INSTRUMENT]] = at.FILLED, ts * HOUR, i
    row[at.A1 : at.A9] = side, quantity, 1, value, fee, ts * HOUR, 0, realized
    return row


def record(kind: int, ts: int, *values: int, i: int = 0):
    row = np.zeros(at.RECORD_WIDTH, np.int64)
    row[[at.RECORD_KIND, at.RECORD_TS, at.RECORD_INSTRUMENT]] = kind, ts * HOUR, i
    row[at.A0 : at.A0 + len(values)] = values
    return row


def test_two_purchases_and_a_sale_are_one_trip_or_two_pairs() -> None:
    """Ten at 100 and ten at 120, all sold at 130; fees of 10, 12 and 26."""
    records = np.array(
        [fill(1, 1, 10, 1000, 10, 0), fill(2, 1, 10, 1200, 12, 0), fill(5, -1, 20, -2600, 26, 400)]
    )

    (one,) = book_of(records).trips.tolist()
    pairs, lots = fifo(records, 1)

    assert one[trip.TRIP_ENTRY_TS] == HOUR
    assert one[trip.TRIP_EXIT_TS] == 5 * HOUR
    assert (one[trip.TRIP_REALIZED], one[trip.TRIP_FEES], one[trip.TRIP_FILLS]) == (400, 48, 3)
    assert [(pair.profit, pair.fees) for pair in pairs] == [(300, 10 + 13), (100, 12 + 13)]
    assert lots == [[]]


def test_a_fill_that_turns_a_position_ends_one_trip_and_begins_the_next() -> None:
    """Ten bought at 100; thirty sold at 110 with a fee of 33: ten close, twenty open."""
    records = np.array([fill(1, 1, 10, 1000, 10, 0), fill(3, -1, 30, -3300, 33, 100)])

    long, short = book_of(records).trips.tolist()

    assert (long[trip.TRIP_REALIZED], long[trip.TRIP_FEES]) == (100, 10 + 11)
    assert long[trip.TRIP_EXIT_VALUE] == 1100
    assert (short[trip.TRIP_SIDE], short[trip.TRIP_ENTERED]) == (-1, 20)
    assert (short[trip.TRIP_ENTRY_VALUE], short[trip.TRIP_FEES]) == (2200, 22)
    assert short[trip.TRIP_OPEN] == 1


def test_what_is_settled_at_its_end_is_a_closed_trip() -> None:
    records = np.array([fill(1, -1, 10, -1000, 5, 0), record(at.SETTLED, 9, -10, 90, 900, 100)])

    (one,) = book_of(records).trips.tolist()
    pairs, lots = fifo(records, 1)

    assert (one[trip.TRIP_REALIZED], one[trip.TRIP_OPEN]) == (100, 0)
    assert [(pair.profit, pair.side) for pair in pairs] == [(100, -1)]
    assert lots == [[]]


def test_dividends_funding_and_borrowing_belong_to_the_trip_and_interest_to_the_account() -> None:
    records = np.array(
        [
            fill(1, 1, 10, 1000, 0, 0),
            record(at.DIVIDEND_PAID, 2, 7),
            record(at.FUNDED, 3, -2),
            record(at.INTEREST_PAID, 4, -1),
            record(at.INTEREST_PAID, 5, 50, i=-1),
            fill(6, -1, 10, -1000, 0, 0),
        ]
    )

    book = book_of(records)

    assert book.trips[0, trip.TRIP_CARRY] == 7 - 2 - 1
    assert book.total(trip.BOOK_INTEREST) == 49
    assert (book.total(trip.BOOK_DIVIDENDS), book.total(trip.BOOK_FUNDING)) == (7, -2)


def test_records_of_an_unknown_kind_are_passed_over() -> None:
    records = np.array([fill(1, 1, 10, 1000, 0, 0), record(99, 2, 1, 2, 3)])

    assert len(book_of(records).trips) == 1


@given(st.integers(0, 20), st.integers(1, 20))
def test_time_held_is_counted_once_for_any_number_of_instruments(gap: int, length: int) -> None:
    """Two instruments, held `length` hours each, the second bought `gap` hours after the first."""
    records = np.array(
        [
            fill(0, 1, 1, 10, 0, 0),
            fill(gap, 1, 1, 10, 0, 0, i=1),
            fill(length, -1, 1, -10, 0, 0),
            fill(gap + length, -1, 1, -10, 0, 0, i=1),
        ]
    )
    records = records[np.argsort(records[:, at.A6], kind="stable")]

    book = book_of(records, 2)

    assert book.time_held(10**18) == min(gap + length, 2 * length) * HOUR


def test_what_is_still_held_counts_to_the_end() -> None:
    book = book_of(np.array([fill(2, 1, 1, 10, 0, 0)]))

    assert book.time_held(10 * HOUR) == 8 * HOUR


@pytest.mark.parametrize("rate", [1.0, 0.5, 1.25])
def test_amounts_of_another_currency_count_at_their_rate(rate: float) -> None:
    records = np.array([fill(1, 1, 10, 1000, 8, 0), fill(2, 1, 10, 1000, 4, 0, i=1)])

    book = read_book(records, np.array([1.0, rate]), 100)

    assert book.total(trip.BOOK_FEES) == pytest.approx((8 + 4 * rate) / 100)
    assert book.traded == pytest.approx((1000 + 1000 * rate) / 100)


def test_interest_of_another_currency_counts_at_its_rate() -> None:
    records = np.array(
        [record(at.INTEREST_PAID, 1, 10, i=-1), record(at.INTEREST_PAID, 1, 10, 0, 0, 1, i=-1)]
    )

    book = read_book(records, np.ones(1), 1, np.array([1.0, 1.5]))

    assert book.total(trip.BOOK_INTEREST) == 25.0
