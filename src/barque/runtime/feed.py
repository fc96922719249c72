"""A recorded market, told again at a chosen pace: what it tells is in the market log first."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from barque.kernels.layout import TS
from barque.runtime.slices import Events, slices
from barque.storage.market_log import MarketLogWriter

LONGEST_NAP = 1.0
"""Seconds."""


@dataclass(slots=True)
class FeedState:
    """How far a feed has come, for whoever shows it.

    `ts` is the market's time, `alive_ts` ours: when the feed last turned. Both ns UTC.
    """

    slices_per_second: float
    ts: int = 0
    alive_ts: int = 0
    finished: bool = False
    grew: asyncio.Event = field(default_factory=asyncio.Event)


class ReplayFeed:
    """Tells recorded events slice by slice. Told before is never told again.

    The first `history` events are the past a strategy remembers when it starts. `pace` is
    slices a second; 0 means as fast as the disk allows.
    """

    def __init__(
        self, events: Iterable[Events], log: MarketLogWriter, *, history: int, pace: float
    ) -> None:
        self._events, self._log, self._history = events, log, history
        self.state = FeedState(slices_per_second=pace, alive_ts=time.time_ns())
        if log.length:
            self.state.ts = int(next(log.read(log.length - 1))[-1, TS])

    async def tell_history(self) -> None:
        """Tell what is left of the history, all at once."""
        for events in self._untold(self._history):
            await self._append(events)

    async def run(self, stop: asyncio.Event | None = None) -> None:
        """Tell what is left to tell, slice by slice, and return when it is told.

        When `stop` is set it returns after the slice that it tells. The first slice may be the rest
        of one that a crash tore.
        """
        stop = stop or asyncio.Event()
        due = time.monotonic()
        for part in slices(self._untold()):
            if stop.is_set():
                return
            await self._append(part)
            due = max(due + self._interval, time.monotonic())
            await self._rest_until(due, stop)
        self.state.finished = True
        self.state.grew.set()

    def _untold(self, end: int | None = None) -> Iterator[Events]:
        """Yield the events from where the log ends, up to position `end`."""
        reached = 0
        for chunk in self._events:
            begin, reached = reached, reached + len(chunk)
            untold = chunk[max(0, self._log.length - begin) : None if end is None else end - begin]
            if len(untold):
                # A copy: the stream reuses its buffer, and the log appends in a thread.
                yield untold.copy()
            if end is not None and reached >= end:
                return

    async def _rest_until(self, due: float, stop: asyncio.Event) -> None:
        """Sleep in naps, so that a slow pace does not look like a dead feed."""
        await asyncio.sleep(0)
        while (left := due - time.monotonic()) > 0 and not stop.is_set():
            self.state.alive_ts = time.time_ns()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, LONGEST_NAP)):
                    await stop.wait()

    @property
    def _interval(self) -> float:
        pace = self.state.slices_per_second
        return 1 / pace if pace > 0 else 0.0

    async def _append(self, events: Events) -> None:
        self.state.alive_ts = time.time_ns()
        await asyncio.to_thread(self._log.append, events, self.state.alive_ts)
        self.state.ts = int(events[-1, TS])
        self.state.grew.set()
