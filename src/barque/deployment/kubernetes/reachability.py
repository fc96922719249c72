"""Who can reach whom, computed from network policies as Kubernetes defines them.

A connection passes when no policy is for its source's egress or one of them lets it out, and no
policy is for its target's ingress or one of them lets it in. Outside the cluster there are no
policies, only addresses: the internet is one place, each tier of the network is another.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from barque.deployment.check import Finding
from barque.deployment.cloud_architecture import ZONES, Architecture, Environment, Tier
from barque.deployment.kubernetes.manifests import Body, Manifest, Manifests, matches
from barque.deployment.kubernetes.places import (
    COMPONENT,
    DNS_PORT,
    INTERNET,
    NAMESPACE_NAME,
    NEIGHBOURS,
    open_between_places,
)

SOMEWHERE_ELSE = "9.9.9.9"
"""An address of the internet."""

METADATA = "169.254.169.254"
"""Where a machine at AWS answers for its own credentials; nobody may go there."""

STRAY_PORTS = (22, 80, 443, 10_250)
"""Ports that nobody should reach besides those of the design."""

Edges = frozenset[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class End:
    """One end of a connection: a pod by its labels, or an address."""

    place: str
    namespace: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    named_ports: tuple[tuple[str, int], ...] = ()
    address: str = ""

    @property
    def is_pod(self) -> bool:
        return not self.address


Peers = frozenset[tuple[End, int]]
"""Whom an end may speak with, and on which ports."""


def edge_findings(
    manifests: Manifests, architecture: Architecture, environment: Environment
) -> Iterator[Finding]:
    """Yield what is open and should not be, what should be and is not, and idle policies."""
    world = World(manifests, architecture, environment)
    meant = _in_every_zone(open_between_places(architecture))
    found = world.reachable()
    for source, target, port in sorted(found - meant):
        words = f"{source} can reach {target} on port {port}, which no edge of the design opens."
        yield Finding(manifests.where, words)
    for source, target, port in sorted(meant - found):
        words = f"{source} cannot reach {target} on port {port}, as the design wants."
        yield Finding(manifests.where, words)
    for policy in world.policies:
        if world.reachable(without=policy.name) == found:
            words = f"{policy.where} changes nothing: the same can be reached without it."
            yield Finding(manifests.where, words)


class World:
    """Pods, addresses and policies of one environment."""

    def __init__(
        self, manifests: Manifests, architecture: Architecture, environment: Environment
    ) -> None:
        self.policies = tuple(manifests.of("NetworkPolicy"))
        self._ends = (*_pods(manifests), *_outside(environment))
        self._ports = {*STRAY_PORTS, DNS_PORT, *(edge.port for edge in architecture.edges)}
        self._let = {
            (own, way): {
                policy.name: self._permits(policy, way, own)
                for policy in self.policies
                if _is_for(policy, way, own)
            }
            for own in self._ends
            for way in ("Egress", "Ingress")
        }

    def reachable(self, without: str | None = None) -> Edges:
        """Return (source, target, port) of every connection that could be opened, by places.

        `without` names a policy that is thought away.
        """
        out = {own: self._lets(own, "Egress", without) for own in self._ends}
        into = {own: self._lets(own, "Ingress", without) for own in self._ends}
        return frozenset(
            (source.place, target.place, port)
            for source in self._ends
            for target in self._ends
            if source.place != target.place and (_ours(source) or _ours(target))
            for port in self._ports
            if _allowed(out[source], target, port) and _allowed(into[target], source, port)
        )

    def _lets(self, own: End, way: str, without: str | None) -> Peers | None:
        """Return whom an end may speak with in one direction; None for everybody."""
        chosen = [peers for name, peers in self._let[own, way].items() if name != without]
        return frozenset().union(*chosen) if chosen else None

    def _permits(self, policy: Manifest, way: str, own: End) -> Peers:
        word = "to" if way == "Egress" else "from"
        return frozenset(
            (other, port)
            for rule in policy.at("spec", way.lower()) or ()
            for other in self._ends
            if _peer(rule.get(word), own, other)
            for port in self._ports
            if _port(rule.get("ports"), other if way == "Egress" else own, port)
        )


def _allowed(peers: Peers | None, other: End, port: int) -> bool:
    return peers is None or (other, port) in peers


def _in_every_zone(edges: Edges) -> Edges:
    """Write an edge to or from a tier once for each zone of the tier."""

    def zones(place: str) -> list[str]:
        return [f"{place} {i}" for i in range(ZONES)] if place.endswith("-tier") else [place]

    return frozenset(
        (s, t, p) for source, target, p in edges for s in zones(source) for t in zones(target)
    )


def _ours(end: End) -> bool:
    return end.is_pod and end.place not in NEIGHBOURS


def _pods(manifests: Manifests) -> Iterator[End]:
    for workload in manifests.workloads:
        labels = workload.pod_labels
        ports = {
            port["name"]: port["containerPort"]
            for container in workload.containers
            for port in container.get("ports", ())
        }
        yield End(
            labels.get(COMPONENT, workload.name),
            workload.namespace,
            tuple(labels.items()),
            tuple(ports.items()),
        )


def _outside(environment: Environment) -> Iterator[End]:
    for name, (namespace, labels) in NEIGHBOURS.items():
        yield End(name, namespace, tuple(labels.items()))
    yield End(INTERNET, address=SOMEWHERE_ELSE)
    yield End("metadata", address=METADATA)
    for tier in (Tier.PUBLIC, Tier.PRIVATE, Tier.DATABASE):
        for i, network in enumerate(environment.networks(tier)):
            yield End(f"{tier}-tier {i}", address=str(ipaddress.ip_network(network)[10]))


def _is_for(policy: Manifest, way: str, pod: End) -> bool:
    return (
        pod.is_pod
        and way in policy.at("spec", "policyTypes")
        and policy.namespace == pod.namespace
        and _selects(policy.at("spec", "podSelector"), dict(pod.labels))
    )


def _selects(selector: Body, labels: Mapping[str, str]) -> bool:
    return matches(selector.get("matchLabels", {}), labels) and all(
        _expression(one, labels) for one in selector.get("matchExpressions", ())
    )


def _expression(one: Body, labels: Mapping[str, str]) -> bool:
    value, values = labels.get(one["key"]), one.get("values", ())
    match one["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case _:
            return value is None


def _peer(peers: Iterable[Body] | None, own: End, other: End) -> bool:
    """Whether a rule's peers, all of the world when there are none, hold the other end."""
    return not peers or any(_one_peer(peer, own, other) for peer in peers)


def _one_peer(peer: Body, own: End, other: End) -> bool:
    block = peer.get("ipBlock")
    if block is not None:
        return not other.is_pod and _in_block(block, other.address)
    if not other.is_pod:
        return False
    if "namespaceSelector" in peer:
        if not _selects(peer["namespaceSelector"], {NAMESPACE_NAME: other.namespace}):
            return False
    elif other.namespace != own.namespace:
        return False
    return _selects(peer.get("podSelector", {}), dict(other.labels))


def _in_block(block: Body, address: str) -> bool:
    where = ipaddress.ip_address(address)
    without = (ipaddress.ip_network(network) for network in block.get("except", ()))
    return where in ipaddress.ip_network(block["cidr"]) and not any(
        where in network for network in without
    )


def _port(ports: Iterable[Body] | None, listening: End, port: int) -> bool:
    if not ports:
        return True
    named = dict(listening.named_ports)
    for one in ports:
        if one.get("protocol", "TCP") != "TCP":
            continue
        first = one.get("port")
        first = named.get(first, first) if isinstance(first, str) else first
        if first is None or first == port or first < port <= one.get("endPort", first):
            return True
    return False
