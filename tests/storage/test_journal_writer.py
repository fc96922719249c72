import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from barque.domain.errors import CannotContinue
from barque.storage.journal_writer import JournalWriter
from barque.storage.sqlite import SqliteStore
from barque.storage.store import Account, Batch, OutOfTurn

from .accounts import batch, open_account, opened, slice_of


@contextmanager
def counted() -> Iterator[list[str]]:
    """The write transactions that reach the database."""
    begun: list[str] = []

    def count(*call: object) -> None:
        if call[2] == "BEGIN IMMEDIATE":
            begun.append("BEGIN IMMEDIATE")

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield begun
    finally:
        event.remove(Engine, "before_cursor_execute", count)


async def accounts(store: SqliteStore, count: int) -> list[Account]:
    return [await open_account(store, f"paper-{k}") for k in range(count)]


class Slow:
    """A store whose commits wait until they are let through."""

    def __init__(self, store: SqliteStore) -> None:
        self.gate = asyncio.Event()
        self._store = store

    async def commit(self, batches: Sequence[Batch]) -> None:
        await self.gate.wait()
        await self._store.commit(batches)


class Failing:
    """A store on a full disk, until it is mended."""

    def __init__(self, store: SqliteStore) -> None:
        self.is_full = True
        self._store = store

    async def commit(self, batches: Sequence[Batch]) -> None:
        if self.is_full:
            raise CannotContinue("the disk is full")
        await self._store.commit(batches)


def test_accounts_that_decide_together_are_kept_in_one_transaction(tmp_path: Path) -> None:
    async def scenario() -> int:
        async with opened(tmp_path) as store:
            owners = await accounts(store, 50)
            with counted() as transactions:
                async with JournalWriter(store) as writer:
                    await asyncio.gather(
                        *(writer.submit(batch(owner, [slice_of(1)])) for owner in owners)
                    )
            assert writer.transactions == len(transactions)
            assert {(await store.consumed(o.id)).next_seq for o in owners} == {2}
            return len(transactions)

    assert asyncio.run(scenario()) == 1


def test_what_arrives_during_a_commit_goes_together_in_the_next(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            owners = await accounts(store, 9)
            slow = Slow(store)
            async with JournalWriter(slow) as writer:
                submits = []
                for owner in owners:
                    submits.append(asyncio.create_task(writer.submit(batch(owner, [slice_of(1)]))))
                    await asyncio.sleep(0)
                    await asyncio.sleep(0)
                slow.gate.set()
                await asyncio.gather(*submits)

            assert writer.transactions == 2

    asyncio.run(scenario())


def test_a_group_has_a_largest_size_and_keeps_the_order_of_an_account(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            owner = await open_account(store)
            batches = [batch(owner, [slice_of(k)], first_seq=k) for k in range(1, 11)]
            async with JournalWriter(store, largest_group=4) as writer:
                await asyncio.gather(*map(writer.submit, batches))

            assert writer.transactions == 3
            assert (await store.consumed(owner.id)).market_position == 10

    asyncio.run(scenario())


def test_submit_returns_only_when_the_batch_is_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            owner = await open_account(store)
            slow = Slow(store)
            async with JournalWriter(slow) as writer:
                submit = asyncio.create_task(writer.submit(batch(owner, [slice_of(1)])))
                await asyncio.sleep(0.02)
                assert not submit.done()
                slow.gate.set()
                await submit
                assert (await store.consumed(owner.id)).next_seq == 2

    asyncio.run(scenario())


def test_whoever_is_out_of_turn_fails_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            owners = await accounts(store, 5)
            batches = [batch(owner, [slice_of(1)]) for owner in owners]
            batches[2] = batch(owners[2], [slice_of(1)], first_seq=7)
            async with JournalWriter(store) as writer:
                answers = await asyncio.gather(*map(writer.submit, batches), return_exceptions=True)

            assert isinstance(answers.pop(2), OutOfTurn)
            assert answers == [None] * 4
            assert [(await store.consumed(o.id)).next_seq for o in owners] == [2, 2, 1, 2, 2]

    asyncio.run(scenario())


def test_a_failing_store_fails_those_who_wait_and_nobody_after_them(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            owners = await accounts(store, 3)
            failing = Failing(store)
            async with JournalWriter(failing) as writer:
                answers = await asyncio.gather(
                    *(writer.submit(batch(owner, [slice_of(1)])) for owner in owners),
                    return_exceptions=True,
                )
                failing.is_full = False
                await writer.submit(batch(owners[0], [slice_of(1)]))

            assert [str(answer) for answer in answers] == ["the disk is full"] * 3
            assert writer.transactions == 1

    asyncio.run(scenario())


def test_the_queue_is_bounded(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            owners = await accounts(store, 8)
            slow = Slow(store)
            async with JournalWriter(slow, capacity=3) as writer:
                submits = [
                    asyncio.create_task(writer.submit(batch(owner, [slice_of(1)])))
                    for owner in owners
                ]
                await asyncio.sleep(0.02)
                slow.gate.set()
                await asyncio.gather(*submits)

            assert writer.transactions >= 3

    asyncio.run(scenario())


def test_leaving_keeps_what_waits_and_takes_nothing_more(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            owner = await open_account(store)
            async with JournalWriter(store) as writer:
                submit = asyncio.create_task(writer.submit(batch(owner, [slice_of(1)])))
                await asyncio.sleep(0)
            await submit

            with pytest.raises(CannotContinue, match="closed"):
                await writer.submit(batch(owner, [slice_of(2)], first_seq=2))
            assert (await store.consumed(owner.id)).next_seq == 2

    asyncio.run(scenario())


def test_a_submitter_that_gives_up_does_not_disturb_the_others(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            owners = await accounts(store, 2)
            slow = Slow(store)
            async with JournalWriter(slow) as writer:
                first, second = (
                    asyncio.create_task(writer.submit(batch(owner, [slice_of(1)])))
                    for owner in owners
                )
                await asyncio.sleep(0.01)
                first.cancel()
                slow.gate.set()
                await second

            assert first.cancelled()

    asyncio.run(scenario())
