"""The Dockerfiles keep their rules, and every rule has been seen to fail."""

import shutil
import subprocess
from pathlib import Path

import pytest

from barque.deployment.compose.dockerfile_rules import findings, read_dockerfile

ROOT = Path(__file__).resolve().parents[2]
DIGEST = "sha256:" + "0" * 64


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "deploy/docker", tmp_path / "deploy/docker")
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    return tmp_path


def test_the_dockerfiles_keep_every_rule() -> None:
    assert findings(ROOT) == []


def test_an_instruction_over_several_lines_is_one() -> None:
    one, two = read_dockerfile("# words\nRUN a \\\n    # more words\n    && b\nuser 1\n")

    assert (one.line, one.word, one.rest) == (2, "RUN", "a && b")
    assert (two.line, two.word) == (5, "USER")


FAULTS = [
    ("a base that changes", "FROM ${BASE_IMAGE} AS base", "FROM debian:12 AS base", "can change"),
    ("latest", "BASE_IMAGE=python:3.12-slim-bookworm", "BASE_IMAGE=python:latest", "no version"),
    ("no version", "BASE_IMAGE=python:3.12-slim-bookworm", "BASE_IMAGE=python", "no version"),
    ("no base", "ARG BASE_IMAGE=python:3.12-slim-bookworm", "ARG OTHER=1", "no ARG BASE_IMAGE"),
    ("one stage", "\nFROM base\n", "\n", "COPY"),
    ("ADD", "COPY src src", "ADD src src", "use COPY"),
    ("everything", "COPY src src", "COPY . .", "whatever lies around"),
    ("a secret", "ARG VERSION=unknown", "ARG PYPI_TOKEN=unknown", "every layer shows"),
    ("recommends", " --no-install-recommends", "", "more than it was asked for"),
    ("lists", "rm -rf /var/lib/apt/lists/*", "true", "lists of packages stay"),
    ("a pipe", "COPY src src", "RUN curl https://a.example/x | sh", "run unseen"),
    ("root", "USER 10001:10001\n", "", "runs as root"),
    ("a name", "USER 10001:10001", "USER barque", "must be a number"),
    ("zero", "USER 10001:10001", "USER 0:0", "must be a number"),
    ("no health", "HEALTHCHECK --interval=10s", "#", "no HEALTHCHECK"),
    ("a shell", 'ENTRYPOINT ["entrypoint"]', "ENTRYPOINT entrypoint", "swallow SIGTERM"),
    ("no hashes", "--require-hashes --constraint", "--constraint", "not held by a hash"),
    ("no label", "org.opencontainers.image.base.digest", "some.other", "base.digest is missing"),
]


@pytest.mark.parametrize(
    ("old", "new", "complaint"), [f[1:] for f in FAULTS[:4] + FAULTS[5:]],
    ids=[f[0] for f in FAULTS[:4] + FAULTS[5:]],
)  # fmt: skip
def test_a_planted_fault_is_found(checkout: Path, old: str, new: str, complaint: str) -> None:
    file = checkout / "deploy/docker/Dockerfile"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))

    assert complaint in "\n".join(one.words for one in findings(checkout))


def test_a_base_that_is_named_by_its_digest_is_good(checkout: Path) -> None:
    file = checkout / "deploy/docker/Dockerfile"
    file.write_text(file.read_text().replace(":3.12-slim-bookworm", f"@{DIGEST}"))

    assert findings(checkout) == []


def test_one_stage_is_found(checkout: Path) -> None:
    file = checkout / "deploy/docker/Dockerfile"
    text = file.read_text().replace("FROM base AS build", "#").replace("\nFROM base\n", "\n")
    file.write_text(text.replace("COPY --from=build", "COPY"))

    assert "There is one stage" in "\n".join(one.words for one in findings(checkout))


def test_a_stand_in_that_runs_as_root_is_found(checkout: Path) -> None:
    file = checkout / "deploy/docker/parts/Dockerfile"
    file.write_text(file.read_text().replace("USER 65534:65534\n", ""))

    assert [one.where for one in findings(checkout)] == ["deploy/docker/parts/Dockerfile:1"]


def test_a_release_that_would_take_any_base_is_found(checkout: Path) -> None:
    file = checkout / "scripts/image"
    file.write_text(file.read_text().replace("release=yes", "release="))

    assert [one.where for one in findings(checkout)] == ["scripts/image"]


def test_a_release_refuses_a_base_without_a_digest() -> None:
    done = subprocess.run(
        [ROOT / "scripts/image", "--release", "barque:never"], capture_output=True, text=True
    )

    assert done.returncode == 2
    assert "imagetools inspect python:3.12-slim-bookworm" in done.stderr
