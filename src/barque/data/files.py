"""One file of the catalog: int64 columns in Parquet, and what can be said without reading them."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from barque.data.sessions import IntArray
from barque.domain.errors import CorruptData

ROW_GROUP = 65_536
CONTENT_HASH = b"barque.content_hash"
UNFINISHED = ".unfinished"

Content = Callable[[IO[bytes]], object]
"""Writes the content of a file."""


@dataclass(frozen=True, slots=True)
class FileSummary:
    """What a file says of itself: rows, first and last ts, and the hash of its numbers."""

    rows: int
    start: int
    end: int
    content_hash: str


def write_all(contents: Mapping[Path, Content]) -> None:
    """Write every file, or none: each is complete on disk before the first takes its name."""
    with ExitStack() as unfinished:
        parts = {path: _write_part(path, content, unfinished) for path, content in contents.items()}
        for path, part in parts.items():
            part.replace(path)
    for folder in {path.parent for path in contents}:
        _sync_folder(folder)


def parquet_content(columns: Mapping[str, IntArray]) -> Content:
    """Return what writes `columns` as Parquet together with the hash of their numbers."""
    table = pa.table({name: pa.array(column, pa.int64()) for name, column in columns.items()})
    table = table.replace_schema_metadata({CONTENT_HASH: content_hash(columns)})
    return lambda file: pq.write_table(table, file, compression="zstd", row_group_size=ROW_GROUP)


def content_hash(columns: Mapping[str, NDArray[Any]]) -> str:
    """Return a hash that depends on the names and numbers of the columns and on nothing else."""
    digest = hashlib.sha256()
    for name, column in columns.items():
        digest.update(f"{name}:{column.dtype.str}:{column.size}:".encode())
        digest.update(np.ascontiguousarray(column).view(np.uint8).data)
    return digest.hexdigest()


def combined_hash(hashes: Sequence[str]) -> str:
    """Return the hash of a sequence of hashes; that of one is itself."""
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def summary(path: Path) -> FileSummary:
    """Return what a Parquet file of the catalog says of itself, without reading its rows."""
    with _open(path) as file:
        metadata = file.metadata
        groups = metadata.num_row_groups
        return FileSummary(
            rows=metadata.num_rows,
            start=metadata.row_group(0).column(0).statistics.min,
            end=metadata.row_group(groups - 1).column(0).statistics.max,
            content_hash=metadata.metadata[CONTENT_HASH].decode(),
        )


def rows_between(path: Path, start: int, end: int) -> tuple[int, int, int]:
    """Return how many rows have start <= ts < end, and their first and last ts (0, 0 if none)."""
    parts = [part["ts"] for part in batches(path, ["ts"], ROW_GROUP, start, end)]
    if not parts:
        return 0, 0, 0
    return sum(part.size for part in parts), int(parts[0][0]), int(parts[-1][-1])


def batches(
    path: Path, names: Sequence[str], size: int, start: int, end: int
) -> Iterator[dict[str, IntArray]]:
    """Yield at most `size` rows at a time of those with start <= ts < end, as columns.

    Only row groups that hold such rows are read, one batch at a time.
    """
    with _open(path) as file:
        wanted = [
            group
            for group in range(file.metadata.num_row_groups)
            if _overlaps(file.metadata.row_group(group).column(0).statistics, start, end)
        ]
        try:
            for batch in file.iter_batches(size, row_groups=wanted, columns=list(names)):
                columns = {name: batch.column(name).to_numpy() for name in names}
                first, last = np.searchsorted(columns["ts"], (start, end))
                if first < last:
                    yield {name: column[first:last] for name, column in columns.items()}
        except (pa.ArrowException, KeyError) as error:
            raise _damaged(path, error) from error


def _overlaps(statistics: pq.Statistics, start: int, end: int) -> bool:
    return bool(statistics.min < end and start <= statistics.max)


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> CorruptData:
    return CorruptData(f"{path} is damaged ({error}). Remove it and import its data again.")


def _write_part(path: Path, content: Content, unfinished: ExitStack) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=UNFINISHED, delete=False) as file:
        part = Path(file.name)
        unfinished.callback(part.unlink, missing_ok=True)
        content(file)
        file.flush()
        os.fsync(file.fileno())
    part.chmod(0o644)
    return part


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
