"""One private environment for each peer, made with uv from its pinned requirements.

They live in `benchmarks/.envs`, are no part of the product, and are made again only when their
pins or the Python version change.
"""

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parent
REPOSITORY = BENCHMARKS.parent
FOLDER = BENCHMARKS / ".envs"
HOME = FOLDER / "home"
"""The home folder of everything that is measured: some peers write into theirs."""


class EnvironmentFailedError(Exception):
    """An environment could not be made; the message is what uv said last."""


def python_of(environment: str | None) -> Path:
    """Return the interpreter to measure with, making its environment first if need be."""
    if environment is None:
        return Path(sys.executable)
    pins = pins_of(environment)
    return _make(environment, pins.read_bytes(), ["pip", "sync", str(pins)])


def core() -> Path:
    """Return the interpreter of an environment that holds the product without any extra."""
    pins = FOLDER / "core.txt"
    FOLDER.mkdir(exist_ok=True)
    pins.write_text(_without_hashes((REPOSITORY / "requirements.lock").read_text()))
    install = ["pip", "install", "--constraints", str(pins), str(REPOSITORY)]
    return _make("core", pins.read_bytes() + product_sources(), install)


def pins_of(environment: str) -> Path:
    """Return the file that pins everything in an environment."""
    return BENCHMARKS / "peers" / f"{environment}.txt"


def product_sources() -> bytes:
    """Return every byte the product's speed depends on: its sources and its lock."""
    files = sorted((REPOSITORY / "src" / "barque").rglob("*.py"))
    files += [REPOSITORY / "pyproject.toml", REPOSITORY / "requirements.lock"]
    return b"".join(file.read_bytes() for file in files)


def variables(cache: Path, environment: str | None) -> dict[str, str]:
    """Return the environment variables of a measured process: few, and the same for all."""
    HOME.mkdir(parents=True, exist_ok=True)
    few = {"PATH": os.environ["PATH"], "HOME": str(HOME), "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
    caches = {
        "NUMBA_CACHE_DIR": str(cache),
        "BARQUE_CACHE": str(cache),
        "BARQUE_HOME": str(HOME / "barque"),
    }
    sources = {"PYTHONPATH": str(REPOSITORY / "src")} if environment is None else {}
    return few | caches | sources


def _make(name: str, depends_on: bytes, install: list[str]) -> Path:
    folder = FOLDER / name
    python, stamp = folder / "bin" / "python", folder / "made-from"
    digest = hashlib.sha256(depends_on + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return python
    _uv("venv", "--clear", "--python", sys.executable, str(folder))
    _uv(*install[:2], "--python", str(python), *install[2:])
    stamp.write_text(digest)
    return python


def _uv(*arguments: str) -> None:
    uv = REPOSITORY / "scripts" / "uv"  # the locked one, with the package index that pip would use
    done = subprocess.run(
        [str(uv), "--quiet", *arguments],
        env=os.environ | {"PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise EnvironmentFailedError(done.stderr.strip() or f"uv ended with {done.returncode}")


def _without_hashes(lock: str) -> str:
    pins = re.findall(r"^([\w.\[\]-]+==.+?) *\\?$", lock, flags=re.MULTILINE)
    return "\n".join(pins) + "\n"
