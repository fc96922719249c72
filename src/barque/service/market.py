"""The port through which the service sees the market and the feed that tells of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from barque.domain.instruments import Instrument


class FeedPhase(StrEnum):
    """Where the feed and the accounts that follow it are."""

    PREPARING = "preparing"
    """Nobody trades yet: data are imported or models learned; `detail` says how far."""
    RECOVERING = "recovering"
    """Accounts are being fed what they had already seen; nothing is decided yet."""
    RUNNING = "running"
    FINISHED = "finished"
    """The replayed period is over. What is held stays held."""
    STOPPED = "stopped"
    """Somebody, or an error, stopped it; `detail` says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What the feed is doing now.

    `ts` is the time of the newest market event, 0 before the first; `first_ts` and `last_ts` are
    the ends of a replayed period, None for a live feed. `speed` is market seconds in a second of
    the clock: 1 is real time. `alive_ts` is the clock time, ns UTC, at which the feed last turned.
    """

    phase: FeedPhase
    ts: int
    alive_ts: int
    speed: float = 1.0
    first_ts: int | None = None
    last_ts: int | None = None
    detail: str = ""


class Market(Protocol):
    """The market as it was told so far."""

    @property
    def instruments(self) -> Sequence[Instrument]:
        """What the market log tells of, in the order of their index in it."""
        ...

    def recent_bars(
        self, instrument: int, limit: int, before_ts: int | None = None
    ) -> NDArray[np.int64]:
        """Return the last `limit` bars that closed before `before_ts`, oldest first.

        Rows are (n, EVENT_WIDTH) of `kernels.layout`, of events of kind BAR alone. Called in a
        thread: it may read files, and must bear two callers at once.
        """
        ...

    def feed(self) -> FeedState:
        """Return what the feed is doing now. Called often: it must not wait."""
        ...
