"""Policies: what roles and machines may do."""

import fnmatch
from collections.abc import Iterator
from typing import Any

from barque.deployment.policies.planned import Planned, Resource, each, listed
from barque.deployment.policies.policy import Policy

CANNOT_BE_NARROWED = (
    "ec2:Describe*",
    "elasticloadbalancing:Describe*",
    "ecr:GetAuthorizationToken",
    "pricing:GetProducts",
)
"""Actions for which AWS knows no resource but "*"."""


def grants(planned: Planned) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """Yield what is allowed to roles: the statement and where it stands.

    A boundary allows nothing by itself, it only limits; it is left out.
    """
    for one in planned.of("aws_iam_role_policy", "aws_iam_policy"):
        if ".boundary" not in one.address:
            yield from ((one, each) for each in one.document() if each["Effect"] == "Allow")


def _actions(planned: Planned) -> Iterator[str]:
    for one, statement in grants(planned):
        for action in listed(statement.get("Action")) or ["NotAction"]:
            if "*" in action or action == "NotAction":
                yield f"{one.address}: {action}"


def _resources(planned: Planned) -> Iterator[str]:
    for one, statement in grants(planned):
        for action in listed(statement.get("Action")):
            narrow = not any(fnmatch.fnmatch(action, known) for known in CANNOT_BE_NARROWED)
            if "*" in listed(statement.get("Resource")) and narrow:
                yield f"{one.address}: {action}"


def _trust(planned: Planned) -> Iterator[str]:
    for one in planned.of("aws_iam_role"):
        for statement in one.document("assume_role_policy"):
            principals = statement.get("Principal")
            named = principals if isinstance(principals, dict) else {"AWS": principals}
            pods = "pods.eks.amazonaws.com" in listed(named.get("Service"))
            if "*" in listed(named.get("AWS")) or (pods and "Condition" not in statement):
                yield one.address


def _bounded(planned: Planned) -> Iterator[str]:
    for one in planned.of("aws_iam_role"):
        if ".aws_iam_role.role[" in one.address and not one.at("permissions_boundary"):
            yield one.address


def _tags(planned: Planned) -> Iterator[str]:
    """Yield providers that do not tag all that they make."""
    providers = planned.plan.get("configuration", {}).get("provider_config", {})
    for name, one in providers.items():
        if one.get("name") == "aws" and not _tagged(one):
            yield f"provider {name}"


def _tagged(provider: dict[str, Any]) -> bool:
    tags = provider.get("expressions", {}).get("default_tags") or [{}]
    said = tags[0].get("tags", {}).get("constant_value") or {}
    return {"Product", "Environment"} <= said.keys()


IDENTITY: tuple[Policy[Planned], ...] = (
    Policy(
        "no-wildcard-action",
        "roles are allowed actions by name",
        "A star also allows what AWS invents tomorrow.",
        _actions,
    ),
    Policy(
        "no-wildcard-resource",
        "roles are allowed to touch what is theirs by name",
        "Another product in the account must be safe from us.",
        _resources,
    ),
    Policy(
        "trust-is-narrow",
        "nobody unknown can take a role, and pods only those of our cluster",
        "A role that everybody may take is everybody's.",
        _trust,
    ),
    Policy(
        "roles-bounded",
        "roles of Barque have a boundary",
        "A grant that is added by mistake stays without effect.",
        _bounded,
    ),
    Policy(
        "metadata-by-token",
        "machines hand out their credentials only to who asks twice, and to no pod",
        "A tricked web server reads one address; it cannot fetch a token first.",
        each(
            "aws_launch_template",
            kept=lambda one: (
                one.at("metadata_options", "http_tokens") == "required"
                and one.at("metadata_options", "http_put_response_hop_limit") == 1
            ),
        ),
    ),
    Policy(
        "everything-tagged",
        "all that is made says whose it is and where it belongs",
        "Cost, backups and the search for what nobody owns go by tags.",
        _tags,
    ),
)
