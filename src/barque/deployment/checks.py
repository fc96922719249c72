"""Every check of the deployment, in the order a person would ask."""

from collections.abc import Sequence
from pathlib import Path

from barque.deployment import auto_scaling
from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import Check, Finding
from barque.deployment.cloud_architecture import violations
from barque.deployment.compose import dockerfile_rules, other_opinions, rules
from barque.deployment.render import differences


def _architecture_is_sound(root: Path) -> Sequence[Finding]:
    return [
        Finding("src/barque/deployment/barque_on_aws.py", words) for words in violations(BARQUE)
    ]


CHECKS: tuple[Check, ...] = (
    Check(
        name="architecture",
        words="the design keeps its own invariants",
        inputs=(),
        run=_architecture_is_sound,
    ),
    auto_scaling.CHECK,
    Check(
        name="rendered",
        words="what is generated is what the design says",
        inputs=("deploy/**/*",),
        run=differences,
    ),
    Check(
        name="dockerfile",
        words="the images are built from what is pinned, and run without rights",
        inputs=("deploy/docker/**/Dockerfile", "scripts/image"),
        run=dockerfile_rules.findings,
    ),
    Check(
        name="hadolint",
        words="hadolint agrees",
        inputs=("deploy/docker/**/Dockerfile", "deploy/tools/requirements.lock"),
        run=other_opinions.hadolint,
    ),
    Check(
        name="compose",
        words="the Compose files carry the design's parts and edges, and nothing unguarded",
        inputs=("deploy/docker/**/*", "deploy/monitoring/**/*"),
        run=rules.findings,
    ),
    Check(
        name="compose-1",
        words="Compose 1.29 reads them",
        inputs=("deploy/docker/*.yaml",),
        run=other_opinions.version_one,
        programs=("docker-compose",),
    ),
    Check(
        name="compose-2",
        words="Compose 2 reads them, unknown words refused",
        inputs=("deploy/docker/*.yaml", "deploy/tools/requirements.lock"),
        run=other_opinions.version_two,
    ),
)
