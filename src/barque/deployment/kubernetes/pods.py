"""Whether pods are kept in bounds, are of a known image, and answer where they are asked."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from barque.deployment.check import Finding
from barque.deployment.kubernetes.manifests import Body, Manifest, Manifests, at
from barque.deployment.kubernetes.references import PROBES
from barque.deployment.kubernetes.roles import Design, Rule, component
from barque.service import health
from barque.settings import PREFIX, Settings

IMAGE = re.compile(
    r"[0-9]{12}\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/[a-z/-]+@sha256:[0-9a-f]{64}"
)
STANDARD = "pod-security.kubernetes.io"
ROOT = 0
HEALTH_CHECK = "alb.ingress.kubernetes.io/healthcheck-path"


def pod_findings(manifests: Manifests, design: Design) -> Iterator[Finding]:
    """Yield what pods may do and should not, and where they are asked and do not answer."""
    for rule in RULES:
        for where, words in rule(manifests, design):
            yield Finding(f"{manifests.where}: {where}", words)


def health_routes() -> set[str]:
    """Return the paths that every role answers, from the application itself."""
    return {getattr(route, "path", "") for route in health.router.routes}


def _namespaces(manifests: Manifests, design: Design) -> Iterator[tuple[str, str]]:
    version = f"v{design.architecture.kubernetes}"
    for one in manifests.of("Namespace"):
        if one.labels.get(f"{STANDARD}/enforce") != "restricted":
            yield one.where, "It does not enforce the restricted standard for pods."
        if one.labels.get(f"{STANDARD}/enforce-version") != version:
            yield (
                one.where,
                f"It enforces another version's standard than {version}, the cluster's.",
            )


@dataclass(frozen=True, slots=True)
class Bound:
    """One thing that pods are kept from: the law, why, and what is said of a pod that breaks it."""

    name: str
    law: str
    why: str
    words: str
    kept: Callable[[Body], bool]
    of_containers: bool = False

    def broken_by(self, one: Manifest) -> bool:
        """Return whether a workload breaks it; a container's pods do by any container."""
        return not all(
            self.kept(each) for each in (one.containers if self.of_containers else [one.pod])
        )


BOUNDS = (
    Bound(
        "no-token",
        "no pod is handed a token for the cluster's API",
        "None of them speaks with it.",
        "It is handed a token for the cluster's API.",
        lambda pod: pod.get("automountServiceAccountToken") is False,
    ),
    Bound(
        "not-root",
        "pods never run as root",
        "Who breaks out of a container as root is root on the node.",
        "It may run as root.",
        lambda pod: at(pod, "securityContext", "runAsNonRoot") is True,
    ),
    Bound(
        "numbered-user",
        "pods say as which user they run",
        "An image may name another one tomorrow.",
        "It does not say as which user it runs.",
        lambda pod: (at(pod, "securityContext", "runAsUser") or ROOT) > ROOT,
    ),
    Bound(
        "seccomp",
        "pods make only the system calls that the runtime's profile lets through",
        "Most ways out of a container use a rare call.",
        "It may make any system call: no seccomp profile.",
        lambda pod: at(pod, "securityContext", "seccompProfile", "type") == "RuntimeDefault",
    ),
    Bound(
        "not-the-node",
        "pods share neither network nor processes with the node",
        "Policies would not hold for them.",
        "It shares the node's network or processes.",
        lambda pod: not any(pod.get(word) for word in ("hostNetwork", "hostPID", "hostIPC")),
    ),
    Bound(
        "no-node-files",
        "pods do not reach into the node's files",
        "The node's credentials lie there.",
        "It reaches into the node's files.",
        lambda pod: not any("hostPath" in volume for volume in pod.get("volumes", ())),
    ),
    Bound(
        "read-only-root",
        "containers cannot write into their own image",
        "What breaks in cannot stay.",
        "It may write into its own image.",
        lambda one: at(one, "securityContext", "readOnlyRootFilesystem") is True,
        of_containers=True,
    ),
    Bound(
        "no-more-privileges",
        "containers cannot gain privileges",
        "A forgotten setuid program is then worth nothing.",
        "It may gain privileges.",
        lambda one: at(one, "securityContext", "allowPrivilegeEscalation") is False,
        of_containers=True,
    ),
    Bound(
        "no-capabilities",
        "containers have no capabilities",
        "Barque needs none.",
        "It keeps capabilities.",
        lambda one: (
            at(one, "securityContext", "capabilities", "drop") == ["ALL"]
            and not at(one, "securityContext", "capabilities", "add")
        ),
        of_containers=True,
    ),
    Bound(
        "requests-and-limits",
        "containers say what they need and what they may take",
        "One that grows must not take a trader's memory.",
        "It has no requests or no limits of cpu or memory.",
        lambda one: all(
            at(one, "resources", kind, name) is not None
            for kind in ("requests", "limits")
            for name in ("cpu", "memory")
        ),
        of_containers=True,
    ),
)


