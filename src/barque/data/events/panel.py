"""Bars in memory of instruments that share their times: told as one, straight in their order."""

from collections.abc import Iterator, Sequence

import numpy as np

from barque.data.doors.bars import nanoseconds
from barque.data.doors.panel import Panel
from barque.data.events.sources import ArraySource, Source, Told
from barque.data.sessions import IntArray, session_closes
from barque.domain.events import EventKind
from barque.kernels.layout import EVENT_WIDTH

REFUSED = 1_028
"""Rows that are read at a time to find what is wrong with a bar."""


def joined(sources: Sequence[Source]) -> list[Told]:
    """Return what tells the events of sources in order: all bars in memory as one, if they can be.

    They can if they share their times. Were it only some of them, the others would have to be
    told between them. The bars of one instrument are told as they were given where columns would
    have to be converted, which is done a block at a time then.
    """
    bars = [one for one in sources if one.order[0] == EventKind.BAR]
    in_memory = [one for one in bars if isinstance(one, ArraySource)]
    if not bars or len(in_memory) < len(bars) or not _can_be_one(in_memory):
        return list(sources)
    at = sources.index(bars[0])
    return [*sources[:at], PanelSource(in_memory), *sources[at + len(bars) :]]


class PanelSource:
    """The bars of sources that share their times, ordered by (ts, instrument)."""

    def __init__(self, bars: Sequence[ArraySource]) -> None:
        self._bars = bars
        self.rows_each = len(bars)
        self.rows = sum(one.rows for one in bars)

    def walk(self, block: IntArray, flags: int) -> Iterator[int]:
        panel, each = _panel(self._bars), self.rows_each
        bars, size = self.rows // each, len(block) // each
        for first in range(0, bars, size):
            count = min(size, bars - first)
            bad = panel.write(first, count, flags, block)
            if bad >= 0:
                self._refuse(bad % each)
            yield count * each

    def _refuse(self, i: int) -> None:
        """Raise what the instrument's own source says of its bad bar."""
        for _ in self._bars[i].walk(np.empty((REFUSED, EVENT_WIDTH), np.int64), 0):
            pass
        raise AssertionError("a bar is insane in a panel, and sane alone")


def _panel(bars: Sequence[ArraySource]) -> Panel:
    ts, begin = nanoseconds(bars[0].ts), [one.begins() for one in bars]
    calendars = list({one.instrument.calendar: None for one in bars})
    members = [
        one.member(ts, begins, calendars.index(one.instrument.calendar))
        for one, begins in zip(bars, begin, strict=True)
    ]
    return Panel(members, [session_closes(one, min(begin), int(ts[-1])) for one in calendars])


def _can_be_one(bars: Sequence[ArraySource]) -> bool:
    first, *others = (one.ts for one in bars)
    if not others:
        return bars[0].lies_ready
    return all(ts is first or np.array_equal(nanoseconds(ts), nanoseconds(first)) for ts in others)
