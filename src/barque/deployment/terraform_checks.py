"""Checks of deploy/terraform: its form, its types, its own tests, its plans and what they open."""

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import Check, Finding
from barque.deployment.cloud_architecture import Architecture, Tier
from barque.deployment.terraform_config import environment_folder
from barque.deployment.terraform_plan import secrets_in, security_group_edges
from barque.deployment.terraform_plans import content, keep_plan, plans
from barque.deployment.terraform_workspace import TERRAFORM, Answer, Workspace, workspace
from barque.settings import read_settings

AT_ONCE = 2
OFFLINE = ("-input=false", "-lock=false", "-refresh=false", "-compact-warnings")
READ = ("deploy/terraform/**/*", "deploy/tools/*")
INSIDE = (Tier.PUBLIC, Tier.PRIVATE, Tier.DATABASE)
LOCAL_SOURCE = re.compile(r'^\s*source\s*=\s*"(\.{1,2}/[^"]+)"', re.M)
NEEDED_OF_STATE = ("encrypt", "use_lockfile")


def folders(root: Path) -> list[str]:
    """Return every folder of Terraform's code, below deploy/terraform."""
    found = {path.parent for path in (root / TERRAFORM).rglob("*.tf")}
    return sorted(str(folder.relative_to(root / TERRAFORM)) for folder in found)


def _is_formatted(root: Path) -> Sequence[Finding]:
    with workspace(root) as scratch:
        answer = scratch.terraform(".", "fmt", "-check", "-recursive", "-list=true")
    unformed = [] if answer.agreed else answer.words.splitlines()
    return [
        Finding(f"{TERRAFORM}/{name}", "It is not formatted; `terraform fmt -recursive`.")
        for name in unformed
    ]


def _is_valid(root: Path) -> Sequence[Finding]:
    with workspace(root) as scratch:
        answers = _asked(scratch, folders(root), "validate")
    return [*_complaints(answers), *_states(root)]


def _passes_its_tests(root: Path) -> Sequence[Finding]:
    marks = {name: _mark(root, name) for name in folders(root) if _has_tests(root, name)}
    due = [name for name, mark in marks.items() if not mark.exists()]
    if not due:
        return []
    with workspace(root) as scratch:
        answers = _asked(scratch, due, "test")
    for name, answer in answers.items():
        if answer.agreed:
            _remember(marks[name])
    return list(_complaints(answers))


def _can_be_planned(root: Path) -> Sequence[Finding]:
    cache = read_settings().cache
    names = [one.name for one in BARQUE.environments]
    with workspace(root, cache) as scratch:
        # As AWS would be asked: what it computes is not known yet, and must not be needed yet.
        answers = _asked(scratch, [environment_folder(name) for name in names], "plan", *OFFLINE)
        complaints = list(_complaints(answers))
        if complaints:
            return complaints
        made = {name: keep_plan(root, name, cache, scratch) for name in names}
    return [
        Finding(where, f"A secret would lie in the state of {name} as it is.")
        for name, plan in made.items()
        for where in secrets_in(plan)
    ]


def _groups_are_the_edges(root: Path) -> Sequence[Finding]:
    names = [one.name for one in BARQUE.environments]
    return [
        Finding(f"{TERRAFORM}/{environment_folder(name)}", words)
        for name, plan in plans(root, names, read_settings().cache).items()
        for words in differing_edges(BARQUE, security_group_edges(plan))
    ]


def differing_edges(
    architecture: Architecture, found: set[tuple[str, str, int, str]]
) -> Iterator[str]:
    """Yield how security groups differ from the design: a sentence for each."""
    meant = set(meant_edges(architecture))
    for source, target, port, direction in sorted(found - meant):
        yield f"{source} may reach {target} on port {port} ({direction}); no edge says so."
    for source, target, port, direction in sorted(meant - found):
        yield f"{source} cannot reach {target} on port {port} ({direction}); an edge says it may."


