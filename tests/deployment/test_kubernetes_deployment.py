"""What is declared to Kubernetes is sound, and every rule about it has been seen to object."""

import copy
import importlib.util
import ipaddress
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import Finding
from barque.deployment.cloud_architecture import Status, Tier
from barque.deployment.kubernetes.amounts import amount_findings
from barque.deployment.kubernetes.doors import door_findings
from barque.deployment.kubernetes.manifests import Manifest, Manifests, read_manifests
from barque.deployment.kubernetes.nodes import node_findings
from barque.deployment.kubernetes.places import clusters
from barque.deployment.kubernetes.pods import health_routes, pod_findings
from barque.deployment.kubernetes.quantities import quantity
from barque.deployment.kubernetes.reachability import edge_findings
from barque.deployment.kubernetes.references import reference_findings
from barque.deployment.kubernetes.rendering import (
    TREE,
    Variant,
    all_components,
    components_of,
    render_variants,
    variants_of,
)
from barque.deployment.kubernetes.roles import role_findings
from barque.deployment.kubernetes_deployment import design_of

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / TREE / "schemas"
CANARY = Variant(
    "prod",
    "ingress and canary",
    ("canary", *components_of(ROOT / TREE, "prod"), "ingress", "ingress/canary", "monitors"),
)
PLANNED = Variant(
    "dev",
    "with what is planned",
    planned=("ingest", "research", "scheduler", "sandbox", "migrate", "pools"),
)

Edit = Callable[[Manifests], Manifests]
Path_ = tuple[str | int, ...]
POD: Path_ = ("spec", "template", "spec")
FIRST: Path_ = (*POD, "containers", 0)
COMPONENT = "app.kubernetes.io/component"


@cache
def rendered() -> dict[str, Manifests]:
    """Each overlay as it is, one with all doors open, and one with what is planned."""
    overlays = [Variant(one.name) for one in clusters(BARQUE)]
    found = render_variants(ROOT, [*overlays, CANARY, PLANNED])
    assert not [one for one in found if isinstance(one, Finding)]
    return {one.where: one for one in found if isinstance(one, Manifests)}


def references(manifests: Manifests) -> list[Finding]:
    rules = (reference_findings, door_findings, amount_findings, node_findings)
    return [one for findings in rules for one in findings(manifests)]


def design(manifests: Manifests) -> list[Finding]:
    against = design_of(manifests, planned="planned" in manifests.where)
    return [*pod_findings(manifests, against), *role_findings(manifests, against)]


def edges(manifests: Manifests) -> list[Finding]:
    return list(edge_findings(manifests, BARQUE, design_of(manifests).environment))


def put(where: str, path: Path_, value: Any) -> Edit:
    """Write a value into an object; None takes away what is there."""

    def edit(manifests: Manifests) -> Manifests:
        return _changed(manifests, where, lambda body: _put(body, path, value))

    return edit


def drop(where: str) -> Edit:
    """Take an object away."""

    def edit(manifests: Manifests) -> Manifests:
        kept = tuple(one for one in manifests.all if one.where != where)
        assert len(kept) < len(manifests.all)
        return replace(manifests, all=kept)

    return edit


def add(text: str) -> Edit:
    """Declare one object more."""

    def edit(manifests: Manifests) -> Manifests:
        return replace(manifests, all=(*manifests.all, *read_manifests("", text).all))

    return edit


def _changed(manifests: Manifests, where: str, change: Callable[[Any], None]) -> Manifests:
    assert any(one.where == where for one in manifests.all), f"there is no {where}"
    return replace(
        manifests,
        all=tuple(_copy(one, change) if one.where == where else one for one in manifests.all),
    )


def _copy(one: Manifest, change: Callable[[Any], None]) -> Manifest:
    body = copy.deepcopy(one.body)
    change(body)
    return replace(one, body=body)


def _put(body: Any, path: Path_, value: Any) -> None:
    *way, last = path
    for key in way:
        body = body[key]
    if value is None:
        del body[last]
    else:
        body[last] = value


def scaler(name: str, target: str, least: int, most: int) -> str:
    return f"""apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {{name: {name}, namespace: barque}}
spec:
  scaleTargetRef: {{name: {target}}}
  minReplicaCount: {least}
  maxReplicaCount: {most}
  triggers: [{{type: cpu, metadata: {{value: "60"}}}}]
"""


