"""Policies: what Kubernetes is told to run."""

from collections.abc import Callable, Iterator

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.compose.rules import SECRET_WORDS
from barque.deployment.kubernetes.amounts import least_and_most
from barque.deployment.kubernetes.manifests import Manifest, Manifests, at, matches
from barque.deployment.kubernetes.pods import BOUNDS, IMAGE, Bound
from barque.deployment.kubernetes.references import PROBES
from barque.deployment.kubernetes.roles import component
from barque.deployment.kubernetes_deployment import design_of
from barque.deployment.policies.policy import Policy

Broken = Callable[[Manifests], Iterator[str]]
LONG_RUNNING = ("Deployment", "StatefulSet", "DaemonSet")


def _bound(bound: Bound) -> Broken:
    def broken(manifests: Manifests) -> Iterator[str]:
        for one in manifests.workloads:
            if bound.broken_by(one):
                yield one.where

    return broken


def _every(kept: Callable[[Manifest], bool], *kinds: str) -> Broken:
    def broken(manifests: Manifests) -> Iterator[str]:
        found = manifests.of(*kinds) if kinds else manifests.workloads
        yield from (one.where for one in found if not kept(one))

    return broken


def _images(one: Manifest) -> bool:
    return all(IMAGE.fullmatch(container["image"]) for container in one.containers)


def _probed(one: Manifest) -> bool:
    return all(
        probe in container
        for container in one.pod.get("containers", ())
        if container.get("ports")
        for probe in PROBES
    )


def _several(manifests: Manifests) -> Iterator[Manifest]:
    for one in manifests.of("Deployment", "StatefulSet"):
        if least_and_most(manifests, one)[0] > 1:
            yield one


def _budgets(manifests: Manifests) -> Iterator[str]:
    for one in _several(manifests):
        budgets = manifests.of("PodDisruptionBudget")
        if not any(
            budget.namespace == one.namespace and matches(budget.selector, one.pod_labels)
            for budget in budgets
        ):
            yield one.where


def _somebody(manifests: Manifests) -> Iterator[str]:
    """Yield what may be scaled to nobody; an environment that waits for another's end may wait."""
    waits = design_of(manifests).environment.stands_in_for is not None
    for one in manifests.of("Deployment", "StatefulSet"):
        if not waits and least_and_most(manifests, one)[0] < 1:
            yield one.where


def _spread(manifests: Manifests) -> Iterator[str]:
    for one in _several(manifests):
        keys = {each["topologyKey"] for each in one.pod.get("topologySpreadConstraints", ())}
        beside = at(one.pod, "affinity", "podAffinity")
        if not {"topology.kubernetes.io/zone", "kubernetes.io/hostname"} <= keys and not beside:
            yield one.where


def _denied(manifests: Manifests) -> Iterator[str]:
    denied = {
        one.namespace
        for one in manifests.of("NetworkPolicy")
        if one.at("spec", "podSelector") == {}
        and set(one.at("spec", "policyTypes")) == {"Ingress", "Egress"}
        and not (one.at("spec", "ingress") or one.at("spec", "egress"))
    }
    yield from sorted({one.namespace for one in manifests.workloads} - denied)


def _graceful(one: Manifest) -> bool:
    roles = {role.name: role for role in BARQUE.roles}
    role = roles.get(component(one))
    return role is None or one.pod.get("terminationGracePeriodSeconds", 0) >= role.grace


def _no_secret(one: Manifest) -> bool:
    return not any(
        SECRET_WORDS.search(each["name"])
        and each.get("value")
        and not each["name"].endswith("_FILE")
        for container in one.containers
        for each in container.get("env", ())
    )


PODS: tuple[Policy[Manifests], ...] = (
    *(Policy(one.name, one.law, one.why, _bound(one)) for one in BOUNDS),
    Policy(
        "namespaces-restricted",
        "namespaces enforce the restricted standard for pods",
        "Whatever comes in by another way is held to the same.",
        _every(
            lambda one: one.labels.get("pod-security.kubernetes.io/enforce") == "restricted",
            "Namespace",
        ),
    ),
    Policy(
        "images-by-digest",
        "images are of our registry, by digest",
        "What was tested is what runs, and nobody else delivers it.",
        _every(_images),
    ),
    Policy(
        "probed",
        "whatever listens says when it has started, is ready, and is alive",
        "Otherwise a dead pod is sent visitors.",
        _every(_probed, *LONG_RUNNING),
    ),
    Policy(
        "disruption-budget",
        "what runs more than once is never taken away all at once",
        "Nodes are replaced on working days.",
        _budgets,
    ),
    Policy(
        "always-somebody",
        "nothing is scaled to nobody where the product runs",
        "A visitor would wait for a machine, an account for ever.",
        _somebody,
    ),
    Policy(
        "spread",
        "what runs more than once stands in several zones and on several nodes",
        "Two of a kind on one node are one.",
        _spread,
    ),
    Policy(
        "denied-by-default",
        "pods speak with nobody unless a policy says so",
        "Then the list of edges is the whole truth.",
        _denied,
    ),
    Policy(
        "priority",
        "every pod says how important it is",
        "When nodes run short, research gives way to traders, not the other way round.",
        _every(lambda one: bool(one.pod.get("priorityClassName"))),
    ),
    Policy(
        "time-to-stop",
        "roles get the time to stop that the design gives them",
        "Sockets are drained and accounts handed over in it.",
        _every(_graceful),
    ),
    Policy(
        "own-account",
        "every pod has a service account of its own",
        "Rights are given to roles, not to whoever stands in the same namespace.",
        _every(lambda one: one.pod.get("serviceAccountName", "default") != "default"),
    ),
    Policy(
        "no-secret-in-environment",
        "no secret is written into a pod's variables",
        "Manifests are read by many and kept for ever.",
        _every(_no_secret),
    ),
    Policy(
        "one-door",
        "services open no door of their own to the world",
        "The balancer behind CloudFront is the only one.",
        _every(lambda one: one.at("spec", "type") in (None, "ClusterIP"), "Service"),
    ),
)
