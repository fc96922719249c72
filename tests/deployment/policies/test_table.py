"""Every policy objects to what is bad and to nothing that is good."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.policies.policy import FIXTURES, Kind, Policy
from barque.deployment.policies.table import COMPOSE_KIND, KINDS, PAGE, policies_page

EVERY = [pytest.param(kind, one, id=one.name) for kind in KINDS for one in kind.policies]


@pytest.mark.parametrize(("kind", "policy"), EVERY)
def test_a_policy_has_nothing_against_its_good_fixture(
    kind: Kind[Any], policy: Policy[Any], root: Path
) -> None:
    assert kind.objections(policy, kind.fixture(root, policy, "good")) == []


@pytest.mark.parametrize(("kind", "policy"), EVERY)
def test_a_policy_objects_to_its_bad_fixture(
    kind: Kind[Any], policy: Policy[Any], root: Path
) -> None:
    assert kind.objections(policy, kind.fixture(root, policy, "bad"))


def test_every_folder_of_fixtures_belongs_to_one_policy(root: Path) -> None:
    names = [policy.name for kind in KINDS for policy in kind.policies]

    folders = sorted(path.name for path in (root / FIXTURES).iterdir() if path.is_dir())

    assert sorted(names) == folders


def test_the_page_lists_every_policy() -> None:
    page = policies_page(BARQUE, Path())[PAGE]

    assert all(f"| {policy.name} |" in page for kind in KINDS for policy in kind.policies)


def test_a_fixture_that_proves_nothing_is_found(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "deploy/policy", tmp_path / "deploy/policy")
    shutil.copytree(root / "deploy/docker", tmp_path / "deploy/docker")
    folder = tmp_path / FIXTURES / "loopback-only"
    shutil.copy(folder / "good.yaml", folder / "bad.yaml")
    (tmp_path / FIXTURES / "containers-bounded" / "good.yaml").unlink()

    words = [one.words for one in COMPOSE_KIND.findings(tmp_path)]

    assert "The policy loopback-only lets what is bad pass." in words
    assert "The policy containers-bounded has no good fixture." in words


def test_what_breaks_a_policy_in_the_checkout_is_found(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "deploy", tmp_path / "deploy", symlinks=True)
    file = tmp_path / "deploy/docker/compose.yaml"
    file.write_text(file.read_text().replace("127.0.0.1:", "0.0.0.0:"))

    found = COMPOSE_KIND.findings(tmp_path)

    assert any("published to the machine itself" in one.words for one in found)