def meant_edges(architecture: Architecture) -> Iterator[tuple[str, str, int, str]]:
    """Yield the edges of the design as security groups say them, once for each end."""
    tier = {part.name: part.tier for part in architecture.parts}
    for edge in architecture.open_edges():
        if tier[edge.source] is Tier.EDGE:
            yield "cloudfront", edge.target, edge.port, "ingress"
        elif tier[edge.source] in INSIDE and tier[edge.target] is Tier.OUTSIDE:
            yield edge.source, "0.0.0.0/0", edge.port, "egress"
        elif tier[edge.source] in INSIDE:
            yield edge.source, edge.target, edge.port, "egress"
            yield edge.source, edge.target, edge.port, "ingress"
        if tier[edge.source] in INSIDE and edge.target == "endpoints":
            yield edge.source, "storage", edge.port, "egress"


def _asked(scratch: Workspace, places: Sequence[str], *words: str) -> dict[str, Answer]:
    """Ask the same of several folders, two at once."""

    def ask(place: str) -> Answer:
        found = scratch.terraform(place, "get")
        return scratch.terraform(place, *words) if found.agreed else found

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(places, pool.map(ask, places), strict=True))


def _complaints(answers: dict[str, Answer]) -> Iterator[Finding]:
    for name, answer in answers.items():
        if not answer.agreed:
            yield Finding(f"{TERRAFORM}/{name}", _errors(answer.words))


def _errors(words: str) -> str:
    """Return Terraform's words from its first error on."""
    first = words.find("Error: ")
    return words[first if first >= 0 else 0 :][:4_000]


def _states(root: Path) -> Iterator[Finding]:
    """Yield every environment whose state is not remote, encrypted and locked."""
    for one in BARQUE.environments:
        place = TERRAFORM / environment_folder(one.name) / "backend.tf"
        text = (root / place).read_text() if (root / place).exists() else ""
        settings = dict(re.findall(r"^\s*(\w+)\s*=\s*(\S+)\s*$", text, re.M))
        if 'backend "s3"' not in text:
            yield Finding(str(place), 'The state must be remote: `backend "s3"`.')
        for name in NEEDED_OF_STATE:
            if settings.get(name) != "true":
                yield Finding(str(place), f"The state needs `{name} = true`.")
        if settings.get("key") != f'"{one.name}/terraform.tfstate"':
            yield Finding(str(place), f'The state\'s key must be "{one.name}/terraform.tfstate".')


def _has_tests(root: Path, name: str) -> bool:
    return any((root / TERRAFORM / name / "tests").glob("*.tftest.hcl"))


def _mark(root: Path, name: str) -> Path:
    used = content(root, *_used(root, name))
    return read_settings().cache / "terraform-tests" / f"{name.replace('/', '-')}.{used}"


def _used(root: Path, name: str) -> set[str]:
    """Return a folder and all folders that its modules come from."""
    used, due = set(), [name]
    while due:
        place = due.pop()
        used.add(place)
        for path in (root / TERRAFORM / place).glob("*.tf"):
            for source in LOCAL_SOURCE.findall(path.read_text()):
                other = (root / TERRAFORM / place / source).resolve()
                found = str(other.relative_to((root / TERRAFORM).resolve()))
                due += [] if found in used else [found]
    return used


def _remember(mark: Path) -> None:
    mark.parent.mkdir(parents=True, exist_ok=True)
    for old in mark.parent.glob(f"{mark.stem}.*"):
        old.unlink(missing_ok=True)
    mark.touch()


TERRAFORM_CHECKS = (
    Check(
        name="terraform-fmt",
        words="Terraform's code is formatted",
        inputs=READ,
        run=_is_formatted,
        programs=("terraform",),
    ),
    Check(
        name="terraform-validate",
        words="Terraform's code fits the AWS provider's schema; states are remote and locked",
        inputs=READ,
        run=_is_valid,
        programs=("terraform",),
    ),
    Check(
        name="terraform-test",
        words="every module and environment passes its own tests",
        inputs=READ,
        run=_passes_its_tests,
        programs=("terraform",),
    ),
    Check(
        name="terraform-plan",
        words="every environment can be planned, and no secret lies in its state",
        inputs=READ,
        run=_can_be_planned,
        programs=("terraform",),
    ),
    Check(
        name="terraform-edges",
        words="security groups open the design's edges and nothing else",
        inputs=READ,
        run=_groups_are_the_edges,
        programs=("terraform",),
    ),
)
