"""What this machine and this installation are like: versions, and whether all is in order."""

import os
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from barque import __version__
from barque.bootstrap.home import Home
from barque.settings import Settings

PARTS = (
    "numba",
    "llvmlite",
    "numpy",
    "polars",
    "lightgbm",
    "sqlalchemy",
    "fastapi",
    "uvicorn",
)
"""The libraries whose versions decide what the engine does."""

PYTHONS = ((3, 11), (3, 14))
NEEDED_MEMORY = 2 * 2**30
NEEDED_DISK = 2**30
PORTS_TRIED = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `advice` says what to do when it is not in order."""

    name: str
    is_ok: bool
    seen: str
    advice: str = ""


def versions() -> dict[str, str]:
    """Return the versions of Barque, Python and the parts of the engine."""
    found = {"barque": __version__, "python": platform.python_version()}
    return found | {part: _version(part) for part in PARTS}


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything a run needs, one finding at a time."""
    yield _python()
    yield _system()
    yield from _parts()
    yield _memory()
    yield _writable("home", settings.home, "BARQUE_HOME")
    yield _writable("cache", settings.cache, "BARQUE_CACHE")
    yield _disk(settings.home)
    yield _compiled(settings.cache)
    yield _sample(settings.sample)
    yield _catalog(Home(settings.home))
    yield _port(settings.port)


def _version(part: str) -> str:
    try:
        return version(part)
    except PackageNotFoundError:
        return "not installed"


def _python() -> Finding:
    first, beyond = PYTHONS
    allowed = f"Use Python {first[0]}.{first[1]} up to, not including, {beyond[0]}.{beyond[1]}."
    return Finding(
        "Python", first <= sys.version_info[:2] < beyond, platform.python_version(), allowed
    )


def _system() -> Finding:
    seen = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    good = platform.system() == "Linux" and platform.machine() == "x86_64"
    return Finding("System", good, seen, "Only Linux on x86-64 is tested; expect surprises.")


def _parts() -> Iterator[Finding]:
    for part in PARTS:
        seen = _version(part)
        advice = f"Install it: `make setup`, or `pip install {part}`."
        yield Finding(part, seen != "not installed", seen, advice)


def _memory() -> Finding:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    advice = f"{_size(NEEDED_MEMORY)} are needed; compiling strategies takes about one."
    return Finding("Memory", total >= NEEDED_MEMORY, _size(total), advice)


def _writable(name: str, folder: Path, variable: str) -> Finding:
    there = _nearest_existing(folder)
    try:
        with tempfile.NamedTemporaryFile(dir=there):
            return Finding(f"Write {name}", True, str(folder))
    except OSError as error:
        advice = f"{there}: {error.strerror}. Choose another folder with {variable}."
        return Finding(f"Write {name}", False, str(folder), advice)


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(_nearest_existing(folder)).free
    advice = f"{_size(NEEDED_DISK)} are needed. Make room, or choose another BARQUE_HOME."
    return Finding("Disk", free >= NEEDED_DISK, f"{_size(free)} free", advice)


def _compiled(cache: Path) -> Finding:
    files = [file for file in cache.rglob("*") if file.is_file()] if cache.is_dir() else []
    size = sum(file.stat().st_size for file in files)
    return Finding("Compile cache", True, f"{_size(size)} in {len(files)} files; safe to delete")


def _sample(folder: Path) -> Finding:
    advice = f"{folder} has no datasets.toml. Restore it, or set BARQUE_SAMPLE to its folder."
    return Finding("Sample", (folder / "datasets.toml").is_file(), str(folder), advice)


def _catalog(home: Home) -> Finding:
    count = len(list(home.catalog.glob("*/*/instrument.json")))
    # An empty catalog is how everybody begins: `barque up` fills it.
    hint = "" if count else "; `barque data import --sample` brings in the bundled sample"
    return Finding("Catalog", True, f"{count} instruments{hint}")


def _port(port: int) -> Finding:
    free = next((one for one in range(port, port + PORTS_TRIED) if _is_free(one)), None)
    advice = f"All of {port} to {port + PORTS_TRIED - 1} are taken. Choose another BARQUE_PORT."
    if free == port:
        return Finding("Port", True, f"{port} is free")
    return Finding("Port", free is not None, f"{port} is taken; `barque up` takes {free}", advice)


def _is_free(port: int) -> bool:
    if port > 65_535:
        return False
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _nearest_existing(folder: Path) -> Path:
    whole = folder.absolute()
    return next(one for one in (whole, *whole.parents) if one.exists())


def _size(amount: int) -> str:
    return f"{amount / 2**30:.1f} GiB" if amount >= 2**30 else f"{amount / 2**20:.0f} MiB"
