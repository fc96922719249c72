"""Law 5: no order without a decision, and no decision but the one a person would take."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.domain.events import EventKind
from barque.domain.orders import Halt, OrderType, Reason, Side
from barque.engine.engine import Engine
from barque.engine.state import State, new_state
from barque.kernels import layout as at
from barque.risk.gate import review
from barque.risk.limits import Limits
from tests.engine.histories import EQUITY, histories, scripted

AT_MARKET = {OrderType.MARKET, OrderType.MARKET_ON_OPEN, OrderType.MARKET_ON_CLOSE}
TICK, LOT = 10**6, 10
INSTRUMENT = replace(EQUITY, lot=Decimal(LOT))
LIMITS = Limits(position=Decimal(100), notional=Decimal(10_000), price_band=Decimal("0.1"))


@dataclass(frozen=True)
class Ask:
    """An order, and the account that it is asked of. Quantities in shares, prices in ticks."""

    type: OrderType
    side: Side
    quantity: int
    price: int
    held: int
    buying: int
    selling: int
    last: int
    halted: bool
    full: bool
    extra: int = 0  # price units beyond the tick

    def state(self) -> State:
        state = new_state([INSTRUMENT], cash=Decimal(1), limits=LIMITS)
        columns = [at.POSITION, at.WORKING_BUY, at.WORKING_SELL, at.LAST]
        state.instruments[0, columns] = (self.held, self.buying, self.selling, self.last * TICK)
        state.account[at.HALTED] = Halt.BY_COMMAND if self.halted else 0
        state.account[at.FREE_SLOT] = -1 if self.full else 0
        return state


def asks(**fixed):
    free = {
        "type": st.sampled_from(OrderType),
        "side": st.sampled_from(Side),
        "quantity": st.integers(-1, 13).map(lambda lots: lots * LOT) | st.integers(0, 130),
        "price": st.integers(-1, 14_000) | st.integers(8_900, 11_100),
        "held": st.integers(-13, 13).map(lambda lots: lots * LOT),
        "buying": st.integers(0, 5).map(lambda lots: lots * LOT),
        "selling": st.integers(0, 5).map(lambda lots: lots * LOT),
        "last": st.just(10_000) | st.sampled_from([0, 9_091, 20_000]),
        "halted": st.booleans(),
        "full": st.sampled_from([False] * 9 + [True]),
        "extra": st.sampled_from([0] * 5 + [1]),
    }
    return st.builds(Ask, **(free | fixed))


def asked(ask: Ask, i: int = 0) -> Reason:
    state = ask.state()
    price = 0 if ask.type in AT_MARKET else ask.price * TICK + ask.extra
    order = (int(ask.type), int(ask.side), ask.quantity, price)
    return Reason(review(state.account, state.instruments, i, *order))


def is_a_reduction(ask: Ask) -> bool:
    """Whether everything at work on its side, and it, leave the position on its side of zero."""
    working = ask.buying if ask.side == Side.BUY else ask.selling
    after = ask.held + ask.side * (working + ask.quantity)
    return ask.held * ask.side < 0 and after * ask.held >= 0


def expected(ask: Ask) -> Reason:
    """Say what a person would, one rule after the other."""
    at_market = ask.type in AT_MARKET
    price = Fraction(ask.price) + Fraction(ask.extra, TICK)
    if ask.quantity <= 0 or (not at_market and price <= 0):
        return Reason.NOT_POSITIVE
    if ask.quantity % LOT:
        return Reason.OFF_LOT
    if not at_market and ask.type != OrderType.TRAILING_STOP and ask.extra:
        return Reason.OFF_TICK
    if ask.full:
        return Reason.TOO_MANY_ORDERS
    if is_a_reduction(ask):
        return Reason.NONE
    if ask.halted:
        return Reason.HALTED
    if not ask.last:
        return Reason.NO_PRICE
    working = ask.buying if ask.side == Side.BUY else ask.selling
    if abs(ask.held + ask.side * (working + ask.quantity)) > 100:
        return Reason.POSITION_LIMIT
    reference = ask.last if at_market else price
    if reference * ask.quantity > 1_000_000:  # ticks of a cent: 10,000 dollars
        return Reason.NOTIONAL_LIMIT
    if abs(reference - ask.last) * 10 > ask.last:
        return Reason.PRICE_BAND
    return Reason.NONE


@given(asks())
@settings(max_examples=1_000)
def test_the_gate_says_what_a_person_would(ask: Ask) -> None:
    assert asked(ask) == expected(ask)


@given(asks(full=st.just(False), extra=st.just(0), price=st.integers(1, 14_000)))
@settings(max_examples=500)
def test_a_reduction_is_never_refused_whatever_limits_and_halts_say(ask: Ask) -> None:
    working = ask.selling if ask.held > 0 else ask.buying
    side = Side.SELL if ask.held > 0 else Side.BUY
    for left in range(LOT, abs(ask.held) - working + 1, LOT):
        assert asked(replace(ask, side=side, quantity=left)) == Reason.NONE


@given(asks(halted=st.just(True)))
@settings(max_examples=500)
def test_what_a_halted_account_may_do_never_passes_flat(ask: Ask) -> None:
    if asked(ask) == Reason.NONE:
        working = ask.buying if ask.side == Side.BUY else ask.selling
        after = ask.held + ask.side * (working + ask.quantity)
        assert abs(after) < abs(ask.held)
        assert after * ask.held >= 0


@given(asks(), st.sampled_from([-1, 1, 7, 2**40]))
def test_an_instrument_that_is_not_in_the_run_is_refused(ask: Ask, i: int) -> None:
    assert asked(ask, i) == Reason.UNKNOWN_INSTRUMENT


def test_a_number_beyond_the_largest_is_refused_even_when_it_reduces() -> None:
    state = new_state([EQUITY], cash=Decimal(1))
    state.instruments[0, [at.POSITION, at.LAST]] = (10**15, 10**8)
    rules = (state.account, state.instruments, 0)

    assert review(*rules, int(OrderType.MARKET), int(Side.SELL), 10**15 + 1, 0) == Reason.TOO_LARGE
    assert review(*rules, int(OrderType.LIMIT), int(Side.SELL), 1, 10**16) == Reason.TOO_LARGE
    assert review(*rules, int(OrderType.MARKET), int(Side.SELL), 10**15, 0) == Reason.NONE


@given(histories(), st.sampled_from([None, 30, 2_000]))
@settings(max_examples=60)
def test_every_request_is_answered_once_and_nothing_is_filled_that_was_not_accepted(
    past, limit: int | None
) -> None:
    limits = Limits(position=None if limit is None else Decimal(limit))
    engine = Engine(scripted(past.script), past.instruments, cash=Decimal(10**6), limits=limits)

    records = engine.process(past.events).records

    answers = records[np.isin(records[:, at.RECORD_KIND], (at.ACCEPTED, at.REFUSED))]
    bars = int((past.events[:, at.KIND] == EventKind.BAR).sum())
    requests = sum(len(past.script.get(k, ())) for k in range(bars))
    assert answers[:, at.A0].tolist() == list(range(1, requests + 1))
    accepted: set[int] = set()
    for kind, order_id in records[:, [at.RECORD_KIND, at.A0]].tolist():
        if kind == at.ACCEPTED:
            accepted.add(order_id)
        elif kind in (at.FILLED, at.CANCELED, at.EXPIRED):
            accepted.remove(order_id)  # once, and never without a yes
