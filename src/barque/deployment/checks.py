"""Every check of the deployment, in the order a person would ask."""

from collections.abc import Sequence
from pathlib import Path

from barque.deployment import auto_scaling, billing
from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.check import Check, Finding
from barque.deployment.cloud_architecture import violations
from barque.deployment.compose.checks import COMPOSE_CHECKS
from barque.deployment.edge.checks import EDGE_CHECKS
from barque.deployment.kubernetes_deployment import KUBERNETES_CHECKS
from barque.deployment.monitoring_setup import MONITORING_CHECKS
from barque.deployment.policies.access import ACCESS_CHECK
from barque.deployment.policies.secrets import SECRET_CHECKS
from barque.deployment.policies.table import POLICY_CHECKS
from barque.deployment.render import differences
from barque.deployment.terraform_checks import TERRAFORM_CHECKS


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
    *COMPOSE_CHECKS,
    *KUBERNETES_CHECKS,
    *TERRAFORM_CHECKS,
    *EDGE_CHECKS,
    *MONITORING_CHECKS,
    *POLICY_CHECKS,
    ACCESS_CHECK,
    *SECRET_CHECKS,
    billing.CHECK,
)
