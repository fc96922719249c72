"""What is declared to Kubernetes, checked without a cluster: rendered, read, compared.

`deploy/kubernetes` is written by hand, for Kustomize. Here every overlay is rendered with every set
of components and held against the schemas, against itself, and against the design.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import Check, Finding
from barque.deployment.cloud_architecture import Status
from barque.deployment.kubernetes.amounts import amount_findings
from barque.deployment.kubernetes.doors import door_findings
from barque.deployment.kubernetes.manifests import Manifests
from barque.deployment.kubernetes.nodes import node_findings
from barque.deployment.kubernetes.places import clusters
from barque.deployment.kubernetes.pods import pod_findings
from barque.deployment.kubernetes.reachability import edge_findings
from barque.deployment.kubernetes.references import reference_findings
from barque.deployment.kubernetes.rendering import (
    TREE,
    all_components,
    overlays,
    renderings,
    variants_of,
)
from barque.deployment.kubernetes.roles import Design, role_findings
from barque.deployment.kubernetes.schemas import schema_findings

EVERY_STATUS = frozenset(Status)


def design_of(manifests: Manifests, *, planned: bool = False) -> Design:
    """Return what a rendering is compared with: the overlay's environment, in our design."""
    environment = BARQUE.environment(manifests.where.split()[0])
    return Design(BARQUE, environment, EVERY_STATUS if planned else frozenset({Status.BUILT}))


def rendered_whole(root: Path) -> Sequence[Finding]:
    """Find what Kustomize refuses, overlays without an environment, components never used."""
    tree = root / TREE
    return [*renderings(root).failed, *_overlays(tree), *_unused(tree)]


def schemas_fit(root: Path) -> Sequence[Finding]:
    """Find objects that do not fit their schemas."""
    found = renderings(root)
    return list(schema_findings((*found.today, *found.planned), BARQUE.kubernetes, root))


def references_hold(root: Path) -> Sequence[Finding]:
    """Find names that lead nowhere, and amounts that cannot be."""
    found = renderings(root)
    return _once(
        one
        for manifests in (*found.today, *found.planned)
        for findings in (reference_findings, door_findings, amount_findings, node_findings)
        for one in findings(manifests)
    )


def pods_are_bounded(root: Path) -> Sequence[Finding]:
    """Find pods that may do more than they must, or answer elsewhere than they are asked."""
    return _compared(root, pod_findings)


def roles_are_designed(root: Path) -> Sequence[Finding]:
    """Find where roles are not what the design says."""
    return _compared(root, role_findings)


def edges_are_designed(root: Path) -> Sequence[Finding]:
    """Find connections that policies allow and the design does not, or the other way round."""
    return _once(
        one
        for manifests in renderings(root).today
        for one in edge_findings(manifests, BARQUE, design_of(manifests).environment)
    )


def _compared(
    root: Path, findings: Callable[[Manifests, Design], Iterator[Finding]]
) -> Sequence[Finding]:
    found = renderings(root)
    today = (one for each in found.today for one in findings(each, design_of(each)))
    planned = (
        one for each in found.planned for one in findings(each, design_of(each, planned=True))
    )
    return [*_once(today), *_once(planned)]


def _overlays(tree: Path) -> Iterator[Finding]:
    wanted, found = {one.name for one in clusters(BARQUE)}, set(overlays(tree))
    for name in sorted(wanted ^ found):
        has = "overlay and no environment" if name in found else "environment and no overlay"
        yield Finding(f"{TREE}/overlays", f"{name} has an {has} of Kubernetes.")


def _unused(tree: Path) -> Iterator[Finding]:
    used = {name for variant in variants_of(tree) for name in variant.components or ()}
    for name in sorted(all_components(tree) - used):
        yield Finding(
            f"{TREE}/components/{name}", "It is in no overlay and in no set that is tried."
        )


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Keep the first of those that say the same of the same object in several renderings."""
    kept: dict[tuple[str, str], Finding] = {}
    for one in findings:
        kept.setdefault((one.where.partition(": ")[2], one.words), one)
    return list(kept.values())


INPUTS = ("deploy/kubernetes/**/*", "deploy/monitoring/**/*", "deploy/docker/pgbouncer/**/*")
KUBECTL = ("kubectl",)

KUBERNETES_CHECKS: tuple[Check, ...] = (
    Check(
        name="kustomize",
        words="every overlay renders with every set of components",
        inputs=INPUTS,
        run=rendered_whole,
        programs=KUBECTL,
    ),
    Check(
        name="kubernetes-schema",
        words="every object fits its schema, strictly",
        inputs=(*INPUTS, "deploy/tools/*"),
        run=schemas_fit,
        programs=KUBECTL,
    ),
    Check(
        name="kubernetes-references",
        words="what objects name exists, and their amounts make sense",
        inputs=INPUTS,
        run=references_hold,
        programs=KUBECTL,
    ),
    Check(
        name="kubernetes-pods",
        words="pods may do little, and answer where they are asked",
        inputs=(*INPUTS, "src/barque/service/*.py", "src/barque/settings.py"),
        run=pods_are_bounded,
        programs=KUBECTL,
    ),
    Check(
        name="kubernetes-edges",
        words="network policies open the edges of the design, and no others",
        inputs=INPUTS,
        run=edges_are_designed,
        programs=KUBECTL,
    ),
    Check(
        name="roles",
        words="the roles that run are those that are built, as designed",
        inputs=INPUTS,
        run=roles_are_designed,
        programs=KUBECTL,
    ),
)
