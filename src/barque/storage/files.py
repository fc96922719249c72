"""Files that are there whole, or not at all."""

import os
from pathlib import Path

UNFINISHED = ".unfinished"


def write_whole(path: Path, body: bytes) -> None:
    """Write a file; a crash leaves it whole or not there, and at most one of suffix UNFINISHED."""
    unfinished = path.with_suffix(UNFINISHED)
    with unfinished.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names that were added to or removed from a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
