"""Deployment's checks, seen red: each mutation spoils one file, and one named check must object.

A check that cannot fail proves nothing. Mutations are rows of deploy/policy/mutations.toml. They
are planted in a copy, one at a time, and only the narrowest check is asked: the tests of one
Terraform module, the rules about one rendering, about Compose files, NGINX, alerts and so on.
"""

import shutil
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from barque.deployment import auto_scaling
from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import Finding
from barque.deployment.compose import dockerfile_rules, rules
from barque.deployment.edge import nginx_rules
from barque.deployment.kubernetes.amounts import amount_findings
from barque.deployment.kubernetes.doors import door_findings
from barque.deployment.kubernetes.manifests import Manifests
from barque.deployment.kubernetes.nodes import node_findings
from barque.deployment.kubernetes.pods import pod_findings
from barque.deployment.kubernetes.reachability import edge_findings
from barque.deployment.kubernetes.references import reference_findings
from barque.deployment.kubernetes.rendering import Variant, render_variants
from barque.deployment.kubernetes.roles import role_findings
from barque.deployment.kubernetes_deployment import design_of
from barque.deployment.monitoring_setup import alerts_are_sound, rules_make_sense
from barque.deployment.policies.pods import PODS
from barque.deployment.terraform_workspace import TERRAFORM, Workspace, workspace
from barque.domain.errors import BadInput

