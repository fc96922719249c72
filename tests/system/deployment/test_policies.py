"""The real plans keep the policies, IAM is the design, and checks are seen red. Needs Terraform."""

import shutil
from pathlib import Path

import pytest

from barque.deployment.mutations import read_mutations, sample, see_all
from barque.deployment.policies.access import ACCESS_CHECK
from barque.deployment.policies.secrets import SECRET_CHECKS
from barque.deployment.policies.table import PLAN_KIND

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[3]
IN_A_SAMPLE = 8
CANARY = "AKIA" + "Q3EGXVTJ7Z5KPLMN"


def test_every_environments_plan_keeps_the_policies() -> None:
    assert PLAN_KIND.findings(ROOT) == []


def test_iam_lets_each_role_do_what_the_design_grants_and_nothing_else() -> None:
    assert ACCESS_CHECK.run(ROOT) == []


def test_no_secret_lies_in_any_plan() -> None:
    assert SECRET_CHECKS[1].run(ROOT) == []


def test_checks_object_to_a_sample_of_mutations() -> None:
    survived = [
        (one.wrong, seen.words)
        for one, seen in see_all(ROOT, sample(read_mutations(ROOT), IN_A_SAMPLE))
        if not seen.red
    ]

    assert survived == []


def test_a_canary_in_the_checkout_is_found(tmp_path: Path) -> None:
    for name in ("docker", "kubernetes", "monitoring"):
        shutil.copytree(ROOT / "deploy" / name, tmp_path / "deploy" / name)
    file = tmp_path / "deploy/docker/redis/redis.conf"
    file.write_text(f"{file.read_text()}\n# {CANARY}\n")

    found = SECRET_CHECKS[0].run(tmp_path)

    assert [one.where.rpartition(":")[0] for one in found] == ["deploy/docker/redis/redis.conf"]
