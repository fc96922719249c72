"""Checks of the deployment: what each looks at, what it needs, and what it found.

A check that passed is not run again while what it reads stays as it was: its inputs' content, and
the code of this package. A check whose program is missing is skipped by name, with how to get it.
"""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from barque.domain.errors import BadInput

HOW_TO_GET = {
    "terraform": "Terraform 1.11 or later: https://developer.hashicorp.com/terraform/install",
    "kubectl": "kubectl 1.27 or later: https://kubernetes.io/docs/tasks/tools",
    "promtool": "Debian: apt-get install prometheus",
    "amtool": "Debian: apt-get install prometheus-alertmanager",
    "nginx": "Debian: apt-get install nginx-light",
    "docker": "Debian: apt-get install docker.io docker-compose",
    "docker-compose": "Debian: apt-get install docker-compose",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: where, and in words what to do about it."""

    where: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question about the repository. `inputs` are globs of all files that it reads."""

    name: str
    words: str
    inputs: tuple[str, ...]
    run: Callable[[Path], Sequence[Finding]]
    programs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a check ended: passed, failed or skipped; `cached` says that it is remembered."""

    name: str
    verdict: str
    findings: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = field(default=())
    seconds: float = 0.0
    cached: bool = False


def repository(start: Path | None = None) -> Path:
    """Return the checkout that holds `deploy/`, at or above `start` (the working folder)."""
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "deploy").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise BadInput(
        f"{start} is not inside a checkout of Barque: no deploy/ there or above it. "
        "Deployment works on the repository's own files; change into the checkout."
    )


def run_checks(
    checks: Sequence[Check],
    root: Path,
    remembered: Path,
    told: Callable[[Outcome, int, int], None] = lambda outcome, done, total: None,
) -> list[Outcome]:
    """Run every check on the checkout `root` and return the outcomes in order.

    `remembered` is a folder that keeps what passed; `told` hears each outcome as it comes.
    """
    outcomes = []
    for check in checks:
        outcomes.append(_run(check, root, remembered))
        told(outcomes[-1], len(outcomes), len(checks))
    return outcomes


def _run(check: Check, root: Path, remembered: Path) -> Outcome:
    missing = tuple(program for program in check.programs if shutil.which(program) is None)
    if missing:
        return Outcome(name=check.name, verdict="skipped", missing=missing)
    mark = remembered / f"{check.name}.{_content(check, root)}"
    if mark.exists():
        return Outcome(name=check.name, verdict="passed", cached=True)
    began = time.perf_counter()
    findings = tuple(check.run(root))
    seconds = time.perf_counter() - began
    if findings:
        return Outcome(name=check.name, verdict="failed", findings=findings, seconds=seconds)
    _remember(mark, check)
    return Outcome(name=check.name, verdict="passed", seconds=seconds)


def _content(check: Check, root: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted({*_files(root, check.inputs), *Path(__file__).parent.rglob("*.py")}):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:24]


def _files(root: Path, globs: Sequence[str]) -> Iterator[Path]:
    for pattern in globs:
        yield from (path for path in root.glob(pattern) if path.is_file())


def _remember(mark: Path, check: Check) -> None:
    mark.parent.mkdir(parents=True, exist_ok=True)
    for old in mark.parent.glob(f"{check.name}.*"):
        old.unlink(missing_ok=True)
    mark.touch()
