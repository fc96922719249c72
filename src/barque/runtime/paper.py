"""A paper account: it follows the market log, decides, and keeps what it decided before acting.

The simulated venue is the engine's own `match`, so acting is meeting the next slice. One slice is
one batch in the journal: either all of it is kept, or it is decided again after a restart, from
the same market and the same state, with the same result.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from barque.domain.errors import CannotContinue
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.runtime.slices import Events, slices
from barque.storage.journal_rows import plain_row, position_rows, signal_rows, slice_row
from barque.storage.journal_writer import JournalWriter
from barque.storage.market_log import MarketLog
from barque.storage.records import (
    RECORD,
    JournalKind,
    Records,
    Rows,
    decisions,
    decode_journal,
    encode_journal,
)
from barque.storage.store import Account, Batch, StoreReader

NO_FACTS = np.empty((0, at.RECORD_WIDTH), np.int64)


class Watch(Protocol):
    """Who is told what an account did, to measure it."""

    def slice_done(self, rows: Rows, engine: Engine, commit_seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Epoch:
    """What decides from here on: two numbers to compare, and the words behind them."""

    fingerprint: tuple[int, int]
    words: str


class PaperAccount:
    """One account on paper, owned by this process."""

    def __init__(
        self,
        account: Account,
        engine: Engine,
        *,
        log: MarketLog,
        store: StoreReader,
        journal: JournalWriter,
        watch: Watch,
    ) -> None:
        self.account, self.engine = account, engine
        self._log, self._store, self._journal, self._watch = log, store, journal, watch
        self.recovered = False
        self.position = 0
        self._next_seq = 1

    async def recover(self, epoch: Epoch, history: int) -> None:
        """Come back to where the journal ends: what was decided is a fact, not a question.

        A new account begins after the `history` first events of the log, which its strategy sees
        and remembers. When `epoch` is not the one that decided last, the journal says so.
        """
        consumed = await self._store.consumed(self.account.id)
        records = await whole_journal(self._store, self.account.id)
        self._next_seq = consumed.next_seq
        self.position = consumed.market_position if len(records) else history
        facts = decisions(decode_journal(records)) if len(records) else NO_FACTS
        self._recall(facts)
        if _last_epoch(records) != epoch.fingerprint:
            await self._begin_epoch(epoch)
        self.recovered = True

    async def run(self, grew: asyncio.Event, stop: asyncio.Event) -> None:
        """Follow the log until `stop` is set. `grew` is set when there is more, or to be woken."""
        while not stop.is_set():
            grew.clear()
            await self.catch_up(stop)
            if not stop.is_set():
                await grew.wait()

    async def catch_up(self, stop: asyncio.Event | None = None) -> None:
        """Decide on every whole slice that the log holds; when `stop` is set, end after a slice."""
        for part in slices(self._log.read(self.position)):
            await self._decide(part)
            if stop is not None and stop.is_set():
                return

    async def _decide(self, events: Events) -> None:
        """Take in one slice and keep what follows from it."""
        outcome = self.engine.process(events)
        self.position += len(events)
        rows = np.concatenate([outcome.records, *self._standing(events)])
        began = time.perf_counter()
        await self._keep(rows)
        self._watch.slice_done(rows, self.engine, time.perf_counter() - began)

    def _standing(self, events: Events) -> list[Rows]:
        """Return the rows that say how things stand after a slice."""
        ts, state, strategy = int(events[-1, at.TS]), self.engine.state, self.engine.strategy
        told = np.unique(events[:, at.INSTRUMENT])
        rows = []
        if hasattr(strategy, "exposure") and hasattr(strategy, "prediction"):
            formed = told[~np.isnan(strategy.exposure[told])]
            opinions = strategy.prediction[formed], strategy.exposure[formed]
            rows.append(signal_rows(ts, self.position, formed, *opinions))
        held = told[(state.instruments[told, at.POSITION] != 0) | self._was_held(told)]
        rows.append(position_rows(ts, self.position, state.instruments, held))
        equity, cash = int(state.account[at.EQUITY]), int(state.account[at.CASH])
        rows.append(slice_row(ts, self.position, equity=equity, cash=cash))
        return rows

    def _was_held(self, instruments: Rows) -> NDArray[np.bool_]:
        """Return which instruments were ever traded: their last position is worth saying."""
        traded = self.engine.state.instruments[instruments]
        columns = traded[:, [at.INSTRUMENT_FEES, at.REALIZED, at.COST]]
        held: NDArray[np.bool_] = (columns != 0).any(axis=1)
        return held

    async def _keep(self, rows: Rows, note: str = "") -> None:
        """Return when the rows are safe on disk."""
        records = encode_journal(
            rows, account=self.account.id, first_seq=self._next_seq, receive_ts=time.time_ns()
        )
        notes = {self._next_seq: note} if note else {}
        await self._journal.submit(Batch(records, notes))
        self._next_seq += len(records)

    async def _begin_epoch(self, epoch: Epoch) -> None:
        state = self.engine.state.account
        ts = int(state[at.NOW])
        epoch_row = plain_row(JournalKind.EPOCH, ts, self.position, epoch.fingerprint)
        here = slice_row(ts, self.position, equity=int(state[at.EQUITY]), cash=int(state[at.CASH]))
        await self._keep(np.concatenate([epoch_row, here]), epoch.words)

    def _recall(self, facts: Rows) -> None:
        """Live through the log up to `position` with the facts that are known."""
        reached, used = 0, 0
        for chunk in self._log.read(0, self.position):
            reached += len(chunk)
            known = int(np.searchsorted(facts[:, at.RECORD_AT], reached, side="right"))
            self.engine.recall(chunk, np.ascontiguousarray(facts[used:known]))
            used = known
        if reached != self.position or used != len(facts):
            raise CannotContinue(
                f"Account {self.account.name}: its journal is {self.position} market events long, "
                f"the market log only {reached}. Restore the market log, or begin a new account."
            )


async def whole_journal(store: StoreReader, account_id: int) -> Records:
    """Return every record of an account's journal, verified, oldest first."""
    parts, seq = [], 0
    while len(part := await store.records(account_id, seq)):
        parts.append(part)
        seq = int(part["seq"][-1])
    return np.concatenate(parts) if parts else np.empty(0, RECORD)


def _last_epoch(records: Records) -> tuple[int, int] | None:
    if not len(records):
        return None
    epochs = records[records["kind"] == JournalKind.EPOCH]
    return (int(epochs["a"][-1, 0]), int(epochs["a"][-1, 1])) if len(epochs) else None
