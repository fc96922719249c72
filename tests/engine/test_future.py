"""Law 3: any change after a moment leaves every record and the equity up to it unchanged."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.domain.events import EventKind
from barque.engine.engine import Engine
from barque.kernels import layout as at
from tests.engine.histories import Scripted, histories, history, scripted
from tests.engine.test_recovery import CASH, COSTS, CompiledPatient, Patient, Restless, slices

PRICES = slice(at.OPEN, at.CLOSE + 1)


def run(kind, past, events):
    strategy = scripted(past.script) if kind is Scripted else kind()
    return Engine(strategy, past.instruments, cash=CASH, costs=COSTS).process(events)


def with_another_future(events: np.ndarray, now: int, seed: int) -> np.ndarray:
    """Move every price after event `now` by a chance of its own, tops and bottoms kept in order."""
    chance = np.random.default_rng(seed)
    other = events.copy()
    bars = (np.arange(len(events)) >= now) & (events[:, at.KIND] == EventKind.BAR)
    moved = other[bars, PRICES] * chance.uniform(0.3, 3.0, (int(bars.sum()), 1))
    other[bars, PRICES] = np.maximum(1, np.rint(moved))
    return other


@given(
    histories(),
    st.sampled_from([Patient, CompiledPatient, Scripted]),
    st.floats(0, 1),
    st.integers(0, 2**32),
)
@settings(max_examples=100)
def test_the_future_does_not_matter(past, kind, share, seed) -> None:
    parts = slices(past.events)
    now = sum(map(len, parts[: int(share * len(parts))]))

    known = run(kind, past, past.events)
    other = run(kind, past, with_another_future(past.events, now, seed))

    until_now = [
        records[records[:, at.RECORD_AT] <= now] for records in (known.records, other.records)
    ]
    np.testing.assert_array_equal(*until_now)
    count = int(share * len(parts))
    np.testing.assert_array_equal(known.curve[:count], other.curve[:count])


@given(histories(), st.sampled_from([Patient, CompiledPatient, Restless]), st.floats(0, 1))
@settings(max_examples=60)
def test_a_past_that_ends_now_is_the_same_past(past, kind, share) -> None:
    parts = slices(past.events)
    now = sum(map(len, parts[: int(share * len(parts))]))

    whole, ended = run(kind, past, past.events), run(kind, past, past.events[:now])

    known = whole.records[whole.records[:, at.RECORD_AT] <= now]
    np.testing.assert_array_equal(ended.records, known)


@pytest.mark.parametrize("seed", range(5))
def test_no_order_is_filled_by_a_bar_that_began_before_it_was_placed(seed: int) -> None:
    past = history(seed, 3, 25)

    records = run(Scripted, past, past.events).records

    placed = {}
    for row in records.tolist():
        if row[at.RECORD_KIND] == at.ACCEPTED:
            placed[row[at.A0]] = row[at.RECORD_TS]
        elif row[at.RECORD_KIND] == at.FILLED:
            bar = past.events[row[at.RECORD_AT] - 1]
            assert bar[at.START] >= placed[row[at.A0]]
            assert row[at.A6] >= placed[row[at.A0]]


def test_another_future_is_another_one() -> None:
    past = history(3, 2, 25)
    now = len(past.events) // 2

    known = run(Scripted, past, past.events).records
    other = run(Scripted, past, with_another_future(past.events, now, 1)).records

    assert (
        known[known[:, at.RECORD_AT] > now].tolist() != other[other[:, at.RECORD_AT] > now].tolist()
    )
