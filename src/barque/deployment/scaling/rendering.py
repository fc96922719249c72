"""The scaling policy as the objects of Kubernetes and as Terraform's variables.

Fields: autoscaling/v2 HorizontalPodAutoscaler, keda.sh/v1alpha1 ScaledObject, autoscaling.k8s.io/v1
VerticalPodAutoscaler. Only built roles are rendered.
"""

from pathlib import Path
from typing import Any

from barque.deployment.auto_scaling import (
    Movement,
    RoleScaling,
    Scaling,
    Step,
    Vertical,
    read_scaling,
)
from barque.deployment.cloud_architecture import Architecture, Platform, Role, Status
from barque.deployment.generated import HEADER
from barque.deployment.kubernetes.places import NAMESPACE
from barque.deployment.scaling.picture import picture
from barque.deployment.scaling.simulator import simulate_role
from barque.deployment.scaling.traces import TRACES

FOLDER = "deploy/kubernetes/components/scaling"
PROMETHEUS = "http://prometheus.barque.svc.cluster.local:9090"
KINDS = {"trader": "StatefulSet"}
PICTURES = {"api": ("api", None), "api-later": ("api", 30), "research": ("research", None)}
Object = dict[str, Any]


def kubernetes_files(architecture: Architecture, root: Path) -> dict[str, str]:
    """Return one Kustomize component for each environment with a cluster."""
    scaling = read_scaling(root)
    files: dict[str, str] = {}
    for environment in architecture.environments:
        if environment.platform is Platform.KUBERNETES:
            files |= _component(scaling, architecture, environment.name)
    return files


def pictures(architecture: Architecture, root: Path) -> dict[str, str]:
    """Return the pictures of docs/deployment/scaling.md: every trace, with prod's bounds."""
    return {
        f"docs/deployment/scaling-{name}.svg": f"<!-- {HEADER} -->\n"
        + picture([simulate_role(root, role, "prod", trace, most) for trace in TRACES.values()])
        for name, (role, most) in PICTURES.items()
    }


def terraform_scaling(scaling: Scaling, architecture: Architecture, environment: str) -> Object:
    """Return what Terraform is told: target tracking and schedules of machines without a cluster.

    `target` is a percentage; the metrics of an Auto Scaling group know no other than cpu.
    """
    groups, schedules = [], []
    for role, policy in _built(scaling, architecture):
        least, most = policy.bounds[environment]
        bounds = {"role": role.name, "min": least, "max": most}
        groups += [
            bounds | {"metric": "cpu", "target": round(metric.target * 100)}
            for metric in policy.metrics
            if metric.name == "cpu"
        ]
        schedules += [
            {
                "role": role.name,
                "name": schedule.name,
                "zone": schedule.zone,
                "start": schedule.start,
                "end": schedule.end,
                "min": min(schedule.least, most),
            }
            for schedule in policy.schedules
        ]
    return {"scaling": groups, "schedules": schedules}


def _built(scaling: Scaling, architecture: Architecture) -> list[tuple[Role, RoleScaling]]:
    return [
        (role, scaling.roles[role.name])
        for role in architecture.roles
        if role.status is Status.BUILT
    ]


def _component(scaling: Scaling, architecture: Architecture, environment: str) -> dict[str, str]:
    objects = [
        (f"{role.name}.yaml", rendered)
        for role, policy in _built(scaling, architecture)
        if (rendered := objects_of(role, policy, environment, scaling))
    ]
    component: Object = {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "resources": [name for name, _ in objects],
    }
    targets = [one["spec"].get("scaleTargetRef") for _, rendered in objects for one in rendered]
    if any(targets):
        component["patches"] = [_left_to_scaler(target) for target in targets if target]
    files = {"kustomization.yaml": [component], **dict(objects)}
    return {f"{FOLDER}/{environment}/{name}": _yaml(each) for name, each in files.items()}


def _left_to_scaler(target: Object) -> Object:
    """Return a patch that states no replicas: applying them again would cut off what was scaled."""
    chosen = {"kind": target["kind"], "name": target["name"]}
    return {"target": chosen, "patch": "- op: remove\n  path: /spec/replicas\n"}


def objects_of(role: Role, policy: RoleScaling, environment: str, scaling: Scaling) -> list[Object]:
    """Return the objects that scale one role in one environment; none for a fixed one."""
    objects = []
    least, most = policy.bounds[environment]
    if policy.metrics and most > 1:
        plain = environment in scaling.without_keda
        horizontal = _autoscaler if plain else _scaled_object
        objects.append(horizontal(role, policy, least, most))
    if policy.vertical:
        objects.append(_vertical(role, policy.vertical))
    return objects


