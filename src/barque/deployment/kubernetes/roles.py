"""Whether roles are rendered as the design says: which there are, their sizes, ports, pools."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from barque.deployment.check import Finding
from barque.deployment.cloud_architecture import Architecture, Environment, Pool, Role, Status
from barque.deployment.kubernetes.amounts import least_and_most
from barque.deployment.kubernetes.manifests import Body, Manifest, Manifests, at
from barque.deployment.kubernetes.places import COMPONENT, runs_as_pods
from barque.deployment.kubernetes.quantities import quantity

POOL = "barque.example/pool"
SHARES = "barque.example/shares"
MEBIBYTE = 1_024**2
PER_MILLE = 1_000
UNDISTURBED = "karpenter.sh/do-not-disrupt"


@dataclass(frozen=True, slots=True)
class Design:
    """What a rendering is compared with: a design, and the environment that it is for."""

    architecture: Architecture
    environment: Environment
    statuses: frozenset[Status] = frozenset({Status.BUILT})

    @property
    def roles(self) -> dict[str, Role]:
        return {role.name: role for role in self.architecture.roles}

    @property
    def pods(self) -> set[str]:
        """Parts that run as pods and are to be rendered."""
        return {
            part.name
            for part in self.architecture.parts
            if runs_as_pods(part) and part.status in self.statuses
        }


Rule = Callable[[Manifests, Design], Iterator[tuple[str, str]]]


def role_findings(manifests: Manifests, design: Design) -> Iterator[Finding]:
    """Yield where a rendering is not what the design says."""
    for rule in RULES:
        for where, words in rule(manifests, design):
            yield Finding(f"{manifests.where}: {where}", words)


def _present(manifests: Manifests, design: Design) -> Iterator[tuple[str, str]]:
    rendered = {component(one) for one in manifests.workloads}
    for name in sorted(design.pods - rendered):
        yield "roles", f"{name} is in the design, and nothing runs it."
    for name in sorted(rendered - design.pods):
        yield (
            "roles",
            f"{name or 'A pod without a component'} runs, and is not built in the design.",
        )
    for one in manifests.workloads:
        names = [container["name"] for container in one.containers]
        if names != [component(one)]:
            yield one.where, f"Its containers are {names}, not {component(one)!r} alone."
        if one.pod.get("serviceAccountName") != component(one):
            yield one.where, f"Its service account is not its own, {component(one)!r}."


def _shapes(manifests: Manifests, design: Design) -> Iterator[tuple[str, str]]:
    for one in manifests.workloads:
        role = design.roles.get(component(one))
        if role is not None:
            for words in (*_started(one, role), *_sized(one, role), *_placed(one, role, manifests)):
                yield one.where, words


def _started(one: Manifest, role: Role) -> Iterator[str]:
    container = one.containers[0]
    if container.get("args") != ["run", role.name]:
        yield f"It is started as {container.get('args')}, not as `run {role.name}`."
    ports = [port["containerPort"] for port in container.get("ports", ())]
    if ports != ([role.port] if role.port else []):
        yield f"It listens on {ports}, and on {role.port} in the design."
    told = [each["value"] for each in container.get("env", ()) if each["name"] == "BARQUE_PORT"]
    if told != ([str(role.port)] if role.port else []):
        yield f"It is told to listen on {told}, and on {role.port} in the design."
    if one.pod.get("terminationGracePeriodSeconds") != role.grace:
        yield f"It has {one.pod.get('terminationGracePeriodSeconds')} s to stop, not {role.grace}."
    if role.handed_over and one.template:
        notes = at(one.template, "metadata", "annotations") or {}
        if notes.get(UNDISTURBED) != "true":
            yield f"It owns accounts and lacks {UNDISTURBED}."


def _sized(one: Manifest, role: Role) -> Iterator[str]:
    resources: Body = one.containers[0].get("resources", {})
    asked = quantity(at(resources, "requests", "cpu"))
    if asked is None or asked * PER_MILLE != round(role.cpu * PER_MILLE):
        yield f"It asks for {at(resources, 'requests', 'cpu')} cores, and {role.cpu} in the design."
    for kind in ("requests", "limits"):
        memory = quantity(at(resources, kind, "memory"))
        if memory != role.memory * MEBIBYTE:
            seen = at(resources, kind, "memory")
            yield f"Its {kind} of memory are {seen}, and {role.memory} MiB in the design."


def _placed(one: Manifest, role: Role, manifests: Manifests) -> Iterator[str]:
    pool = one.pod.get("nodeSelector", {}).get(POOL, Pool.SYSTEM)
    folder = one.pod_labels.get(SHARES)
    shared = [p for p in manifests.workloads if folder and p.pod_labels.get(SHARES) == folder]
    if pool != role.pool and not shared:
        yield f"It runs on the pool {pool}, and on {role.pool} in the design."
    if len({p.pod.get("nodeSelector", {}).get(POOL) for p in shared}) > 1:
        yield f"It shares a {folder} with pods of another pool."


def _one_writer(manifests: Manifests, design: Design) -> Iterator[tuple[str, str]]:
    """Yield owners of accounts that would be two over one folder, or two in two regions."""
    for one in manifests.workloads:
        role = design.roles.get(component(one))
        if role is None or not role.handed_over:
            continue
        _, most = least_and_most(manifests, one)
        if design.environment.stands_in_for and one.at("spec", "replicas") != 0:
            other = design.environment.stands_in_for
            yield one.where, f"It would trade while {other} does; leave the component standby in."
        if most > 1 and any("persistentVolumeClaim" in v for v in one.pod.get("volumes", ())):
            yield one.where, f"{most} of it would write into one folder; one may."


def component(one: Manifest) -> str:
    """Return the part that pods are."""
    return one.pod_labels.get(COMPONENT, "")


RULES: tuple[Rule, ...] = (_present, _shapes, _one_writer)
