"""Accounts that lived: journals as a kernel and the runtime would write them."""

import numpy as np
from hypothesis import strategies as st

from barque.domain.orders import Halt, Reason
from barque.kernels import layout
from barque.storage.journal_rows import plain_row, position_rows, signal_rows
from barque.storage.records import JournalKind, Rows

from .accounts import INSTRUMENTS, NOW, row, slice_of

amounts = st.integers(-(10**15), 10**15)
sizes = st.integers(1, 10**9)
whole = st.integers(-(2**63), 2**63 - 1)


@st.composite
def journals(draw: st.DrawFn, events: int = 12) -> Rows:
    """The rows of an account that traded for some market events, each the end of a slice."""
    rows: list[Rows] = []
    orders: list[int] = []
    for at in range(1, draw(st.integers(1, events)) + 1):
        for _ in range(draw(st.integers(0, 4))):
            rows.append(draw(happenings(at, orders)))
        rows.append(slice_of(at, draw(amounts), draw(amounts)))
    return np.concatenate(rows)


@st.composite
def happenings(draw: st.DrawFn, at: int, orders: list[int]) -> Rows:
    kinds = [kind for kind in JournalKind if orders or kind not in _OF_AN_ORDER]
    kind = draw(st.sampled_from([k for k in kinds if k is not JournalKind.SLICE]))
    i = draw(st.integers(0, len(INSTRUMENTS) - 1))
    match kind:
        case JournalKind.POSITION:
            width = layout.INSTRUMENT_WIDTH
            held = draw(st.lists(amounts, min_size=width, max_size=width))
            state = np.tile(np.array(held), (len(INSTRUMENTS), 1))
            return position_rows(NOW + at, at, state, np.array([i]))
        case JournalKind.SIGNAL:
            prediction = draw(st.just(np.nan) | st.floats(-1, 1))
            exposure = np.array([draw(st.floats(-1, 1))])
            return signal_rows(NOW + at, at, np.array([i]), np.array([prediction]), exposure)
        case JournalKind.EPOCH | JournalKind.COMMAND | JournalKind.SNAPSHOT:
            return plain_row(kind, NOW + at, at, draw(st.lists(whole, max_size=10)))
        case JournalKind.ACCEPTED | JournalKind.REFUSED:
            orders.append(len(orders) + 1)
            placed = _placed(draw, orders[-1], kind)
            return row(kind, *placed, at=at, instrument=i)
    numbers = _numbers(draw, kind, draw(st.sampled_from(orders)) if orders else 0)
    return row(kind, *numbers, at=at, instrument=i)


_OF_AN_ORDER = {
    JournalKind.FILLED,
    JournalKind.CANCELED,
    JournalKind.EXPIRED,
    JournalKind.ORDER_ADJUSTED,
    JournalKind.TRIGGERED,
    JournalKind.RELEASED,
    JournalKind.AMENDED,
    JournalKind.REJECTED,
}


def _placed(draw: st.DrawFn, order_id: int, kind: JournalKind) -> tuple[int, ...]:
    refused = kind is JournalKind.REFUSED
    reason = draw(st.sampled_from(list(Reason)[1:])) if refused else Reason.NONE
    words = st.integers(-1, 3) if refused else st.just(1)
    return (order_id, draw(words), draw(words), draw(sizes), draw(amounts), draw(words), reason)


def _numbers(draw: st.DrawFn, kind: JournalKind, order_id: int) -> list[int]:
    some = [draw(amounts) for _ in range(6)]
    match kind:
        case JournalKind.FILLED:
            quantity, leaves = draw(sizes), draw(st.sampled_from([0, 5]))
            side = draw(st.sampled_from([1, -1]))
            return [order_id, side, quantity, *some[:3], NOW, leaves, *some[3:5]]
        case JournalKind.CANCELED | JournalKind.EXPIRED | JournalKind.REJECTED:
            return [order_id, draw(st.sampled_from(Reason)), draw(sizes)]
        case JournalKind.TRIGGERED | JournalKind.RELEASED:
            return [order_id, draw(sizes), NOW]
        case JournalKind.AMENDED:
            return [order_id, draw(sizes), draw(sizes), draw(sizes), draw(st.sampled_from(Reason))]
        case JournalKind.CANCEL_REFUSED | JournalKind.AMEND_REFUSED:
            return [order_id, Reason.UNKNOWN_ORDER]
        case JournalKind.ORDER_ADJUSTED:
            return [order_id, draw(sizes), draw(sizes)]
        case JournalKind.HALT:
            return [draw(st.sampled_from(Halt)), *some[:2]]
    return some