def _bounded(manifests: Manifests, design: Design) -> Iterator[tuple[str, str]]:
    for one in manifests.workloads:
        for bound in BOUNDS:
            if bound.broken_by(one):
                yield one.where, bound.words
        for volume in one.pod.get("volumes", ()):
            if "emptyDir" in volume and not at(volume, "emptyDir", "sizeLimit"):
                yield one.where, f"Its folder {volume['name']} may fill the node."
    for one in manifests.of("ServiceAccount"):
        if one.at("automountServiceAccountToken") is not False:
            yield one.where, "It hands its token to pods."


def _images(manifests: Manifests, design: Design) -> Iterator[tuple[str, str]]:
    for one in manifests.workloads:
        for container in one.containers:
            found = IMAGE.fullmatch(container["image"])
            if found is None:
                yield (
                    one.where,
                    f"Its image {container['image']} is not of our registry, by digest.",
                )
            elif found["region"] != design.environment.region:
                yield one.where, f"Its image is fetched from another region: {found['region']}."


def _probes(manifests: Manifests, design: Design) -> Iterator[tuple[str, str]]:
    routes = health_routes()
    for one in manifests.workloads:
        role = design.roles.get(component(one))
        for container in one.containers if role is None or role.port else ():
            for probe in PROBES:
                if probe not in container:
                    yield one.where, f"It has no {probe}."
                path = at(container, probe, "httpGet", "path")
                if role is not None and path is not None and path not in routes:
                    yield one.where, f"Its {probe} asks for {path}, which nothing answers."
            ready = at(container, "readinessProbe", "httpGet", "path")
            if role is not None and ready != "/health/ready":
                yield one.where, f"It is said to be ready by {ready}, not by /health/ready."
    for where, path in _asked(manifests):
        if path not in routes:
            yield where, f"It asks for {path}, which nothing answers."


def _asked(manifests: Manifests) -> Iterator[tuple[str, str]]:
    for one in manifests.of("Ingress"):
        yield one.where, one.annotations.get(HEALTH_CHECK, "nothing")
    for one in manifests.of("ServiceMonitor"):
        for endpoint in one.at("spec", "endpoints"):
            yield one.where, endpoint.get("path", "/metrics")


def _stopped(manifests: Manifests, design: Design) -> Iterator[tuple[str, str]]:
    """Yield pods that are killed before they had the time that they take to say goodbye."""
    for one in manifests.workloads:
        for container in one.containers:
            slept = at(container, "lifecycle", "preStop", "sleep", "seconds") or 0
            drained = [
                float(each["value"])
                for each in container.get("env", ())
                if each["name"] == f"{PREFIX}DRAIN"
            ]
            grace = one.pod["terminationGracePeriodSeconds"]
            if slept + sum(drained) > grace / 2:
                words = f"It waits {slept + sum(drained):.0f} s of its {grace} before it stops."
                yield one.where, words


def _settings(manifests: Manifests, design: Design) -> Iterator[tuple[str, str]]:
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for where, name in _set(manifests):
        if name.startswith(PREFIX) and name not in known:
            yield where, f"{name} is no setting of Barque."


def _set(manifests: Manifests) -> Iterator[tuple[str, str]]:
    for one in manifests.of("ConfigMap"):
        for name in one.at("data") or {}:
            yield one.where, name
    for one in manifests.workloads:
        for container in one.containers:
            for variable in container.get("env", ()):
                yield one.where, variable["name"]


RULES: tuple[Rule, ...] = (_namespaces, _bounded, _images, _probes, _stopped, _settings)
