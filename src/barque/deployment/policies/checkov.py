"""Ask checkov, which others wrote, about plans, manifests and Dockerfiles: offline, in one process.

It is heavy and pins old versions, so it stands in the environment of the tools; our own program
there (deploy/tools/second_opinion.py) asks it and prints what it said.
"""

import json
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.compose.dockerfile_rules import PARTS, PRODUCT
from barque.deployment.kubernetes.manifests import Manifests
from barque.deployment.kubernetes.rendering import renderings
from barque.deployment.terraform_plans import Plan, plans
from barque.deployment.tools import tools_python
from barque.domain.errors import CannotContinue
from barque.settings import read_settings

PROGRAM = Path("deploy/tools/second_opinion.py")
LONGEST_SECONDS = 240
FILES = {"terraform": "plan.json", "kubernetes": "objects.yaml", "dockerfile": "Dockerfile"}
"""Names that checkov takes a file for what it is by."""

LAST_MODULE = re.compile(r"module\.(\w+)(?:\[[^\]]+\])?$")
"""The name in the address of a module, without its key."""

Texts = Mapping[str, Mapping[str, str]]
"""What checkov is to read: by kind, then by where it comes from."""


@dataclass(frozen=True, slots=True, order=True)
class Objection:
    """What checkov has against one thing: the id of its law, and its words."""

    id: str
    where: str
    resource: str
    words: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """All that checkov said, by kind. `asked` are the ids of laws that found something to look at.

    `known` are the ids of all its laws, `silenced` are objections that a comment in the file itself
    takes back, `unread` is where it found nothing to look at.
    """

    known: frozenset[str]
    asked: Mapping[str, frozenset[str]]
    objections: Mapping[str, Sequence[Objection]]
    silenced: Mapping[str, Sequence[Objection]]
    unread: tuple[str, ...]


def opinion(root: Path, texts: Texts) -> Opinion:
    """Return what checkov says of some texts. Raises CannotContinue when it fails."""
    with tempfile.TemporaryDirectory(prefix="barque-checkov-") as folder:
        said = _asked(root, _written(Path(folder), texts))
    return Opinion(
        known=frozenset(said["known"]),
        asked={kind: frozenset(_of(said, kind, "asked")) for kind in texts},
        objections={kind: _objections(said, kind, "objections") for kind in texts},
        silenced={kind: _objections(said, kind, "silenced") for kind in texts},
        unread=tuple(one["where"] for one in said["answers"] if not one["asked"]),
    )


def texts_of(root: Path) -> Texts:
    """Return all of a checkout that checkov is asked about."""
    environments = [one.name for one in BARQUE.environments]
    planned = plans(root, environments, read_settings().cache)
    return {
        "terraform": {name: of_a_plan(plan) for name, plan in planned.items()},
        "kubernetes": {name: of_manifests(several) for name, several in _overlays(root).items()},
        "dockerfile": {str(path): (root / path).read_text() for path in (PRODUCT, PARTS)},
    }


def of_a_plan(plan: Plan) -> str:
    """Return of a plan what checkov reads, as it would be with the real AWS.

    There is no value there yet for what AWS will say; our stand-in makes one up.
    """
    code = plan["configuration"]
    planned = _as_written(plan["planned_values"]["root_module"], code["root_module"])
    return json.dumps(
        {
            "format_version": plan["format_version"],
            "terraform_version": plan["terraform_version"],
            "planned_values": {"root_module": planned},
            "configuration": code,
        }
    )


def of_manifests(renderings: Sequence[Manifests]) -> str:
    """Return the objects of some renderings as documents of YAML, each only once."""
    documents = {json.dumps(one.body): None for each in renderings for one in each.all}
    return "\n---\n".join(documents)


def _as_written(module: Plan, code: Plan) -> Plan:
    """Return a module, its resources without the single values that its code does not state."""
    stated = {_place(one): one.get("expressions", {}) for one in code.get("resources", ())}
    return {
        **module,
        "resources": [
            {**one, "values": _stated(one["values"], stated[_place(one)])}
            for one in module.get("resources", ())
        ],
        "child_modules": [
            _as_written(one, code["module_calls"][LAST_MODULE.findall(one["address"])[0]]["module"])
            for one in module.get("child_modules", ())
        ],
    }


def _place(resource: Plan) -> tuple[str, str, str]:
    return resource["mode"], resource["type"], resource["name"]


def _stated(values: Plan, names: Collection[str]) -> Plan:
    """Return the values of these names, and all blocks: those made by a loop have no name there."""
    return {
        name: value
        for name, value in values.items()
        if name in names or isinstance(value, list | dict)
    }


def _overlays(root: Path) -> dict[str, list[Manifests]]:
    """Return the renderings of each overlay, and of what is planned, by name."""
    found = renderings(root)
    overlays: dict[str, list[Manifests]] = defaultdict(list)
    for one in found.today:
        overlays[one.where.split()[0]].append(one)
    return overlays | {"planned": list(found.planned)}


def _written(folder: Path, texts: Texts) -> dict[str, dict[str, str]]:
    """Write each text to a file of its own, and return the files."""
    files: dict[str, dict[str, str]] = {kind: {} for kind in texts}
    for kind, of_kind in texts.items():
        for number, (where, text) in enumerate(of_kind.items()):
            place = folder / kind / str(number) / FILES[kind]
            place.parent.mkdir(parents=True)
            place.write_text(text)
            files[kind][where] = str(place)
    return files


def _asked(root: Path, files: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    try:
        done = subprocess.run(  # noqa: S603 # our own program
            [str(tools_python(root=root)), "-I", str(root / PROGRAM)],
            input=json.dumps(files),
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise CannotContinue(
            f"{PROGRAM} took more than {LONGEST_SECONDS} s. Is the machine busy? Try again."
        ) from late
    if done.returncode != 0:
        raise CannotContinue(f"{PROGRAM} failed:\n{done.stderr.strip()[-2000:]}")
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _of(said: Mapping[str, Any], kind: str, name: str) -> Iterator[str]:
    return (one for answer in said["answers"] if answer["kind"] == kind for one in answer[name])


def _objections(said: Mapping[str, Any], kind: str, name: str) -> list[Objection]:
    found = {
        Objection(one["id"], answer["where"], one["resource"], one["words"])
        for answer in said["answers"]
        if answer["kind"] == kind
        for one in answer[name]
    }
    return sorted(found)
