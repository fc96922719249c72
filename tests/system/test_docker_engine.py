"""The engine of the system tests is stopped by nobody while another uses it."""

import os
import subprocess

import pytest

from tests.system.containers import ROOT, Docker

pytestmark = pytest.mark.system

ENGINE = str(ROOT / "scripts" / "docker-engine")


def ask(*words: str) -> subprocess.CompletedProcess[str]:
    """Call the script from a process of its own, which has ended when this returns."""
    done = subprocess.run(
        ["sh", "-c", f"{ENGINE} {' '.join(words)}; exit $?"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done


def ours(docker: Docker) -> None:
    if "barque-docker" not in docker.address:
        pytest.skip("this machine has an engine of its own, which the script never stops")


def test_another_one_that_starts_and_stops_it_leaves_it_to_us(docker: Docker) -> None:
    ours(docker)

    assert ask("start").stdout.strip() == docker.address
    said = ask("stop").stderr

    assert f"process {os.getpid()} uses it" in said
    assert docker("version", "--format", "{{.Server.Version}}").stdout.strip()
