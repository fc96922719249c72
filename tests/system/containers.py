"""The engine, its client and our own scripts, as the system tests use them."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKED_DOWN = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
WRITABLE = ("--tmpfs", "/tmp", "--tmpfs", "/cache:uid=10001", "--tmpfs", "/data:uid=10001")


def script(name: str, *arguments: str, **environment: str) -> str:
    """Run one of scripts/ and return the last line it prints."""
    done = subprocess.run(
        [ROOT / "scripts" / name, *arguments],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return (done.stdout.splitlines() or [""])[-1]


@dataclass(frozen=True, slots=True)
class Docker:
    """The engine at an address, through its ordinary client."""

    address: str

    @property
    def environment(self) -> dict[str, str]:
        return {"DOCKER_HOST": self.address, "DOCKER_BUILDKIT": "0"}

    def __call__(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["docker", *arguments],
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            check=check,
            timeout=120,
        )

    def start(self, image: str) -> str:
        """Start a container as in production, its port published on loopback; return its id."""
        options = ("--detach", "--publish", "127.0.0.1::8000", *LOCKED_DOWN, *WRITABLE)
        return self("run", *options, image).stdout.strip()

    def run(self, image: str, *command: str, check: bool = True) -> str:
        """What a command prints in a container locked down as in production, without a network."""
        entrypoint, *arguments = command
        options = ("--rm", "--network", "none", *LOCKED_DOWN, *WRITABLE, "--entrypoint", entrypoint)
        return self("run", *options, image, *arguments, check=check).stdout.strip()
