"""One thing that happened, as 128 bytes on disk: the form of the market log and of every journal.

    offset  field       type
         0  seq         int64    position in its log, without gaps
         8  ts          int64    when it happened, ns UTC
        16  receive_ts  int64    when we learned of it, ns UTC
        24  kind        uint16   EventKind in the market log, JournalKind in a journal
        26  version     uint16   of this layout
        28  instrument  int32    index in the run, -1 for none
        32  account     int64    0 in the market log
        40  a           10 int64 what the kind says
       120  flags       uint32   EventFlag in the market log, RECORD_AT modulo 2^32 in a journal
       124  checksum    uint32   CRC-32 (ISO 3309) of the 124 bytes before it

All little-endian. In the market log `a` is START, OPEN, HIGH, LOW, CLOSE, VOLUME, or the columns
of a split or dividend in their place. In a journal `a` is A0 to A9 of `kernels.layout`, and
`flags` tells which event caused the record: RECORD_AT never falls, so its low bits suffice.
"""

from collections.abc import Sequence
from enum import IntEnum
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from barque.domain.errors import CannotContinue
from barque.kernels import layout

RECORD = np.dtype(
    [
        ("seq", "<i8"),
        ("ts", "<i8"),
        ("receive_ts", "<i8"),
        ("kind", "<u2"),
        ("version", "<u2"),
        ("instrument", "<i4"),
        ("account", "<i8"),
        ("a", "<i8", (10,)),
        ("flags", "<u4"),
        ("checksum", "<u4"),
    ]
)
RECORD_SIZE = 128
VERSION = 1

NO_INSTRUMENT = -1

_CHECKED = RECORD_SIZE - 4
_LOW_BITS = 2**32 - 1

Rows = NDArray[np.int64]
"""Rows of the kernels' flat state: (n, RECORD_WIDTH) or (n, EVENT_WIDTH)."""

Records = NDArray[np.void]
"""A one-dimensional array of `RECORD`."""


class JournalKind(IntEnum):
    """What a journal record tells: those below 100 come from the kernels, the rest around them."""

    ACCEPTED = layout.ACCEPTED
    REFUSED = layout.REFUSED
    FILLED = layout.FILLED
    CANCELED = layout.CANCELED
    EXPIRED = layout.EXPIRED
    ORDER_ADJUSTED = layout.ORDER_ADJUSTED
    DIVIDEND_PAID = layout.DIVIDEND_PAID
    SPLIT_APPLIED = layout.SPLIT_APPLIED
    HALT = layout.HALT
    CANCEL_REFUSED = layout.CANCEL_REFUSED
    TRIGGERED = layout.TRIGGERED
    RELEASED = layout.RELEASED
    AMENDED = layout.AMENDED
    AMEND_REFUSED = layout.AMEND_REFUSED
    REJECTED = layout.REJECTED
    FUNDED = layout.FUNDED
    INTEREST_PAID = layout.INTEREST_PAID
    SETTLED = layout.SETTLED
    LIQUIDATION = layout.LIQUIDATION
    EPOCH = 100
    """Other code or another model decides from here on: A0, A1 fingerprints, words in the note."""
    REQUEST = 101
    """A strategy asked: A0 is kind, type, time in force and flags, a byte each from the lowest on;
    A1 to A8 are side, quantity, price, order id, trigger, trail, expires and group."""
    SLICE = 102
    """A market slice was consumed: A0 market-log position after it, A1 equity, A2 cash."""
    COMMAND = 103
    """A person asked: A0 to A8 as the command says; words in the note."""
    SNAPSHOT = 104
    """What the account knew was saved: A0 to A3 SHA-256 of the file; its name in the note."""
    POSITION = 105
    """The ledger's position: quantity, cost, last, value, realized, fees, dividends."""
    SIGNAL = 106
    """A strategy's opinion: A0 prediction (NaN for none), A1 exposure, as the bits of a float64."""


def encode_journal(rows: Rows, *, account: int, first_seq: int, receive_ts: int) -> Records:
    """Write what an account decided as sealed records, numbered from `first_seq`.

    `rows` are (n, RECORD_WIDTH), as the kernels or `journal_rows` make them, in the order of
    RECORD_AT. An instrument that a strategy invented and no int32 holds becomes -1.
    """
    at = rows[:, layout.RECORD_AT]
    assert (np.diff(at) >= 0).all(), "journal rows must be in the order of their events"
    records = _numbered(len(rows), first_seq, receive_ts)
    records["ts"] = rows[:, layout.RECORD_TS]
    _narrow(records, "kind", rows[:, layout.RECORD_KIND])
    records["instrument"] = _instrument(rows[:, layout.RECORD_INSTRUMENT])
    records["account"] = account
    records["a"] = rows[:, layout.A0 : layout.A9 + 1]
    records["flags"] = at & _LOW_BITS
    return _sealed(records)


