import numpy as np
from hypothesis import given
from hypothesis.extra import numpy as npst

from barque.kernels import layout
from barque.storage.journal_rows import position_rows, request_rows, requests_of
from barque.storage.records import JournalKind, Rows

SMALL = [
    layout.REQUEST_KIND,
    layout.REQUEST_TYPE,
    layout.REQUEST_TIME_IN_FORCE,
    layout.REQUEST_FLAGS,
]


@given(npst.arrays(np.int64, (3, layout.REQUEST_WIDTH)))
def test_the_requests_of_a_strategy_come_back_as_they_were(requests: Rows) -> None:
    requests[:, SMALL] &= 255
    requests[:, layout.REQUEST_GROUP + 1 :] = 0

    assert (requests_of(request_rows(1, 2, requests)) == requests).all()


def test_a_position_is_told_by_instrument_in_the_ledgers_own_numbers() -> None:
    instruments = np.arange(3 * layout.INSTRUMENT_WIDTH).reshape(3, -1)

    rows = position_rows(5, 9, instruments, np.array([2]))

    assert rows[0, :4].tolist() == [JournalKind.POSITION, 5, 2, 9]
    assert rows[0, layout.A0] == instruments[2, layout.POSITION]
    assert rows[0, layout.A3] == instruments[2, layout.VALUE]
