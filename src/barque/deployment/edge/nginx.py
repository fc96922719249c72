"""NGINX as the repository configures it, run in a folder of its own on this machine.

The configuration in deploy/docker/nginx is written for a container. Run elsewhere, it is copied and
only its places are changed: where it listens, writes and logs.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from barque.deployment.check import HOW_TO_GET, Finding
from barque.domain.errors import CannotContinue, NotReady

CONFIGURATION = Path("deploy/docker/nginx")
MAIN = "nginx.conf"
PAGES = "pages.conf"
LONGEST_START_SECONDS = 10.0
POLL_SECONDS = 0.05


@dataclass(slots=True)
class Nginx:
    """An NGINX that runs. `folder` holds its configuration, `error.log` and `access.log`."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def access_log(self) -> Path:
        return self.folder / "access.log"

    def tell(self, pages: str) -> None:
        """Let it serve other pages from now on; what is being answered is finished as it began."""
        write_pages(self.folder, pages)
        self.process.send_signal(signal.SIGHUP)

    def workers(self) -> set[int]:
        """Return the workers that take requests; those that only finish are none of them."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        children = {int(word) for word in listed.read_text().split()}
        return {child for child in children if b"shutting down" not in _title(child)}


@contextmanager
def running(root: Path, port: int, pages: str) -> Iterator[Nginx]:
    """Run NGINX on a port of this machine as the checkout `root` configures it, until the end."""
    if shutil.which("nginx") is None:
        raise NotReady(f"nginx is not on the PATH. {HOW_TO_GET['nginx']}")
    with tempfile.TemporaryDirectory(prefix="barque-nginx-") as name:
        folder = Path(name)
        place(root, folder, port)
        write_pages(folder, pages)
        if words := complaint(folder):
            raise CannotContinue(f"NGINX does not take its configuration:\n{words}")
        with (folder / "error.log").open("wb") as log:
            process = _started(folder, log)
            try:
                _wait_until_it_listens(process, folder, port)
                yield Nginx(folder, port, process)
            finally:
                process.terminate()
                process.wait(LONGEST_START_SECONDS)


def place(root: Path, folder: Path, port: int) -> None:
    """Copy the configuration of a checkout into `folder`, to listen and write there."""
    changes = {
        "/tmp/": f"{folder}/run/",  # noqa: S108 # what is replaced
        "/var/cache/nginx/": f"{folder}/cache/",
        "/dev/stdout": f"{folder}/access.log",
        "listen 8080": f"listen 127.0.0.1:{port}",
    }
    for name in ("run", "cache"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for source in (root / CONFIGURATION).glob("*.conf"):
        text = source.read_text()
        for old, new in changes.items():
            text = text.replace(old, new)
        (folder / source.name).write_text(text)


def write_pages(folder: Path, pages: str) -> None:
    """Write who serves, all at once: NGINX never reads half a file."""
    part = folder / f"{PAGES}.part"
    part.write_text(pages)
    part.replace(folder / PAGES)


def complaint(folder: Path) -> str:
    """Return what NGINX has against the configuration in a folder; nothing if it takes it."""
    done = subprocess.run(  # noqa: S603 # nginx, on our own files
        _command(folder, "-t", "-q"), capture_output=True, text=True, timeout=30, check=False
    )
    return done.stderr.strip() if done.returncode or "[warn]" in done.stderr else ""


def configuration_findings(root: Path) -> Sequence[Finding]:
    """Return what NGINX itself has against the configuration of a checkout."""
    with tempfile.TemporaryDirectory(prefix="barque-nginx-") as name:
        folder = Path(name)
        place(root, folder, port=1)
        words = complaint(folder)
    return [Finding(str(CONFIGURATION), words.replace(name, str(CONFIGURATION)))] if words else []


def _command(folder: Path, *words: str, globally: str = "") -> list[str]:
    if os.geteuid() == 0:
        globally += " user root;"  # else workers cannot enter the folder
    return ["nginx", "-p", str(folder), "-c", str(folder / MAIN), "-g", globally, *words]


def _started(folder: Path, log: IO[bytes]) -> "subprocess.Popen[bytes]":
    command = [*_ending_with_us(), *_command(folder, globally="daemon off;")]
    return subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 # nginx, on our files


def _ending_with_us() -> list[str]:
    """Return what lets a command be ended by the system when this process is, however that ends."""
    return ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []  # Linux has it


def _wait_until_it_listens(process: "subprocess.Popen[bytes]", folder: Path, port: int) -> None:
    deadline = time.monotonic() + LONGEST_START_SECONDS
    while not _listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CannotContinue(
                f"NGINX did not start:\n{(folder / 'error.log').read_text()[-2000:]}"
            )
        time.sleep(POLL_SECONDS)


def _listens(port: int) -> bool:
    with socket.socket() as door:
        return door.connect_ex(("127.0.0.1", port)) == 0


def _title(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b"shutting down"
