"""What Barque is made of in the cloud, as types: parts, roles, edges, data, environments.

An `Architecture` is a value. Everything else follows from it: security groups and network policies
from its edges, Terraform's variables and Kustomize's inputs from its environments, the drawing and
the price from all of it. `violations` says what is wrong with one, in words.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

ZONES = 3
LEAST_REPLICAS = 2
LONGEST_RECOVERY_DAYS = 35

Repeated = TypeVar("Repeated")


class Tier(StrEnum):
    """Where a part stands: who can reach it at all."""

    OUTSIDE = "outside"
    EDGE = "edge"
    PUBLIC = "public"
    PRIVATE = "private"
    DATABASE = "database"


class Status(StrEnum):
    """Whether a part or an edge exists today. What is planned is designed and priced, never run."""

    BUILT = "built"
    PLANNED = "planned"


class Platform(StrEnum):
    """What carries the roles of an environment."""

    KUBERNETES = "kubernetes"
    INSTANCES = "instances"


class Pool(StrEnum):
    """The machines that a role runs on."""

    SYSTEM = "system"
    SERVING = "serving"
    TRADING = "trading"
    RESEARCH = "research"
    SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Anything that speaks or is spoken to over a network."""

    name: str
    words: str
    tier: Tier
    status: Status = Status.BUILT


@dataclass(frozen=True, slots=True, kw_only=True)
class Role(Part):
    """A part that is Barque's own image, started as `barque run NAME`.

    `cpu` is in cores and `memory` in MiB, what one replica asks for. `grace` is how many seconds it
    may take to stop. `handed_over` says that it owns accounts, which are never cut off.
    """

    tier: Tier = Tier.PRIVATE
    pool: Pool
    port: int | None = None
    cpu: float
    memory: int
    grace: int = 30
    handed_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One part may open TCP connections to another on one port. What is not listed is refused."""

    source: str
    target: str
    port: int
    words: str
    status: Status = Status.BUILT


class Verb(StrEnum):
    """What a role may do with data. What is sealed is written blind: only who may open it reads."""

    READ = "read"
    WRITE = "write"
    SEAL = "seal"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One role may do one thing with one kind of data. What is not listed is refused."""

    role: str
    data: str
    verb: Verb
    status: Status = Status.BUILT


@dataclass(frozen=True, slots=True, kw_only=True)
class DataClass:
    """A kind of data: where its truth is, and how much of it may be lost for how long.

    `rpo_seconds` and `rto_seconds` are for the loss of a zone, `region_*` for that of the region.
    """

    name: str
    words: str
    store: str
    key: str
    retention_days: int | None
    rpo_seconds: int
    rto_seconds: int
    region_rpo_seconds: int
    region_rto_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Sizes of PostgreSQL. `copied_to` is the region that keeps a second copy of the backups."""

    instance_class: str
    storage_gib: int
    largest_storage_gib: int
    multi_az: bool
    replicas: int
    backup_days: int
    copied_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """Sizes of Redis; it holds no truth."""

    node_type: str
    replicas: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Machines:
    """A group of machines of one kind."""

    instance_type: str
    least: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One place where all of it runs. `monthly_budget` is in US dollars.

    `machines` are the managed nodes of a cluster, or the instances of each role without one, by
    the name of the pool. `stands_in_for` names the environment that this one replaces when its
    region is lost.
    """

    name: str
    words: str
    platform: Platform
    region: str
    zones: tuple[str, ...]
    cidr: str
    domain: str
    nat_per_zone: bool
    machines: dict[Pool, Machines]
    database: Database
    cache: Cache
    protected: bool
    log_days: int
    monthly_budget: int
    stands_in_for: str | None = None

    def networks(self, tier: Tier) -> tuple[str, ...]:
        """Return the network of each zone in a tier.

        Private ones are quarters of the whole, for a pod takes an address of its own; the last
        quarter is cut into eighths, public ones first. As in deploy/terraform/modules/network.
        """
        bits, first = {Tier.PRIVATE: (2, 0), Tier.PUBLIC: (5, 24), Tier.DATABASE: (5, 27)}[tier]
        parts = list(ipaddress.ip_network(self.cidr).subnets(prefixlen_diff=bits))
        return tuple(str(network) for network in parts[first : first + ZONES])


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """The whole design. `kubernetes` is the version of the clusters."""

    parts: tuple[Part, ...]
    edges: tuple[Edge, ...]
    data: tuple[DataClass, ...]
    environments: tuple[Environment, ...]
    access: tuple[Access, ...] = ()
    kubernetes: str = "1.35"

    @property
    def roles(self) -> tuple[Role, ...]:
        return tuple(part for part in self.parts if isinstance(part, Role))

    def part(self, name: str) -> Part:
        return next(part for part in self.parts if part.name == name)

    def environment(self, name: str) -> Environment:
        return next(environment for environment in self.environments if environment.name == name)

    def open_edges(self) -> tuple[Edge, ...]:
        """Return the edges that are open today: built, between parts that are built."""
        built = {part.name for part in self.parts if part.status is Status.BUILT}
        return tuple(
            edge
            for edge in self.edges
            if edge.status is Status.BUILT and {edge.source, edge.target} <= built
        )

    def open_access(self, role: str) -> tuple[Access, ...]:
        """Return what a role may do with data today."""
        return tuple(one for one in self.access if one.role == role and one.status is Status.BUILT)


