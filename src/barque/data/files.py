"""How files of the catalog are written, all or none, and how what they hold is named by a hash."""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

UNFINISHED = ".unfinished"
PROMISE = ".promise"

Content = Callable[[IO[bytes]], object]
"""Writes the content of a file."""


def write_all(contents: Mapping[Path, Content]) -> None:
    """Write every file, or none: each is complete on disk before the first takes its name.

    Several files take their names by a *promise*: a list of them that is on disk before the first
    does. A process that dies before has written nothing; what one that dies after it has promised,
    `keep_promises` does. The promise lies in the folder that holds all the files.
    """
    with ExitStack() as unfinished:
        parts = {path: _write_part(path, content, unfinished) for path, content in contents.items()}
        promise = _promise(parts) if len(parts) > 1 else None
        unfinished.pop_all()
    for path, part in parts.items():
        _take_name(part, path)
    _sync_folders(parts)
    if promise is not None:
        promise.unlink(missing_ok=True)


def keep_promises(folder: Path) -> None:
    """Give the files that were promised in a folder their names, if whoever did so has died."""
    for promise in folder.glob(f"*{PROMISE}"):
        try:
            names = json.loads(promise.read_bytes())
        except FileNotFoundError:  # kept by another process meanwhile
            continue
        parts = {folder / path: folder / part for path, part in names.items()}
        for path, part in parts.items():
            _take_name(part, path)
        _sync_folders(parts)
        promise.unlink(missing_ok=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Write into a folder alone, after whoever does; remove what the dead left unfinished."""
    folder.mkdir(parents=True, exist_ok=True)
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        keep_promises(folder)
        for part in folder.rglob(f"*{UNFINISHED}"):
            part.unlink(missing_ok=True)
        yield
    finally:
        os.close(held)


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


def _write_part(path: Path, content: Content, unfinished: ExitStack) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=UNFINISHED, delete=False) as file:
        part = path.parent / Path(file.name).name  # absolute or not, as the path is
        unfinished.callback(part.unlink, missing_ok=True)
        content(file)
        file.flush()
        os.fsync(file.fileno())
    part.chmod(0o644)
    return part


def _promise(parts: Mapping[Path, Path]) -> Path:
    """Promise that every part will take its name; return the promise, which is on disk."""
    folder = Path(os.path.commonpath([path.parent for path in parts]))
    names = {
        str(path.relative_to(folder)): str(part.relative_to(folder)) for path, part in parts.items()
    }
    with ExitStack() as unfinished:
        text = json.dumps(names).encode()
        part = _write_part(folder / "promise", lambda file: file.write(text), unfinished)
        _sync_folders(parts)
        promise = part.with_suffix(PROMISE)
        part.replace(promise)
    _sync_folder(folder)
    return promise


def _take_name(part: Path, path: Path) -> None:
    # Whoever looks for promises may have been quicker.
    with suppress(FileNotFoundError):
        part.replace(path)


def _sync_folders(paths: Iterable[Path]) -> None:
    for folder in {path.parent for path in paths}:
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
