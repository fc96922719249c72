import numpy as np
from hypothesis import given

from barque.storage.journal_rows import signal_rows
from barque.storage.projections import project
from barque.storage.records import JournalKind, Rows

from .accounts import INSTRUMENTS, NOW, sealed
from .journals import journals
from .test_announcements import ACCOUNT


def test_a_signal_without_a_model_has_no_prediction() -> None:
    rows = signal_rows(NOW, 1, np.array([0]), np.array([np.nan]), np.array([0.5]))

    signals = project([(ACCOUNT, sealed(ACCOUNT, rows))]).signals

    assert signals[ACCOUNT.id, INSTRUMENTS[0].id]["prediction"] is None


@given(journals())
def test_every_record_is_told_once_and_every_fill_and_order_counted(rows: Rows) -> None:
    kinds = rows[:, 0].tolist()

    changes = project([(ACCOUNT, sealed(ACCOUNT, rows))])

    placed = kinds.count(JournalKind.ACCEPTED) + kinds.count(JournalKind.REFUSED)
    assert [event["seq"] for event in changes.account_events] == list(range(1, len(rows) + 1))
    assert len(changes.fills) == kinds.count(JournalKind.FILLED)
    assert len(changes.orders) == placed
    assert len(changes.equity) == kinds.count(JournalKind.SLICE)
    assert not changes.order_changes, "every order was placed in the same journal"
