from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from barque.domain.errors import CannotContinue
from barque.kernels import layout
from barque.storage.records import (
    NO_INSTRUMENT,
    RECORD,
    RECORD_SIZE,
    JournalKind,
    Rows,
    decisions,
    decode_events,
    decode_journal,
    encode_events,
    encode_journal,
    first_damaged,
    from_bytes,
    verify,
)

from .accounts import row
from .journals import journals


@dataclass(frozen=True)
class Column:
    index: int
    low: int
    high: int


def tables(width: int, *narrow: Column) -> st.SearchStrategy[Rows]:
    """Rows of any int64, but for columns that have a narrower place in the record."""

    @st.composite
    def build(draw: st.DrawFn) -> Rows:
        count = draw(st.integers(0, 8))
        rows = draw(npst.arrays(np.int64, (count, width)))
        for column in narrow:
            values = st.integers(column.low, column.high)
            rows[:, column.index] = draw(st.lists(values, min_size=count, max_size=count))
        return rows

    return build()


event_tables = tables(
    layout.EVENT_WIDTH,
    Column(layout.KIND, 0, 2**16 - 1),
    Column(layout.INSTRUMENT, -(2**31), 2**31 - 1),
    Column(layout.FLAGS, 0, 2**32 - 1),
)
journal_tables = tables(
    layout.RECORD_WIDTH,
    Column(layout.RECORD_KIND, 0, 2**16 - 1),
    Column(layout.RECORD_INSTRUMENT, -(2**31), 2**31 - 1),
    Column(layout.RECORD_AT, 0, 2**31),
)


def test_a_record_takes_128_bytes_without_gaps() -> None:
    assert RECORD.itemsize == RECORD_SIZE == 128
    assert sum(RECORD[name].itemsize for name in RECORD.names or ()) == 128


@given(event_tables, st.integers(0, 10**15), st.integers(0, 2**62))
def test_market_events_come_back_as_they_were(events: Rows, seq: int, receive_ts: int) -> None:
    records = from_bytes(encode_events(events, first_seq=seq, receive_ts=receive_ts).tobytes())

    assert (decode_events(records) == events).all()
    assert records["seq"].tolist() == list(range(seq, seq + len(events)))
    assert (records["receive_ts"] == receive_ts).all()


@given(journal_tables, st.integers(0, 2**62))
def test_journal_rows_come_back_as_they_were(rows: Rows, position: int) -> None:
    rows[:, layout.RECORD_AT] = position + np.sort(rows[:, layout.RECORD_AT])

    records = encode_journal(rows, account=7, first_seq=1, receive_ts=0)

    assert (decode_journal(records, position) == rows).all()


def test_rows_out_of_the_order_of_their_events_are_not_journalled() -> None:
    rows = np.concatenate([row(JournalKind.HALT, at=2), row(JournalKind.HALT, at=1)])

    with pytest.raises(AssertionError, match="order of their events"):
        encode_journal(rows, account=1, first_seq=1, receive_ts=0)


def test_an_instrument_that_a_strategy_invented_becomes_none() -> None:
    rows = row(JournalKind.REFUSED, 1, instrument=2**40)

    records = encode_journal(rows, account=1, first_seq=1, receive_ts=0)

    assert records["instrument"][0] == NO_INSTRUMENT


@given(journals())
def test_recovery_is_given_exactly_what_the_kernels_wrote(rows: Rows) -> None:
    kernels_wrote = [r for r in rows.tolist() if r[layout.RECORD_KIND] < 100]

    facts = decisions(rows)

    assert facts.tolist() == kernels_wrote


@given(event_tables.filter(len), st.data())
def test_any_changed_byte_is_found_and_named(events: Rows, data: st.DataObject) -> None:
    body = bytearray(encode_events(events, first_seq=100, receive_ts=1).tobytes())
    where = data.draw(st.integers(0, len(body) - 1))
    body[where] ^= data.draw(st.integers(1, 255))

    records = from_bytes(bytes(body))

    assert first_damaged(records, 100) == where // RECORD_SIZE
    with pytest.raises(CannotContinue, match=f"record {100 + where // RECORD_SIZE} is damaged"):
        verify(records, 100, "a log")


def test_a_sound_record_in_the_wrong_place_is_found() -> None:
    records = encode_events(np.zeros((3, layout.EVENT_WIDTH), np.int64), first_seq=0, receive_ts=0)

    assert first_damaged(records[[0, 2, 1]], 0) == 1
    assert first_damaged(records, 0) is None
