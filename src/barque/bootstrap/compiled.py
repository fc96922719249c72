"""Which compiled kernels are kept: those of this Barque, and those that were used of late.

Every change of a source, a library or the processor begins a folder of its own, a few megabytes.
"""

import os
import shutil
import time
from contextlib import suppress

from barque.kernels.compile import cache_directory

KEPT = 30 * 86_400.0
"""Seconds for which kernels are kept that nobody uses."""


def forget_old_kernels() -> None:
    """Mark the kernels of this process as used, and remove those that were not for 30 days.

    Harmless to a process that still runs on removed ones: it compiles again what it needs again,
    and Numba makes the folder anew. A cache that is not ours to change is left as it is.
    """
    used = cache_directory()
    oldest = time.time() - KEPT
    with suppress(OSError):
        used.mkdir(parents=True, exist_ok=True)
        os.utime(used)
        for folder in used.parent.iterdir():
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)
