"""The policy as objects of Kubernetes and variables of Terraform."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from barque.deployment.auto_scaling import read_scaling
from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.scaling.rendering import FOLDER, kubernetes_files, terraform_scaling


def rendered(root: Path, environment: str, role: str) -> list[dict[str, Any]]:
    text = kubernetes_files(BARQUE, root)[f"{FOLDER}/{environment}/{role}.yaml"]
    return list(yaml.safe_load_all(text))


def test_only_built_roles_are_rendered(root: Path) -> None:
    names = {Path(path).stem for path in kubernetes_files(BARQUE, root)}

    assert names == {"api", "trader", "kustomization"}


def test_keda_has_every_metric_and_schedule_of_the_policy(root: Path) -> None:
    (scaled,) = rendered(root, "prod", "api")

    kinds = [trigger["type"] for trigger in scaled["spec"]["triggers"]]

    assert scaled["kind"] == "ScaledObject"
    assert kinds == ["cpu", "memory", "prometheus", "cron"]
    assert (scaled["spec"]["minReplicaCount"], scaled["spec"]["maxReplicaCount"]) == (2, 6)


def test_a_cluster_without_keda_has_the_plain_autoscaler(root: Path) -> None:
    (scaler,) = rendered(root, "dev", "api")

    named = [metric["resource"]["name"] for metric in scaler["spec"]["metrics"]]

    assert scaler["kind"] == "HorizontalPodAutoscaler"
    assert named == ["cpu", "memory"]
    assert scaler["spec"]["behavior"]["scaleDown"]["stabilizationWindowSeconds"] == 600


def test_where_nothing_shall_run_yet_scaling_is_paused_at_none(root: Path) -> None:
    (scaled,) = rendered(root, "dr", "api")

    assert scaled["metadata"]["annotations"] == {"autoscaling.keda.sh/paused-replicas": "0"}


def test_the_trader_grows_in_size_and_never_in_number(root: Path) -> None:
    (only,) = rendered(root, "prod", "trader")

    assert only["kind"] == "VerticalPodAutoscaler"
    assert only["spec"]["targetRef"]["kind"] == "StatefulSet"
    assert only["spec"]["updatePolicy"] == {"updateMode": "Initial"}


@pytest.mark.parametrize("environment", [one.name for one in BARQUE.environments])
def test_terraform_is_told_the_same_bounds(root: Path, environment: str) -> None:
    scaling = read_scaling(root)

    told = terraform_scaling(scaling, BARQUE, environment)

    least, most = scaling.roles["api"].bounds[environment]
    assert told["scaling"] == [
        {"role": "api", "min": least, "max": most, "metric": "cpu", "target": 60}
    ]
    assert all(one["min"] <= most for one in told["schedules"])
