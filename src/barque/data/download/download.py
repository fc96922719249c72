"""Ask a venue for the bars that the catalog has not, page by page, and keep them.

A bar that has not closed yet is never kept. What is in the catalog stays as it is and is not asked
for again; holes in it are filled. Of an exchange's day only its sessions are kept. The whole of a
page is examined before any of it is kept, as a file is: a page that is not sane ends the download,
and what came before it is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from barque.data.catalog import Catalog
from barque.data.download.keeping import Bars, Keeper
from barque.data.download.missing import Span, expected_starts, outside, runs
from barque.data.download.patience import patiently
from barque.data.download.sources import BarSource, Row, Wanted
from barque.data.importing.contents.rows import bar_times
from barque.data.importing.importer import bar_tables
from barque.data.importing.shapes.understanding import ROUND_THE_CLOCK
from barque.data.importing.tables import SourceTable
from barque.data.kinds import KINDS
from barque.data.sessions import DAILY, DAY, IntArray, period_length
from barque.domain.errors import CorruptData
from barque.domain.instruments import Instrument

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many bars are dealt with and how many there are."""

SETTLED = DAY
"""Bars younger than this may still come, where there were none: they are asked for again."""

COLUMNS = ("open", "high", "low", "close", "volume")
MILLISECOND = 10**6
LATEST = 10**14
"""Milliseconds: the year 5138."""

NO_BARS = dict.fromkeys(KINDS["bar"].columns, np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What came of a download.

    `missing` bars are expected by the calendar and are still not there: the venue has none, the
    first begins at `first_missing` (nanoseconds UTC).
    """

    instrument: str
    period: str
    questions: int
    new: int
    expected: int
    missing: int
    first_missing: int | None


@dataclass(slots=True)
class Download:
    """One instrument's bars of one period, being asked for. `now` is in nanoseconds UTC."""

    catalog: Catalog
    instrument: Instrument
    wanted: Wanted
    period: str
    source: BarSource
    now: int
    progress: Progress = lambda *_: None
    questions: int = 0

    def run(self, span: Span, again: bool = False) -> Downloaded:
        """Ask for the bars that begin within `span`; `again` also where there was no answer.

        CannotContinue if the venue stays busy, CorruptData if it answers nonsense: what came until
        then is kept, and the same download goes on from there.
        """
        keeper = Keeper(self.catalog, self.instrument, self.period)
        before = keeper.starts.size
        expected = expected_starts(self.instrument.calendar, self.period, span, self.now)
        missing = expected[~np.isin(expected, keeper.starts)]
        wanted = missing if again else outside(missing, keeper.asked)
        try:
            self._ask_for(wanted, _Sieve(span, expected, keeper.starts, self._has_sessions), keeper)
        finally:
            keeper.write()
        left = expected[~np.isin(expected, keeper.starts)]
        return Downloaded(
            instrument=self.instrument.id,
            period=self.period,
            questions=self.questions,
            new=keeper.starts.size - before,
            expected=expected.size,
            missing=left.size,
            first_missing=int(left[0]) if left.size else None,
        )

    def _ask_for(self, wanted: IntArray, sieve: "_Sieve", keeper: Keeper) -> None:
        done, stage = 0, f"Downloading {self.instrument.id}"
        for run in runs(wanted, self.source.page * self._length):
            since = run.first
            while since <= run.last:
                self.progress(stage, done, wanted.size)
                bars, reached = self._page(since, run.last)
                keeper.add(sieve.new(bars), (since, min(reached, self.now - SETTLED)))
                done = int(np.searchsorted(wanted, reached))
                since = int(wanted[done]) if done < wanted.size else reached
        self.progress(stage, wanted.size, wanted.size)

    def _page(self, since: int, last: int) -> tuple[Bars, int]:
        """Return the closed bars of one page, and the time up to which it answers."""
        early = since - (DAY if self._is_labelled else 0)
        count = min((last - early) // self._length + 1, self.source.page)
        milliseconds = -(-early // MILLISECOND)
        self.questions += 1
        rows = patiently(
            lambda: self.source.bars(self.wanted, self.period, milliseconds, count),
            self.source.name,
            lambda says: self.progress(says, 0, 0),
        )
        bars = self._examined(rows, early) if rows else NO_BARS
        newest = int(bars["start"][-1]) if bars["ts"].size else since - 1
        return bars, newest + self._length if newest >= since else since + count * self._length

    def _examined(self, rows: Sequence[Row], since: int) -> Bars:
        """Return the bars of a page that have closed; CorruptData if one of them is not sane."""
        first = np.datetime64(since // 10**9, "s")
        table = _table(rows, f"{self.source.name} {self.instrument.symbol} from {first}")
        _, closes = bar_times(table, table.times(), self.instrument.calendar, self.period)
        closed = closes <= self.now
        if not closed.any():
            return NO_BARS
        table = replace(table, frame=table.frame.filter(closed), rows=table.rows[closed])
        return bar_tables(table, self.instrument, self.period, self.now)[-1].columns

    @property
    def _length(self) -> int:
        return period_length(self.period)

    @property
    def _has_sessions(self) -> bool:
        return self.instrument.calendar not in ROUND_THE_CLOCK

    @property
    def _is_labelled(self) -> bool:
        """Whether a bar's stamp is a midnight, which may lie a day before its session."""
        return self.period == DAILY and self._has_sessions


@dataclass(frozen=True, slots=True)
class _Sieve:
    """Lets through the bars that are kept: new ones, and of an exchange those of its sessions."""

    span: Span
    expected: IntArray
    held: IntArray
    only_expected: bool

    def new(self, bars: Bars) -> Bars:
        starts = bars["start"]
        kept = (starts >= self.span[0]) & (starts < self.span[1]) & ~np.isin(starts, self.held)
        if self.only_expected:
            kept &= np.isin(starts, self.expected)
        return {name: column[kept] for name, column in bars.items()}


def _table(rows: Sequence[Row], name: str) -> SourceTable:
    """Return rows as those of a file of that name."""
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list | tuple) or len(row) <= len(COLUMNS):
            raise CorruptData(f"{name}, row {number}: {row!r} is no bar of six numbers.")
        if type(row[0]) is not int or abs(row[0]) > LATEST:
            raise CorruptData(
                f"{name}, row {number}: the time is {row[0]!r}; milliseconds since 1970 are "
                "required."
            )
    times, *numbers = zip(*(row[: 1 + len(COLUMNS)] for row in rows), strict=True)
    frame = pl.DataFrame(
        [
            pl.Series("time", times, pl.Int64).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC"),
            *(
                pl.Series(column, values, pl.Float64, strict=False)
                for column, values in zip(COLUMNS, numbers, strict=True)
            ),
        ]
    )
    return SourceTable(Path(name), frame, np.arange(1, len(rows) + 1), {})
