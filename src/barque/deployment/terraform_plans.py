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
from barque.deployment.terraform_workspace import TERRAFORM, workspace

Plan = dict[str, Any]


def plans(root: Path, environments: Sequence[str], cache: Path) -> dict[str, Plan]:
    """Return the plan (as `terraform show -json` has it) of each environment, by its name."""
    folder = cache / "terraform-plans" / _content(root)
    missing = [name for name in environments if not (folder / f"{name}.json").exists()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        with workspace(root, cache) as work:
            for name in missing:
                part = folder / f".{name}.part"
                part.write_text(json.dumps(work.plan(environment_folder(name))))
                part.replace(folder / f"{name}.json")
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in environments}


def _content(root: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted((root / TERRAFORM).rglob("*")):
        if path.is_file() and ".terraform" not in path.parts:
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:24]
