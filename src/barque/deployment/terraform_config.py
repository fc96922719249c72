"""Terraform's inputs, written from the design: one file of data for each environment.

The code of Terraform is written by hand (deploy/terraform); only what the design knows already is
rendered here, so that it is said once.
"""

import json
from pathlib import Path
from typing import Any

from barque.deployment.auto_scaling import read_scaling
from barque.deployment.cloud_architecture import (
    Architecture,
    Environment,
    Platform,
    Role,
    Status,
    Tier,
    Verb,
)
from barque.deployment.generated import HEADER
from barque.deployment.scaling.rendering import terraform_scaling
from barque.deployment.terraform_workspace import TERRAFORM

INPUTS = "barque.auto.tfvars.json"


def environment_folder(environment: str) -> str:
    """Return where an environment lies below deploy/terraform."""
    return f"envs/{environment}"


def render_terraform(architecture: Architecture, root: Path) -> dict[str, str]:
    """Return the text of every environment's inputs, by its path in the repository."""
    return {
        str(TERRAFORM / environment_folder(one.name) / INPUTS): _text(
            inputs(architecture, one, root)
        )
        for one in architecture.environments
    }


def inputs(architecture: Architecture, environment: Environment, root: Path) -> dict[str, Any]:
    """Return what the design says about one environment, in the words of deploy/terraform/stack."""
    return {
        "generated": HEADER,
        **_place(environment),
        "kubernetes_version": architecture.kubernetes,
        **_sizes(environment),
        **_promises(architecture, environment),
        **_walls(architecture),
        "roles": {
            role.name: _role(architecture, role)
            for role in architecture.roles
            if role.status is Status.BUILT
        },
        **_movement(architecture, environment, root),
    }


def _place(environment: Environment) -> dict[str, Any]:
    return {
        "name": f"barque-{environment.name}",
        "platform": environment.platform,
        "region": environment.region,
        "zones": environment.zones,
        "cidr": environment.cidr,
        "domain": environment.domain,
        "networks": {
            tier: environment.networks(tier) for tier in (Tier.PUBLIC, Tier.PRIVATE, Tier.DATABASE)
        },
        "nat_per_zone": environment.nat_per_zone,
    }


def _sizes(environment: Environment) -> dict[str, Any]:
    database, cache = environment.database, environment.cache
    return {
        "machines": {
            pool: {"instance_type": one.instance_type, "least": one.least, "most": one.most}
            for pool, one in environment.machines.items()
        },
        "database": {
            "instance_class": database.instance_class,
            "storage_gib": database.storage_gib,
            "largest_storage_gib": database.largest_storage_gib,
            "multi_az": database.multi_az,
            "replicas": database.replicas,
            "backup_days": database.backup_days,
        },
        "cache": {"node_type": cache.node_type, "replicas": cache.replicas},
    }


def _promises(architecture: Architecture, environment: Environment) -> dict[str, Any]:
    instead = environment.stands_in_for
    return {
        "protected": environment.protected,
        "log_days": environment.log_days,
        "audit_days": next(one.retention_days for one in architecture.data if one.name == "audit"),
        "copied_to": environment.database.copied_to,
        "stands_in_for_domain": architecture.environment(instead).domain if instead else None,
    }


def _walls(architecture: Architecture) -> dict[str, Any]:
    sealed = {one.data for one in architecture.access if one.verb in {Verb.SEAL, Verb.OPEN}}
    return {
        "parts": {
            part.name: part.tier for part in architecture.parts if part.status is Status.BUILT
        },
        "edges": [
            {"source": edge.source, "target": edge.target, "port": edge.port}
            for edge in architecture.open_edges()
        ],
        "data": {one.name: one.key for one in architecture.data},
        "sealed": sorted(sealed),
    }


def _role(architecture: Architecture, role: Role) -> dict[str, Any]:
    return {
        "pool": role.pool,
        "port": role.port,
        "memory": role.memory,
        "grace": role.grace,
        "owns_accounts": role.handed_over,
        "grants": [
            {"data": one.data, "verb": one.verb} for one in architecture.open_access(role.name)
        ],
    }


def _movement(architecture: Architecture, environment: Environment, root: Path) -> dict[str, Any]:
    """Return how groups of machines grow; with a cluster that is Kubernetes's own business."""
    if environment.platform is Platform.KUBERNETES:
        return {"scaling": [], "schedules": []}
    return dict(terraform_scaling(read_scaling(root), architecture, environment.name))


def _text(design: dict[str, Any]) -> str:
    return json.dumps({"design": design}, indent=2) + "\n"
