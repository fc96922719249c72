"""What Terraform plans to do: made once for each content, read by everybody.

Plans are made beside the stand-in for AWS with made-up ids, so that every document in them is
whole. Costs, policies and edges are read from them.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from barque.deployment.terraform_config import environment_folder
from barque.deployment.terraform_workspace import TERRAFORM, Workspace, workspace
from barque.deployment.tools import LOCK
from barque.domain.errors import BadInput, UnknownName
from barque.settings import read_settings

Plan = dict[str, Any]
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


def planned(root: Path, environment: str, cache: Path | None = None) -> Plan:
    """Return the plan of an environment, from the cache if nothing changed since it was made."""
    cache = cache or read_settings().cache
    kept = _kept(root, environment, cache)
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    with workspace(root, cache) as scratch:
        return keep_plan(root, environment, cache, scratch)


def keep_plan(root: Path, environment: str, cache: Path, scratch: Workspace) -> Plan:
    """Make the plan of an environment in a workspace that is there already, and keep it."""
    plan = scratch.plan(environment_folder(environment))
    kept = _kept(root, environment, cache)
    kept.parent.mkdir(parents=True, exist_ok=True)
    for old in kept.parent.glob(f"{environment}.*.json"):
        old.unlink(missing_ok=True)
    part = kept.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(plan))
    part.replace(kept)
    return plan


def content(root: Path, *folders: str) -> str:
    """Return a name for what Terraform and its stand-in are made of now, all of it by default."""
    digest = hashlib.sha256()
    for folder in sorted({*(folders or ("",))}):
        for path in sorted((root / TERRAFORM / folder).rglob("*")):
            if path.is_file() and ".terraform" not in path.parts:
                digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    for path in sorted((root / LOCK.parent).iterdir()):
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()[:24]


def _kept(root: Path, environment: str, cache: Path) -> Path:
    """Return where a plan is kept; every checkout has a place of its own."""
    place = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:8]
    return cache.absolute() / "terraform-plans" / place / f"{environment}.{content(root)}.json"


def read_plan(file: Path) -> Plan:
    """Return a plan that somebody made; BadInput when the file holds none."""
    try:
        plan = json.loads(file.read_text())
    except ValueError as error:
        raise BadInput(f"{file} is not JSON: {error}. `terraform show -json PLAN` prints it.") from error
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
