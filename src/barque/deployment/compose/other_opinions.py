"""What others say of our Compose files and Dockerfiles: both Compose versions, and hadolint."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from barque.deployment.check import Finding
from barque.deployment.compose.dockerfile_rules import PARTS, PRODUCT
from barque.deployment.compose.files import FOLDER, HIGHLY_AVAILABLE, LAPTOP, with_variables
from barque.deployment.tools import tools_python

SECONDS = 60

READER = """
import compose_spec, json, sys
options = compose_spec.PyOptions()
options.apply_merge = True
for name, text in json.load(sys.stdin).items():
    try:
        stack = options.from_yaml(text)
        if name == "compose.yaml":
            stack.validate()
    except ValueError as error:
        print(json.dumps([name, str(error)]))
"""
"""Reads each file as Compose 2 does. An overlay alone names what only the other file describes."""


def version_one(root: Path) -> Sequence[Finding]:
    """Return what Compose 1.29 finds wrong."""
    found = []
    for files in (LAPTOP, HIGHLY_AVAILABLE):
        chosen = [word for name in files for word in ("-f", str(FOLDER / name))]
        profiles = ["--profile", "observed", "--profile", "planned"]
        done = _run(["docker-compose", *chosen, *profiles, "config", "--quiet"], root)
        if done.returncode:
            found.append(Finding(str(FOLDER / files[-1]), done.stderr.strip()))
    return found


def version_two(root: Path) -> Sequence[Finding]:
    """Return what the Compose specification refuses, unknown words included."""
    texts = {name: with_variables((root / FOLDER / name).read_text()) for name in HIGHLY_AVAILABLE}
    python = str(tools_python(root=root))
    done = _run([python, "-c", READER], root, json.dumps(texts))
    if done.returncode:
        return [Finding(str(FOLDER), f"The reader failed: {done.stderr.strip()[-500:]}")]
    complaints = [json.loads(line) for line in done.stdout.splitlines()]
    return [Finding(str(FOLDER / name), words) for name, words in complaints]


def hadolint(root: Path) -> Sequence[Finding]:
    """Return what hadolint finds wrong with the Dockerfiles."""
    return list(_hadolint(root))


def _hadolint(root: Path) -> Iterator[Finding]:
    program = str(tools_python(root=root).parent / "hadolint")
    for path in (PRODUCT, PARTS):
        done = _run([program, "--format", "json", "--no-color", str(path)], root)
        for one in json.loads(done.stdout or "[]"):
            yield Finding(f"{path}:{one['line']}", f"{one['code']}: {one['message']}")
        if done.returncode and not done.stdout:
            yield Finding(str(path), done.stderr.strip())


def _run(command: list[str], root: Path, text: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 # checkers, on our own files
        command, cwd=root, input=text, capture_output=True, text=True, timeout=SECONDS,
        check=False, env={**os.environ, "BARQUE_SECRETS": "/nowhere"},
    )  # fmt: skip
