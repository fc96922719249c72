"""All policies, the checks that ask them, and the page that lists them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from barque.deployment.check import Check
from barque.deployment.cloud_architecture import Architecture, Status
from barque.deployment.generated import HEADER
from barque.deployment.kubernetes.manifests import Manifests, read_manifests
from barque.deployment.kubernetes.rendering import renderings
from barque.deployment.pages import table
from barque.deployment.policies.containers import (
    COMPOSE,
    EVERY_IMAGE,
    OUR_IMAGE,
    every_image,
    images,
    read_instructions,
    stack_of,
    stacks,
)
from barque.deployment.policies.encryption import ENCRYPTION
from barque.deployment.policies.identity import IDENTITY
from barque.deployment.policies.network import NETWORK
from barque.deployment.policies.planned import (
    FIXTURE_ENVIRONMENT,
    of_every_environment,
    read_fixture,
)
from barque.deployment.policies.pods import PODS
from barque.deployment.policies.policy import Kind
from barque.deployment.policies.protection import PROTECTION
from barque.deployment.policies.second_opinion import second_opinion, second_opinion_page

PAGE = "docs/deployment/policies.md"


def _every_rendering(root: Path) -> Iterator[tuple[str, Manifests]]:
    found = renderings(root)
    for one in (*found.today, *found.planned):
        yield one.where, one


def _manifests(file: Path) -> Manifests:
    return read_manifests(FIXTURE_ENVIRONMENT, file.read_text())


PLAN_KIND = Kind(
    "terraform",
    ".json",
    (*ENCRYPTION, *NETWORK, *PROTECTION, *IDENTITY),
    read_fixture,
    of_every_environment,
)
POD_KIND = Kind("kubernetes", ".yaml", PODS, _manifests, _every_rendering)
IMAGE_KIND = Kind("images", ".Dockerfile", EVERY_IMAGE, read_instructions, every_image)
OUR_IMAGE_KIND = Kind("our image", ".Dockerfile", OUR_IMAGE, read_instructions, images)
COMPOSE_KIND = Kind("compose", ".yaml", COMPOSE, stack_of, stacks)
KINDS: tuple[Kind[Any], ...] = (PLAN_KIND, POD_KIND, IMAGE_KIND, OUR_IMAGE_KIND, COMPOSE_KIND)
NAMES = frozenset(policy.name for kind in KINDS for policy in kind.policies)

POLICY_CHECKS: tuple[Check, ...] = (
    Check(
        name="policies-terraform",
        words="the plan of every environment keeps the policies",
        inputs=("deploy/terraform/**/*", "deploy/tools/*", "deploy/policy/**/*"),
        run=PLAN_KIND.findings,
        programs=("terraform",),
    ),
    Check(
        name="policies-kubernetes",
        words="every rendering keeps the policies",
        inputs=(
            "deploy/kubernetes/**/*",
            "deploy/monitoring/**/*",
            "deploy/docker/pgbouncer/*",
            "deploy/policy/**/*",
        ),
        run=POD_KIND.findings,
        programs=("kubectl",),
    ),
    Check(
        name="policies-containers",
        words="images and Compose files keep the policies",
        inputs=("deploy/docker/**/*", "deploy/policy/**/*"),
        run=lambda root: [
            one
            for kind in (IMAGE_KIND, OUR_IMAGE_KIND, COMPOSE_KIND)
            for one in kind.findings(root)
        ],
    ),
    Check(
        name="checkov",
        words="checkov has nothing against it that is not answered",
        inputs=(
            "deploy/terraform/**/*",
            "deploy/kubernetes/**/*",
            "deploy/monitoring/**/*",
            "deploy/docker/**/Dockerfile",
            "deploy/docker/pgbouncer/*",
            "deploy/policy/checkov.toml",
            "deploy/tools/*",
        ),
        run=lambda root: second_opinion(root, NAMES),
        programs=("terraform", "kubectl"),
    ),
)


def policies_page(architecture: Architecture, root: Path) -> dict[str, str]:
    """Return the page of all policies."""
    count = sum(len(kind.policies) for kind in KINDS)
    parts = [
        f"<!-- {HEADER} -->",
        "# Policies",
        f"{count} laws about what is deployed. Each is asked of the plan of every environment, of "
        "every rendering for Kubernetes, of the images and of the Compose files, by `barque deploy "
        "check`; each keeps a small example that is good and one that is bad, and objects to the "
        "bad one only. A plan is made offline: what AWS itself would refuse is not found out here.",
    ]
    for kind in KINDS:
        parts.append(f"## {kind.name.capitalize()}")
        rows = [
            [one.name, one.words, one.why, _links(kind.suffix, one.name)] for one in kind.policies
        ]
        parts.append(table(["policy", "it must be that", "why", "fixtures"], rows))
    parts += second_opinion_page(root)
    parts += _access(architecture)
    return {PAGE: "\n\n".join(parts) + "\n"}


def _access(architecture: Architecture) -> Iterator[str]:
    yield "## What roles may do with data"
    yield (
        "The check `access` asks IAM's own documents about every role, kind of data and verb, with "
        "and without each word of the encryption context, and about deletions: of prod as it is "
        "planned today, and of prod with everything built. What is not in this table is denied. "
        "To open or seal needs tenant, account and purpose. `src/barque/deployment/policies/"
        "documents.py` says which part of AWS's rules it knows."
    )
    rows = [
        [one.role, one.verb.value, one.data, "yes" if one.status is Status.BUILT else "not yet"]
        for one in architecture.access
    ]
    yield table(["role", "may", "data", "today"], rows)


def _links(suffix: str, name: str) -> str:
    folder = f"../../deploy/policy/{name}"
    return f"[good]({folder}/good{suffix}), [bad]({folder}/bad{suffix})"
