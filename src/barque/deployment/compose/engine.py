"""The container engine of this machine and Compose, through their ordinary command lines."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from barque.domain.errors import CannotContinue, NotReady

LONGEST_START_SECONDS = 90
LONGEST_COMMAND_SECONDS = 300
LINES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Engine:
    """A container engine that answers at `address`; commands are given `environment` too."""

    root: Path
    address: str
    environment: dict[str, str] = field(default_factory=dict)

    def docker(self, *words: str, check: bool = True) -> str:
        """Run a `docker` command and return what it printed."""
        return self._run(["docker", *words], check)

    def compose(self, files: Sequence[Path], *words: str) -> str:
        """Run a Compose command on `files` and return what it printed."""
        chosen = [word for file in files for word in ("-f", str(file))]
        return self._run([*_compose_program(), *chosen, *words], check=True)

    def lines_of(self, command: Sequence[str], **environment: str) -> Iterator[str]:
        """Run one of our scripts and yield what it says, line by line; raise if it fails."""
        with subprocess.Popen(  # noqa: S603 # our own scripts
            command, cwd=self.root, env=self._everything() | environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            last: list[str] = []
            for line in process.stdout:
                last = [*last[-LINES_SHOWN:], line.rstrip()]
                yield line.rstrip()
        if process.returncode:
            raise CannotContinue(f"{Path(command[0]).name} failed:\n" + "\n".join(last))

    def containers(self, project: str) -> list[dict[str, Any]]:
        """Return everything the engine knows of the containers of a Compose project."""
        label = f"label=com.docker.compose.project={project}"
        ids = self.docker("ps", "--all", "--quiet", "--filter", label).split()
        known: list[dict[str, Any]] = json.loads(self.docker("inspect", *ids)) if ids else []
        return known

    def has_image(self, name: str) -> bool:
        """Whether an image is here already."""
        return bool(self.docker("images", "--quiet", name).strip())

    def _everything(self) -> dict[str, str]:
        return {**os.environ, **self.environment, "DOCKER_HOST": self.address}

    def _run(self, command: list[str], check: bool) -> str:
        try:
            done = subprocess.run(  # noqa: S603 # docker and Compose, with our own words
                command, cwd=self.root, env=self._everything(), text=True, capture_output=True,
                timeout=LONGEST_COMMAND_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as late:
            raise CannotContinue(
                f"`{' '.join(command[:4])} ...` did not end within {LONGEST_COMMAND_SECONDS} s. "
                "See whether the engine is busy (`docker ps`), then try again."
            ) from late
        if check and done.returncode:
            last = "\n".join(done.stderr.strip().splitlines()[-LINES_SHOWN:])
            raise CannotContinue(f"`{' '.join(command)}` failed:\n{last}")
        return done.stdout


def find_engine(root: Path, **environment: str) -> Engine:
    """Return the engine that answers, or start one with scripts/docker-engine."""
    if shutil.which("docker") is None:
        raise NotReady(
            "There is no `docker` on this machine. Install Docker, or on Debian run "
            "`apt-get install docker.io docker-compose`, then try again."
        )
    done = subprocess.run(  # noqa: S603 # our own script
        [root / "scripts" / "docker-engine", "start"], text=True, capture_output=True,
        timeout=LONGEST_START_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode:
        last = "\n".join(done.stderr.strip().splitlines()[-LINES_SHOWN:])
        raise NotReady(f"No container engine answers, and none could be started:\n{last}")
    return Engine(root, done.stdout.split()[-1], environment)


def _compose_program() -> list[str]:
    """Return how Compose is called here: version 2 as part of docker, else version 1."""
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)  # noqa: S607
    if plugin.returncode == 0:
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    raise NotReady(
        "There is no Compose on this machine. Install Docker's Compose plugin, or on Debian run "
        "`apt-get install docker-compose`, then try again."
    )
