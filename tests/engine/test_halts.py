"""Laws 4 and 5 at the edge: an amount that does not fit halts the account, and traps nothing."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from barque.domain.events import EventFlag, EventKind
from barque.domain.orders import Halt, OrderType, Reason, Side, TimeInForce
from barque.engine.engine import Engine
from barque.kernels import layout as at
from tests.engine.histories import COIN, EQUITY, HOUR, History, Request, history, scripted

CASH = Decimal(1_000_000)
DOLLAR = 10**8
HUGE = 10**15  # the largest price there is: 4,000 shares at it are all the money there is
MARKET, LIMIT, STOP = OrderType.MARKET, OrderType.LIMIT, OrderType.STOP
BUY, SELL = Side
GTC = TimeInForce.GTC


def bar(slice_: int, price: int, i: int = 0, *, flags: int = 1) -> list[int]:
    ts = (slice_ + 1) * HOUR
    return [ts, ts - HOUR, int(EventKind.BAR), i, price, price, price, price, 0, flags]


def dividend(slice_: int, amount: int) -> list[int]:
    ts = (slice_ + 1) * HOUR
    ends = int(EventFlag.ENDS_SLICE)
    return [ts, ts, int(EventKind.DIVIDEND), 0, amount, 0, 0, 0, 0, ends]


def ask(type_: OrderType, side: Side, quantity: int, price: int = 0, i: int = 0) -> Request:
    return Request(i, type_, side, quantity, price, GTC)


def live(rows, script, instruments=(EQUITY,)):
    """Run bar by bar; return the engine, all records and the events."""
    engine = Engine(scripted(script), instruments, cash=CASH)
    events = np.array(rows, np.int64)
    records = np.concatenate([engine.process(row[None]).records for row in events])
    return engine, records, events


def of_kind(records, kind: int):
    return records[records[:, at.RECORD_KIND] == kind]


def test_a_fill_that_does_not_fit_halts_and_is_not_booked() -> None:
    script = {0: [ask(MARKET, BUY, 40_000)]}

    engine, records, _ = live([bar(0, DOLLAR), bar(1, HUGE)], script)

    halt, canceled = of_kind(records, at.HALT)[0], of_kind(records, at.CANCELED)[0]
    assert halt[[at.RECORD_INSTRUMENT, at.A0, at.A1, at.A2]].tolist() == [
        0, Halt.NUMBER_RANGE, HUGE, 40_000
    ]  # fmt: skip
    assert canceled[[at.A0, at.A1, at.A2]].tolist() == [1, Reason.HALTED, 40_000]
    assert not len(of_kind(records, at.FILLED))
    assert engine.state.account[at.HALTED] == Halt.NUMBER_RANGE
    assert engine.state.account[at.CASH] == int(CASH) * DOLLAR
    assert engine.state.instruments[0, at.POSITION] == 0


@pytest.mark.parametrize("side", Side)
def test_a_mark_that_does_not_fit_halts_and_names_price_and_position(side: Side) -> None:
    script = {0: [ask(MARKET, side, 5_000)]}

    engine, records, _ = live([bar(0, DOLLAR), bar(1, DOLLAR), bar(2, HUGE)], script)

    halt = of_kind(records, at.HALT)[0]
    assert halt[[at.RECORD_INSTRUMENT, at.A1, at.A2]].tolist() == [0, HUGE, side * 5_000]
    assert engine.state.instruments[0, at.VALUE] == side * 5_000 * DOLLAR  # the last that fitted


@pytest.mark.parametrize("side", Side)
def test_a_dividend_that_does_not_fit_halts_and_is_not_paid(side: Side) -> None:
    script = {0: [ask(MARKET, side, 5_000)]}

    engine, records, _ = live([bar(0, DOLLAR), bar(1, DOLLAR), dividend(2, HUGE)], script)

    halt = of_kind(records, at.HALT)[0]
    assert halt[[at.A1, at.A2]].tolist() == [side * 5_000, HUGE]
    assert not len(of_kind(records, at.DIVIDEND_PAID))
    assert engine.state.account[at.CASH] == int(CASH) * DOLLAR - side * 5_000 * DOLLAR


def test_a_halt_cancels_what_could_open_and_keeps_what_reduces() -> None:
    flat = 1
    script = {
        0: [ask(MARKET, BUY, 5_000)],
        3: [
            ask(LIMIT, SELL, 2_000, 9 * DOLLAR),  # order 2: reduces
            ask(LIMIT, BUY, 10, DOLLAR // 2),  # order 3: opens
            ask(STOP, SELL, 1_000, 1, i=flat),  # order 4: opens a short
        ],
        4: [ask(MARKET, BUY, 1), ask(MARKET, SELL, 3_000), ask(MARKET, SELL, 1)],
    }
    pairs = [bar(k, DOLLAR, i, flags=i) for k in range(2) for i in (0, flat)]
    doom = [bar(2, HUGE, flags=0), bar(2, DOLLAR, flat)]
    # The sell limit would fill at the huge open, so the price gets there inside the bar.
    doom[0][at.OPEN] = doom[0][at.LOW] = doom[0][at.HIGH] = DOLLAR
    after = [bar(3, DOLLAR, flags=0)]

    engine, records, _ = live([*pairs, *doom, *after], script, (EQUITY, COIN))

    canceled = {row[at.A0]: row[at.A1] for row in of_kind(records, at.CANCELED)}
    refused = {row[at.A0]: row[at.A6] for row in of_kind(records, at.REFUSED)}
    accepted = of_kind(records, at.ACCEPTED)[:, at.A0].tolist()
    assert canceled == {3: Reason.HALTED, 4: Reason.HALTED}
    assert refused == {5: Reason.HALTED, 7: Reason.HALTED}  # a buy, and one share beyond flat
    assert accepted == [1, 2, 3, 4, 6]
    assert engine.state.instruments[0, at.POSITION] == 5_000 - 3_000


def doomed(seed: int, slices: int, when: int, price: int) -> History:
    """Draw a market whose first instrument closes once at a price that no ledger can hold."""
    past = history(seed, 3, slices)
    bars = past.events[past.events[:, at.KIND] == EventKind.BAR].copy()
    row = 3 * min(when, slices - 1)
    bars[row, at.CLOSE] = bars[row, at.HIGH] = price
    script = past.script | {0: [ask(MARKET, BUY, 9_000), *past.script[0]]}
    return History(past.instruments, bars, script)


dooms = st.builds(
    doomed,
    st.integers(0, 2**32),
    st.integers(4, 25),
    st.integers(2, 12),
    st.sampled_from([HUGE, HUGE // 3]),
)


@given(dooms)
@settings(max_examples=60)
def test_a_halted_account_opens_nothing(past: History) -> None:
    engine = Engine(scripted(past.script), past.instruments, cash=CASH)
    halted_before, held_before = False, [0, 0, 0]

    for row in past.events:
        engine.process(row[None])

        held = engine.state.instruments[:, at.POSITION].tolist()
        if halted_before:
            for before, now in zip(held_before, held, strict=True):
                assert min(0, before) <= now <= max(0, before)
        halted_before, held_before = bool(engine.state.account[at.HALTED]), held


@given(dooms)
@settings(max_examples=60)
def test_a_halted_account_can_always_go_flat(past: History) -> None:
    engine = Engine(scripted(past.script), past.instruments, cash=CASH)
    engine.process(past.events)
    assume(engine.state.account[at.HALTED])
    engine.strategy.script = {
        engine.strategy.bars: [
            ask(MARKET, SELL if held > 0 else BUY, abs(held) - working, i=i)
            for i, row in enumerate(engine.state.instruments.tolist())
            if (held := row[at.POSITION])
            and abs(held) > (working := row[at.WORKING_SELL if held > 0 else at.WORKING_BUY])
        ]
    }
    asked = len(engine.strategy.script[engine.strategy.bars])

    again = past.events[-3:].copy()
    again[:, [at.TS, at.START]] += 2 * HOUR

    records = engine.process(again).records

    assert len(of_kind(records, at.ACCEPTED)) == asked


def test_positions_that_only_together_do_not_fit_are_recovered_as_they_were() -> None:
    script = {1: [ask(MARKET, BUY, 3_000, i=i) for i in (0, 1)]}
    pair = (EQUITY, replace(EQUITY, id="BOLT.XNAS"))
    prices = [DOLLAR, DOLLAR, HUGE]
    rows = [bar(k, price, i, flags=i) for k, price in enumerate(prices) for i in (0, 1)]
    rows[4][at.OPEN], rows[5][at.OPEN] = DOLLAR, DOLLAR
    then, records, events = live(rows, script, pair)
    now = Engine(scripted(script), pair, cash=CASH)

    now.recall(events, records)

    assert then.state.account[at.HALTED] == Halt.NUMBER_RANGE
    np.testing.assert_array_equal(now.state.account, then.state.account)
    np.testing.assert_array_equal(now.state.instruments, then.state.instruments)


@given(dooms, st.floats(0, 1))
@settings(max_examples=60)
def test_a_halt_is_recovered_as_it_was(past: History, share: float) -> None:
    live_engine = Engine(scripted(past.script), past.instruments, cash=CASH)
    cut = int(share * len(past.events))
    known = live_engine.process(past.events[:cut])
    recovered = Engine(scripted(past.script), past.instruments, cash=CASH)

    curve = recovered.recall(past.events[:cut], known.records)

    np.testing.assert_array_equal(curve, known.curve)
    for name in ("account", "instruments", "orders"):
        then, now = getattr(live_engine.state, name), getattr(recovered.state, name)
        np.testing.assert_array_equal(now, then, err_msg=name)


@pytest.mark.parametrize("side", Side)
def test_a_dividend_alone_earns_and_loses_nothing(side: Side) -> None:
    script = {0: [ask(MARKET, side, 100)]}

    engine, records, _ = live([bar(0, DOLLAR), bar(1, DOLLAR), dividend(2, DOLLAR // 32)], script)

    assert len(of_kind(records, at.DIVIDEND_PAID)) == 1
    assert engine.state.account[at.EQUITY] == int(CASH) * DOLLAR
    assert engine.state.instruments[0, at.LAST] == DOLLAR - DOLLAR // 32