def vertical(name: str, target: str, mode: str) -> str:
    return f"""apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {{name: {name}, namespace: barque}}
spec:
  targetRef: {{apiVersion: apps/v1, kind: Deployment, name: {target}}}
  updatePolicy: {{updateMode: "{mode}"}}
"""


def policy(name: str, spec: str) -> str:
    return f"""apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: {name}, namespace: barque}}
spec: {spec}
"""


def env(name: str, value: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value}]


API, TRADER, BOUNCER = "Deployment/api", "StatefulSet/trader", "Deployment/pgbouncer"
CLASS, TRADING = "EC2NodeClass/barque", "NodePool/trading"
NODES: Path_ = ("spec", "template", "spec")
OPEN_BUDGET = [{"nodes": "1"}]
ALL_DAY = [{"nodes": "1"}, {"nodes": "0", "schedule": "0 12 * * mon-fri", "duration": "10h"}]
WEIGHTS = "alb.ingress.kubernetes.io/actions.weighted"
WRONG_WEIGHTS = json.dumps(
    {"forwardConfig": {"targetGroups": [{"serviceName": "gone", "servicePort": "http"}]}}
)

# What is broken, where, how it is broken, and what is to be said about it.
BROKEN_REFERENCES = [
    (API, put(API, ("spec", "selector", "matchLabels", COMPONENT), "web"), "makes others"),
    ("Service/api", put("Service/api", ("spec", "selector", COMPONENT), "web"), "No pod is"),
    (
        "PodDisruptionBudget/trader",
        put("PodDisruptionBudget/trader", ("spec", "selector", "matchLabels", COMPONENT), "web"),
        "No pod is",
    ),
    (
        "SecurityGroupPolicy/api",
        put("SecurityGroupPolicy/api", ("spec", "podSelector", "matchLabels", COMPONENT), "web"),
        "No pod is",
    ),
    (
        API,
        put(
            API,
            (*POD, "topologySpreadConstraints", 0, "labelSelector", "matchLabels", COMPONENT),
            "web",
        ),
        "not about its own",
    ),
    (
        API,
        put(API, ("spec", "template", "metadata", "labels", "barque.example/shares"), "else"),
        "affinity",
    ),
    ("Service/api", put("Service/api", ("spec", "ports", 0, "targetPort"), "htpp"), "htpp"),
    (API, put(API, (*FIRST, "livenessProbe", "httpGet", "port"), "htpp"), "livenessProbe"),
    (
        "TargetGroupBinding/api",
        put("TargetGroupBinding/api", ("spec", "serviceRef", "name"), "gone"),
        "service gone",
    ),
    (
        "TargetGroupBinding/api",
        put("TargetGroupBinding/api", ("spec", "serviceRef", "port"), "https"),
        "port https",
    ),
    (API, put(API, (*POD, "serviceAccountName"), "nobody"), "ServiceAccount nobody"),
    (API, put(API, (*POD, "priorityClassName"), "first"), "PriorityClass first"),
    (TRADER, put(TRADER, ("spec", "serviceName"), "traders"), "Service traders"),
    (
        "StatefulSet/prometheus",
        drop("StorageClass/barque-encrypted"),
        "StorageClass barque-encrypted",
    ),
    (
        "PersistentVolumeClaim/shared-folder",
        drop("StorageClass/barque-encrypted"),
        "StorageClass barque-encrypted",
    ),
    (TRADER, drop("PersistentVolumeClaim/shared-folder"), "PersistentVolumeClaim shared-folder"),
    (API, put(API, (*FIRST, "envFrom", 0, "configMapRef", "name"), "gone"), "nothing makes one"),
    (
        API,
        put(API, (*FIRST, "env", 0, "valueFrom", "configMapKeyRef", "key"), "gone"),
        "no such key",
    ),
    (BOUNCER, drop("ExternalSecret/pgbouncer"), "nothing makes one"),
    (
        BOUNCER,
        put("ExternalSecret/pgbouncer", ("spec", "target", "template", "data", "ca.pem"), None),
        "ca.pem",
    ),
    (
        "ExternalSecret/pgbouncer",
        drop("SecretStore/secrets-manager"),
        "SecretStore secrets-manager",
    ),
    (API, put(API, (*FIRST, "volumeMounts", 2, "name"), "temporary"), "volume temporary"),
    (API, put(API, (*FIRST, "volumeMounts", 2), None), "mounted nowhere"),
    (TRADER, put(TRADER, (*POD, "nodeSelector"), {"barque.example/pool": "fast"}), "No pool"),
    (TRADER, put(TRADER, (*POD, "tolerations"), None), "tainted"),
    (TRADING, drop(CLASS), "EC2NodeClass barque"),
    (API, put(API, (*FIRST, "resources", "requests", "memory"), "768Mb"), "no quantity"),
    (API, put(API, (*FIRST, "resources", "limits", "memory"), "512Mi"), "may have 512Mi"),
    (API, put(API, ("spec", "replicas"), 2), "states its replicas"),
    ("ScaledObject/s", add(scaler("s", "gone", 1, 2)), "there is none"),
    ("ScaledObject/s", add(scaler("s", "api", 3, 2)), "3 at the least and 2 at the most"),
    (
        "ScaledObject/t",
        lambda m: add(scaler("t", "api", 2, 4))(add(scaler("s", "api", 2, 4))(m)),
        "quarrel",
    ),
    (
        "VerticalPodAutoscaler/v",
        add(vertical("v", "api", "Initial")),
        "ScaledObject/api scales the same pods by cpu and memory already",
    ),
    (
        "PodDisruptionBudget/api",
        put("PodDisruptionBudget/api", ("spec", "minAvailable"), 2),
        "no node can be drained",
    ),
    (BOUNCER, drop("PodDisruptionBudget/pgbouncer"), "no disruption budget"),
    (
        "ResourceQuota/barque",
        put("ResourceQuota/barque", ("spec", "hard", "pods"), "5"),
        "may be asked for",
    ),
    (
        "ResourceQuota/barque",
        put("ResourceQuota/barque", ("spec", "hard", "pods"), "few"),
        "no quantity",
    ),
    (CLASS, put(CLASS, ("spec", "metadataOptions", "httpTokens"), "optional"), "IMDSv1"),
    (CLASS, put(CLASS, ("spec", "metadataOptions", "httpPutResponseHopLimit"), 2), "one hop"),
    (
        CLASS,
        put(CLASS, ("spec", "blockDeviceMappings", 0, "ebs", "encrypted"), False),
        "not encrypted",
    ),
    (CLASS, put(CLASS, ("spec", "associatePublicIPAddress"), None), "public addresses"),
    (TRADING, put(TRADING, (*NODES, "requirements", 1, "values"), ["spot"]), "take back"),
    (TRADING, put(TRADING, (*NODES, "expireAfter"), "720h"), "expire"),
    (TRADING, put(TRADING, (*NODES, "terminationGracePeriod"), None), "for ever"),
    (TRADING, put(TRADING, (*NODES, "terminationGracePeriod"), "20h"), "by force"),
    (
        TRADING,
        put(TRADING, ("spec", "disruption", "consolidationPolicy"), "WhenEmptyOrUnderutilized"),
        "tidied away",
    ),
    (
        TRADING,
        lambda m: put(TRADING, (*NODES, "terminationGracePeriod"), "1m")(
            put(TRADING, ("spec", "disruption", "budgets"), OPEN_BUDGET)(m)
        ),
        "begin to go on mon 13:30",
    ),
    (
        "ConfigMap/prometheus",
        put("Service/api-pods", ("spec", "ports", 0, "port"), 9000),
        "port 8000 of the service api-pods",
    ),
    ("ConfigMap/prometheus", drop("Service/alertmanager"), "service alertmanager"),
    (TRADING, put(TRADING, ("spec", "disruption", "budgets"), ALL_DAY), "by force on mon"),
]

