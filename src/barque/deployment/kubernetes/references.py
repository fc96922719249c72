"""Whether what manifests name exists: pods behind selectors, ports, keys, accounts, classes."""

from collections.abc import Iterable, Iterator, Mapping

from barque.deployment.check import Finding
from barque.deployment.kubernetes.manifests import Body, Manifest, Manifests, at, matches
from barque.deployment.kubernetes.rules import Rule, findings

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


def reference_findings(manifests: Manifests) -> Iterator[Finding]:
    """Yield every name in a rendering that leads nowhere."""
    yield from findings(manifests, RULES)


def _selectors(manifests: Manifests) -> Iterator[tuple[str, str]]:
    for one in manifests.of("Deployment", "StatefulSet", "DaemonSet"):
        if not matches(one.selector, one.pod_labels):
            yield one.where, f"It looks for pods {in_words(one.selector)}, and makes others."
    for one in manifests.of("Service", "PodDisruptionBudget"):
        if one.selector and not _selected(manifests, one):
            yield one.where, f"No pod is {in_words(one.selector)}."
    for one in manifests.workloads:
        for words, wanted in _own_terms(one):
            if not matches(wanted, one.pod_labels):
                yield one.where, f"Its {words} is about pods {in_words(wanted)}, not about its own."
    for one in manifests.of("SecurityGroupPolicy"):
        wanted = one.at("spec", "podSelector", "matchLabels") or {}
        if not any(matches(wanted, pods.pod_labels) for pods in manifests.workloads):
            yield one.where, f"No pod is {in_words(wanted)}."


def _own_terms(one: Manifest) -> Iterator[tuple[str, Mapping[str, str]]]:
    for spread in one.pod.get("topologySpreadConstraints", ()):
        yield "spread over zones and nodes", at(spread, "labelSelector", "matchLabels") or {}
    together = at(one.pod, "affinity", "podAffinity") or {}
    for term in together.get("requiredDuringSchedulingIgnoredDuringExecution", ()):
        # The first pod may start only if it is itself one of those that it wants to be with.
        yield "affinity", at(term, "labelSelector", "matchLabels") or {}


def _ports(manifests: Manifests) -> Iterator[tuple[str, str]]:
    for service in manifests.of("Service"):
        for port in service.at("spec", "ports"):
            target = port.get("targetPort", port["port"])
            for pods in _selected(manifests, service):
                if target not in _container_ports(pods.containers):
                    yield service.where, f"Its target port {target} is no port of {pods.where}."
    for pods in manifests.workloads:
        for container in pods.containers:
            for probe in PROBES:
                action = at(container, probe, "httpGet") or at(container, probe, "tcpSocket")
                if action and action["port"] not in _container_ports([container]):
                    yield pods.where, f"Its {probe} asks port {action['port']}, which it lacks."


def _names(manifests: Manifests) -> Iterator[tuple[str, str]]:
    for one in manifests.workloads:
        for kind, name, namespace in _wanted_names(one):
            if not manifests.has(kind, name, namespace):
                yield one.where, f"It names the {kind} {name}, and there is none."
    for one in manifests.of("ExternalSecret"):
        store = one.at("spec", "secretStoreRef")
        if not manifests.has(store["kind"], store["name"], one.namespace):
            yield one.where, f"It names the {store['kind']} {store['name']}, and there is none."
    for one in manifests.of("PersistentVolumeClaim"):
        name = one.at("spec", "storageClassName")
        if not manifests.has("StorageClass", name, ""):
            yield one.where, f"It names the StorageClass {name}, and there is none."
    for one in manifests.of("NodePool"):
        name = one.at("spec", "template", "spec", "nodeClassRef", "name")
        if not manifests.has("EC2NodeClass", name, ""):
            yield one.where, f"It names the EC2NodeClass {name}, and there is none."


def _wanted_names(one: Manifest) -> Iterator[tuple[str, str, str]]:
    pod = one.pod
    yield "ServiceAccount", pod.get("serviceAccountName", "default"), one.namespace
    if "priorityClassName" in pod:
        yield "PriorityClass", pod["priorityClassName"], ""
    if "runtimeClassName" in pod:
        yield "RuntimeClass", pod["runtimeClassName"], ""
    if one.kind == "StatefulSet":
        yield "Service", one.at("spec", "serviceName"), one.namespace
    for claim in one.at("spec", "volumeClaimTemplates") or ():
        yield "StorageClass", claim["spec"]["storageClassName"], ""
    for volume in pod.get("volumes", ()):
        name = at(volume, "persistentVolumeClaim", "claimName")
        if name:
            yield "PersistentVolumeClaim", name, one.namespace


