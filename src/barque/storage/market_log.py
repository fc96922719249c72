"""The market log: everything a feed told us, in order, once for all accounts.

A position is the number of events before one: the first event has position 0, and a log of
length n is read on from position n. One process appends; any number read, at any time.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from barque.domain.errors import CannotContinue
from barque.kernels import layout
from barque.storage import segments
from barque.storage.files import UNFINISHED, sync_folder
from barque.storage.records import RECORD_SIZE, Rows, encode_events
from barque.storage.segments import OPEN, Segment

SEGMENT_EVENTS = 65_536
"""Events in a sealed segment: 8 MB while it is open."""

_ATTEMPTS = 10  # a segment can be sealed under a reader's eyes, but not that often
_PERMISSIONS = 0o644

T = TypeVar("T")


class MarketLog:
    """What a feed told us, to be read from any position on. Safe while another process appends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def length(self) -> int:
        """The number of events that were told so far."""
        return self._look(lambda found: found[-1].end() if found else 0)

    def read(self, from_position: int = 0, to_position: int | None = None) -> Iterator[Rows]:
        """Yield the events of a stretch as chunks of int64 (n, EVENT_WIDTH), n ≥ 1.

        Without `to_position` the stretch ends where the log ends now. Raises CannotContinue for a
        damaged or missing segment, and for a position beyond the end: it was counted in a log
        that held more than this one.
        """
        length = self.length
        if not 0 <= from_position <= length:
            raise CannotContinue(
                f"{self.folder.name}: the market log holds {length} events and cannot be read from "
                f"position {from_position}. Restore the log, or begin a new account on it."
            )
        end = length if to_position is None else min(to_position, length)
        while from_position < end:
            chunk = self._chunk(from_position)[: end - from_position]
            yield chunk
            from_position += len(chunk)

    def received(self, position: int) -> int:
        """Return when the event at a position was learned of, ns UTC."""
        return self._look(lambda found: self._holder(found, position).received(position))

    def _chunk(self, position: int) -> Rows:
        chunk = self._look(lambda found: self._holder(found, position).events(position))
        if not len(chunk):
            raise self._missing(position)
        return chunk

    def _holder(self, found: list[Segment], position: int) -> Segment:
        before = [segment for segment in found if segment.start <= position]
        if not before:
            raise self._missing(position)
        return before[-1]

    def _missing(self, position: int) -> CannotContinue:
        return CannotContinue(
            f"{self.folder.name}: the segment with the event at position {position} is missing. "
            "Restore it from a backup."
        )

    def _look(self, at: Callable[[list[Segment]], T]) -> T:
        """Look at the segments; once more when one was sealed in between."""
        for _ in range(_ATTEMPTS):
            try:
                return at(segments.list_segments(self.folder))
            except FileNotFoundError:
                continue
        raise CannotContinue(
            f"{self.folder.name}: segments of the market log vanish while they are read. "
            "See who removes files in this folder."
        )


class MarketLogWriter(MarketLog):
    """The one who appends to a market log. Opening it repairs what a crash left unfinished.

    Only a torn end is repaired: events whose `append` had not returned. Damage before it raises
    CannotContinue, and so does a second writer.
    """

    def __init__(self, folder: Path, segment_events: int = SEGMENT_EVENTS) -> None:
        super().__init__(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self._segment_events = segment_events
        self._failed = False
        self._file = -1
        self._start = 0
        self._rows = 0
        self._lock = _locked(folder)
        try:
            self._recover()
        except BaseException:
            self.close()
            raise

    @property
    def length(self) -> int:
        return self._start + self._rows

    def append(self, events: Rows, receive_ts: int) -> int:
        """Add events, (n, EVENT_WIDTH), and return the new length once they are safe on disk.

        `receive_ts` is when we learned of them, ns UTC. After a crash in the middle a beginning
        of the events may have been kept: go on from `length`.
        """
        assert events.shape == (len(events), layout.EVENT_WIDTH), events.shape
        while len(events):
            part = events[: self._segment_events - self._rows]
            records = encode_events(part, first_seq=self.length, receive_ts=receive_ts)
            self._write(records.tobytes())
            self._rows += len(part)
            self._seal_if_full()
            events = events[len(part) :]
        return self.length

    def close(self) -> None:
        """Let another process append."""
        if self._file >= 0:
            os.close(self._file)
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _recover(self) -> None:
        self._remove_leftovers()
        found = segments.list_segments(self.folder)
        if found and not found[-1].is_sealed:
            self._reopen(found[-1])
            self._seal_if_full()
        else:
            self._begin(found[-1].end() if found else 0)

    def _remove_leftovers(self) -> None:
        needed = {segment.path for segment in segments.list_segments(self.folder)}
        for suffix in (OPEN, UNFINISHED):
            for path in set(self.folder.glob(f"*{suffix}")) - needed:
                path.unlink()

    def _reopen(self, segment: Segment) -> None:
        self._start = segment.start
        self._rows = len(segments.read_open(segment, segment.start))
        self._file = os.open(segment.path, os.O_WRONLY | os.O_APPEND)
        os.ftruncate(self._file, self._rows * RECORD_SIZE)
        os.fsync(self._file)

    def _begin(self, start: int) -> None:
        path = segments.open_path(self.folder, start)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        self._file = os.open(path, flags, _PERMISSIONS)
        sync_folder(self.folder)
        self._start, self._rows = start, 0

    def _write(self, body: bytes) -> None:
        if self._failed:
            raise self._broken("an earlier append failed")
        rest = memoryview(body)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fdatasync(self._file)
        except OSError as error:
            # What a failed write or sync left on disk is unknown until it is read again.
            self._failed = True
            raise self._broken(str(error)) from error

    def _seal_if_full(self) -> None:
        if self._rows < self._segment_events:
            return
        full = Segment(self._start, segments.open_path(self.folder, self._start))
        segments.seal(self.folder, full.start, segments.read_open(full, full.start))
        os.close(self._file)
        self._begin(self.length)
        full.path.unlink()

    def _broken(self, why: str) -> CannotContinue:
        return CannotContinue(
            f"{self.folder.name}: the market log cannot be written: {why}. Make room or mend the "
            "disk, then start again: what was acknowledged is kept."
        )


def _locked(folder: Path) -> int:
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, _PERMISSIONS)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise CannotContinue(
            f"{folder.name}: another process is appending to this market log. Stop it first, or "
            "give this run a home of its own with BARQUE_HOME."
        ) from error
    return descriptor
