"""What a trader says of itself in the store, so that a service in another process can show it."""

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Protocol

from barque.domain.errors import CannotContinue
from barque.runtime.feed import FeedState as Turning
from barque.service.market import FeedPhase, FeedState
from barque.storage.store import FeedSign
from barque.telemetry import Metrics

EVERY_SECONDS = 1.0


class Keeper(Protocol):
    """Whoever keeps signs: a `Store`."""

    async def save_feed_sign(self, sign: FeedSign) -> None: ...


@dataclass(slots=True)
class Signs:
    """The sign of one feed: told at once when the phase changes, and once a second as a heartbeat.

    While the feed runs the sign is as old as the feed's last turn, so that a feed that hangs in a
    living process shows.
    """

    sign: FeedSign
    store: Keeper
    metrics: Metrics
    turning: Turning | None = None

    def __post_init__(self) -> None:
        self.metrics.store_errors.labels(operation="write")  # from zero, so that one is a rise

    async def tell(self, phase: FeedPhase, detail: str = "") -> None:
        """Say what is done now."""
        self.hint(phase, detail)
        await self._keep()

    def hint(self, phase: FeedPhase, detail: str = "") -> None:
        """Say it with the next heartbeat; any thread may."""
        self.sign = replace(self.sign, phase=phase, detail=detail)

    async def beat(self) -> None:
        """Say once a second that all goes on, until cancelled."""
        while True:
            await self._keep()
            await asyncio.sleep(EVERY_SECONDS)

    def seen(self) -> FeedState:
        """Return the sign as whoever watches this process sees it."""
        return state_of(self._now(), self.turning.ts if self.turning else 0)

    async def _keep(self) -> None:
        self.sign = self._now()
        self._measure(self.sign)
        try:
            await self.store.save_feed_sign(self.sign)
        except CannotContinue:
            # It shows by its age, and the journal says what is wrong.
            self.metrics.store_errors.labels(operation="write").inc()

    def _measure(self, sign: FeedSign) -> None:
        self.metrics.feed_alive.labels(feed=sign.feed).set(sign.alive_ts / 1e9)
        for phase in FeedPhase:
            doing = phase == sign.phase
            self.metrics.feed_phase.labels(feed=sign.feed, phase=phase.value).set(doing)

    def _now(self) -> FeedSign:
        phase, alive_ts = FeedPhase(self.sign.phase), time.time_ns()
        if phase is FeedPhase.RUNNING and self.turning is not None:
            if self.turning.finished:
                phase = FeedPhase.FINISHED
            else:
                alive_ts = self.turning.alive_ts
        return replace(self.sign, phase=phase, alive_ts=alive_ts)


def state_of(sign: FeedSign, ts: int) -> FeedState:
    """Return a sign in the words of the service; `ts` is how far the market was told."""
    return FeedState(
        phase=FeedPhase(sign.phase),
        ts=ts,
        alive_ts=sign.alive_ts,
        speed=sign.speed,
        first_ts=sign.first_ts,
        last_ts=sign.last_ts,
        detail=sign.detail,
    )
