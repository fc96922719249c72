"""When a run wants to be woken: at regular times, at given ones, or before a session closes.

A timer is told after everything else of its ts. It belongs to no instrument. Its id tells the
timers of a run apart; ids are at least 0.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from barque.data.sessions import DAY, IntArray, period_length, session_closes
from barque.domain.events import SESSION_CLOSE, EventFlag, EventKind
from barque.kernels.layout import FLAGS, INSTRUMENT, KIND, START, TIMER_ID, TS

WINDOW = 32 * DAY
"""Times are worked out for so long a stretch at once, so a long run needs no memory for them."""


class Timer(Protocol):
    """Says at which times a run is woken."""

    @property
    def id(self) -> int: ...

    def times(self, first: int, last: int) -> IntArray:
        """Return the times from `first` to `last`, both included, sorted, each once."""


@dataclass(frozen=True, slots=True)
class Every:
    """Each full `period` of UTC: "1h" is every hour on the hour, "1d" every midnight."""

    period: str
    id: int = 0

    def times(self, first: int, last: int) -> IntArray:
        step = period_length(self.period)
        return np.arange(-(-first // step), last // step + 1, dtype=np.int64) * step


@dataclass(frozen=True, slots=True)
class At:
    """Given times, in nanoseconds UTC."""

    given: tuple[int, ...]
    id: int = 0

    def times(self, first: int, last: int) -> IntArray:
        times = np.unique(np.array(self.given, np.int64))
        return times[(times >= first) & (times <= last)]


@dataclass(frozen=True, slots=True)
class BeforeClose:
    """So long before each close of a calendar: half days and daylight saving are known."""

    calendar: str
    lead: str = "10m"
    id: int = 0

    def times(self, first: int, last: int) -> IntArray:
        lead = period_length(self.lead)
        return session_closes(self.calendar, first + lead - 1, last + lead) - lead


@dataclass(frozen=True, slots=True)
class SessionEnds:
    """Each close of a calendar: it ends the session where no bar of the market does."""

    calendar: str
    id: int = SESSION_CLOSE

    def times(self, first: int, last: int) -> IntArray:
        return session_closes(self.calendar, first - 1, last)


class TimerSource:
    """The wake-ups of a run from its first ts to its last; `flags` is set on each."""

    rows_each = 1

    def __init__(
        self, timer: Timer, first: int, last: int, *, index: int = 0, flags: int = 0
    ) -> None:
        self.order = (int(EventKind.TIMER), index)
        self._timer, self._first, self._last = timer, first, last
        self._index, self._flags = index, flags
        # An order that is placed at the very close belongs to the next session.
        self._ahead = 1 if flags & EventFlag.ENDS_SESSION else 0
        self._measure()

    def walk(self, block: IntArray, flags: int) -> Iterator[int]:
        for times in self._stretches():
            for first in range(0, times.size, len(block)):
                ts = times[first : first + len(block)]
                rows = block[: ts.size]
                rows[:] = 0
                rows[:, TS], rows[:, START] = ts, ts - self._ahead
                rows[:, KIND], rows[:, INSTRUMENT] = EventKind.TIMER, self._index
                rows[:, TIMER_ID], rows[:, FLAGS] = self._timer.id, flags | self._flags
                yield ts.size

    def content_hash(self) -> str:
        digest = hashlib.sha256(f"timer {self._timer.id} {self._index} {self._flags}".encode())
        for times in self._stretches():
            digest.update(times.tobytes())
        return digest.hexdigest()

    def _measure(self) -> None:
        self.rows, self.start, self.end = 0, 0, 0
        for times in self._stretches():
            self.start = self.start if self.rows else int(times[0])
            self.rows, self.end = self.rows + times.size, int(times[-1])

    def _stretches(self) -> Iterator[IntArray]:
        for first in range(self._first, self._last + 1, WINDOW):
            times = self._timer.times(first, min(first + WINDOW - 1, self._last))
            if times.size:
                yield times
