"""Policies: how images are built, and what Compose starts. The rules are those of `compose`."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.cloud_architecture import Architecture
from barque.deployment.compose import dockerfile_rules, rules
from barque.deployment.compose.dockerfile_rules import PARTS, PRODUCT, Instruction, read_dockerfile
from barque.deployment.compose.files import HIGHLY_AVAILABLE, LAPTOP, Stack, read_stack
from barque.deployment.policies.policy import Policy

Instructions = Sequence[Instruction]


def _lines(
    rule: Callable[[Instructions], Iterator[tuple[int, str]]],
) -> Callable[[Instructions], Iterator[str]]:
    return lambda instructions: (f"line {line}: {words}" for line, words in rule(instructions))


def _stack(
    rule: Callable[[Stack, Architecture], Iterator[str]],
) -> Callable[[Stack], Iterator[str]]:
    return lambda stack: rule(stack, BARQUE)


def read_instructions(file: Path) -> Instructions:
    """Return the instructions of a Dockerfile."""
    return read_dockerfile(file.read_text())


def images(root: Path) -> Iterator[tuple[str, Instructions]]:
    """Yield the Dockerfile of our own image."""
    yield str(PRODUCT), read_instructions(root / PRODUCT)


def every_image(root: Path) -> Iterator[tuple[str, Instructions]]:
    """Yield the Dockerfiles of our image and of the parts beside it."""
    yield from images(root)
    yield str(PARTS), read_instructions(root / PARTS)


def stack_of(file: Path) -> Stack:
    """Return one Compose file as a stack."""
    return read_stack(file.parent, (file.name,), folder=Path())


def stacks(root: Path) -> Iterator[tuple[str, Stack]]:
    """Yield what Compose would start on a laptop, and as two of each."""
    for files in (LAPTOP, HIGHLY_AVAILABLE):
        yield f"deploy/docker/{files[-1]}", read_stack(root, files)


EVERY_IMAGE: tuple[Policy[Instructions], ...] = (
    Policy(
        "base-pinned",
        "the base of an image has a digest or a version",
        "Otherwise the same commit builds another image tomorrow.",
        _lines(dockerfile_rules.base),
    ),
    Policy(
        "nothing-fetched-unseen",
        "nothing is fetched by ADD",
        "It fetches and unpacks by itself, without a checksum.",
        _lines(dockerfile_rules.no_add),
    ),
    Policy(
        "no-secret-in-layers",
        "no secret is a variable or an argument of a build",
        "Every layer is readable by who can pull the image.",
        _lines(dockerfile_rules.no_secrets),
    ),
    Policy(
        "image-without-root",
        "images run as a numbered user other than root",
        "Kubernetes can only refuse root when it sees a number.",
        _lines(dockerfile_rules.user),
    ),
)
OUR_IMAGE: tuple[Policy[Instructions], ...] = (
    Policy(
        "dependencies-locked",
        "what is installed is held by a hash",
        "A package that was changed under its version is refused.",
        _lines(dockerfile_rules.locked),
    ),
    Policy(
        "image-healthy",
        "the image says how to ask whether it is well",
        "Compose and Docker know no probes.",
        _lines(dockerfile_rules.health),
    ),
)
COMPOSE: tuple[Policy[Stack], ...] = (
    Policy(
        "containers-bounded",
        "containers have a read-only root, no capabilities, bounds and a health check",
        "A laptop is worth breaking into as well.",
        _stack(rules.hardened),
    ),
    Policy(
        "loopback-only",
        "ports are published to the machine itself only",
        "A café's network is not the place for a trading page.",
        _stack(rules.published),
    ),
    Policy(
        "compose-images-pinned",
        "images have a version, and a user other than root",
        "Two laptops must run the same.",
        _stack(rules.images),
    ),
    Policy(
        "compose-secrets-in-files",
        "secrets are handed on as files",
        "`docker inspect` shows the environment to whoever asks.",
        _stack(rules.secrets),
    ),
)
