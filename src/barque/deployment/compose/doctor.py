"""What the stack needs of this machine, looked at before it is started."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from barque.deployment.compose.files import FOLDER
from barque.deployment.docker_setup import Stack, open_stack
from barque.domain.errors import BarqueError

NEEDED_MEMORY = 6 * 2**30
NEEDED_DISK = 8 * 2**30


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that was looked at. `advice` says what to do when it is not in order."""

    name: str
    is_ok: bool
    seen: str
    advice: str = ""


def examine(root: Path, project: str, port: int) -> Iterator[Looked]:
    """Look at everything the stack needs, one thing at a time."""
    yield _program("docker", "Install Docker, or on Debian `apt-get install docker.io`.")
    yield _compose()
    yield _memory()
    yield _disk(root)
    try:
        stack = open_stack(root, project=project, port=port)
    except BarqueError as error:
        yield Looked("Engine", False, "none answers", str(error))
        return
    yield Looked("Engine", True, stack.engine.address)
    yield from _files(stack)
    yield from _stack(stack)


def _program(name: str, advice: str) -> Looked:
    return Looked(name, shutil.which(name) is not None, shutil.which(name) or "missing", advice)


def _compose() -> Looked:
    for words in (["docker", "compose", "version", "--short"], ["docker-compose", "--version"]):
        if shutil.which(words[0]):
            done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
            if done.returncode == 0:
                return Looked("Compose", True, done.stdout.strip())
    advice = "Install Docker's Compose plugin, or on Debian `apt-get install docker-compose`."
    return Looked("Compose", False, "missing", advice)


def _memory() -> Looked:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    advice = f"The containers together may take {_gib(NEEDED_MEMORY)}."
    return Looked("Memory", total >= NEEDED_MEMORY, _gib(total), advice)


def _disk(root: Path) -> Looked:
    free = shutil.disk_usage(root).free
    advice = f"Images and their layers take {_gib(NEEDED_DISK)}; `docker image prune` makes room."
    return Looked("Disk", free >= NEEDED_DISK, f"{_gib(free)} free", advice)


def _files(stack: Stack) -> Iterator[Looked]:
    try:
        services = stack.services()
    except BarqueError as error:
        yield Looked("Compose file", False, "cannot be read", str(error))
    else:
        yield Looked("Compose file", True, f"{len(services)} services in {FOLDER}/compose.yaml")


def _stack(stack: Stack) -> Iterator[Looked]:
    states = stack.states()
    if not states:
        advice = f"Something listens on {stack.port}; take another with --port."
        yield Looked("Port", _is_free(stack.port), f"{stack.port}", advice)
        yield Looked("Stack", True, "not started; `barque deploy up --target compose` starts it")
        return
    for one in states:
        seen = f"{one.state}, {one.health}, {one.restarts} restarts"
        advice = f"Its check said: {one.last_check or 'nothing'}. See `docker logs {one.name}`."
        yield Looked(one.name, one.is_well, seen, advice)


def _is_free(port: int) -> bool:
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _gib(amount: int) -> str:
    return f"{amount / 2**30:.1f} GiB"