def _settings(manifests: Manifests) -> Iterator[tuple[str, str]]:
    """Yield config maps, secrets and keys that pods want and nobody declares."""
    held = _held(manifests)
    for one in manifests.workloads:
        for kind, name, key in _wanted_keys(one):
            keys = held.get((kind, name, one.namespace))
            if keys is None:
                yield one.where, f"It reads the {kind} {name}, and nothing makes one."
            elif key and key not in keys:
                yield one.where, f"It reads {key} of the {kind} {name}, which has no such key."


def _held(manifests: Manifests) -> dict[tuple[str, str, str], set[str]]:
    held = {
        ("ConfigMap", m.name, m.namespace): set(m.at("data") or {})
        for m in manifests.of("ConfigMap")
    }
    for one in manifests.of("ExternalSecret"):
        written = one.at("spec", "target", "template", "data")
        keys = set(written or (each["secretKey"] for each in one.at("spec", "data") or ()))
        held["Secret", one.at("spec", "target", "name") or one.name, one.namespace] = keys
    return held


def _wanted_keys(one: Manifest) -> Iterator[tuple[str, str, str | None]]:
    for container in one.containers:
        for source in container.get("envFrom", ()):
            for word, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                if word in source:
                    yield kind, source[word]["name"], None
        for variable in container.get("env", ()):
            for word, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                found = at(variable, "valueFrom", word)
                if found:
                    yield kind, found["name"], found["key"]
    for volume in one.pod.get("volumes", ()):
        for word, kind, name in (
            ("configMap", "ConfigMap", "name"),
            ("secret", "Secret", "secretName"),
        ):
            if word in volume:
                yield kind, volume[word][name], None
                for item in volume[word].get("items", ()):
                    yield kind, volume[word][name], item["key"]


def _volumes(manifests: Manifests) -> Iterator[tuple[str, str]]:
    for one in manifests.workloads:
        claimed = one.at("spec", "volumeClaimTemplates") or ()
        there = {volume["name"] for volume in one.pod.get("volumes", ())}
        there |= {claim["metadata"]["name"] for claim in claimed}
        mounted = {m["name"] for c in one.containers for m in c.get("volumeMounts", ())}
        for name in sorted(mounted - there):
            yield one.where, f"It mounts the volume {name}, which it lacks."
        for name in sorted(there - mounted):
            yield one.where, f"Its volume {name} is mounted nowhere."


def _pools(manifests: Manifests) -> Iterator[tuple[str, str]]:
    """Yield pods that no pool of nodes would take."""
    pools = [one.at("spec", "template") for one in manifests.of("NodePool")]
    for one in manifests.workloads:
        wanted = one.pod.get("nodeSelector", {})
        fitting = [pool for pool in pools if matches(wanted, at(pool, "metadata", "labels") or {})]
        if wanted and not fitting:
            yield one.where, f"No pool has nodes that are {in_words(wanted)}."
        for pool in fitting if wanted else ():
            for taint in at(pool, "spec", "taints") or ():
                if not any(_tolerates(each, taint) for each in one.pod.get("tolerations", ())):
                    yield (
                        one.where,
                        f"It may not run where it wants to: {in_words(wanted)} is tainted.",
                    )


def _tolerates(toleration: Body, taint: Body) -> bool:
    return all(toleration.get(key) == taint[key] for key in ("key", "value", "effect"))


def _selected(manifests: Manifests, one: Manifest) -> list[Manifest]:
    return [
        pods
        for pods in manifests.workloads
        if pods.namespace == one.namespace and matches(one.selector, pods.pod_labels)
    ]


def _container_ports(containers: Iterable[Body]) -> set[object]:
    ports = [port for container in containers for port in container.get("ports", ())]
    return {port["containerPort"] for port in ports} | {port.get("name") for port in ports}


def in_words(labels: Mapping[str, str]) -> str:
    """Return labels as a person would read them."""
    return ", ".join(f"{key}={value}" for key, value in labels.items()) or "of any kind"


RULES: tuple[Rule, ...] = (_selectors, _ports, _names, _settings, _volumes, _pools)
