"""A paper account decides what a backtest decides, and comes back from any death."""

import asyncio
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barque.domain.errors import CannotContinue
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.runtime.feed import ReplayFeed
from barque.runtime.paper import Epoch, PaperAccount
from barque.runtime.parity import compare
from barque.storage.journal_writer import JournalWriter
from barque.storage.market_log import MarketLog, MarketLogWriter
from barque.storage.records import JournalKind, decisions, decode_journal
from barque.storage.snapshots import Snapshots
from barque.storage.sqlite import SqliteStore
from tests.engine.histories import history
from tests.engine.test_recovery import COSTS, CompiledRestless, Restless

CASH = Decimal(1_000_000)
EPOCH = Epoch((1, 2), "first build")


class Unwatched:
    def slice_done(self, rows, engine, commit_seconds):
        pass

    def recovered(self, from_seq, events):
        pass

    def snapshot_passed_over(self, why):
        pass


def fresh_engine(past, strategy=Restless):
    return Engine(strategy(), past.instruments, cash=CASH, costs=COSTS)


async def open_account(store, past):
    known = await store.accounts()
    if known:
        return known[0]
    return await store.create_account(
        name="paper", strategy="restless", currency="USD", instruments=past.instruments,
        created_ts=0, spec={},
    )  # fmt: skip


async def live(
    folder, past, *, told, remembered=0, engine=None, epoch=EPOCH, watch=None, save_every=10**9
):
    """Open the account, follow the feed until `told` events were told, and stop without goodbye."""
    async with SqliteStore(folder / "store.sqlite") as store, JournalWriter(store) as journal:
        with MarketLogWriter(folder / "log") as log:
            account = await open_account(store, past)
            feed = ReplayFeed([past.events[:told]], log, history=remembered, pace=0)
            paper = PaperAccount(
                account, engine or fresh_engine(past), log=log, store=store, journal=journal,
                snapshots=Snapshots(folder / "snapshots"), watch=watch or Unwatched(),
                save_every=save_every,
            )  # fmt: skip
            await feed.tell_history()
            await paper.recover(epoch, remembered)
            await feed.run()
            await paper.catch_up()
            return await store.records(account.id)


def played(folder, past, **more):
    return asyncio.run(live(folder, past, told=len(past.events), **more))


def decided(records):
    return decisions(decode_journal(records))


def test_the_journal_holds_what_a_backtest_decides(tmp_path):
    past = history(11, 3, 25)

    journal = played(tmp_path, past)

    expected = fresh_engine(past).process(past.events)
    np.testing.assert_array_equal(decided(journal), expected.records)
    slices = journal[journal["kind"] == JournalKind.SLICE]["a"][1:]  # the first begins the epoch
    np.testing.assert_array_equal(slices[:, 1], expected.curve[:, at.CURVE_EQUITY])


@given(st.integers(0, 2**32), st.lists(st.floats(0, 1), min_size=1, max_size=4))
@settings(max_examples=12)
def test_stopped_anywhere_it_goes_on_to_the_same_journal(tmp_path_factory, seed, stops):
    past = history(seed, 2, 20)
    whole = decided(played(tmp_path_factory.mktemp("whole"), past))
    folder = tmp_path_factory.mktemp("cut")

    for stop in sorted(stops):
        asyncio.run(live(folder, past, told=int(stop * len(past.events))))
    again = decided(played(folder, past))

    np.testing.assert_array_equal(again, whole)


def test_a_slice_that_a_crash_tore_is_told_and_decided_whole(tmp_path):
    past = history(5, 3, 12)
    torn = next(t for t, row in enumerate(past.events) if not row[at.FLAGS] & 1 and t > 12) + 1

    asyncio.run(live(tmp_path, past, told=torn))
    journal = played(tmp_path, past)

    expected = fresh_engine(past).process(past.events)
    np.testing.assert_array_equal(decided(journal), expected.records)
    slices = journal[journal["kind"] == JournalKind.SLICE]["a"][1:]  # the first begins the epoch
    np.testing.assert_array_equal(slices[:, 1], expected.curve[:, at.CURVE_EQUITY])


