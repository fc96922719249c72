"""The real checkov has nothing left to say, and objects to what our own policies do not ask."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from barque.deployment.check import Finding
from barque.deployment.compose.dockerfile_rules import PRODUCT
from barque.deployment.kubernetes.manifests import Manifests, read_manifests
from barque.deployment.kubernetes.rendering import Variant, render_variants
from barque.deployment.policies.checkov import Texts, of_a_plan, of_manifests, opinion
from barque.deployment.policies.planned import as_planned
from barque.deployment.policies.second_opinion import objections_left, read_skips, second_opinion
from barque.deployment.policies.table import NAMES, PLAN_KIND
from barque.deployment.terraform_plans import Plan, plans
from barque.settings import read_settings

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[3]
PLACE = "prod"
STRANGE_ROLE = """apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: strange, namespace: barque}
rules: [{apiGroups: [""], resources: [pods], verbs: ["*"]}]
"""


def resources(module: Plan) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from resources(child)


def spoilt(plan: Plan) -> Plan:
    """Return a plan with three things wrong that no policy of ours asks about."""
    plan = copy.deepcopy(plan)
    for one in resources(plan["planned_values"]["root_module"]):
        match one["type"]:
            case "aws_ecr_repository":
                one["values"]["encryption_configuration"] = [{"encryption_type": "AES256"}]
            case "aws_eks_cluster":
                one["values"]["enabled_cluster_log_types"] = ["api"]
            case "aws_lb":
                one["values"]["access_logs"][0]["enabled"] = False
    return plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plans(ROOT, [PLACE], read_settings().cache)[PLACE]


@pytest.fixture(scope="module")
def left(plan: Plan) -> list[Finding]:
    """What is left of checkov's opinion of a checkout with something wrong of every kind."""
    (manifests,) = render_variants(ROOT, [Variant(PLACE)])
    assert isinstance(manifests, Manifests)
    texts: Texts = {
        "terraform": {PLACE: of_a_plan(spoilt(plan)), "no plan": "{}"},
        "kubernetes": {PLACE: of_manifests([manifests, read_manifests(PLACE, STRANGE_ROLE)])},
        "dockerfile": {
            str(PRODUCT): (ROOT / PRODUCT).read_text() + "RUN curl --insecure https://a.example\n",
            "silenced": "# checkov:skip=CKV_DOCKER_3:because\nFROM debian:12\n",
        },
    }
    return list(objections_left(opinion(ROOT, texts), read_skips(ROOT)))


def test_checkov_has_nothing_against_the_checkout_that_is_not_answered() -> None:
    assert second_opinion(ROOT, NAMES) == []


@pytest.mark.parametrize(
    ("where", "law"),
    [
        ("prod: module.barque.module.storage.aws_ecr_repository.this", "CKV_AWS_136"),
        ("prod: module.barque.module.cluster[0].aws_eks_cluster.this", "CKV_AWS_37"),
        ("prod: module.barque.module.edge.aws_lb.this", "CKV_AWS_91"),
        ("prod: Role.barque.strange", "CKV_K8S_49"),
        (f"{PRODUCT}: RUN", "CKV2_DOCKER_2"),
    ],
)
def test_what_no_policy_of_ours_asks_is_objected_to(
    left: list[Finding], where: str, law: str
) -> None:
    assert any(one.where == where and one.words.startswith(f"{law}: ") for one in left), left


def test_our_policies_alone_would_let_it_pass(plan: Plan) -> None:
    policies = {one.name: one for one in PLAN_KIND.policies}
    wrong = spoilt(plan)
    changes = {one["address"]: one for one in resources(wrong["planned_values"]["root_module"])}
    for one in wrong["resource_changes"]:
        if one["address"] in changes:
            one["change"]["after"] = changes[one["address"]]["values"]

    broken = [name for name, one in policies.items() if [*one.broken(as_planned(PLACE, wrong))]]

    assert broken == []


def test_nothing_else_is_left(left: list[Finding]) -> None:
    laws = [one.words.partition(":")[0] for one in left if one.where.startswith("prod: module")]

    assert sorted(laws) == ["CKV_AWS_136", "CKV_AWS_37", "CKV_AWS_91"]


def test_what_checkov_finds_nothing_in_is_found(left: list[Finding]) -> None:
    assert any(one.where == "no plan" and "cannot have read it" in one.words for one in left)


def test_what_a_comment_silences_is_found(left: list[Finding]) -> None:
    assert any(one.where.startswith("silenced") and "is silenced" in one.words for one in left)
