"""What a Dockerfile must keep: a pinned base, stages, a user without rights, nothing unlocked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from barque.deployment.check import Finding

PRODUCT = Path("deploy/docker/Dockerfile")
PARTS = Path("deploy/docker/parts/Dockerfile")
RELEASE = Path("scripts/image")
DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
SECRET_WORDS = re.compile(r"PASSWORD|SECRET|TOKEN|API_KEY|PRIVATE_KEY", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, its lines joined."""

    line: int
    word: str
    rest: str


def findings(root: Path) -> Sequence[Finding]:
    """Return what is wrong with the Dockerfiles of a checkout."""
    found = []
    for path, rules in ((PRODUCT, (*EVERYWHERE, *OURS)), (PARTS, EVERYWHERE)):
        instructions = read_dockerfile((root / path).read_text())
        for rule in rules:
            for line, words in rule(instructions):
                found.append(Finding(f"{path}:{line}", words))
    if not re.search(r"--release\).*release=yes", (root / RELEASE).read_text()):
        found.append(Finding(str(RELEASE), "A release must refuse a base without a digest."))
    return found


def read_dockerfile(text: str) -> list[Instruction]:
    """Return the instructions of a Dockerfile, comments left out."""
    instructions, begun, number = [], "", 0
    for k, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or not line.strip():
            continue
        number = number if begun else k
        begun += line.rstrip().removesuffix("\\").strip() + " "
        if not line.rstrip().endswith("\\"):
            word, _, rest = begun.strip().partition(" ")
            instructions.append(Instruction(number, word.upper(), rest.strip()))
            begun = ""
    return instructions


Words = Iterator[tuple[int, str]]


def base(instructions: Sequence[Instruction]) -> Words:
    """Yield bases that can change."""
    stages: set[str] = set()
    for one in _of(instructions, "FROM"):
        image, _, name = one.rest.partition(" AS ")
        if image not in stages and image != "${BASE_IMAGE}" and not DIGEST.search(image):
            yield one.line, f"The base {image} can change; take BASE_IMAGE, or name a digest."
        stages.add(name)
    defaults = [a for a in _of(instructions, "ARG") if a.rest.startswith("BASE_IMAGE=")]
    if not defaults:
        yield 1, "There is no ARG BASE_IMAGE with a default."
    for one in defaults:
        tag = one.rest.rpartition("/")[2].partition("=")[2] or one.rest
        version = tag.partition(":")[2]
        if not DIGEST.search(one.rest) and version in ("", "latest"):
            yield one.line, "The default base has no version; name one, or a digest."


def no_add(instructions: Sequence[Instruction]) -> Words:
    """Yield what is fetched by ADD."""
    for one in _of(instructions, "ADD"):
        yield one.line, "ADD fetches and unpacks by itself; use COPY."


def _no_everything(instructions: Sequence[Instruction]) -> Words:
    for one in _of(instructions, "COPY"):
        if one.rest.split()[-2:-1] == ["."]:
            yield one.line, "COPY . takes whatever lies around; name what is needed."


def no_secrets(instructions: Sequence[Instruction]) -> Words:
    """Yield secrets that a layer shows."""
    for one in (*_of(instructions, "ENV"), *_of(instructions, "ARG")):
        if SECRET_WORDS.search(one.rest):
            yield one.line, f"{one.word} holds a secret that every layer shows."


def _packages(instructions: Sequence[Instruction]) -> Words:
    for one in _of(instructions, "RUN"):
        if "apt-get install" not in one.rest:
            continue
        if "--no-install-recommends" not in one.rest:
            yield one.line, "apt-get brings more than it was asked for: --no-install-recommends."
        if "rm -rf /var/lib/apt/lists" not in one.rest:
            yield one.line, "The lists of packages stay in the layer: remove them."


def _no_pipe(instructions: Sequence[Instruction]) -> Words:
    for one in _of(instructions, "RUN"):
        if re.search(r"(curl|wget)[^|]*\|\s*(ba)?sh", one.rest):
            yield one.line, "What is fetched is run unseen."


def user(instructions: Sequence[Instruction]) -> Words:
    """Yield a last stage that runs as root, or as a name."""
    users = _of(_last_stage(instructions), "USER")
    if not users:
        yield 1, "The last stage has no USER: it runs as root."
    elif not re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", users[-1].rest):
        yield users[-1].line, f"USER {users[-1].rest} must be a number other than 0."


def _stages(instructions: Sequence[Instruction]) -> Words:
    if len(_of(instructions, "FROM")) < 2:
        yield 1, "There is one stage: what builds would be in what runs."


def health(instructions: Sequence[Instruction]) -> Words:
    """Yield a last stage that cannot say how it is."""
    checks = _of(_last_stage(instructions), "HEALTHCHECK")
    if not checks or checks[-1].rest == "NONE":
        yield 1, "The last stage has no HEALTHCHECK."


def _start(instructions: Sequence[Instruction]) -> Words:
    starts = _of(_last_stage(instructions), "ENTRYPOINT")
    if not starts or not starts[-1].rest.startswith("["):
        yield 1, 'ENTRYPOINT must be a list, ["..."]: a shell would swallow SIGTERM.'


def locked(instructions: Sequence[Instruction]) -> Words:
    """Yield what is installed and held by no hash."""
    for one in _of(instructions, "RUN"):
        installs = re.search(r"pip install", one.rest)
        if installs and not re.search(r"--require-hashes|--no-deps \.", one.rest):
            yield one.line, "What is installed is not held by a hash: --require-hashes."


def _labels(instructions: Sequence[Instruction]) -> Words:
    text = " ".join(one.rest for one in _of(_last_stage(instructions), "LABEL"))
    for name in ("title", "version", "revision", "licenses", "base.name", "base.digest"):
        if f"org.opencontainers.image.{name}=" not in text:
            yield 1, f"The label org.opencontainers.image.{name} is missing."


EVERYWHERE = (base, no_add, _no_everything, no_secrets, _packages, _no_pipe, user)
OURS = (_stages, health, _start, locked, _labels)


def _of(instructions: Sequence[Instruction], word: str) -> list[Instruction]:
    return [one for one in instructions if one.word == word]


def _last_stage(instructions: Sequence[Instruction]) -> Sequence[Instruction]:
    last = max(k for k, one in enumerate(instructions) if one.word == "FROM")
    return instructions[last:]
