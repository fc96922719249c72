"""A real Docker engine, and the image built as for production."""

from collections.abc import Iterator

import pytest

from tests.system.containers import Docker, script


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
