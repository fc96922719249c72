"""Grouped commits: many accounts hand in what they decided, one synced transaction keeps it all.

While one transaction is on its way to the disk, what arrives waits, and goes together in the next:
the busier the market, the larger the group. Nobody acts before `submit` has returned.
"""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from barque.domain.errors import CannotContinue
from barque.storage.store import Batch, OutOfTurn


class Committer(Protocol):
    """Whoever keeps batches, all or none: a `Store`."""

    async def commit(self, batches: Sequence[Batch]) -> None: ...


class _Waiting(NamedTuple):
    batch: Batch
    kept: asyncio.Future[None]


class JournalWriter:
    """Keeps what accounts hand in, in as few transactions as their pace allows.

    Use it as `async with`; leaving keeps what is waiting. At most `capacity` batches wait, further
    submitters are held up; at most `largest_group` go into one transaction.
    """

    def __init__(
        self, store: Committer, *, capacity: int = 4_096, largest_group: int = 1_024
    ) -> None:
        self.transactions = 0
        self._store = store
        self._largest_group = largest_group
        self._room = asyncio.Semaphore(capacity)
        self._arrived = asyncio.Event()
        self._waiting: list[_Waiting] = []
        self._task: asyncio.Task[None] | None = None
        self._closed = True

    async def __aenter__(self) -> Self:
        self._closed = False
        self._task = asyncio.create_task(self._run(), name="journal-writer")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._task is not None
        self._closed = True
        self._arrived.set()
        await self._task

    async def submit(self, batch: Batch) -> None:
        """Return when the batch is safe on disk; raise what kept it from getting there.

        Who is cancelled while waiting does not know, and reads the store's `consumed` to see.
        """
        async with self._room:
            if self._closed:
                raise _closed()
            waiting = _Waiting(batch, asyncio.get_running_loop().create_future())
            self._waiting.append(waiting)
            self._arrived.set()
            await waiting.kept

    async def _run(self) -> None:
        try:
            while group := await self._next_group():
                await self._keep(group)
        finally:
            self._closed = True
            _fail(self._waiting, _closed())

    async def _next_group(self) -> list[_Waiting]:
        """Return who is waiting; nobody only when the writer is closed."""
        await self._arrived.wait()
        group = self._waiting[: self._largest_group]
        del self._waiting[: self._largest_group]
        if not self._waiting and not self._closed:
            self._arrived.clear()
        return group

    async def _keep(self, group: list[_Waiting]) -> None:
        """Commit a group. Whoever is out of turn fails alone, a failing store fails them all."""
        while group:
            try:
                await self._store.commit([waiting.batch for waiting in group])
            except OutOfTurn as error:
                guilty = [w for w in group if w.batch.account_id == error.account_id]
                group = [w for w in group if w.batch.account_id != error.account_id]
                _fail(guilty, error)
            except Exception as error:
                _fail(group, error)
                return
            except BaseException:
                _fail(group, _closed())
                raise
            else:
                self.transactions += 1
                _acknowledge(group)
                return


def _acknowledge(group: Sequence[_Waiting]) -> None:
    for waiting in group:
        if not waiting.kept.done():
            waiting.kept.set_result(None)


def _fail(group: Sequence[_Waiting], error: Exception) -> None:
    for waiting in group:
        if not waiting.kept.done():
            waiting.kept.set_exception(error)


def _closed() -> CannotContinue:
    return CannotContinue(
        "The journal is closed, since Barque is being stopped. Start it again: it goes on where "
        "the journal ends."
    )
