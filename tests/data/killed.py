"""Write into a catalog and be killed on the way, once at every place where that can matter.

`python -m tests.data.killed FOLDER` makes the catalogs FOLDER/1, FOLDER/2 ...: into each a longer
history is written over a shorter one by a process that SIGKILL ends just before the first, second
... time that it opens a file for writing, renames or removes one. The last one lives.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from barque.data.catalog import Catalog, Table
from barque.data.doors.writers import examine
from barque.data.kinds import EVENT, KINDS
from tests.data.builders import MINUTE, bar_columns, coin

CHANGES = ("os.rename", "os.remove", "os.mkdir")
MOST = 200

OLD = [Table("bar", "1m", bar_columns([MINUTE, 2 * MINUTE]))]
NEW = [
    Table("split", EVENT, {name: np.array([MINUTE]) for name in ("ts", "new", "old")} | {
        "new": np.array([2]), "old": np.array([1])}),
    Table("dividend", EVENT, {"ts": np.array([2 * MINUTE]), "amount": np.array([5])}),
    Table("bar", "1m", bar_columns([MINUTE, 2 * MINUTE, 3 * MINUTE])),
]  # fmt: skip


def write(root: Path, tables: list[Table]) -> None:
    Catalog(root).write(coin(), tables)


def killed(times: int, root: Path) -> None:
    count = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        changes = event in CHANGES or (event == "open" and int(arguments[2]) & os.O_ACCMODE)  # type: ignore[call-overload]
        if changes and str(arguments[0]).startswith(str(root)):
            count += 1
            if count == times:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    write(root, NEW)


def in_a_process(work: Callable[[], None]) -> int:
    """Do some work in a process of its own; polars must not have been used in this one."""
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder: Path) -> None:
    examine(KINDS["split"], coin(), NEW[0].columns, "compiled once, here")
    before = folder / "0"
    assert in_a_process(lambda: write(before, OLD)) == 0
    for times in range(1, MOST):
        root = folder / str(times)
        shutil.copytree(before, root)
        code = in_a_process(lambda times=times, root=root: killed(times, root))  # type: ignore[misc]
        if code == 0:
            return
        assert code == -signal.SIGKILL, code
    raise AssertionError("it was killed too often")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