def violations(architecture: Architecture) -> list[str]:
    """Return what is wrong with a design, a sentence each; an empty list for a sound one."""
    rules = (_names, _edges, _isolation, _data, _rights, _networks, _protection, _regions)
    return [words for rule in rules for words in rule(architecture)]


def _names(architecture: Architecture) -> Iterator[str]:
    for kind, named in (
        ("part", architecture.parts),
        ("environment", architecture.environments),
        ("data class", architecture.data),
    ):
        for name in _repeated([one.name for one in named]):
            yield f"The {kind} {name} is named twice."
    ports = [(role.port, role.name) for role in architecture.roles if role.port]
    for port in _repeated([port for port, _ in ports]):
        names = ", ".join(name for one, name in ports if one == port)
        yield f"The roles {names} listen on the same port {port}."


def _edges(architecture: Architecture) -> Iterator[str]:
    known = {part.name: part for part in architecture.parts}
    for edge in architecture.edges:
        for name in {edge.source, edge.target} - known.keys():
            yield f"The edge {edge.source} to {edge.target} names {name}, which is no part."
        if edge.source == edge.target:
            yield f"The edge from {edge.source} leads to itself."
    for source, target, port in _repeated(
        [(e.source, e.target, e.port) for e in architecture.edges]
    ):
        yield f"The edge {source} to {target} on port {port} is listed twice."
    used = {name for edge in architecture.edges for name in (edge.source, edge.target)}
    for name in known.keys() - used:
        if known[name].tier is not Tier.OUTSIDE and not _speaks_to_nobody(known[name]):
            yield f"The part {name} neither reaches anything nor is reached."


def _speaks_to_nobody(part: Part) -> bool:
    return isinstance(part, Role) and part.pool is Pool.SANDBOX


def _isolation(architecture: Architecture) -> Iterator[str]:
    known = {part.name: part for part in architecture.parts}
    for edge in architecture.edges:
        source, target = known.get(edge.source), known.get(edge.target)
        if source is None or target is None:
            continue
        if source.tier is Tier.OUTSIDE and target.tier is not Tier.EDGE:
            yield f"{source.name} is outside and would reach {target.name} past the edge."
        if target.tier is Tier.DATABASE and source.tier is not Tier.PRIVATE:
            yield f"{source.name} would reach the database tier ({target.name}) from {source.tier}."
        if source.tier is Tier.DATABASE:
            yield f"{source.name} is in the database tier and would open a connection itself."
        if _speaks_to_nobody(source):
            yield f"{source.name} runs strangers' code and would reach {target.name}."