def _autoscaler(role: Role, policy: RoleScaling, least: int, most: int) -> Object:
    return _object("autoscaling/v2", "HorizontalPodAutoscaler", role) | {
        "spec": {
            "scaleTargetRef": _target(role),
            "minReplicas": max(least, 1),
            "maxReplicas": most,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {
                        "name": metric.name,
                        "target": {
                            "type": "Utilization",
                            "averageUtilization": round(metric.target * 100),
                        },
                    },
                }
                for metric in policy.metrics
                if metric.is_resource
            ],
            "behavior": _behavior(policy),
        }
    }


def _scaled_object(role: Role, policy: RoleScaling, least: int, most: int) -> Object:
    """Return KEDA's object; where nothing shall run yet it is paused at none."""
    scaled = _object("keda.sh/v1alpha1", "ScaledObject", role) | {
        "spec": {
            "scaleTargetRef": _target(role),
            "minReplicaCount": least,
            "maxReplicaCount": most,
            "pollingInterval": 15,
            "fallback": {"failureThreshold": 4, "replicas": max(least, 1)},
            "advanced": {"horizontalPodAutoscalerConfig": {"behavior": _behavior(policy)}},
            "triggers": [*_metric_triggers(policy), *_cron_triggers(policy, most)],
        }
    }
    if least == 0:
        scaled["metadata"]["annotations"] = {"autoscaling.keda.sh/paused-replicas": "0"}
    return scaled


def _metric_triggers(policy: RoleScaling) -> list[Object]:
    triggers: list[Object] = []
    for metric in policy.metrics:
        if metric.is_resource:
            percent = str(round(metric.target * 100))
            triggers.append(
                {
                    "type": metric.name,
                    "metricType": "Utilization",
                    "metadata": {"value": percent},
                }
            )
        elif not metric.planned:
            triggers.append(
                {
                    "type": "prometheus",
                    "metricType": "AverageValue",
                    "metadata": {
                        "serverAddress": PROMETHEUS,
                        "query": str(metric.query),
                        "threshold": f"{metric.target:g}",
                    },
                }
            )
    return triggers


def _cron_triggers(policy: RoleScaling, most: int) -> list[Object]:
    return [
        {
            "type": "cron",
            "metadata": {
                "timezone": schedule.zone,
                "start": schedule.start,
                "end": schedule.end,
                "desiredReplicas": str(min(schedule.least, most)),
            },
        }
        for schedule in policy.schedules
    ]


def _vertical(role: Role, vertical: Vertical) -> Object:
    def sizes(k: int) -> Object:
        return {"cpu": f"{round(vertical.cpu[k] * 1000)}m", "memory": f"{vertical.memory[k]}Mi"}

    return _object("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", role) | {
        "spec": {
            "targetRef": _target(role),
            "updatePolicy": {"updateMode": vertical.mode},
            "resourcePolicy": {
                "containerPolicies": [
                    {
                        "containerName": role.name,
                        "minAllowed": sizes(0),
                        "maxAllowed": sizes(1),
                        "controlledValues": "RequestsAndLimits",
                    }
                ]
            },
        }
    }


def _behavior(policy: RoleScaling) -> Object:
    return {"scaleUp": _movement(policy.up), "scaleDown": _movement(policy.down)}


def _movement(movement: Movement) -> Object:
    return {
        "stabilizationWindowSeconds": movement.window,
        "selectPolicy": "Max",
        "policies": [_step(step) for step in movement.policies],
    }


def _step(step: Step) -> Object:
    kind, value = ("Pods", step.replicas) if step.replicas else ("Percent", step.percent)
    return {"type": kind, "value": value, "periodSeconds": step.every}


def _object(version: str, kind: str, role: Role) -> Object:
    metadata = {"name": role.name, "namespace": NAMESPACE}
    return {"apiVersion": version, "kind": kind, "metadata": metadata}


def _target(role: Role) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": KINDS.get(role.name, "Deployment"),
        "name": role.name,
    }


def _yaml(objects: list[Object]) -> str:
    import yaml

    text: str = yaml.safe_dump_all(objects, sort_keys=False, width=100)
    return f"# {HEADER}\n{text}"