BROKEN_DOORS = [
    (
        "Ingress/api",
        put("Ingress/api", ("metadata", "annotations", WEIGHTS), WRONG_WEIGHTS),
        "service gone",
    ),
    (
        "Ingress/api",
        put("Ingress/api", ("metadata", "annotations", WEIGHTS), None),
        "no annotation",
    ),
    (
        "ServiceMonitor/api",
        put("ServiceMonitor/api", ("spec", "endpoints", 0, "port"), "metrics"),
        "port metrics",
    ),
    (
        "ServiceMonitor/api",
        put("ServiceMonitor/api", ("spec", "selector", "matchLabels"), {"a": "b"}),
        "No service is",
    ),
]

BROKEN_DESIGN = [
    ("Namespace/barque", put("Namespace/barque", ("metadata", "labels"), {}), "restricted"),
    (
        "Namespace/barque",
        put(
            "Namespace/barque",
            ("metadata", "labels", "pod-security.kubernetes.io/enforce-version"),
            "v1.20",
        ),
        "another version",
    ),
    (
        "ServiceAccount/api",
        put("ServiceAccount/api", ("automountServiceAccountToken",), None),
        "token",
    ),
    (API, put(API, (*POD, "automountServiceAccountToken"), True), "token"),
    (API, put(API, (*POD, "securityContext", "runAsNonRoot"), None), "as root"),
    (API, put(API, (*POD, "securityContext", "runAsUser"), 0), "which user"),
    (API, put(API, (*POD, "securityContext", "seccompProfile"), None), "system call"),
    (API, put(API, (*POD, "hostNetwork"), True), "node's network"),
    (
        API,
        put(API, (*POD, "volumes", 2), {"name": "tmp", "hostPath": {"path": "/"}}),
        "node's files",
    ),
    (API, put(API, (*POD, "volumes", 2, "emptyDir"), {"medium": "Memory"}), "fill the node"),
    (API, put(API, (*FIRST, "securityContext", "readOnlyRootFilesystem"), False), "own image"),
    (API, put(API, (*FIRST, "securityContext", "allowPrivilegeEscalation"), None), "privileges"),
    (API, put(API, (*FIRST, "securityContext", "capabilities", "drop"), []), "capabilities"),
    (API, put(API, (*FIRST, "resources", "limits", "cpu"), None), "no limits of cpu"),
    (API, put(API, (*FIRST, "image"), "barque:latest"), "by digest"),
    (
        API,
        put(
            API,
            (*FIRST, "image"),
            f"111122223333.dkr.ecr.us-east-1.amazonaws.com/barque@sha256:{'0' * 64}",
        ),
        "another region",
    ),
    (API, put(API, (*FIRST, "startupProbe"), None), "no startupProbe"),
    (API, put(API, (*FIRST, "livenessProbe", "httpGet", "path"), "/healthz"), "nothing answers"),
    (
        API,
        put(API, (*FIRST, "readinessProbe", "httpGet", "path"), "/health/live"),
        "not by /health/ready",
    ),
    (API, put(API, (*FIRST, "lifecycle", "preStop", "sleep", "seconds"), 60), "before it stops"),
    (API, put(API, (*FIRST, "env"), env("BARQUE_PROT", "8000")), "no setting"),
    (API, put(API, (*FIRST, "args"), ["run", "trader"]), "not as `run api`"),
    (API, put(API, (*FIRST, "ports", 0, "containerPort"), 8080), "8000 in the design"),
    (API, put(API, (*FIRST, "env"), env("BARQUE_PORT", "8080")), "told to listen"),
    (API, put(API, (*POD, "terminationGracePeriodSeconds"), 30), "30 s to stop"),
    (API, put(API, (*FIRST, "resources", "requests", "cpu"), "100m"), "cores"),
    (API, put(API, (*FIRST, "resources", "requests", "memory"), "1Gi"), "768 MiB"),
    (API, put(API, (*FIRST, "resources", "limits", "memory"), "1Gi"), "768 MiB"),
    (API, put(API, (*FIRST, "name"), "web"), "not 'api' alone"),
    (API, put(API, (*POD, "serviceAccountName"), "trader"), "not its own"),
    (API, put(API, (*POD, "nodeSelector"), {"barque.example/pool": "serving"}), "another pool"),
    (
        TRADER,
        put(TRADER, ("spec", "template", "metadata", "annotations"), {}),
        "karpenter.sh/do-not-disrupt",
    ),
    (TRADER, put(TRADER, ("spec", "replicas"), 2), "write into one folder"),
    ("roles", drop(TRADER), "trader is in the design, and nothing runs it"),
    (
        "roles",
        put(
            "StatefulSet/prometheus",
            ("spec", "template", "metadata", "labels", COMPONENT),
            "ingest",
        ),
        "ingest runs, and is not built",
    ),
]

