"""Terraform's plan of each environment as data, kept by the content that it was made from.

Prices, policies and edges are asked of the plan, not of the code: a plan has followed every
variable and module. It is made offline, beside a stand-in for AWS, so ids in it are made up.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from barque.deployment.terraform_config import environment_folder
from barque.deployment.terraform_workspace import TERRAFORM, Workspace, workspace
from barque.deployment.tools import LOCK

Plan = dict[str, Any]


def plans(root: Path, environments: Sequence[str], cache: Path) -> dict[str, Plan]:
    """Return the plan (as `terraform show -json` has it) of each environment, by its name."""
    folder = _folder(root, cache)
    missing = [name for name in environments if not (folder / f"{name}.json").exists()]
    if missing:
        with workspace(root, cache) as work:
            for name in missing:
                keep_plan(root, name, cache, work)
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in environments}


def keep_plan(root: Path, environment: str, cache: Path, work: Workspace) -> Plan:
    """Make the plan of an environment in a workspace that is there already, and keep it."""
    folder = _folder(root, cache)
    folder.mkdir(parents=True, exist_ok=True)
    plan = work.plan(environment_folder(environment))
    part = folder / f".{environment}.part"
    part.write_text(json.dumps(plan))
    part.replace(folder / f"{environment}.json")
    return plan


def content(root: Path, *folders: str) -> str:
    """Return a name for what these folders of Terraform (all by default) and its tools are now."""
    digest = hashlib.sha256()
    places = [root / TERRAFORM / folder for folder in sorted(folders)] or [root / TERRAFORM]
    for path in sorted(
        path for place in (*places, root / LOCK.parent) for path in place.rglob("*")
    ):
        if path.is_file() and not {".terraform", "__pycache__"} & set(path.parts):
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:24]


def _folder(root: Path, cache: Path) -> Path:
    return cache / "terraform-plans" / content(root)
