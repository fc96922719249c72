"""The real Terraform beside the stand-in for AWS: its checks, and whether they can fail."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from barque.deployment.check import Finding
from barque.deployment.terraform_checks import TERRAFORM_CHECKS
from barque.deployment.terraform_workspace import Answer, Workspace, workspace
from tests.system.deployment.terraform_mutations import MUTATIONS, is_red, tried

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = MUTATIONS[::7]
"""The whole table is a proof of its own: `scripts/proof terraform_mutations`."""
CHECKS = {check.name: check for check in TERRAFORM_CHECKS}


@pytest.fixture(scope="session")
def cache() -> Path:
    """The cache of all tests: the tools are heavy, and installed once."""
    return Path(os.environ["BARQUE_TEST_CACHE"])


@pytest.fixture(autouse=True)
def _the_cache_is_shared(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BARQUE_CACHE", str(cache))


@pytest.fixture(scope="session")
def scratch(cache: Path) -> Iterator[Workspace]:
    with workspace(ROOT, cache) as made:
        yield made


@pytest.fixture(scope="session")
def answers(scratch: Workspace) -> dict[str, Answer]:
    return dict(tried(scratch, SAMPLE))


@pytest.mark.parametrize("name", [mutation.name for mutation in SAMPLE])
def test_a_mistake_in_a_module_turns_its_tests_red(answers: dict[str, Answer], name: str) -> None:
    assert is_red(answers[name]), answers[name].words[-2_000:]


def planted(checkout: Path, path: str, right: str, wrong: str) -> None:
    file = checkout / "deploy" / "terraform" / path
    text = file.read_text()
    assert right in text
    file.write_text(text.replace(right, wrong, 1))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for folder in ("terraform", "tools"):
        shutil.copytree(ROOT / "deploy" / folder, tmp_path / "deploy" / folder)
    return tmp_path


def found(name: str, checkout: Path) -> list[Finding]:
    return list(CHECKS[name].run(checkout))


def test_code_that_is_not_formatted_is_found(checkout: Path) -> None:
    planted(
        checkout, "modules/kms/main.tf", "  enable_key_rotation     =", " enable_key_rotation ="
    )

    assert [one.where for one in found("terraform-fmt", checkout)] == [
        "deploy/terraform/modules/kms/main.tf"
    ]


@pytest.mark.parametrize(
    ("path", "right", "wrong", "words"),
    [
        ("modules/kms/main.tf", "enable_key_rotation ", "enable_key_rotatoin ", "Did you mean"),
        ("modules/kms/main.tf", '"aws_kms_alias"', '"aws_kms_nickname"', "aws_kms_nickname"),
        (
            "modules/iam/main.tf",
            "  assume_role_policy = jsonencode({",
            "  path = jsonencode({",
            "assume_role_policy",
        ),
        ("modules/network/main.tf", "var.nat_per_zone ?", "var.nat_per_zoen ?", "nat_per_zoen"),
        ("modules/edge/main.tf", "  default_action {", "  default_reaction {", "default_reaction"),
        ("envs/prod/backend.tf", "encrypt      = true", "encrypt      = false", "encrypt = true"),
        ("envs/prod/backend.tf", "use_lockfile = true", "", "use_lockfile = true"),
        ("envs/dev/backend.tf", "dev/terraform", "prod/terraform", "dev/terraform.tfstate"),
        ("envs/dev/backend.tf", '"s3"', '"local"', "must be remote"),
    ],
)
def test_code_that_does_not_fit_is_found(
    checkout: Path, path: str, right: str, wrong: str, words: str
) -> None:
    planted(checkout, path, right, wrong)

    assert any(words in one.words for one in found("terraform-validate", checkout))


def test_a_plan_that_needs_what_is_not_known_yet_is_found(checkout: Path) -> None:
    notified = 'resource "aws_backup_vault_notifications" "this" {\n'
    if_told = "  count = var.topic_arn == null ? 0 : 1\n"
    planted(checkout, "modules/backup/main.tf", notified, notified + if_told)

    assert any("Invalid count argument" in one.words for one in found("terraform-plan", checkout))


def test_a_secret_in_the_state_and_a_wide_group_are_found(checkout: Path) -> None:
    planted(checkout, "modules/database/main.tf", "  password_wo   ", "  password      ")
    planted(checkout, "modules/database/main.tf", "  password_wo_version ", "  # ")
    planted(
        checkout,
        "modules/network/groups.tf",
        "if contains(local.outside, edge.target)",
        'if contains(local.outside, edge.target) || edge.target == "database"',
    )

    secrets, edges = found("terraform-plan", checkout), found("terraform-edges", checkout)

    assert any(one.where.endswith("aws_db_instance.primary.password") for one in secrets)
    assert any("pgbouncer may reach 0.0.0.0/0 on port 5432" in one.words for one in edges)


def test_the_stand_in_refuses_a_policy_that_is_none(scratch: Workspace) -> None:
    place = scratch.folder / "broken"
    place.mkdir()
    shutil.copy(ROOT / "deploy/terraform/stack/versions.tf", place)
    (place / "main.tf").write_text(
        'resource "aws_iam_policy" "a" {\n  name   = "a"\n  policy = "everything"\n}\n'
    )

    answer = scratch.terraform("broken", "validate")

    assert not answer.agreed
    assert "policy is not JSON" in answer.words


def test_the_checkout_is_not_written_to(scratch: Workspace) -> None:
    scratch.terraform(
        "state", "plan", "-input=false", "-var=account_id=111122223333", "-var=region=eu-central-1"
    )

    assert not list((ROOT / "deploy" / "terraform").rglob(".terraform"))
    assert not list((ROOT / "deploy" / "terraform").rglob("*.tfstate*"))
