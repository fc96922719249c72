"""The checks of images and Compose files."""

from barque.deployment.check import Check
from barque.deployment.compose import dockerfile_rules, other_opinions, rules

COMPOSE_CHECKS: tuple[Check, ...] = (
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
