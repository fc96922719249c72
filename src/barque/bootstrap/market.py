"""The market as the service sees it: bars out of the market log, and the state of the feed."""

import time
from collections.abc import Sequence

import numpy as np

from barque.domain.events import EventKind
from barque.domain.instruments import Instrument
from barque.kernels.layout import EVENT_WIDTH, INSTRUMENT, KIND, TS
from barque.runtime.feed import ReplayFeed
from barque.runtime.paper import PaperAccount
from barque.runtime.slices import Events
from barque.service.market import FeedPhase, FeedState
from barque.storage.market_log import MarketLog

STRETCH = 16_384
"""Events read at once, from the end of the log backwards."""


class LoggedMarket:
    """Bars and feed state of one market log."""

    def __init__(
        self,
        instruments: Sequence[Instrument],
        log: MarketLog,
        feed: ReplayFeed,
        account: PaperAccount,
        *,
        period: tuple[int, int],
        bar_seconds: float,
    ) -> None:
        self.instruments = tuple(instruments)
        self._log, self._feed, self._account = log, feed, account
        self._period, self._bar_seconds = period, bar_seconds

    def recent_bars(self, instrument: int, limit: int, before_ts: int | None = None) -> Events:
        """Return the last `limit` bars of an instrument that closed before `before_ts`."""
        found: list[Events] = []
        end, missing = self._log.length, limit
        while end > 0 and missing > 0:
            begin = max(0, end - STRETCH)
            bars = np.concatenate([self._bars(c, instrument) for c in self._log.read(begin, end)])
            if before_ts is not None:
                bars = bars[bars[:, TS] < before_ts]
            found.append(bars[-missing:])
            missing -= len(found[-1])
            end = begin
        return np.concatenate(found[::-1]) if found else np.empty((0, EVENT_WIDTH), np.int64)

    def feed(self) -> FeedState:
        """Return how far the replay has come."""
        state = self._feed.state
        if not self._account.recovered:
            phase = FeedPhase.RECOVERING
        else:
            phase = FeedPhase.FINISHED if state.finished else FeedPhase.RUNNING
        return FeedState(
            phase=phase,
            ts=state.ts,
            alive_ts=time.time_ns() if state.finished else state.alive_ts,
            speed=state.slices_per_second * self._bar_seconds,
            first_ts=self._period[0],
            last_ts=self._period[1],
        )

    @staticmethod
    def _bars(events: Events, instrument: int) -> Events:
        mine = (events[:, INSTRUMENT] == instrument) & (events[:, KIND] == EventKind.BAR)
        bars: Events = events[mine]
        return bars
