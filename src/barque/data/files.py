"""How files of the catalog are written, all or none, and how what they hold is named by a hash."""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

UNFINISHED = ".unfinished"

Content = Callable[[IO[bytes]], object]
"""Writes the content of a file."""


def write_all(contents: Mapping[Path, Content]) -> None:
    """Write every file, or none: each is complete on disk before the first takes its name."""
    with ExitStack() as unfinished:
        parts = {path: _write_part(path, content, unfinished) for path, content in contents.items()}
        for path, part in parts.items():
            part.replace(path)
    for folder in {path.parent for path in contents}:
        _sync_folder(folder)


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
