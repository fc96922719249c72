"""The environment of the checks' tools: checkov, schemas of Kubernetes, the provider's stub.

They are heavy and pin old versions, so they never share an environment with Barque itself. The
environment is made once for each deploy/tools/requirements.lock, in the cache.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from barque.deployment.check import repository
from barque.domain.errors import NotReady
from barque.settings import read_settings

LOCK = Path("deploy/tools/requirements.lock")
LONGEST_INSTALL_SECONDS = 480


def tools_python(cache: Path | None = None, *, root: Path | None = None) -> Path:
    """Return the interpreter of the tools, and install them first if that was not done yet.

    `cache` is Barque's cache and `root` the checkout; both are found when they are not given.
    Raises NotReady when the tools cannot be installed.
    """
    root = root or repository()
    lock = root / LOCK
    place = _place(cache or read_settings().cache, lock)
    python = place / "bin" / "python"
    if not _complete(place).exists():
        with _alone(place):
            if not _complete(place).exists():
                _install(root, lock, place)
    return python


def _place(cache: Path, lock: Path) -> Path:
    version = ".".join(str(number) for number in sys.version_info[:2])
    content = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    return cache.absolute() / "deploy-tools" / f"{version}-{content}"


def _complete(place: Path) -> Path:
    return place / "complete"


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Hold the right to build `place`: two checks may ask for it at the same time."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with (place.parent / f"{place.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(root: Path, lock: Path, place: Path) -> None:
    uv = _uv(root)
    _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(place))
    python = str(place / "bin" / "python")
    _run(uv, "pip", "sync", "--quiet", "--python", python, "--require-hashes", str(lock))
    _complete(place).touch()


def _uv(root: Path) -> str:
    """Return the project's own uv, which reads pip's settings, or else any uv."""
    ours = root / "scripts" / "uv"
    if os.access(ours, os.X_OK):
        return str(ours)
    found = shutil.which("uv")
    if found is None:
        raise NotReady(
            f"The tools of {LOCK} cannot be installed: there is no scripts/uv in {root} and no uv "
            "on the PATH. Restore scripts/uv, or install uv."
        )
    return found


def _run(*command: str) -> None:
    try:
        subprocess.run(  # noqa: S603 # uv, on the repository's own lock
            command, check=True, capture_output=True, text=True, timeout=LONGEST_INSTALL_SECONDS
        )
    except subprocess.TimeoutExpired as late:
        raise NotReady(
            f"The tools of {LOCK} were not installed within {LONGEST_INSTALL_SECONDS} s. "
            "Is the package index in reach (`pip config list`)? What came is kept; try again."
        ) from late
    except subprocess.CalledProcessError as failed:
        last = "\n".join((failed.stderr or "").strip().splitlines()[-5:])
        raise NotReady(
            f"The tools of {LOCK} could not be installed. Is the package index in reach "
            f"(`pip config list`)? {Path(command[0]).name} said:\n{last}"
        ) from failed
