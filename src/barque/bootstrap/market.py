"""The market as the service sees it: what the trader wrote to the store and to the market log."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from barque.bootstrap.home import Home
from barque.bootstrap.signs import state_of
from barque.domain.errors import CannotContinue, NotReady
from barque.domain.events import EventKind
from barque.domain.instruments import Instrument
from barque.kernels.layout import EVENT_WIDTH, INSTRUMENT, KIND, TS
from barque.runtime.slices import Events
from barque.service.market import FeedPhase, FeedState
from barque.storage.market_log import MarketLog
from barque.storage.store import StoreReader
from barque.telemetry import Metrics

STRETCH = 16_384
"""Events read at once, from the end of the log backwards."""

LOOK_SECONDS = 0.2
LONGEST_SILENCE = 30 * 10**9
SILENT = "the trader is silent and may be starting again; until then nothing is decided"
NOBODY = "no trader was here yet; `barque run trader` starts one"


class FollowedMarket:
    """Bars and feed state of the newest account of a home, which may not exist yet.

    Whoever trades may do so in another process: nothing is known here but what it wrote.
    """

    def __init__(self, home: Home, store: StoreReader, metrics: Metrics) -> None:
        self.instruments: Sequence[Instrument] = ()
        self._home, self._store, self._metrics = home, store, metrics
        metrics.store_errors.labels(operation="read")  # from zero, so that one is a rise
        self._log: MarketLog | None = None
        self._length = 0
        self._state = FeedState(phase=FeedPhase.PREPARING, ts=0, alive_ts=0, detail=NOBODY)

    def recent_bars(self, instrument: int, limit: int, before_ts: int | None = None) -> Events:
        """Return the last `limit` bars of an instrument that closed before `before_ts`."""
        found: list[Events] = []
        log, missing = self._log, limit
        end = log.length if log else 0
        while log and end > 0 and missing > 0:
            begin = max(0, end - STRETCH)
            bars = np.concatenate([self._bars(c, instrument) for c in log.read(begin, end)])
            if before_ts is not None:
                bars = bars[bars[:, TS] < before_ts]
            found.append(bars[-missing:])
            missing -= len(found[-1])
            end = begin
        return np.concatenate(found[::-1]) if found else np.empty((0, EVENT_WIDTH), np.int64)

    def feed(self) -> FeedState:
        """Return how far the feed had come when it was last looked at."""
        return self._state

    async def follow(self) -> None:
        """Look at the store and the log a few times a second, until cancelled."""
        while True:
            try:
                await self.look()
            except NotReady:
                pass  # the trader has not made the store yet
            except CannotContinue as error:
                self._metrics.store_errors.labels(operation="read").inc()
                self._state = replace(self._state, phase=FeedPhase.STOPPED, detail=str(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """See what the trader wrote since the last time."""
        if self._log is None:
            await self._find_account()
        ts = await asyncio.to_thread(self._told, self._log) if self._log else 0
        for sign in (await self._store.feed_signs())[:1]:
            self._state = _unless_silent(state_of(sign, ts))
            self._metrics.trader_sign.labels(feed=sign.feed).set(sign.alive_ts / 1e9)

    async def _find_account(self) -> None:
        for account in (await self._store.accounts())[-1:]:
            self.instruments = account.instruments
            self._log = MarketLog(self._home.market_log(account.spec["feed"]))

    def _told(self, log: MarketLog) -> int:
        """Return the time of the newest event."""
        length = log.length
        if length == self._length:
            return self._state.ts
        self._length = length
        return int(next(log.read(length - 1, length))[-1, TS])

    @staticmethod
    def _bars(events: Events, instrument: int) -> Events:
        mine = (events[:, INSTRUMENT] == instrument) & (events[:, KIND] == EventKind.BAR)
        bars: Events = events[mine]
        return bars


def _unless_silent(state: FeedState) -> FeedState:
    """Return the state, or that a trader which died without a word is not there."""
    if state.phase is FeedPhase.STOPPED or time.time_ns() - state.alive_ts <= LONGEST_SILENCE:
        return state
    return replace(state, phase=FeedPhase.STOPPED, detail=SILENT)