def decode_journal(records: Records, market_position: int = 0) -> Rows:
    """Return the rows, (n, RECORD_WIDTH), from which consecutive records were made.

    `market_position` is at or before the event that caused the first of them, by less than 2^32
    events.
    """
    rows = np.empty((len(records), layout.RECORD_WIDTH), np.int64)
    rows[:, layout.RECORD_KIND] = records["kind"]
    rows[:, layout.RECORD_TS] = records["ts"]
    rows[:, layout.RECORD_INSTRUMENT] = records["instrument"]
    low = records["flags"].astype(np.int64)
    before = np.concatenate(([market_position], low))[:-1]
    rows[:, layout.RECORD_AT] = market_position + np.cumsum((low - before) & _LOW_BITS)
    rows[:, layout.A0 : layout.A9 + 1] = records["a"]
    return rows


def decisions(rows: Rows) -> Rows:
    """Return the rows that the kernels wrote: the facts that recovery folds."""
    return np.ascontiguousarray(rows[rows[:, layout.RECORD_KIND] < JournalKind.EPOCH])


def encode_events(events: Rows, *, first_seq: int, receive_ts: int) -> Records:
    """Write market events, (n, EVENT_WIDTH), as sealed records, numbered from `first_seq`."""
    records = _numbered(len(events), first_seq, receive_ts)
    records["ts"] = events[:, layout.TS]
    _narrow(records, "kind", events[:, layout.KIND])
    _narrow(records, "instrument", events[:, layout.INSTRUMENT])
    _narrow(records, "flags", events[:, layout.FLAGS])
    records["a"][:, 0] = events[:, layout.START]
    records["a"][:, 1:6] = events[:, layout.OPEN : layout.VOLUME + 1]
    return _sealed(records)


def decode_events(records: Records) -> Rows:
    """Return the market events, (n, EVENT_WIDTH), from which the records were made."""
    events = np.empty((len(records), layout.EVENT_WIDTH), np.int64)
    events[:, layout.TS] = records["ts"]
    events[:, layout.START] = records["a"][:, 0]
    events[:, layout.KIND] = records["kind"]
    events[:, layout.INSTRUMENT] = records["instrument"]
    events[:, layout.OPEN : layout.VOLUME + 1] = records["a"][:, 1:6]
    events[:, layout.FLAGS] = records["flags"]
    return events


def from_bytes(body: bytes) -> Records:
    """Read whole records from bytes, unverified."""
    return np.frombuffer(body, RECORD)


def first_damaged(records: Records, first_seq: int) -> int | None:
    """Return the index of the first record that is not as it was written, or None."""
    return _first_unlike(records, np.arange(first_seq, first_seq + len(records)))


def verify(records: Records, first_seq: int, where: str) -> None:
    """Raise CannotContinue, naming the record, unless all are as they were written."""
    index = first_damaged(records, first_seq)
    if index is not None:
        raise damaged(first_seq + index, where)


def verify_each(records: Records, seqs: Sequence[int], where: str) -> None:
    """Raise CannotContinue unless all are as they were written, each with its own number."""
    index = _first_unlike(records, np.array(seqs, np.int64))
    if index is not None:
        raise damaged(seqs[index], where)


def damaged(seq: int, where: str) -> CannotContinue:
    """Return the error that names a damaged record."""
    return CannotContinue(
        f"{where}: record {seq} is damaged: its checksum, number or version is not what was "
        f"written. Nothing was changed. Check the disk, then restore this file from a backup."
    )


def _first_unlike(records: Records, seqs: NDArray[np.int64]) -> int | None:
    sound = (
        (records["checksum"] == _checksums(records))
        & (records["seq"] == seqs)
        & (records["version"] == VERSION)
    )
    return None if sound.all() else int(np.argmin(sound))


def _numbered(count: int, first_seq: int, receive_ts: int) -> Records:
    records = np.zeros(count, RECORD)
    records["seq"] = np.arange(first_seq, first_seq + count)
    records["receive_ts"] = receive_ts
    records["version"] = VERSION
    return records


def _instrument(column: Rows) -> Rows:
    return np.where(column == column.astype(np.int32), column, NO_INSTRUMENT)


def _narrow(records: Records, field: str, column: Rows) -> None:
    records[field] = column
    assert (records[field] == column).all(), f"{field} does not fit its place in the record"


def _sealed(records: Records) -> Records:
    records["checksum"] = _checksums(records)
    return records


def _checksums(records: Records) -> NDArray[np.uint32]:
    body = memoryview(np.ascontiguousarray(records).tobytes())
    starts = range(0, len(body), RECORD_SIZE)
    return np.array([crc32(body[start : start + _CHECKED]) for start in starts], np.uint32)
