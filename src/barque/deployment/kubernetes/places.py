"""Where a part is, as a network policy knows it: pods by labels, the rest by their address."""

from barque.deployment.cloud_architecture import (
    Architecture,
    Environment,
    Part,
    Platform,
    Role,
    Tier,
)

NAMESPACE = "barque"
COMPONENT = "app.kubernetes.io/component"
NAMESPACE_NAME = "kubernetes.io/metadata.name"
DNS = "dns"
DNS_PORT = 53
NEIGHBOURS = {
    DNS: ("kube-system", {"k8s-app": "kube-dns"}),
    "keda": ("keda", {"app.kubernetes.io/name": "keda-operator"}),
}
"""Pods of others that Barque's speak with: their namespace, and their labels there."""

INTERNET = "internet"
PARTS_AS_PODS = frozenset({"pgbouncer", "prometheus", "alertmanager"})
"""Parts besides the roles that run as pods."""

NOT_THE_INTERNET = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
)
EVERYWHERE = "0.0.0.0/0"


def runs_as_pods(part: Part) -> bool:
    """Whether a part runs inside the cluster."""
    return isinstance(part, Role) or part.name in PARTS_AS_PODS


def place(part: Part) -> str:
    """Return where a part is: pods are places of their own, the rest shares its tier's network."""
    if runs_as_pods(part) or part.name in NEIGHBOURS:
        return part.name
    return INTERNET if part.tier in (Tier.OUTSIDE, Tier.EDGE) else f"{part.tier}-tier"


def clusters(architecture: Architecture) -> tuple[Environment, ...]:
    """Return the environments that are clusters."""
    return tuple(one for one in architecture.environments if one.platform is Platform.KUBERNETES)


def open_between_places(architecture: Architecture) -> frozenset[tuple[str, str, int]]:
    """Return (source, target, port) of what pods may reach and be reached from, by their places.

    Whoever opens a connection also asks for names.
    """
    edges = set()
    for edge in architecture.open_edges():
        source, target = architecture.part(edge.source), architecture.part(edge.target)
        if runs_as_pods(source):
            edges.add((source.name, DNS, DNS_PORT))
        if runs_as_pods(source) or runs_as_pods(target):
            edges.add((place(source), place(target), edge.port))
    return frozenset(edges)
