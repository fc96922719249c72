"""Whether whoever is led to a service finds it: balancers, monitors, Prometheus."""

import json
import re
from collections.abc import Iterator

from barque.deployment.check import Finding
from barque.deployment.kubernetes.manifests import Body, Manifest, Manifests, at, matches, yaml
from barque.deployment.kubernetes.references import in_words
from barque.deployment.kubernetes.rules import Rule, findings

ANNOTATED_PORT = "use-annotation"
PROMETHEUS_FILE = "prometheus.yaml"
HASH = re.compile(r"-[a-z0-9]{10}$")
"""What Kustomize adds to the name of a config map that it makes."""


def door_findings(manifests: Manifests) -> Iterator[Finding]:
    """Yield whoever is led to a service or a port that is not there."""
    yield from findings(manifests, RULES)


def _doors(manifests: Manifests) -> Iterator[tuple[str, str]]:
    """Yield services and ports that somebody wants to reach and that are not there."""
    services = {(one.name, one.namespace): one for one in manifests.of("Service")}
    for where, namespace, name, port in _wanted_services(manifests):
        service = services.get((name, namespace))
        if service is None:
            yield where, f"It leads to the service {name}, and there is none."
        elif port not in _service_ports(service):
            yield where, f"It leads to port {port} of the service {name}, which it lacks."


def _monitors(manifests: Manifests) -> Iterator[tuple[str, str]]:
    services = list(manifests.of("Service"))
    for monitor in manifests.of("ServiceMonitor"):
        wanted = monitor.at("spec", "selector", "matchLabels") or {}
        found = [one for one in services if matches(wanted, one.labels)]
        if not found:
            yield monitor.where, f"No service is {in_words(wanted)}."
        for endpoint in monitor.at("spec", "endpoints"):
            if not all(endpoint["port"] in _service_ports(one) for one in found):
                yield monitor.where, f"It scrapes port {endpoint['port']}, which a service lacks."


def _wanted_services(manifests: Manifests) -> Iterator[tuple[str, str, str, object]]:
    for one in manifests.of("TargetGroupBinding"):
        wanted = one.at("spec", "serviceRef")
        yield one.where, one.namespace, wanted["name"], wanted["port"]
    for one in manifests.of("Ingress"):
        for backend in _backends(one):
            port = at(backend, "port", "name") or at(backend, "port", "number")
            if port != ANNOTATED_PORT:
                yield one.where, one.namespace, backend["name"], port
                continue
            for target in _annotated(one, backend["name"]):
                yield one.where, one.namespace, target["serviceName"], target["servicePort"]

    yield from _configured(manifests)


def _configured(manifests: Manifests) -> Iterator[tuple[str, str, str, object]]:
    """Yield whom Prometheus is told to ask, by the names that it looks up."""
    for one in manifests.of("ConfigMap"):
        text = (one.at("data") or {}).get(PROMETHEUS_FILE)
        if text is None:
            continue
        configuration = yaml().safe_load(text)
        where = f"{one.kind}/{HASH.sub('', one.name)}"
        for name, port in (*_looked_up(configuration), *_alerted(configuration)):
            yield where, one.namespace, name, port


def _looked_up(configuration: Body) -> Iterator[tuple[str, int]]:
    for job in configuration.get("scrape_configs") or ():
        for one in job.get("dns_sd_configs", ()):
            for name in one["names"]:
                yield name.partition(".")[0], one["port"]


def _alerted(configuration: Body) -> Iterator[tuple[str, int]]:
    for group in at(configuration, "alerting", "alertmanagers") or ():
        for one in group.get("static_configs", ()):
            for target in one["targets"]:
                name, _, port = target.rpartition(":")
                yield name.partition(".")[0], int(port)


def _backends(ingress: Manifest) -> Iterator[Body]:
    for rule in ingress.at("spec", "rules"):
        for path in rule["http"]["paths"]:
            yield path["backend"]["service"]


def _annotated(ingress: Manifest, name: str) -> list[Body]:
    """Return the services that an annotation of the load balancer's controller stands for."""
    text = ingress.annotations.get(f"alb.ingress.kubernetes.io/actions.{name}")
    missing = [{"serviceName": f"{name} (no annotation)", "servicePort": ""}]
    if text is None:
        return list(missing)
    found: list[Body] = json.loads(text)["forwardConfig"]["targetGroups"]
    return found


def _service_ports(service: Manifest) -> set[object]:
    ports = service.at("spec", "ports")
    return {port["port"] for port in ports} | {port.get("name") for port in ports}


RULES: tuple[Rule, ...] = (_doors, _monitors)