BROKEN_EDGES = [
    (
        put(
            "NetworkPolicy/alertmanager-to-internet-443",
            ("spec", "egress", 0, "to", 0),
            {"ipBlock": {"cidr": "0.0.0.0/0"}},
        ),
        "alertmanager can reach metadata on port 443",
    ),
    (
        put("NetworkPolicy/pgbouncer-to-database-tier-5432", ("spec", "egress", 0, "to", 2), None),
        "pgbouncer cannot reach database-tier 2 on port 5432",
    ),
    (
        put("NetworkPolicy/pgbouncer-to-database-tier-5432", ("spec", "egress", 0, "ports"), None),
        "pgbouncer can reach database-tier 0 on port 6379",
    ),
    (
        put(
            "NetworkPolicy/api-8000-from-public-tier",
            ("spec", "ingress", 0, "ports", 0, "endPort"),
            9_000,
        ),
        "can reach api on port 8001",
    ),
    (
        add(policy("all", "{podSelector: {}, policyTypes: [Egress], egress: [{}]}")),
        "api can reach internet on port 443",
    ),
    (
        add(policy("idle", "{podSelector: {matchLabels: {a: b}}, policyTypes: [Ingress]}")),
        "NetworkPolicy/idle changes nothing",
    ),
]


def says(found: Iterable[Finding], where: str, words: str) -> bool:
    return any(one.where.endswith(f": {where}") and words in one.words for one in found)


