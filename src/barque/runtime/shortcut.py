"""The short way back into an account's life: from a snapshot that the journal vouches for."""

import asyncio

from barque.domain.errors import BadInput
from barque.engine.engine import Engine
from barque.engine.memory import remember
from barque.runtime.watch import Watch
from barque.storage.records import JournalKind
from barque.storage.snapshots import NoSnapshot, Snapshot, Snapshots
from barque.storage.store import StoreReader

BEGINNING = Snapshot(seq=0, market_position=0, fingerprint=(0, 0), memory={})


async def take_shortcut(
    engine: Engine,
    account_id: int,
    fingerprint: tuple[int, int],
    *,
    snapshots: Snapshots,
    store: StoreReader,
    watch: Watch,
) -> Snapshot:
    """Let a fresh engine know what the newest usable snapshot holds, and return it.

    At any doubt a snapshot is passed over. Without one the engine stays as it is, at the BEGINNING.
    """
    for seq in snapshots.seqs(account_id):
        try:
            snapshot = await _vouched_for(snapshots, store, account_id, seq)
            if snapshot.fingerprint != fingerprint:
                raise NoSnapshot(f"The snapshot at record {seq} is of other code or another model.")
            remember(engine, snapshot.memory)
        except BadInput as doubt:
            watch.snapshot_passed_over(str(doubt))
        else:
            return snapshot
    return BEGINNING


async def _vouched_for(
    snapshots: Snapshots, store: StoreReader, account_id: int, seq: int
) -> Snapshot:
    """Return a snapshot that is as the journal says, or raise NoSnapshot."""
    records = await store.records(account_id, seq - 1, 1)
    if not len(records) or records["kind"][0] != JournalKind.SNAPSHOT:
        raise NoSnapshot(f"The journal knows of no snapshot at record {seq}.")
    return await asyncio.to_thread(snapshots.read, account_id, records[0])
