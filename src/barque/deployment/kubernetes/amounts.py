"""Whether amounts make sense: quantities, limits, bounds of scaling, budgets, quotas."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from barque.deployment.check import Finding
from barque.deployment.kubernetes.manifests import Manifest, Manifests, at, matches
from barque.deployment.kubernetes.quantities import quantity
from barque.deployment.kubernetes.rules import Rule, findings

SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
RESOURCES = frozenset({"cpu", "memory"})


def amount_findings(manifests: Manifests) -> Iterator[Finding]:
    """Yield every amount in a rendering that cannot be, or that contradicts another."""
    yield from findings(manifests, RULES)


def least_and_most(manifests: Manifests, pods: Manifest) -> tuple[int, int]:
    """Return how many replicas a workload has at the least and at the most."""
    for scaler in manifests.of(*SCALERS):
        if _target(scaler) == (pods.kind, pods.name, pods.namespace):
            return _bounds(scaler)
    fixed = pods.at("spec", "replicas")
    return (1, 1) if fixed is None else (fixed, fixed)


def _quantities(manifests: Manifests) -> Iterator[tuple[str, str]]:
    for one in manifests.workloads:
        for container in one.containers:
            resources = container.get("resources", {})
            for kind in ("requests", "limits"):
                for name, written in resources.get(kind, {}).items():
                    if quantity(written) is None:
                        yield one.where, f"Its {kind} of {name}, {written}, is no quantity."
            yield from ((one.where, words) for words in _limits(resources))
    for one in manifests.of("ResourceQuota"):
        for name, written in one.at("spec", "hard").items():
            if quantity(written) is None:
                yield one.where, f"Its {name}, {written}, is no quantity."


def _limits(resources: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    limits = resources.get("limits", {})
    for name, written in resources.get("requests", {}).items():
        asked, most = quantity(written), quantity(limits.get(name, written))
        if asked is not None and most is not None and asked > most:
            yield f"It asks for {written} of {name}, and may have {limits[name]}."


def _scaling(manifests: Manifests) -> Iterator[tuple[str, str]]:
    seen: dict[tuple[str, str, str], str] = {}
    for one in manifests.of(*SCALERS, "VerticalPodAutoscaler"):
        target = _target(one)
        kind, name, _ = target
        pods = [p for p in manifests.workloads if (p.kind, p.name, p.namespace) == target]
        if not pods:
            yield one.where, f"It scales {kind}/{name}, and there is none."
        if one.kind not in SCALERS:
            continue
        least, most = _bounds(one)
        if least > most:
            yield one.where, f"It keeps {least} at the least and {most} at the most."
        if target in seen:
            yield one.where, f"{seen[target]} scales {kind}/{name} too; they would quarrel."
        seen[target] = one.where
        for each in pods:
            if each.at("spec", "replicas"):
                yield each.where, f"It states its replicas, and {one.where} scales it."


def _both_ways(manifests: Manifests) -> Iterator[tuple[str, str]]:
    """Yield what makes pods larger by what makes them more: each would undo the other's work."""
    for one in manifests.of("VerticalPodAutoscaler"):
        if one.at("spec", "updatePolicy", "updateMode") == "Off":
            continue
        for scaler in manifests.of(*SCALERS):
            watched = RESOURCES & set(_watched(scaler))
            if watched and _target(scaler) == _target(one):
                names = " and ".join(sorted(watched))
                yield one.where, f"{scaler.where} scales the same pods by {names} already."


def _watched(scaler: Manifest) -> Iterator[str]:
    for trigger in scaler.at("spec", "triggers") or ():
        yield trigger["type"]
    for metric in scaler.at("spec", "metrics") or ():
        yield at(metric, "resource", "name") or ""


def _budgets(manifests: Manifests) -> Iterator[tuple[str, str]]:
    budgets = list(manifests.of("PodDisruptionBudget"))
    for pods in manifests.of("Deployment", "StatefulSet"):
        least, _ = least_and_most(manifests, pods)
        own = [b for b in budgets if matches(b.selector, pods.pod_labels)]
        if least > 1 and not own:
            yield pods.where, f"It has {least} replicas at the least and no disruption budget."
        if len(own) > 1:
            yield pods.where, "Two disruption budgets are about it; evictions would fail."
        for budget in own:
            kept = budget.at("spec", "minAvailable")
            if isinstance(kept, int) and 0 < least <= kept:
                yield budget.where, f"It keeps {kept} of {least} replicas: no node can be drained."


def _quota(manifests: Manifests) -> Iterator[tuple[str, str]]:
    """Yield quotas that are smaller than what may be asked for at the most."""
    for one in manifests.of("ResourceQuota"):
        hard = one.at("spec", "hard")
        asked = {"requests.cpu": Decimal(), "requests.memory": Decimal(), "pods": Decimal()}
        for pods in manifests.workloads:
            if pods.namespace != one.namespace or pods.kind == "PodTemplate":
                continue
            _, most = least_and_most(manifests, pods)
            asked["pods"] += most
            for container in pods.containers:
                for name in ("cpu", "memory"):
                    written = container.get("resources", {}).get("requests", {}).get(name, 0)
                    asked[f"requests.{name}"] += most * (quantity(written) or 0)
        for name, needed in asked.items():
            allowed = quantity(hard.get(name, "0"))
            if name in hard and allowed is not None and needed > allowed:
                yield one.where, f"Its {name} is {hard[name]}; {needed} may be asked for."


def _target(scaler: Manifest) -> tuple[str, str, str]:
    found = scaler.at("spec", "scaleTargetRef") or scaler.at("spec", "targetRef")
    return found.get("kind", "Deployment"), found["name"], scaler.namespace


def _bounds(scaler: Manifest) -> tuple[int, int]:
    spec = scaler.body["spec"]
    if scaler.kind == "ScaledObject":
        return spec.get("minReplicaCount", 0), spec.get("maxReplicaCount", 100)
    return spec.get("minReplicas", 1), spec["maxReplicas"]


RULES: tuple[Rule, ...] = (_quantities, _scaling, _both_ways, _budgets, _quota)
