"""The checks of the way in."""

from collections.abc import Sequence
from pathlib import Path

from barque.deployment.check import Check, Finding
from barque.deployment.edge import aws_rules, nginx, nginx_rules
from barque.deployment.edge.caching import violations


def _rules_are_sound(root: Path) -> Sequence[Finding]:
    return [Finding("src/barque/deployment/edge/caching.py", words) for words in violations()]


EDGE_CHECKS: tuple[Check, ...] = (
    Check(
        name="edge",
        words="what is kept near visitors is what may be, by the rules themselves",
        inputs=(),
        run=_rules_are_sound,
    ),
    Check(
        name="nginx",
        words="NGINX takes its configuration",
        inputs=("deploy/docker/nginx/*",),
        run=nginx.configuration_findings,
        programs=("nginx",),
    ),
    Check(
        name="edge-nginx",
        words="NGINX keeps, shares out and refuses as the rules say",
        inputs=("deploy/docker/nginx/*",),
        run=nginx_rules.findings,
    ),
    Check(
        name="edge-ingress",
        words="the balancer that Kubernetes makes follows the rules",
        inputs=("deploy/kubernetes/components/ingress/*",),
        run=aws_rules.ingress_findings,
    ),
    Check(
        name="edge-terraform",
        words="CloudFront and the balancer, as planned, follow the rules",
        inputs=("deploy/terraform/**/*", "deploy/tools/*"),
        run=aws_rules.terraform_findings,
        programs=("terraform",),
    ),
)
