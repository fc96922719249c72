"""A recorded market, told again at a chosen pace: what it tells is in the market log first."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from barque.kernels.layout import TS
from barque.runtime.slices import Events, slices
from barque.storage.market_log import MarketLogWriter


@dataclass(slots=True)
class FeedState:
    """How far a feed has come, for whoever shows it. `ts` is the market's time, not ours."""

    slices_per_second: float
    ts: int = 0
    finished: bool = False
    grew: asyncio.Event = field(default_factory=asyncio.Event)


class ReplayFeed:
    """Tells recorded events slice by slice. Told before is never told again.

    The first `history` events are told at once: they are the past a strategy remembers when it
    starts. `slices_per_second` 0 means as fast as the disk allows.
    """

    def __init__(
        self, events: Iterable[Events], log: MarketLogWriter, *, history: int, pace: float
    ) -> None:
        self._events, self._log, self._history = events, log, history
        self.state = FeedState(slices_per_second=pace)

    async def run(self) -> None:
        """Tell what is left to tell, and return when it is told."""
        told = 0
        for chunk in self._events:
            past, told = told, told + len(chunk)
            if told > self._log.length:
                await self._tell(chunk[self._log.length - past :])
        self.state.finished = True
        self.state.grew.set()

    async def _tell(self, events: Events) -> None:
        """Tell events that are new; the first of them may be the rest of a torn slice."""
        past = events[: max(0, self._history - self._log.length)]
        await self._append(past)
        due = time.monotonic()
        for part in slices([events[len(past) :]]):
            await self._append(part)
            due = max(due + self._interval, time.monotonic())
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    @property
    def _interval(self) -> float:
        pace = self.state.slices_per_second
        return 1 / pace if pace > 0 else 0.0

    async def _append(self, events: Events) -> None:
        if len(events):
            # A copy: the stream reuses its buffer, and the append runs beside this loop.
            await asyncio.to_thread(self._log.append, events.copy(), time.time_ns())
            self.state.ts = int(events[-1, TS])
            self.state.grew.set()
