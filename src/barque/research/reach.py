"""What a run reached for besides its market: files, programs and the network.

What a strategy reads from a file cannot be replaced, so nobody can say whether its past hung on
the future. Python tells of every file it opens; Polars and PyArrow open theirs in machine code,
so their reading functions are watched by name. Not seen: a library that opens files in machine
code of its own under another name, and numbers written into the strategy's source.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from barque.kernels.compile import cache_directory

READERS = ("polars.io", "pyarrow")
CODE = {".py", ".pyc", ".pyi", ".so", ".nbi", ".nbc", ".pth", ".pem"}
OUTSIDE = {
    "socket.connect": "the network",
    "subprocess.Popen": "another program",
    "os.system": "another program",
    "os.posix_spawn": "another program",
    "os.exec": "another program",
    "sqlite3.connect": "a database",
}

_found: list[set[str]] = []
"""Where to write down what is reached for: the last set, while somebody watches."""

_installed: list[bool] = []


@contextmanager
def watched() -> Iterator[set[str]]:
    """Watch this process; the set fills with what is reached for: full paths, or words."""
    if not _installed:  # an audit hook cannot be taken away again
        sys.addaudithook(_heard)
        _installed.append(True)
    reached: set[str] = set()
    before = sys.getprofile()
    _found.append(reached)
    sys.setprofile(_called)
    try:
        yield reached
    finally:
        sys.setprofile(before)
        _found.pop()


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if not _found:
        return
    if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        _note(arguments[0])
    elif event in OUTSIDE:
        _found[-1].add(OUTSIDE[event])


def _called(frame: FrameType, event: str, argument: object) -> None:
    name = frame.f_code.co_name
    if event != "call" or not name.startswith(("read_", "scan_")):
        return
    module = frame.f_globals.get("__name__", "")
    if not module.startswith(READERS) or not frame.f_code.co_varnames:
        return
    source = frame.f_locals.get(frame.f_code.co_varnames[0])
    if isinstance(source, str | os.PathLike):
        _note(source)


def _note(path: str | bytes | os.PathLike[Any]) -> None:
    file = Path(os.path.abspath(os.fsdecode(path)))
    if file.suffix not in CODE and not any(file.is_relative_to(place) for place in _own_places()):
        _found[-1].add(str(file))


def _own_places() -> list[Path]:
    """Return where Python, the system and Barque keep what no strategy learns from."""
    package = Path(__file__).resolve().parents[1]
    system = [Path(place) for place in ("/proc", "/sys", "/dev", "/usr", "/lib", "/etc")]
    return [package, cache_directory(), Path(sys.prefix), Path(sys.base_prefix), *system]