@pytest.mark.parametrize("variant", [*(one.name for one in clusters(BARQUE)), CANARY.name])
def test_what_is_rendered_is_sound(variant: str) -> None:
    manifests = rendered()[variant]

    found = [*references(manifests), *design(manifests), *edges(manifests)]

    assert found == []


def test_what_is_planned_is_sound_too() -> None:
    manifests = rendered()[PLANNED.name]

    found = [*references(manifests), *design(manifests)]

    assert found == []


def test_advice_on_sizes_quarrels_with_nobody() -> None:
    manifests = add(vertical("v", "api", "Off"))(rendered()["prod"])

    assert references(manifests) == []


@pytest.mark.parametrize(("where", "edit", "words"), BROKEN_REFERENCES)
def test_a_name_or_an_amount_that_is_wrong_is_found(where: str, edit: Edit, words: str) -> None:
    broken = edit(rendered()["prod"])

    found = references(broken)

    assert says(found, where, words)


@pytest.mark.parametrize(("where", "edit", "words"), BROKEN_DOORS)
def test_a_door_that_leads_nowhere_is_found(where: str, edit: Edit, words: str) -> None:
    broken = edit(rendered()[CANARY.name])

    found = references(broken)

    assert says(found, where, words)


@pytest.mark.parametrize(("where", "edit", "words"), BROKEN_DESIGN)
def test_what_differs_from_the_design_is_found(where: str, edit: Edit, words: str) -> None:
    broken = edit(rendered()["prod"])

    found = design(broken)

    assert says(found, where, words)


@pytest.mark.parametrize(("edit", "words"), BROKEN_EDGES)
def test_a_policy_that_differs_from_the_edges_is_found(edit: Edit, words: str) -> None:
    broken = edit(rendered()["prod"])

    found = edges(broken)

    assert any(words in one.words for one in found)


def test_no_policy_can_be_left_out() -> None:
    whole = rendered()["prod"]
    policies = [one.where for one in whole.of("NetworkPolicy")]

    silent = [where for where in policies if not edges(drop(where)(whole))]

    assert len(policies) > 10
    assert silent == []


def test_a_second_region_that_trades_is_found() -> None:
    broken = put(TRADER, ("spec", "replicas"), 1)(rendered()["dr"])

    found = design(broken)

    assert says(found, TRADER, "It would trade while prod does")


def test_without_the_shared_folder_roles_go_to_their_own_pools() -> None:
    own = components_of(ROOT / TREE, "prod")
    apart = Variant("prod", "apart", tuple(name for name in own if name != "shared-folder"))
    (manifests,) = render_variants(ROOT, [apart])
    assert isinstance(manifests, Manifests)

    broken = put(API, (*POD, "nodeSelector"), {"barque.example/pool": "trading"})(manifests)

    assert design(manifests) == []
    assert says(design(broken), API, "runs on the pool trading")