def _data(architecture: Architecture) -> Iterator[str]:
    known = {part.name for part in architecture.parts}
    for one in architecture.data:
        if one.store not in known:
            yield f"The data class {one.name} is kept in {one.store}, which is no part."
        if one.region_rpo_seconds < one.rpo_seconds or one.region_rto_seconds < one.rto_seconds:
            yield f"The data class {one.name} promises more for a lost region than for a lost zone."


def _rights(architecture: Architecture) -> Iterator[str]:
    roles = {role.name: role for role in architecture.roles}
    data = {one.name for one in architecture.data}
    for one in architecture.access:
        if one.role not in roles or one.data not in data:
            yield f"{one.role} may {one.verb} {one.data}: there is no such role or no such data."
            continue
        if one.verb is Verb.OPEN and not roles[one.role].handed_over:
            yield f"{one.role} owns no accounts and may open {one.data}."
        if _speaks_to_nobody(roles[one.role]):
            yield f"{one.role} runs strangers' code and may {one.verb} {one.data}."
    for role, name in {(one.role, one.data) for one in architecture.access}:
        verbs = {one.verb for one in architecture.access if (one.role, one.data) == (role, name)}
        if {Verb.SEAL, Verb.OPEN} <= verbs:
            yield f"{role} may both seal and open {name}: who takes keys in must not read them."


def _networks(architecture: Architecture) -> Iterator[str]:
    networks = []
    for one in architecture.environments:
        network = ipaddress.ip_network(one.cidr)
        networks.append((one.name, network))
        if network.prefixlen > 18 or not network.is_private:
            yield f"{one.name}: the network {one.cidr} is not private or smaller than a /18."
        if len(set(one.zones)) != ZONES or any(not z.startswith(one.region) for z in one.zones):
            yield f"{one.name}: {ZONES} zones of {one.region} are needed, not {one.zones}."
    for i, (name, network) in enumerate(networks):
        for other, another in networks[:i]:
            if network.overlaps(another):
                yield f"The networks of {other} and {name} overlap: {another} and {network}."


def _protection(architecture: Architecture) -> Iterator[str]:
    for one in architecture.environments:
        database = one.database
        if not 1 <= database.backup_days <= LONGEST_RECOVERY_DAYS:
            yield f"{one.name}: recovery is kept 1 to 35 days, not {database.backup_days}."
        if database.largest_storage_gib < database.storage_gib:
            yield f"{one.name}: the database may grow to less than it begins with."
        if not one.protected:
            continue
        if not one.nat_per_zone:
            yield f"{one.name} is protected and would lose its way out with one zone."
        if not database.multi_az or database.replicas < LEAST_REPLICAS:
            yield f"{one.name} is protected and needs a standby and {LEAST_REPLICAS} replicas."
        if database.backup_days < LONGEST_RECOVERY_DAYS:
            yield f"{one.name} is protected and needs {LONGEST_RECOVERY_DAYS} days of recovery."
        if one.cache.replicas < 1:
            yield f"{one.name} is protected and its cache has no replica."


def _regions(architecture: Architecture) -> Iterator[str]:
    known = {one.name: one for one in architecture.environments}
    for one in architecture.environments:
        if one.stands_in_for is None:
            continue
        if one.stands_in_for not in known:
            yield f"{one.name} stands in for {one.stands_in_for}, which is no environment."
        elif known[one.stands_in_for].region == one.region:
            yield f"{one.name} stands in the same region as {one.stands_in_for}: {one.region}."
        elif known[one.stands_in_for].database.copied_to != one.region:
            yield f"The backups of {one.stands_in_for} are not copied to {one.region}."


def _repeated(values: Sequence[Repeated]) -> list[Repeated]:
    return [value for value, times in Counter(values).items() if times > 1]
