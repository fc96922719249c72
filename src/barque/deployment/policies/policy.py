"""A policy: one law, why it is one, and how to find what breaks it.

Each has two fixtures in deploy/policy/NAME: `good` keeps it, `bad` breaks it. A policy that does
not object to its bad fixture would object to nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from barque.deployment.check import Finding

FIXTURES = Path("deploy/policy")
Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Policy(Generic[Subject]):
    """One law in words, the reason for it, and `broken`, which yields where it is not kept."""

    name: str
    words: str
    why: str
    broken: Callable[[Subject], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Kind(Generic[Subject]):
    """Policies about one kind of thing, how its fixtures are read, and where the real ones are."""

    name: str
    suffix: str
    policies: tuple[Policy[Subject], ...]
    read: Callable[[Path], Subject]
    real: Callable[[Path], Iterable[tuple[str, Subject]]]

    def findings(self, root: Path) -> Sequence[Finding]:
        """Return what the fixtures and the real things of a checkout say against the policies."""
        subjects = list(self.real(root))
        return [
            one
            for policy in self.policies
            for one in (*self._unproven(policy, root), *_broken(policy, subjects))
        ]

    def fixture(self, root: Path, policy: Policy[Subject], which: str) -> Path:
        """Return the file of the fixture `good` or `bad`."""
        return root / FIXTURES / policy.name / f"{which}{self.suffix}"

    def objections(self, policy: Policy[Subject], file: Path) -> list[str]:
        """Return what a policy has against a fixture."""
        return list(policy.broken(self.read(file)))

    def _unproven(self, policy: Policy[Subject], root: Path) -> Iterator[Finding]:
        for which, meant in (("good", False), ("bad", True)):
            file = self.fixture(root, policy, which)
            where = str(file.relative_to(root))
            if not file.exists():
                yield Finding(where, f"The policy {policy.name} has no {which} fixture.")
            elif bool(self.objections(policy, file)) is not meant:
                said = "objects to what is good" if not meant else "lets what is bad pass"
                yield Finding(where, f"The policy {policy.name} {said}.")


def _broken(policy: Policy[Subject], subjects: Sequence[tuple[str, Subject]]) -> Iterator[Finding]:
    """Yield what breaks a policy, each once however often it is rendered."""
    seen = set()
    for where, subject in subjects:
        for place in policy.broken(subject):
            if place not in seen:
                seen.add(place)
                yield Finding(f"{where}: {place}", f"It must be that {policy.words}.")
