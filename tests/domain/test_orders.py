"""The life of an order is a table: every pair either moves or is refused, and every life ends."""

from itertools import product

import pytest

from barque.domain.orders import (
    HALTS,
    LIFE,
    OPEN,
    REASONS,
    WORKING,
    Halt,
    OrderState,
    Reason,
    Trigger,
    after,
)

ENDS = {
    OrderState.REFUSED, OrderState.FILLED, OrderState.CANCELED, OrderState.EXPIRED,
    OrderState.REJECTED,
}  # fmt: skip


@pytest.mark.parametrize(("state", "trigger"), [*product(OrderState, Trigger)])
def test_every_pair_moves_or_says_that_it_cannot(state: OrderState, trigger: Trigger) -> None:
    if (state, trigger) in LIFE:
        assert after(state, trigger) == LIFE[state, trigger]
    else:
        with pytest.raises(AssertionError, match=f"{state.name} cannot {trigger.name}"):
            after(state, trigger)


@pytest.mark.parametrize("state", OrderState)
def test_an_order_that_has_ended_never_moves_and_one_that_has_not_can_end(state) -> None:
    reached, frontier = set(), {state}
    while frontier:
        reached |= frontier
        frontier = {to for (of, _), to in LIFE.items() if of in frontier} - reached

    assert (reached == {state}) == (state in ENDS)
    assert reached & ENDS


def test_only_a_working_order_can_be_filled() -> None:
    fillable = {of for of, trigger in LIFE if trigger in (Trigger.FILL_PART, Trigger.FILL_REST)}

    assert fillable == WORKING


def test_no_order_works_without_a_yes_of_the_gate() -> None:
    into_work = {(of, by) for (of, by), to in LIFE.items() if to in OPEN and of not in OPEN}

    assert into_work == {
        (OrderState.INITIALIZED, Trigger.ACCEPT),
        (OrderState.INITIALIZED, Trigger.HOLD),
    }


def test_an_order_that_waits_works_only_when_it_is_released() -> None:
    into_work = {by for (of, by), to in LIFE.items() if of == OrderState.WAITING and to in WORKING}

    assert into_work == {Trigger.RELEASE}


def test_an_order_is_open_until_it_has_ended() -> None:
    assert set(OrderState) - OPEN == ENDS | {OrderState.INITIALIZED}


def test_nothing_but_a_working_order_can_be_triggered_and_only_once() -> None:
    triggered = {of for (of, by) in LIFE if by == Trigger.TRIGGER}

    assert triggered == {OrderState.ACCEPTED}


def test_every_reason_and_every_halt_has_words() -> None:
    assert set(REASONS) == set(Reason)
    assert set(HALTS) == set(Halt)
    assert all(words for reason, words in REASONS.items() if reason)
    assert all(words for halt, words in HALTS.items() if halt)
