"""Asks Prometheus's and Alertmanager's own programs, which know their formats best."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from barque.deployment.check import Finding

LONGEST_SECONDS = 120
LONGEST_WORDS = 2_000


def run(root: Path, where: str, *command: str) -> Iterator[Finding]:
    """Run a program in the checkout; what it refuses is a finding in its own words."""
    done = subprocess.run(  # noqa: S603 # promtool and amtool, on our own files
        command,
        check=False,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
    )
    if done.returncode:
        words = "\n".join(line for line in (done.stdout + done.stderr).splitlines() if line.strip())
        yield Finding(where, f"`{' '.join(command)}` says:\n{words[-LONGEST_WORDS:]}")
