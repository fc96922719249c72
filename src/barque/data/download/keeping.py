"""What has come is kept: joined with the bars that are there, and noted as asked for.

A data set that is downloaded is one file: the same bars have the same content hash, however many
interruptions there were. Which times a venue has answered for is noted beside it, in `asked.json`,
so that minutes in which nobody traded are not asked for again; the note counts only as long as the
data are those it was written for.
"""

import json
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from barque.data.catalog import Catalog, Table
from barque.data.download.missing import Span, joined
from barque.data.files import write_all
from barque.data.kinds import KINDS
from barque.data.parquet import ALWAYS, STRETCH, batches
from barque.data.sessions import IntArray
from barque.domain.instruments import Instrument

NOTE = "asked.json"

MOST_ROWS = 50_000
LONGEST = 10.0
"""After so many new bars, or seconds, they are written: that much may be lost in a power cut."""

BAR = KINDS["bar"]

Bars = Mapping[str, IntArray]


class Keeper:
    """The bars of one instrument and period, as the catalog has them and as they come."""

    def __init__(self, catalog: Catalog, instrument: Instrument, period: str) -> None:
        self._catalog, self._instrument, self._period = catalog, instrument, period
        self._starts = self._written_starts()
        self._asked = self._noted()
        self._new: list[Bars] = []
        self._since = time.monotonic()

    @property
    def starts(self) -> IntArray:
        """When the bars begin that are written."""
        return self._starts

    @property
    def asked(self) -> list[Span]:
        """For which times a venue has answered."""
        return self._asked

    def add(self, bars: Bars, answered: Span) -> None:
        """Take new bars of the times that a venue has answered for."""
        self._asked = joined([*self._asked, answered])
        if bars["ts"].size:
            self._new.append(bars)
        rows = sum(one["ts"].size for one in self._new)
        if rows >= MOST_ROWS or time.monotonic() - self._since > LONGEST:
            self.write()

    def write(self) -> None:
        """Write what is new into the catalog."""
        self._since = time.monotonic()
        if self._new:
            table = Table(BAR.name, self._period, _in_order(self._new))
            self._catalog.fill(self._instrument, table)
            self._new, self._starts = [], self._written_starts()
        if self._starts.size:
            self._note()

    def _note(self) -> None:
        note = {"content_hash": self._content_hash(), "asked": self._asked}
        text = json.dumps(note).encode()
        write_all({self._note_file(): lambda file: file.write(text)})

    def _noted(self) -> list[Span]:
        """Return what was asked for before; nothing if the data have changed since."""
        if not self._starts.size or not self._note_file().exists():
            return []
        try:
            note = json.loads(self._note_file().read_text())
            spans = [(int(first), int(end)) for first, end in note["asked"]]
            is_of_these = note["content_hash"] == self._content_hash()
        except (ValueError, KeyError, TypeError):
            return []
        return joined(spans) if is_of_these else []

    def _note_file(self) -> Path:
        return self._files()[0].parent / NOTE

    def _written_starts(self) -> IntArray:
        times = ("ts", "start")
        parts = (part for file in self._files() for part in batches(file, times, STRETCH, *ALWAYS))
        return np.concatenate([np.empty(0, np.int64), *(part["start"] for part in parts)])

    def _files(self) -> list[Path]:
        return self._catalog.files(self._instrument, BAR.name, self._period)

    def _content_hash(self) -> str:
        return self._catalog.dataset(self._instrument, BAR.name, self._period).content_hash


def _in_order(parts: list[Bars]) -> Bars:
    order = np.argsort(np.concatenate([part["ts"] for part in parts]), kind="stable")
    return {name: np.concatenate([part[name] for part in parts])[order] for name in BAR.columns}
