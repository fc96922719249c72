"""The files of a market log: one open segment of records, and sealed ones in Parquet before it.

A segment is named by the position of its first event: `000000000000000.open` while it grows, and
`000000000000000-HASH.parquet` when it is full, with the SHA-256 of the file's bytes. Both may exist
for a moment; the sealed one counts. No parser is given a file that does not have its hash.
"""

import io
import os
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from barque.domain.errors import CannotContinue
from barque.kernels import layout
from barque.storage.files import write_whole
from barque.storage.records import (
    RECORD_SIZE,
    Records,
    Rows,
    damaged,
    decode_events,
    first_damaged,
    from_bytes,
)

OPEN = ".open"
SEALED = ".parquet"

_COLUMNS = {
    "ts": layout.TS,
    "start": layout.START,
    "kind": layout.KIND,
    "instrument": layout.INSTRUMENT,
    "open": layout.OPEN,
    "high": layout.HIGH,
    "low": layout.LOW,
    "close": layout.CLOSE,
    "volume": layout.VOLUME,
    "flags": layout.FLAGS,
}


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of the log, whose first event has position `start`."""

    start: int
    path: Path

    @property
    def is_sealed(self) -> bool:
        return self.path.suffix == SEALED

    def events(self, from_position: int) -> Rows:
        """Return its events from a position on, verified."""
        if self.is_sealed:
            return read_sealed(self)[from_position - self.start :]
        return decode_events(read_open(self, from_position))

    def received(self, position: int) -> int:
        """Return when the event at a position was learned of, ns UTC."""
        if self.is_sealed:
            return int(_sealed_times(self)[position - self.start])
        with self.path.open("rb") as file:
            body = os.pread(file.fileno(), RECORD_SIZE, (position - self.start) * RECORD_SIZE)
        return int(sound_records(body, position, self.path.name)["receive_ts"][0])

    def end(self) -> int:
        """Return the position after its last whole event."""
        if self.is_sealed:
            return self.start + len(read_sealed(self))
        return self.start + _records_written(self)


def open_path(folder: Path, start: int) -> Path:
    """Return the name of the open segment that begins at position `start`."""
    return folder / f"{start:015d}{OPEN}"


def list_segments(folder: Path) -> list[Segment]:
    """Return the segments in order; a sealed one hides the open one it was made from."""
    paths = {int(path.stem): path for path in folder.glob(f"*{OPEN}")}
    paths |= {int(path.stem.partition("-")[0]): path for path in folder.glob(f"*{SEALED}")}
    return [Segment(start, paths[start]) for start in sorted(paths)]


def read_open(segment: Segment, from_position: int) -> Records:
    """Return the sound records of an open segment from a position on.

    They are synced before they are returned, so that nobody acts on an event that a power cut
    could still take back.
    """
    with segment.path.open("rb") as file:
        file.seek((from_position - segment.start) * RECORD_SIZE)
        body = file.read()
        os.fdatasync(file.fileno())
    return sound_records(body, from_position, segment.path.name)


def _records_written(segment: Segment) -> int:
    """Count the records of an open segment, without reading all of it."""
    with segment.path.open("rb") as file:
        os.fdatasync(file.fileno())
        count = os.fstat(file.fileno()).st_size // RECORD_SIZE
        while count and not any(os.pread(file.fileno(), RECORD_SIZE, (count - 1) * RECORD_SIZE)):
            count -= 1
    return count


def sound_records(body: bytes, first_seq: int, where: str) -> Records:
    """Return the whole records of a file, without the torn end that a crash may leave.

    A torn end is an incomplete record, or records of nothing but zeros: a disk sector holds
    whole records, so what a power cut leaves unwritten is missing or zero. Anything else that
    is not as it was written is damage, and raises CannotContinue.
    """
    records = from_bytes(body[: len(body) // RECORD_SIZE * RECORD_SIZE])
    index = first_damaged(records, first_seq)
    if index is None:
        return records
    if any(body[index * RECORD_SIZE :]):
        raise damaged(first_seq + index, where)
    return records[:index]


def seal(folder: Path, start: int, records: Records) -> None:
    """Write a full segment as Parquet, whole or not at all."""
    buffer = io.BytesIO()
    _frame(records).write_parquet(buffer)
    body = buffer.getvalue()
    write_whole(folder / f"{start:015d}-{sha256(body).hexdigest()}{SEALED}", body)


def read_sealed(segment: Segment) -> Rows:
    """Return the events, (n, EVENT_WIDTH), of a sealed segment, or raise CannotContinue."""
    frame = _read_frame(segment, [*_COLUMNS])
    events = np.empty((frame.height, layout.EVENT_WIDTH), np.int64)
    for name, column in _COLUMNS.items():
        events[:, column] = frame[name].to_numpy()
    return events


@lru_cache(maxsize=2)
def _sealed_times(segment: Segment) -> NDArray[np.int64]:
    # Asked for event by event; a sealed segment does not change.
    return _read_frame(segment, ["receive_ts"])["receive_ts"].to_numpy()


def _read_frame(segment: Segment, columns: list[str]) -> pl.DataFrame:
    body = segment.path.read_bytes()
    if sha256(body).hexdigest() != segment.path.stem.partition("-")[2]:
        raise CannotContinue(
            f"{segment.path.name}: the sealed segment from position {segment.start} on is damaged: "
            "it does not have the hash in its name. Check the disk, then restore this file from a "
            "backup."
        )
    return pl.read_parquet(io.BytesIO(body), columns=columns)


def _frame(records: Records) -> pl.DataFrame:
    events = decode_events(records)
    columns = {name: np.ascontiguousarray(events[:, k]) for name, k in _COLUMNS.items()}
    columns["receive_ts"] = np.ascontiguousarray(records["receive_ts"])
    return pl.DataFrame(columns)
