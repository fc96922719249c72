"""What a plan of Terraform says: what it would make and lose, and whom it lets in."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from barque.deployment.terraform_plans import Plan
from barque.domain.errors import BadInput, UnknownName

Change = dict[str, Any]

STATEFUL = frozenset(
    {
        "aws_backup_vault",
        "aws_cloudwatch_log_group",
        "aws_db_instance",
        "aws_ebs_volume",
        "aws_ecr_repository",
        "aws_eip",  # venues list our addresses beside our keys
        "aws_kms_key",
        "aws_kms_replica_key",
        "aws_route53_zone",
        "aws_s3_bucket",
        "aws_secretsmanager_secret",
    }
)
"""What holds something that cannot be made again."""

SECRETS = frozenset(
    {"auth_token", "master_password", "passwords", "password", "private_key", "secret_string"}
)
"""Arguments whose values would lie in the state as they are."""


def read_plan(file: Path) -> Plan:
    """Return a plan that somebody made; BadInput when the file holds none."""
    try:
        plan = json.loads(file.read_text())
    except ValueError as error:
        raise BadInput(
            f"{file} is not JSON: {error}. `terraform show -json PLAN` prints it."
        ) from error
    if not isinstance(plan, dict) or "resource_changes" not in plan:
        raise BadInput(f"{file} holds no plan. `terraform show -json PLAN` prints one.")
    return plan


def changes(plan: Plan) -> list[Change]:
    """Return what would be changed: the resources whose actions are not "nothing"."""
    return [
        one
        for one in plan.get("resource_changes", [])
        if one["mode"] == "managed" and one["change"]["actions"] != ["no-op"]
    ]


def summary(plan: Plan) -> dict[str, int]:
    """Return how many resources would be made, changed in place, replaced and destroyed."""
    counts = {"create": 0, "update": 0, "replace": 0, "destroy": 0}
    for one in changes(plan):
        actions = set(one["change"]["actions"])
        if actions == {"create", "delete"}:
            counts["replace"] += 1
        elif "delete" in actions:
            counts["destroy"] += 1
        elif actions & counts.keys():
            counts[(actions & counts.keys()).pop()] += 1
    return counts


def refused_losses(plan: Plan, allowed: list[str]) -> list[str]:
    """Return the addresses of what holds data and would be lost without having been allowed.

    Raises UnknownName when something is allowed that the plan would not destroy.
    """
    lost = [
        one["address"]
        for one in changes(plan)
        if "delete" in one["change"]["actions"] and one["type"] in STATEFUL
    ]
    for address in allowed:
        if address not in lost:
            raise UnknownName("resource that would be lost", address, lost, "barque deploy plan")
    return [address for address in lost if address not in allowed]


def secrets_in(plan: Plan) -> Iterator[str]:
    """Yield where a secret would lie in the state: its address and argument."""
    for one in plan.get("resource_changes", []):
        for path in _named(one["change"].get("after") or {}, SECRETS):
            yield f"{one['address']}.{path}"


def _named(value: Any, names: frozenset[str], path: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in names and inner:
                yield f"{path}{name}"
            else:
                yield from _named(inner, names, f"{path}{name}.")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _named(inner, names, f"{path}{index}.")


def security_group_edges(plan: Plan) -> set[tuple[str, str, int, str]]:
    """Return who may reach whom by the parts' security groups: source, target, port, direction.

    An edge between two parts is there twice, once for each end. What is reached by addresses has
    those in the place of the part's name: `cloudfront`, `storage` or a network.
    """
    groups = {
        one["change"]["after"]["id"]: one["change"]["after"]["tags"]["Part"]
        for one in _of_type(plan, "aws_security_group")
        if "Part" in (one["change"]["after"].get("tags") or {})
    }
    edges = set()
    for direction in ("ingress", "egress"):
        for one in _of_type(plan, f"aws_vpc_security_group_{direction}_rule"):
            rule = one["change"]["after"]
            if "module.network." in one["address"]:
                edges |= {_edge(rule, direction, groups, port) for port in _ports(rule)}
    return edges


def _of_type(plan: Plan, kind: str) -> list[Change]:
    return [one for one in plan["resource_changes"] if one["type"] == kind]


def _ports(rule: Mapping[str, Any]) -> range:
    if rule["ip_protocol"] != "tcp" or rule["from_port"] is None:
        return range(-1, 0)
    return range(rule["from_port"], rule["to_port"] + 1)


def _edge(
    rule: Mapping[str, Any], direction: str, groups: Mapping[str, str], port: int
) -> tuple[str, str, int, str]:
    own = groups.get(rule["security_group_id"], rule["security_group_id"])
    other = rule.get("referenced_security_group_id")
    named = groups.get(other, other) if other else _addresses(rule)
    return (own, named, port, direction) if direction == "egress" else (named, own, port, direction)


def _addresses(rule: Mapping[str, Any]) -> str:
    listed = rule.get("prefix_list_id")
    if listed:
        return "cloudfront" if "managed_prefix_list" in listed else "storage"
    return str(rule.get("cidr_ipv4") or rule.get("cidr_ipv6"))
