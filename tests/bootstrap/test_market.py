"""The service knows of the market what the trader wrote, and nothing else."""

import asyncio
import time
from dataclasses import replace

import numpy as np
import pytest

from barque.bootstrap import market as module
from barque.bootstrap.home import Home
from barque.bootstrap.market import FollowedMarket
from barque.kernels.layout import TS
from barque.service.market import FeedPhase
from barque.storage.market_log import MarketLogWriter
from barque.storage.sqlite import SqliteReader, SqliteStore
from barque.storage.store import FeedSign
from barque.telemetry import Metrics
from tests.engine.histories import history

PAST = history(3, 2, 20)
SIGN = FeedSign(
    feed="made-up", phase="running", alive_ts=0, speed=3_600.0, first_ts=1, last_ts=2, detail=""
)


async def open_account(store):
    await store.create_account(
        name="paper", strategy="any", currency="USD", instruments=PAST.instruments, created_ts=0,
        spec={"feed": "made-up"},
    )  # fmt: skip


def following(home, session):
    """Run a session with a market that follows `home` and the store of a trader there."""

    async def main():
        async with SqliteReader(home.store) as store:
            await session(FollowedMarket(home, store, Metrics()))

    asyncio.run(main())


def test_before_a_home_exists_it_waits_and_makes_nothing(tmp_path):
    home = Home(tmp_path / "home")

    async def session(market):
        task = asyncio.create_task(market.follow())
        await asyncio.sleep(0.05)
        task.cancel()

        assert market.feed().phase is FeedPhase.PREPARING
        assert "barque run trader" in market.feed().detail
        assert len(market.instruments) == len(market.recent_bars(0, 10)) == 0

    following(home, session)

    assert not home.root.exists()


def test_what_another_process_writes_is_seen_as_it_grows(tmp_path):
    home = Home(tmp_path)

    async def session(market):
        async with SqliteStore(home.store) as store:
            with MarketLogWriter(home.market_log("made-up")) as log:
                await open_account(store)
                await store.save_feed_sign(replace(SIGN, alive_ts=time.time_ns()))
                log.append(PAST.events[:20], 1)
                await market.look()
                first = market.feed()
                log.append(PAST.events[20:], 2)
                await market.look()

        assert list(market.instruments) == list(PAST.instruments)
        assert (first.phase, first.ts) == (FeedPhase.RUNNING, int(PAST.events[19, TS]))
        assert market.feed().ts == int(PAST.events[-1, TS])
        bars = market.recent_bars(1, 3)
        assert len(bars) == 3
        assert (np.diff(bars[:, TS]) > 0).all()

    following(home, session)


@pytest.mark.parametrize("phase", ["preparing", "recovering", "running", "finished"])
def test_a_trader_that_died_without_a_word_is_not_there(tmp_path, phase):
    home = Home(tmp_path)
    long_ago = time.time_ns() - module.LONGEST_SILENCE - 1

    async def session(market):
        async with SqliteStore(home.store) as store:
            await store.save_feed_sign(replace(SIGN, phase=phase, alive_ts=long_ago))
            await market.look()

        assert (market.feed().phase, market.feed().detail) == (FeedPhase.STOPPED, module.SILENT)

    following(home, session)


def test_a_damaged_log_stops_the_feed_and_says_why(tmp_path):
    home = Home(tmp_path)

    async def session(market):
        async with SqliteStore(home.store) as store:
            with MarketLogWriter(home.market_log("made-up")) as log:
                await open_account(store)
                log.append(PAST.events, 1)
        [segment] = home.market_log("made-up").glob("*.open")
        body = bytearray(segment.read_bytes())
        body[-100] ^= 1
        segment.write_bytes(body)
        task = asyncio.create_task(market.follow())
        while market.feed().phase is FeedPhase.PREPARING:
            await asyncio.sleep(0.01)
        task.cancel()

        assert market.feed().phase is FeedPhase.STOPPED
        assert "damaged" in market.feed().detail

    following(home, session)