def test_a_strategy_of_a_stranger_has_no_token_no_network_and_no_names() -> None:
    manifests = rendered()[PLANNED.name]
    sandbox = next(one for one in manifests.workloads if one.name == "sandbox")
    policies = [one for one in manifests.of("NetworkPolicy") if one.namespace == sandbox.namespace]

    assert sandbox.namespace == "barque-sandbox"
    assert sandbox.pod["automountServiceAccountToken"] is False
    assert sandbox.pod["dnsPolicy"] == "None"
    assert [one.body["spec"] for one in policies] == [
        {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    ]


def test_what_is_planned_is_exactly_what_the_design_plans() -> None:
    planned = {role.name for role in BARQUE.roles if role.status is Status.PLANNED}

    folders = {path.parent.name for path in (ROOT / TREE / "planned").glob("*/*.yaml")}

    assert folders == planned | {"pools"}


def test_every_component_is_tried() -> None:
    tree = ROOT / TREE

    tried = {name for variant in variants_of(tree) for name in variant.components or ()}

    assert tried == all_components(tree)


def test_an_overlay_that_kustomize_refuses_is_found(tmp_path: Path) -> None:
    shutil.copytree(ROOT / TREE, tmp_path / TREE)
    (tmp_path / TREE / "components" / "karpenter" / "trading.yaml").unlink()

    (found,) = render_variants(tmp_path, [Variant("prod")])

    assert isinstance(found, Finding)
    assert "Kustomize refuses it" in found.words
    assert "trading.yaml" in found.words


def test_the_networks_of_an_environment_do_not_overlap() -> None:
    for environment in BARQUE.environments:
        networks = [
            ipaddress.ip_network(text)
            for tier in (Tier.PUBLIC, Tier.PRIVATE, Tier.DATABASE)
            for text in environment.networks(tier)
        ]

        assert len(networks) == 9
        assert all(one.subnet_of(ipaddress.ip_network(environment.cidr)) for one in networks)
        assert not any(a.overlaps(b) for i, a in enumerate(networks) for b in networks[:i])


@pytest.mark.parametrize(
    ("written", "amount"),
    [("500m", "0.5"), ("2", "2"), ("768Mi", "805306368"), ("1k", "1000"), ("1.5Gi", "1610612736")],
)
def test_quantities_are_read_as_kubernetes_reads_them(written: str, amount: str) -> None:
    assert quantity(written) == Decimal(amount)


@pytest.mark.parametrize("written", ["768Mb", "-1", "few", "1 Gi", "None"])
def test_what_is_no_quantity_is_not_read_as_one(written: str) -> None:
    assert quantity(written) is None


def own_schemas() -> Sequence[Path]:
    return sorted(SCHEMAS.glob("*.json"))


def validator() -> Any:
    place = ROOT / "deploy" / "tools" / "validate_kubernetes.py"
    specification = importlib.util.spec_from_file_location("validate_kubernetes", place)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def of_schema(path: Path) -> list[Any]:
    kind = json.loads(path.read_text())["properties"]["kind"]["const"]
    examples = {
        "ScaledObject": scaler("s", "api", 1, 2),
        "VerticalPodAutoscaler": vertical("trader", "trader", "Off"),
        "PrometheusRule": """apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: barque, namespace: barque}
spec:
  groups: [{name: barque, rules: [{alert: Watchdog, expr: vector(1), for: 1m}]}]
""",
    }
    declared = [one.body for one in rendered()[CANARY.name].of(kind)]
    return declared or [read_manifests("", examples[kind]).all[0].body]


@pytest.mark.parametrize("path", own_schemas(), ids=lambda path: path.stem)
def test_a_schema_of_ours_takes_what_is_right_and_no_other_field(path: Path) -> None:
    checked = validator()
    bodies = of_schema(path)
    strange = copy.deepcopy(bodies[0])
    strange["spec"]["surprise"] = 1

    assert [checked._wrong(body, "1.35", SCHEMAS, None) for body in bodies] == [[]] * len(bodies)
    assert any("surprise" in words for words in checked._wrong(strange, "1.35", SCHEMAS, None))


def test_the_roles_that_run_are_those_that_barque_run_starts() -> None:
    from barque.bootstrap.roles import STARTERS

    for environment in clusters(BARQUE):
        manifests = rendered()[environment.name]
        arguments = [
            container.get("args", []) for one in manifests.workloads for container in one.containers
        ]

        assert {words[1] for words in arguments if words[:1] == ["run"]} == set(STARTERS)


def test_a_trader_answers_where_the_api_does() -> None:
    from barque.service.health import create_health_app
    from barque.telemetry import Metrics

    application = create_health_app(Metrics(), list)

    assert {getattr(route, "path", "") for route in application.routes} == health_routes()
