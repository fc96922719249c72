"""A paper account: it follows the market log, decides, and keeps what it decided before acting.

The simulated venue is the engine's own `match`, so acting is meeting the next slice. One slice is
one batch in the journal: either all of it is kept, or it is decided again after a restart, from
the same market and the same state, with the same result.
"""

import asyncio
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from barque.domain.errors import CannotContinue
from barque.engine.engine import Engine
from barque.engine.memory import memory_of
from barque.kernels import layout as at
from barque.runtime.shortcut import take_shortcut
from barque.runtime.slices import Events, slices
from barque.runtime.watch import Watch
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
from barque.storage.snapshots import Snapshot, Snapshots
from barque.storage.store import Account, Batch, StoreReader

SAVE_EVERY = 65_536
"""Events between two snapshots, and so the most that a recovery lives through again."""


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
        snapshots: Snapshots,
        watch: Watch,
        save_every: int = SAVE_EVERY,
    ) -> None:
        self.account, self.engine = account, engine
        self._log, self._store, self._journal, self._watch = log, store, journal, watch
        self._snapshots, self._save_every = snapshots, save_every
        self._fingerprint = (0, 0)
        self.recovered = False
        self.position = 0
        self._saved_at = 0
        self._next_seq = 1

    async def recover(self, epoch: Epoch, history: int) -> None:
        """Come back to where the journal ends: what was decided is a fact, not a question.

        A new account begins after the `history` first events of the log, which its strategy sees
        and remembers. When `epoch` is not the one that decided last, the journal says so. What came
        before the newest usable snapshot is not lived through again.
        """
        self._fingerprint = epoch.fingerprint
        consumed = await self._store.consumed(self.account.id)
        self._next_seq = consumed.next_seq
        self.position = consumed.market_position if consumed.next_seq > 1 else history
        start = await take_shortcut(
            self.engine, self.account.id, epoch.fingerprint,
            snapshots=self._snapshots, store=self._store, watch=self._watch,
        )  # fmt: skip
        records = await read_journal(self._store, self.account.id, start.seq)
        self._recall(records, start)
        if _last_epoch(records, start.fingerprint) != epoch.fingerprint:
            await self._begin_epoch(epoch)
            await self._save()
        await self._save_when_due()
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
        await self._save_when_due()

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

    async def _save_when_due(self) -> None:
        if self.position - self._saved_at >= self._save_every:
            await self._save()

    async def _save(self) -> None:
        """Keep a snapshot, if the strategy can be saved, and let the journal vouch for it."""
        self._saved_at = self.position
        memory = memory_of(self.engine)
        if memory is None:
            return
        account_id = self.account.id
        snapshot = Snapshot(self._next_seq, self.position, self._fingerprint, memory)
        try:
            digest = await asyncio.to_thread(self._snapshots.write, account_id, snapshot)
        except OSError as error:  # the journal is whole without it
            self._watch.snapshot_passed_over(f"It could not be written: {error}.")
            return
        ts = int(self.engine.state.account[at.NOW])
        name = self._snapshots.path(account_id, snapshot.seq).name
        await self._keep(plain_row(JournalKind.SNAPSHOT, ts, self.position, digest), name)

    def _recall(self, records: Records, start: Snapshot) -> None:
        """Live through the log up to `position` with the facts that are known since `start`."""
        facts = decisions(decode_journal(records, start.market_position))
        reached, used = start.market_position, 0
        for chunk in self._log.read(reached, self.position):
            reached += len(chunk)
            known = int(np.searchsorted(facts[:, at.RECORD_AT], reached, side="right"))
            self.engine.recall(chunk, np.ascontiguousarray(facts[used:known]))
            used = known
        if reached != self.position or used != len(facts):
            raise CannotContinue(
                f"Account {self.account.name}: its journal is {self.position} market events long, "
                f"the market log only {reached}. Restore the market log, or begin a new account."
            )
        self._saved_at = start.market_position
        self._watch.recovered(start.seq, reached - start.market_position)


async def read_journal(store: StoreReader, account_id: int, after_seq: int = 0) -> Records:
    """Return every record of an account's journal after one, verified, oldest first."""
    parts, seq = [], after_seq
    while len(part := await store.records(account_id, seq)):
        parts.append(part)
        seq = int(part["seq"][-1])
    return np.concatenate(parts) if parts else np.empty(0, RECORD)


def _last_epoch(records: Records, before: tuple[int, int]) -> tuple[int, int]:
    """Return the fingerprint of what decided last: `before`, unless the records know a newer."""
    epochs = records[records["kind"] == JournalKind.EPOCH]["a"]
    return (int(epochs[-1, 0]), int(epochs[-1, 1])) if len(epochs) else before
