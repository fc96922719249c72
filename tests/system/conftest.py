"""A real Docker engine, the image built as for production, and homes that were used before."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.containers import Docker, script
from tests.system.runs import finish


@pytest.fixture(scope="session")
def docker() -> Iterator[Docker]:
    engine = Docker(script("docker-engine", "start"))
    yield engine
    engine("image", "prune", "--force", "--filter", "until=24h")  # stages of former builds
    script("docker-engine", "stop")


@pytest.fixture(scope="session")
def image(docker: Docker) -> str:
    """The image, built on a Debian of our own making because CI reaches no registry."""
    base = script("debian-base", **docker.environment)
    script("image", "barque:test", BASE_IMAGE=base, **docker.environment)
    return "barque:test"


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which `barque up` ran from nothing to the end of the replay, never disturbed."""
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    finish(home)
    return home


@pytest.fixture
def prepared(undisturbed: Path, tmp_path: Path) -> Path:
    """A home in which everything was imported and learned, and nothing was traded yet."""
    home = tmp_path / "home"
    for folder in ("catalog", "models"):
        shutil.copytree(undisturbed / folder, home / folder)
    shutil.copy(undisturbed / "sample-imported", home)
    return home