TABLE = Path("deploy/policy/mutations.toml")
LONGEST_WORDS = 160
COPIED = ("deploy", "scripts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One thing wrong, in words: what is replaced in a file, and the check that must object.

    `at` narrows the check: a folder of Terraform, or an overlay of Kubernetes.
    """

    wrong: str
    file: str
    find: str
    replace: str
    check: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the check said first, or why it could not be asked; `red` when it objected."""

    red: bool
    words: str
    seconds: float


def read_mutations(root: Path) -> list[Mutation]:
    """Return the rows of the table."""
    table = tomllib.loads((root / TABLE).read_text())["mutation"]
    return [Mutation(**row) for row in table]


def sample(mutations: Sequence[Mutation], count: int) -> list[Mutation]:
    """Return every n-th mutation, about `count` of them, always the same."""
    return list(mutations[:: max(1, len(mutations) // count)])[:count]


@dataclass(slots=True)
class Spoiler:
    """A copy of the checkout where things are spoilt and mended again."""

    folder: Path
    _places: ExitStack = field(default_factory=ExitStack)
    _terraform: Workspace | None = None

    def ask(self, check: str, at: str) -> list[str]:
        """Return what a check has to say about the copy as it is now."""
        if check == "terraform-test":
            answer = self._workspace().terraform(at, "test")
            return [] if answer.agreed else [_error(answer.words)]
        if check not in CHECKS:
            raise BadInput(f"Mutations know no check {check!r}; they know {', '.join(CHECKS)}.")
        return [f"{one.where}: {one.words}" for one in CHECKS[check](self.folder, at)]

    def see(self, mutation: Mutation) -> Seen:
        """Plant a mutation, ask its check, and take it out again."""
        began = time.monotonic()
        with self._planted(mutation) as fits:
            said = self.ask(mutation.check, mutation.at) if fits else []
        seconds = time.monotonic() - began
        if not fits:
            return Seen(False, "the text to be replaced does not occur exactly once", seconds)
        return Seen(bool(said), said[0] if said else "the check found nothing wrong", seconds)

    def close(self) -> None:
        """End what stands in for AWS."""
        self._places.close()

    @contextmanager
    def _planted(self, mutation: Mutation) -> Iterator[bool]:
        file = self._file(mutation)
        sound = file.read_text()
        if sound.count(mutation.find) != 1:
            yield False
            return
        file.write_text(sound.replace(mutation.find, mutation.replace))
        try:
            yield True
        finally:
            file.write_text(sound)

    def _file(self, mutation: Mutation) -> Path:
        if mutation.check == "terraform-test":
            return self._workspace().folder / Path(mutation.file).relative_to(TERRAFORM)
        return self.folder / mutation.file

    def _workspace(self) -> Workspace:
        """Return one copy of the Terraform for all its mutations: its stand-in starts slowly."""
        if self._terraform is None:
            self._terraform = self._places.enter_context(workspace(self.folder))
            for module in self._terraform.folder.rglob("*.tftest.hcl"):
                place = module.parent.parent.relative_to(self._terraform.folder)
                self._terraform.terraform(str(place), "get")
        return self._terraform


@contextmanager
def spoiler(root: Path) -> Iterator[Spoiler]:
    """Copy what is deployed aside, to be spoilt there."""
    with tempfile.TemporaryDirectory(prefix="barque-mutations-") as name:
        folder = Path(name)
        for place in COPIED:
            shutil.copytree(root / place, folder / place, symlinks=True)
        shutil.copy(root / "pyproject.toml", folder)
        one = Spoiler(folder)
        try:
            yield one
        finally:
            one.close()


def see_all(root: Path, mutations: Sequence[Mutation]) -> Iterator[tuple[Mutation, Seen]]:
    """Yield what was seen of each mutation, after every check was seen green without one.

    Raises BadInput when a check objects already before anything is spoilt.
    """
    with spoiler(root) as copy:
        for check, at in dict.fromkeys((one.check, one.at) for one in mutations):
            said = copy.ask(check, at)
            if said:
                raise BadInput(f"{check} {at} objects before anything is spoilt: {said[0]}")
        for mutation in mutations:
            yield mutation, copy.see(mutation)


def _error(words: str) -> str:
    """Return what Terraform's first error is about: the words of the failed assertion."""
    lines = [line.strip(" │╵╷") for line in words.splitlines()]
    first = next((i for i, line in enumerate(lines) if line.startswith("Error: ")), 0)
    told = [line for line in lines[first : first + 40] if line]
    headline, last = told[0] if told else "Terraform failed", told[-1] if told else ""
    for line in told[1:]:
        if line.startswith("Error: "):
            break
        last = line
    return f"{headline}: {last}"[:LONGEST_WORDS]


def _rendered(root: Path, overlay: str) -> Manifests | Finding:
    return render_variants(root, [Variant(overlay)])[0]


def _about(*findings: Callable[[Manifests], Iterator[Finding]]) -> Callable[..., list[Finding]]:
    """Return a check of one overlay's rendering; what Kustomize refuses is a finding too."""

    def check(root: Path, overlay: str) -> list[Finding]:
        found = _rendered(root, overlay)
        if isinstance(found, Finding):
            return [found]
        return [one for each in findings for one in each(found)]

    return check


def _policies(manifests: Manifests) -> Iterator[Finding]:
    for policy in PODS:
        for place in policy.broken(manifests):
            yield Finding(place, f"It must be that {policy.words}.")


CHECKS: dict[str, Callable[[Path, str], Sequence[Finding]]] = {
    "dockerfile": lambda root, _: dockerfile_rules.findings(root),
    "compose": lambda root, _: rules.findings(root),
    "scaling": lambda root, _: auto_scaling.CHECK.run(root),
    "edge-nginx": lambda root, _: nginx_rules.findings(root),
    "alerts": lambda root, _: alerts_are_sound(root),
    "alerts-written": lambda root, _: rules_make_sense(root),
    "kustomize": _about(),
    "kubernetes-references": _about(
        reference_findings, door_findings, amount_findings, node_findings
    ),
    "kubernetes-pods": _about(lambda one: pod_findings(one, design_of(one))),
    "kubernetes-edges": _about(lambda one: edge_findings(one, BARQUE, design_of(one).environment)),
    "roles": _about(lambda one: role_findings(one, design_of(one))),
    "policies-kubernetes": _about(_policies),
}