def test_history_is_remembered_and_not_traded(tmp_path):
    past = history(3, 2, 20)
    remembered = int(np.flatnonzero(past.events[:, at.FLAGS] & 1)[9]) + 1

    journal = decided(played(tmp_path, past, remembered=remembered))

    engine = fresh_engine(past)
    engine.recall(past.events[:remembered], np.empty((0, at.RECORD_WIDTH), np.int64))
    np.testing.assert_array_equal(journal, engine.process(past.events[remembered:]).records)
    assert (journal[:, at.RECORD_AT] > remembered).all()


def test_another_build_is_written_down_as_an_epoch_and_changes_no_fact(tmp_path):
    past = history(11, 2, 20)
    half = len(past.events) // 2
    before = asyncio.run(live(tmp_path, past, told=half))
    other = Engine(Restless(quantity=1.0), past.instruments, cash=CASH, costs=COSTS)

    journal = played(tmp_path, past, engine=other, epoch=Epoch((3, 4), "second build"))

    epochs = journal[journal["kind"] == JournalKind.EPOCH]["a"][:, :2].tolist()
    assert epochs == [[1, 2], [3, 4]]
    np.testing.assert_array_equal(journal[: len(before)], before)
    spent = decided(journal)
    assert spent[-1, at.RECORD_AT] > half


def test_the_same_build_begins_no_new_epoch(tmp_path):
    past = history(11, 2, 20)
    asyncio.run(live(tmp_path, past, told=20))

    journal = played(tmp_path, past)

    assert (journal["kind"] == JournalKind.EPOCH).sum() == 1


def test_a_lost_market_log_stops_recovery_with_what_to_do(tmp_path):
    past = history(11, 2, 20)
    played(tmp_path, past)
    for file in (tmp_path / "log").iterdir():
        file.unlink()

    with pytest.raises(CannotContinue, match="Restore"):
        asyncio.run(live(tmp_path, past, told=0))


@pytest.mark.parametrize("strategy", [Restless, CompiledRestless])
def test_parity_holds_for_what_was_decided_and_fails_for_what_was_not(tmp_path, strategy):
    past = history(11, 2, 20)
    journal = decided(played(tmp_path, past, engine=fresh_engine(past, strategy)))
    log, end = MarketLog(tmp_path / "log"), len(past.events)

    same = compare(fresh_engine(past, strategy), log, journal, begin=0, end=end)
    altered = journal.copy()
    altered[2, at.A3] += 1
    other = compare(fresh_engine(past, strategy), log, altered, begin=0, end=end)

    assert same.equal
    assert same.records == len(journal)
    assert not other.equal
    assert "record 3" in other.difference


def test_asked_to_stop_it_finishes_the_slice_and_nothing_is_torn(tmp_path):
    past = history(11, 3, 25)

    async def until_stopped():
        async with SqliteStore(tmp_path / "store.sqlite") as store, JournalWriter(store) as journal:
            with MarketLogWriter(tmp_path / "log") as log:
                account, stop = await open_account(store, past), asyncio.Event()
                feed = ReplayFeed([past.events], log, history=0, pace=20)
                paper = PaperAccount(
                    account, fresh_engine(past), log=log, store=store, journal=journal,
                    snapshots=Snapshots(tmp_path / "snapshots"), watch=Unwatched(),
                )  # fmt: skip
                await paper.recover(EPOCH, 0)
                following = asyncio.create_task(paper.run(feed.state.grew, stop))
                telling = asyncio.create_task(feed.run(stop))
                while paper.position < 10:
                    await asyncio.sleep(0.005)
                stop.set()
                await asyncio.wait_for(telling, 2)
                feed.state.grew.set()
                await asyncio.wait_for(following, 2)
                last = next(log.read(log.length - 1))
                return feed.state.finished, int(last[-1, at.FLAGS]) & 1

    finished, ends_slice = asyncio.run(until_stopped())

    assert (finished, ends_slice) == (False, 1)
    expected = fresh_engine(past).process(past.events).records
    np.testing.assert_array_equal(decided(played(tmp_path, past)), expected)
