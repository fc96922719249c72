import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.domain.errors import BadInput, CannotContinue, NotReady, UnknownName
from barque.domain.orders import OrderState, OrderType, Reason, Side, TimeInForce
from barque.storage import tables
from barque.storage.journal_rows import signal_rows
from barque.storage.records import JournalKind, Rows
from barque.storage.sqlite import SqliteReader
from barque.storage.store import (
    Account,
    Batch,
    Consumed,
    FeedSign,
    OutOfTurn,
    RunRecord,
    SweepRecord,
    TrialRecord,
)

from .accounts import INSTRUMENTS, NOW, batch, open_account, opened, row, sealed, slice_of
from .journals import journals

CENT = 10**6  # of a dollar's 10^8 cash units


def accepted(order_id: int, at: int = 1) -> Rows:
    limit = 190 * 10**8
    return row(JournalKind.ACCEPTED, order_id, OrderType.LIMIT, Side.BUY, 10, limit, 1, 0, at=at)


def filled(order_id: int, leaves: int, at: int = 2) -> Rows:
    paid = 4 * 18950 * CENT
    numbers = (order_id, Side.BUY, 4, 18950 * CENT, paid, 2 * CENT, NOW + at, leaves, -CENT, paid)
    return row(JournalKind.FILLED, *numbers, at=at)


def contents(path: Path, *, of: Sequence[Any] = tables.PROJECTIONS) -> dict[str, list[Any]]:
    """What the tables hold, read around the store."""
    connection = sqlite3.connect(path / "store.sqlite")
    names = [table.name for table in of]
    held = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}
    connection.close()
    return held


async def live(path: Path, *rows: Rows) -> Account:
    """An account in a fresh store that committed some rows at once."""
    async with opened(path) as store:
        account = await open_account(store)
        await store.commit([batch(account, rows)])
        return account


