"""What others refuse of our Compose files and Dockerfiles: each opinion has been seen to differ."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from barque.deployment.check import Finding
from barque.deployment.compose.other_opinions import hadolint, version_one, version_two
from tests.system.containers import ROOT

pytestmark = pytest.mark.system

Opinion = Callable[[Path], Sequence[Finding]]
COMPOSE = "deploy/docker/compose.yaml"
OVERLAY = "deploy/docker/compose.ha.yaml"
DOCKERFILE = "deploy/docker/Dockerfile"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "deploy/docker", tmp_path / "deploy/docker")
    shutil.copytree(ROOT / "deploy/tools", tmp_path / "deploy/tools")
    (tmp_path / "scripts").symlink_to(ROOT / "scripts")
    return tmp_path


@pytest.mark.parametrize("opinion", [version_one, version_two, hadolint])
def test_others_agree(opinion: Opinion) -> None:
    assert opinion(ROOT) == []


FAULTS = [
    (version_one, COMPOSE, "    mem_limit: 1g\n", "    mem_limitt: 1g\n", "mem_limitt"),
    (version_one, COMPOSE, "service_started", "service_begun", "service_begun"),
    (version_one, OVERLAY, "scale: 2", "scale: two", "scale"),
    (version_two, COMPOSE, "    mem_limit: 1g\n", "    mem_limitt: 1g\n", "mem_limitt"),
    (version_two, COMPOSE, "service_started", "service_begun", "service_begun"),
    (version_two, COMPOSE, "[front, balancer-api]", "[nowhere]", "nowhere"),
    (version_two, COMPOSE, "interval: 5s", "interval: 5 parsecs", "parsecs"),
    (version_two, OVERLAY, "volumes:\n  replica", "volumez:\n  replica", "volumez"),
    (hadolint, DOCKERFILE, "COPY src src\n", "COPY src src\nRUN cd /tmp && sudo ls\n", "sudo"),
    (hadolint, DOCKERFILE, "# hadolint ignore=DL3008\n", "", "DL3008"),
]


@pytest.mark.parametrize(("opinion", "path", "old", "new", "said"), FAULTS)
def test_a_planted_fault_is_found(
    checkout: Path, opinion: Opinion, path: str, old: str, new: str, said: str
) -> None:
    text = (checkout / path).read_text()
    assert old in text
    (checkout / path).write_text(text.replace(old, new, 1))

    found = "\n".join(f"{one.where} {one.words}" for one in opinion(checkout))

    assert said in found
    assert path in found
