"""How roles grow and shrink: `deploy/scaling.yaml`, read strictly and checked against the design.

The policy is stated once. It is rendered to the objects of Kubernetes and to Terraform's variables,
and played by the simulator, so what was tried is what is run.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from barque.deployment.check import Check, Finding
from barque.deployment.cloud_architecture import Architecture, Role
from barque.domain.errors import BadInput
from barque.telemetry import Metrics

PLACE = "deploy/scaling.yaml"
RESOURCES = ("cpu", "memory")

Positive = msgspec.Meta(gt=0)
Count = msgspec.Meta(ge=0)
Replicas = tuple[int, int]


class Metric(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is watched. `target` is per replica; cpu and memory are fractions of what is asked for.

    Any other metric is a PromQL `query` over all replicas; `planned` says that no built role
    fills it yet.
    """

    name: str
    target: float
    query: str | None = None
    planned: bool = False

    @property
    def is_resource(self) -> bool:
        return self.name in RESOURCES


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At most so many `replicas`, or so many `percent` of them, within `every` seconds."""

    every: int
    replicas: int | None = None
    percent: int | None = None


class Movement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How fast to move one way: `window` seconds of recommendations are looked back on."""

    window: int
    policies: tuple[Step, ...]


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At least `least` replicas between two moments of cron, in a time zone."""

    name: str
    zone: str
    start: str
    end: str
    least: int


class Vertical(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Between which sizes a replica may grow: `cpu` in cores, `memory` in MiB."""

    mode: Literal["Off", "Initial", "Recreate", "InPlaceOrRecreate"]
    cpu: tuple[float, float]
    memory: tuple[int, int]


class RoleScaling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy of one role.

    `capacity` is events a second of one busy replica, `ready_after` the seconds until a new one
    serves, `patience` the seconds after which an answer is late.
    """

    bounds: dict[str, Replicas]
    capacity: float
    patience: float
    ready_after: int
    metrics: tuple[Metric, ...] = ()
    up: Movement = Movement(window=0, policies=(Step(every=15, percent=100),))
    down: Movement = Movement(window=300, policies=(Step(every=60, percent=100),))
    schedules: tuple[Schedule, ...] = ()
    vertical: Vertical | None = None
    drains: bool = False


class DatabaseScaling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When to think about another read replica, and how many there may be."""

    watch: dict[str, float]
    most: dict[str, int]


class Scaling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of deploy/scaling.yaml."""

    roles: dict[str, RoleScaling]
    database: DatabaseScaling
    without_keda: tuple[str, ...] = ()


def read_scaling(root: Path) -> Scaling:
    """Read the policy of a checkout; BadInput says which key cannot be used."""
    import yaml

    place = root / PLACE
    try:
        return msgspec.convert(yaml.safe_load(place.read_text()), Scaling)
    except (msgspec.ValidationError, yaml.YAMLError) as error:
        raise BadInput(f"{place} cannot be used: {error}.") from error


def violations(scaling: Scaling, architecture: Architecture) -> list[str]:
    """Return what is wrong with a policy, a sentence each; an empty list for a sound one."""
    return [
        *_names(scaling, architecture),
        *(
            f"{name}: {words}"
            for name, policy in scaling.roles.items()
            for role in architecture.roles
            if role.name == name
            for words in _role_violations(policy, role, architecture)
        ),
        *_database(scaling, architecture),
    ]


def _names(scaling: Scaling, architecture: Architecture) -> Iterator[str]:
    known = {role.name for role in architecture.roles}
    for name in sorted(scaling.roles.keys() - known):
        yield f"{name} is scaled and is no role of the design."
    for name in sorted(known - scaling.roles.keys()):
        yield f"The role {name} has no policy in {PLACE}."


def _role_violations(policy: RoleScaling, role: Role, design: Architecture) -> Iterator[str]:
    yield from _bounds(policy, [one.name for one in design.environments])
    yield from _metrics(policy)
    yield from _movements(policy)
    if min(policy.capacity, policy.patience) <= 0 or policy.ready_after < 0:
        yield "its capacity and patience must be above 0, and ready_after not below."
    if role.handed_over and not policy.drains:
        yield "it owns accounts and must be drained (drains: true)."
    if policy.vertical and policy.vertical.mode != "Off":
        clash = [one.name for one in policy.metrics if one.is_resource]
        if clash:
            yield f"it would be scaled both ways on {' and '.join(clash)}; choose one."
    if policy.vertical:
        yield from _vertical(policy.vertical, role)


def _bounds(policy: RoleScaling, environments: Sequence[str]) -> Iterator[str]:
    if set(policy.bounds) != set(environments):
        yield f"bounds are needed for {', '.join(environments)}, not {', '.join(policy.bounds)}."
    for environment, (least, most) in policy.bounds.items():
        if not 0 <= least <= most:
            yield f"in {environment} the bounds are [{least}, {most}]; 0 ≤ least ≤ most is needed."
        for schedule in policy.schedules:
            if most and schedule.least > max(most, least) and environment == "prod":
                yield f"the schedule {schedule.name} wants {schedule.least} where {most} is most."


def _metrics(policy: RoleScaling) -> Iterator[str]:
    families = meters()
    for metric in policy.metrics:
        if metric.target <= 0:
            yield f"the target of {metric.name} is {metric.target}; above 0 is needed."
        if metric.is_resource:
            if metric.query or metric.target > 1:
                yield f"{metric.name} is a fraction of what a replica asks for, without a query."
        elif metric.query is None:
            yield f"{metric.name} needs a query; only cpu and memory have none."
        elif not metric.planned and not any(name in metric.query for name in families):
            yield f"{metric.name} asks for a meter that Barque does not have: {metric.query}."


def _movements(policy: RoleScaling) -> Iterator[str]:
    for way, movement in (("up", policy.up), ("down", policy.down)):
        if not movement.policies or movement.window < 0:
            yield f"{way} needs at least one policy and a window of 0 seconds or more."
        for step in movement.policies:
            if (step.replicas is None) == (step.percent is None):
                yield f"a policy of {way} says either replicas or percent."
            if step.every <= 0 or (step.replicas or step.percent or 0) <= 0:
                yield f"a policy of {way} moves by more than 0 in more than 0 seconds."


def _vertical(vertical: Vertical, role: Role) -> Iterator[str]:
    for what, (least, most), asked in (
        ("cpu", vertical.cpu, role.cpu),
        ("memory", vertical.memory, role.memory),
    ):
        if not least <= asked <= most:
            yield f"it asks for {asked} {what}, outside of its vertical bounds [{least}, {most}]."


def _database(scaling: Scaling, architecture: Architecture) -> Iterator[str]:
    for environment in architecture.environments:
        most = scaling.database.most.get(environment.name)
        if most is None or environment.database.replicas > most:
            yield f"The database of {environment.name} has more replicas than {PLACE} allows."


def meters() -> frozenset[str]:
    """Return the names of every meter that Barque has, as a query writes them."""
    names = set()
    for family in Metrics().registry.collect():
        names.add(family.name + ("_total" if family.type == "counter" else ""))
        if family.type == "histogram":
            names |= {f"{family.name}_{part}" for part in ("bucket", "sum", "count")}
    return frozenset(names)


def _policy_is_sound(root: Path) -> Sequence[Finding]:
    from barque.deployment.barque_on_aws import BARQUE

    return [Finding(PLACE, words) for words in violations(read_scaling(root), BARQUE)]


CHECK = Check(
    name="scaling",
    words="every role has a policy that can be kept",
    inputs=(PLACE,),
    run=_policy_is_sound,
)
