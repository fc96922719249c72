"""Accounts and what they hand in: instruments, rows and batches, as the runtime would make them."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np

from barque.domain.instruments import Instrument, InstrumentKind
from barque.kernels import layout
from barque.storage.journal_rows import slice_row
from barque.storage.records import JournalKind, Records, Rows, encode_journal
from barque.storage.sqlite import SqliteStore
from barque.storage.store import Account, Batch

NOW = 1_700_000_000_000_000_000


def equity(id: str) -> Instrument:
    return Instrument(
        id=id,
        kind=InstrumentKind.EQUITY,
        currency="USD",
        price_digits=8,
        quantity_digits=0,
        tick=Decimal("0.01"),
        lot=Decimal(1),
    )


INSTRUMENTS = (equity("AAPL.XNAS"), equity("MSFT.XNAS"), equity("KO.XNYS"))


async def open_account(store: SqliteStore, name: str = "paper") -> Account:
    return await store.create_account(
        name=name,
        strategy="trend",
        currency="USD",
        instruments=INSTRUMENTS,
        created_ts=NOW,
        spec={"speed": 60},
    )


def opened(path: Path) -> SqliteStore:
    return SqliteStore(path / "store.sqlite")


def row(kind: JournalKind, *numbers: int, at: int = 0, instrument: int = 0) -> Rows:
    """One journal row, `at` events into the market."""
    written = np.zeros((1, layout.RECORD_WIDTH), np.int64)
    written[0, :4] = kind, NOW + at, instrument, at
    written[0, layout.A0 : layout.A0 + len(numbers)] = numbers
    return written


def batch(account: Account, rows: Sequence[Rows], first_seq: int = 1, **notes: str) -> Batch:
    return Batch(sealed(account, np.concatenate(list(rows)), first_seq))


def sealed(account: Account, rows: Rows, first_seq: int = 1) -> Records:
    return encode_journal(rows, account=account.id, first_seq=first_seq, receive_ts=NOW)


def slice_of(at: int, equity: int = 10_000_000, cash: int = 5_000_000) -> Rows:
    return slice_row(NOW + at, at, equity=equity, cash=cash)
