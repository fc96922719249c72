"""What is generated for Kustomize: each environment's own values, and a policy for every edge.

Edges between pods are the same everywhere and stand in the base; those that cross the cluster's
border are generated for each environment, with its networks.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from pathlib import Path
from typing import Any

from barque.deployment.cloud_architecture import Architecture, Environment, Tier
from barque.deployment.generated import HEADER
from barque.deployment.kubernetes.manifests import yaml
from barque.deployment.kubernetes.places import (
    COMPONENT,
    DNS_PORT,
    EVERYWHERE,
    INTERNET,
    NAMESPACE,
    NAMESPACE_NAME,
    NEIGHBOURS,
    NOT_THE_INTERNET,
    clusters,
    open_between_places,
    runs_as_pods,
)

FOLDER = "deploy/kubernetes"

Value = dict[str, Any]
Edge = tuple[str, str, int]


def kubernetes_inputs(architecture: Architecture, root: Path) -> dict[str, str]:
    """Return the text of every file that is generated for Kustomize, by its path."""
    pods = {part.name for part in architecture.parts if runs_as_pods(part)}
    edges = sorted(open_between_places(architecture))
    inside = [edge for edge in edges if set(edge[:2]) <= pods | NEIGHBOURS.keys()]
    across = [edge for edge in edges if edge not in inside]
    policies = f"{FOLDER}/base/network-policies.yaml"
    files = {policies: _written([_deny_all(), *_policies(inside, pods, None)])}
    for environment in clusters(architecture):
        overlay = f"{FOLDER}/overlays/{environment.name}"
        files[f"{overlay}/environment.yaml"] = _written([_values(environment)])
        files[f"{overlay}/network-policies.yaml"] = _written(_policies(across, pods, environment))
    return files


def _values(environment: Environment) -> Value:
    cluster = f"{NAMESPACE}-{environment.name}"
    data = {
        "name": environment.name,
        "region": environment.region,
        "domain": environment.domain,
        "cluster": cluster,
        "node_role": f"{cluster}-node",
    }
    return _object("v1", "ConfigMap", "environment") | {"data": data}


def _deny_all() -> Value:
    spec = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    return _object("networking.k8s.io/v1", "NetworkPolicy", "deny-all") | {"spec": spec}


def _policies(
    edges: Iterable[Edge], pods: Set[str], environment: Environment | None
) -> Iterator[Value]:
    """Yield a policy at each end of an edge that is a pod of Barque."""
    for source, target, port in edges:
        if source in pods:
            name = f"{source}-to-{target}-{port}"
            yield _policy(name, source, "egress", {"to": _peers(target, environment)}, port)
        if target in pods:
            name = f"{target}-{port}-from-{source}"
            yield _policy(name, target, "ingress", {"from": _peers(source, environment)}, port)


def _policy(name: str, pod: str, way: str, peers: Value, port: int) -> Value:
    protocols = ("UDP", "TCP") if port == DNS_PORT else ("TCP",)
    ports = [{"protocol": protocol, "port": port} for protocol in protocols]
    spec = {
        "podSelector": {"matchLabels": {COMPONENT: pod}},
        "policyTypes": [way.capitalize()],
        way: [peers | {"ports": ports}],
    }
    return _object("networking.k8s.io/v1", "NetworkPolicy", name) | {"spec": spec}


def _peers(place: str, environment: Environment | None) -> list[Value]:
    if place in NEIGHBOURS:
        name, labels = NEIGHBOURS[place]
        namespace = {"matchLabels": {NAMESPACE_NAME: name}}
        return [{"namespaceSelector": namespace, "podSelector": {"matchLabels": labels}}]
    if place == INTERNET:
        return [{"ipBlock": {"cidr": EVERYWHERE, "except": list(NOT_THE_INTERNET)}}]
    if environment is not None and place.endswith("-tier"):
        networks: Sequence[str] = environment.networks(Tier(place.removesuffix("-tier")))
        return [{"ipBlock": {"cidr": network}} for network in networks]
    return [{"podSelector": {"matchLabels": {COMPONENT: place}}}]


def _object(api_version: str, kind: str, name: str) -> Value:
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def _written(objects: Iterable[Value]) -> str:
    text = yaml().safe_dump_all(objects, sort_keys=False, default_flow_style=False)
    return f"# {HEADER}\n{text}"
