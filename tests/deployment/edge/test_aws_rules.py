"""The balancer that Kubernetes would make follows the rules; whatever is changed in it is found.

What Terraform plans is compared in tests/system/deployment/test_edge_plan.py: it needs a plan.
"""

from pathlib import Path

import pytest

from barque.deployment.edge.aws_rules import INGRESS, ingress_findings

FAULTS = [
    ("/health/ready", "/health/live"),
    ('success-codes: "200"', 'success-codes: "200-499"'),
    ('interval-seconds: "10"', 'interval-seconds: "60"'),
    ('unhealthy-threshold-count: "3"', 'unhealthy-threshold-count: "10"'),
    ("slow_start.duration_seconds=30", "slow_start.duration_seconds=0"),
    ("deregistration_delay.timeout_seconds=60,", ""),
    ("type=round_robin", "type=least_outstanding_requests"),
    ("idle_timeout.timeout_seconds=120", "idle_timeout.timeout_seconds=60"),
]


def test_the_ingress_follows_the_rules(root: Path) -> None:
    assert ingress_findings(root) == []


@pytest.mark.parametrize(("old", "new"), FAULTS)
def test_whatever_is_changed_in_the_ingress_is_found(copy: Path, old: str, new: str) -> None:
    place = copy / INGRESS
    text = place.read_text()
    assert old in text
    place.write_text(text.replace(old, new))

    assert len(ingress_findings(copy)) == 1