def test_an_account_is_found_by_its_name_with_its_instruments(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            made = await open_account(store, "ann")
            await open_account(store, "bob")

            assert await store.account("ann") == made
            assert made.instruments == INSTRUMENTS
            assert made.spec == {"speed": 60}
            assert [a.name for a in await store.accounts()] == ["ann", "bob"]
            assert await store.consumed(made.id) == Consumed(next_seq=1, market_position=0)

    asyncio.run(scenario())


def test_a_name_that_is_taken_or_unknown_is_told(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            await open_account(store, "paper")

            with pytest.raises(BadInput, match="'paper' already"):
                await open_account(store, "paper")
            with pytest.raises(UnknownName, match="Did you mean 'paper'"):
                await store.account("papre")
            with pytest.raises(UnknownName, match="'#9'"):
                await store.orders(9)
            with pytest.raises(UnknownName, match="No run"):
                await store.run(3)

    asyncio.run(scenario())


def test_an_order_is_told_as_it_stands(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = await live(tmp_path, accepted(1), accepted(2), slice_of(1))
        rows = (filled(1, leaves=6), row(JournalKind.CANCELED, 2, Reason.BY_REQUEST, 10, at=2))
        async with opened(tmp_path) as store:
            await store.commit([batch(account, [*rows, slice_of(2)], first_seq=4)])
            canceled, working = await store.orders(account.id)

            assert (working.state, working.leaves) == (OrderState.PARTIALLY_FILLED, Decimal(6))
            assert working.client_order_id == "BQ-1-1"
            assert working.price == Decimal(190)
            assert working.time_in_force is TimeInForce.GTC
            assert (canceled.state, canceled.reason) == (OrderState.CANCELED, Reason.BY_REQUEST)
            assert (canceled.seq, canceled.placed_ts) == (5, NOW + 1)
            assert await store.orders(account.id, working_only=True) == [working]
            assert await store.orders(account.id, before=2) == [working]
            assert await store.orders(account.id, limit=1) == [canceled]

    asyncio.run(scenario())


def test_a_fill_is_told_in_money(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = await live(tmp_path, accepted(1), filled(1, 6), filled(1, 2), slice_of(2))
        async with SqliteReader(tmp_path / "store.sqlite") as store:
            first, second = await store.fills(account.id)

            assert (first.instrument, first.side) == ("AAPL.XNAS", Side.BUY)
            assert (first.price, first.notional) == (Decimal("189.5"), Decimal(758))
            assert (first.fee, first.realized) == (Decimal("0.02"), Decimal("-0.01"))
            assert await store.fills(account.id, after_seq=2) == [second]
            assert await store.fills(account.id, limit=1) == [second]

    asyncio.run(scenario())


def test_positions_equity_and_signals_say_the_latest(tmp_path: Path) -> None:
    held = [10, 100 * CENT, 10 * CENT, 90 * CENT, -CENT, 2 * CENT, 3 * CENT]
    opinion = (np.array([0, 2]), np.array([0.25, np.nan]), np.array([1.0, -0.5]))

    async def scenario() -> None:
        rows = [
            row(JournalKind.POSITION, *held, at=1, instrument=1),
            signal_rows(NOW, 1, *opinion),
            slice_of(1, equity=7 * CENT, cash=5 * CENT),
            slice_of(2, equity=8 * CENT, cash=5 * CENT),
        ]
        account = await live(tmp_path, *rows)
        async with SqliteReader(tmp_path / "store.sqlite") as store:
            [position] = await store.positions(account.id)
            apple, coke = await store.signals(account.id)
            curve = await store.equity(account.id, after=NOW + 1)

            assert (position.instrument, position.quantity) == ("MSFT.XNAS", Decimal(10))
            assert (position.cost, position.value) == (Decimal(1), Decimal("0.9"))
            assert (position.last, position.realized) == (Decimal("0.1"), Decimal("-0.01"))
            assert (apple.prediction, apple.exposure) == (0.25, 1.0)
            assert (coke.prediction, coke.exposure) == (None, -0.5)
            assert [(p.ts, p.equity) for p in curve] == [(NOW + 2, Decimal("0.08"))]

    asyncio.run(scenario())


def test_what_happened_is_told_in_words_beside_its_note(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            account = await open_account(store)
            records = batch(account, [accepted(1), slice_of(1)]).records
            await store.commit([Batch(records, {1: "the model is confident"})])
            entries = await store.journal(account.id)
            events = await store.account_events(account.id, after_seq=0)

            assert [(e.seq, e.type, e.note) for e in entries] == [
                (1, "accepted", "the model is confident"),
                (2, "slice", ""),
            ]
            assert [(e.seq, e.type, e.payload) for e in events] == [
                (e.seq, e.type, e.payload) for e in entries
            ]
            assert '"price":"190"' in events[0].payload
            assert await store.journal(account.id, after_seq=1) == entries[1:]
            assert await store.journal(account.id, limit=1) == entries[1:]
            assert await store.account_events(account.id, limit=1) == events[1:]

    asyncio.run(scenario())


@settings(max_examples=40)
@given(journals(), st.data())
def test_a_rebuild_gives_the_tables_that_were_written_live_however_the_journal_was_cut(
    tmp_path_factory: pytest.TempPathFactory, rows: Rows, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("store")
    cuts = sorted(data.draw(st.sets(st.integers(1, len(rows)), max_size=6)) | {0, len(rows)})

    async def scenario() -> tuple[Any, Any]:
        async with opened(path) as store:
            account = await open_account(store)
            for start, end in pairwise(cuts):
                await store.commit([Batch(sealed(account, rows[start:end], start + 1))])
            kept = await store.records(account.id)
            assert kept.tobytes() == sealed(account, rows).tobytes()
            before = contents(path)
            await store.rebuild(account.id)
            return before, contents(path)

    written, rebuilt = asyncio.run(scenario())

    assert rebuilt == written
    assert len(written["account_event"]) == len(rows)


def test_rebuilding_one_account_leaves_the_others_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            ann, bob = await open_account(store, "ann"), await open_account(store, "bob")
            await store.commit([batch(a, [accepted(1), slice_of(1)]) for a in (ann, bob)])
            before = contents(tmp_path)
            await store.rebuild(ann.id)

            assert contents(tmp_path) == before

    asyncio.run(scenario())


def test_a_second_writer_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = await live(tmp_path, accepted(1), slice_of(1))
        async with opened(tmp_path) as ours, opened(tmp_path) as theirs:
            await ours.commit([batch(account, [accepted(2), slice_of(2)], first_seq=3)])
            before = contents(tmp_path, of=tables.metadata.sorted_tables)

            with pytest.raises(OutOfTurn, match="record 3 cannot be kept, since record 5 is next"):
                await theirs.commit([batch(account, [accepted(3), slice_of(2)], first_seq=3)])
            assert contents(tmp_path, of=tables.metadata.sorted_tables) == before
            assert await theirs.consumed(account.id) == Consumed(5, 2)

    asyncio.run(scenario())


def test_a_market_position_never_goes_backwards(tmp_path: Path) -> None:
    async def scenario() -> None:
        account = await live(tmp_path, slice_of(5))
        async with opened(tmp_path) as store:
            with pytest.raises(OutOfTurn, match=r"market position 4 .* consumed 5"):
                await store.commit([batch(account, [slice_of(4)], first_seq=2)])
            await store.commit([batch(account, [slice_of(5)], first_seq=2)])

    asyncio.run(scenario())


def test_several_accounts_are_kept_all_or_none(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            ann, bob = await open_account(store, "ann"), await open_account(store, "bob")
            early = batch(ann, [accepted(1), slice_of(1)])
            with pytest.raises(OutOfTurn):
                await store.commit([early, batch(bob, [slice_of(1)], first_seq=2)])
            assert await store.account_events(ann.id) == []

            later = batch(ann, [slice_of(2)], first_seq=3)
            await store.commit([early, batch(bob, [slice_of(1)]), later])
            assert await store.consumed(ann.id) == Consumed(4, 2)
            assert await store.consumed(bob.id) == Consumed(2, 1)

    asyncio.run(scenario())


@given(st.integers(0, 127), st.integers(1, 255))
@settings(max_examples=20)
def test_a_changed_byte_in_the_journal_stops_recovery(
    tmp_path_factory: pytest.TempPathFactory, where: int, change: int
) -> None:
    path = tmp_path_factory.mktemp("store")
    account = asyncio.run(live(path, accepted(1), slice_of(1)))
    connection = sqlite3.connect(path / "store.sqlite")
    [[body]] = connection.execute("SELECT body FROM journal WHERE seq = 2")
    damaged = bytearray(body)
    damaged[where] ^= change
    connection.execute("UPDATE journal SET body = ? WHERE seq = 2", [bytes(damaged)])
    connection.commit()
    connection.close()

    async def recover() -> None:
        async with SqliteReader(path / "store.sqlite") as store:
            await store.records(account.id)

    with pytest.raises(CannotContinue, match="Journal of account 1: record 2 is damaged"):
        asyncio.run(recover())


@pytest.mark.parametrize(
    "fault",
    [
        "DELETE FROM journal WHERE seq = 2",
        "UPDATE journal SET body = (SELECT body FROM journal WHERE seq = 1) WHERE seq = 2",
    ],
)
def test_a_journal_with_a_wrong_record_is_not_shown(tmp_path: Path, fault: str) -> None:
    account = asyncio.run(live(tmp_path, accepted(1), slice_of(1)))
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as connection:
        connection.execute(fault)
        connection.commit()

    async def show(kind: JournalKind) -> int:
        async with SqliteReader(tmp_path / "store.sqlite") as store:
            return len(await store.journal(account.id, kinds=[kind]))

    assert asyncio.run(show(JournalKind.ACCEPTED)) == 1
    with pytest.raises(CannotContinue, match="Journal of account 1: record 2 is damaged"):
        asyncio.run(show(JournalKind.SLICE))


def test_a_damaged_batch_is_not_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            account = await open_account(store)
            damaged = batch(account, [accepted(1), slice_of(1)])
            damaged.records["a"][1, 1] += 1
            with pytest.raises(CannotContinue, match="record 2 is damaged"):
                await store.commit([damaged])
            assert (await store.consumed(account.id)).next_seq == 1

    asyncio.run(scenario())


def test_through_a_reader_nothing_can_be_changed(tmp_path: Path) -> None:
    asyncio.run(live(tmp_path, slice_of(1)))

    async def scenario() -> None:
        async with SqliteReader(tmp_path / "store.sqlite") as store:
            with (
                pytest.raises(Exception, match="readonly"),
                store._reads.connect() as connection,
            ):
                connection.exec_driver_sql("DELETE FROM journal")

    asyncio.run(scenario())


def test_a_store_of_a_newer_barque_is_refused(tmp_path: Path) -> None:
    asyncio.run(live(tmp_path, slice_of(1)))
    connection = sqlite3.connect(tmp_path / "store.sqlite")
    connection.execute("UPDATE schema_version SET version = 99")
    connection.commit()
    connection.close()

    with pytest.raises(CannotContinue, match="schema version 99; this Barque knows version 3"):
        opened(tmp_path)


def test_a_store_from_before_there_were_signs_goes_on(tmp_path: Path) -> None:
    asyncio.run(live(tmp_path, slice_of(1)))
    connection = sqlite3.connect(tmp_path / "store.sqlite")
    connection.execute("DROP TABLE feed_sign")
    connection.execute("UPDATE schema_version SET version = 1")
    connection.commit()
    connection.close()

    async def scenario() -> None:
        async with opened(tmp_path) as store:
            assert (await store.consumed(1)).next_seq == 2
            assert await store.feed_signs() == []
        async with opened(tmp_path):
            pass  # and again

    asyncio.run(scenario())


def test_the_last_sign_of_a_feed_is_kept_in_place_of_the_one_before(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            for alive_ts in (1, 2):
                await store.save_feed_sign(FeedSign(feed="a", phase="running", alive_ts=alive_ts))
            other = FeedSign(
                feed="b", phase="preparing", alive_ts=9, speed=2.5, first_ts=3, last_ts=4,
                detail="Learn, 1 of 2",
            )  # fmt: skip
            await store.save_feed_sign(other)

        async with SqliteReader(tmp_path / "store.sqlite") as reader:
            signs = await reader.feed_signs()

        assert signs == [other, FeedSign(feed="a", phase="running", alive_ts=2)]

    asyncio.run(scenario())


def test_a_file_that_is_no_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_bytes(b"these are somebody's notes, not a database" * 100)

    with pytest.raises(CannotContinue, match="not a database"):
        opened(tmp_path)


def test_a_store_that_does_not_exist_yet_is_not_made_by_looking(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with SqliteReader(tmp_path / "store.sqlite") as store:
            with pytest.raises(NotReady, match="barque up"):
                await store.accounts()

    asyncio.run(scenario())

    assert not (tmp_path / "store.sqlite").exists()


def test_a_run_is_kept_and_its_data_counted(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with opened(tmp_path) as store:
            asked = RunRecord(
                kind="backtest",
                spec={"strategy": "trend"},
                result={"sharpe": 0.7},
                data_hash="abc",
                code_version="1",
                created_ts=NOW,
            )
            saved = await store.save_run(asked)
            await store.save_run(replace(asked, data_hash="def"))

            assert saved == replace(asked, id=1)
            assert await store.run(1) == saved
            assert [run.id for run in await store.runs()] == [2, 1]
            assert await store.trials("abc") == 1
            assert await store.trials("xyz") == 0

    asyncio.run(scenario())


def test_every_commit_is_synced_to_the_disk(tmp_path: Path) -> None:
    asyncio.run(live(tmp_path, slice_of(1)))
    store = opened(tmp_path)
    with store._writes.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    asyncio.run(store.close())

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_sweep_is_begun_once_and_its_trials_are_counted_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        asked = SweepRecord(
            name="a question",
            spec={"vary": ["fast=1:3"]},
            points=3,
            data_hash="abc",
            code_version="1",
            created_ts=NOW,
        )
        trials = [
            TrialRecord(number=0, result={"sharpe": 0.5}),
            TrialRecord(number=2, result={"refused": "no"}, counts=False),
        ]
        async with opened(tmp_path) as store:
            begun = await store.save_sweep(asked)
            again = await store.save_sweep(replace(asked, created_ts=NOW + 1))
            await store.save_trials(begun.id, trials)
            await store.save_trials(begun.id, [replace(trials[0], result={"sharpe": 9.0})])
            await store.save_sweep_answer(begun.id, {"chosen": 0})
            await store.save_sweep_answer(begun.id, {"chosen": 2})

            assert begun == again == replace(asked, id=1)
            assert await store.sweep_trials(1) == trials
            assert await store.sweep_trials(1, after=0) == trials[1:]
            assert await store.trials("abc") == 1
            assert await store.sweep(1) == replace(begun, done=2, answer={"chosen": 0})
            assert [one.id for one in await store.sweeps()] == [1]
            with pytest.raises(UnknownName, match="No sweep is called '7'"):
                await store.sweep(7)

    asyncio.run(scenario())


def test_a_store_from_before_there_were_sweeps_is_read_and_goes_on(tmp_path: Path) -> None:
    asyncio.run(live(tmp_path, slice_of(1)))
    connection = sqlite3.connect(tmp_path / "store.sqlite")
    for table in ("trial", "sweep_answer", "sweep"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("UPDATE schema_version SET version = 2")
    connection.commit()
    connection.close()

    async def scenario() -> None:
        async with SqliteReader(tmp_path / "store.sqlite") as reader:
            assert await reader.trials("abc") == 0
            assert await reader.sweeps() == []
        async with opened(tmp_path) as store:
            assert await store.sweeps() == []

    asyncio.run(scenario())
