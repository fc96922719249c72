"""What Terraform plans for one environment, as policies look at it."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.cloud_architecture import Environment
from barque.deployment.terraform_plans import Plan, plans
from barque.settings import read_settings

FIXTURE_ENVIRONMENT = "prod"


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that AWS would be asked for."""

    address: str
    type: str
    values: Mapping[str, Any]

    def at(self, *path: str) -> Any:
        """Return what is at a path of arguments, None where there is none; a block is its first."""
        found: Any = self.values
        for name in path:
            if isinstance(found, list):
                found = found[0] if found else None
            if not isinstance(found, Mapping):
                return None
            found = found.get(name)
        return found

    def is_on(self, *path: str) -> bool:
        """Return whether a switch is on; some of AWS's are written as text."""
        return str(self.at(*path)).lower() == "true"

    def all(self, name: str) -> list["Resource"]:
        """Return the blocks of a name, each to be asked like the whole."""
        blocks = self.at(name) or ()
        return [Resource(self.address, name, block) for block in blocks]

    def document(self, name: str = "policy") -> list[dict[str, Any]]:
        """Return the statements of a policy document."""
        text = self.at(name)
        if not isinstance(text, str) or not text.startswith("{"):
            return []
        statements = json.loads(text)["Statement"]
        return statements if isinstance(statements, list) else [statements]


@dataclass(frozen=True, slots=True)
class Planned:
    """Everything that is planned for an environment."""

    environment: Environment
    plan: Plan
    resources: tuple[Resource, ...]

    def of(self, *types: str) -> list[Resource]:
        """Return all resources of some types."""
        return [one for one in self.resources if one.type in types]

    def belonging(self, one: Resource, kind: str, by: str) -> list[Resource]:
        """Return what of a type points at a resource: `by` holds its id, ARN or name."""
        own = {one.at(name) for name in ("id", "arn", "bucket", "name")} - {None}
        return [other for other in self.of(kind) if other.at(by) in own]


def as_planned(environment: str, plan: Plan) -> Planned:
    """Return a plan as policies look at it."""
    made = (one for one in plan["resource_changes"] if one["mode"] == "managed")
    resources = (
        Resource(one["address"], one["type"], one["change"]["after"] or {}) for one in made
    )
    return Planned(BARQUE.environment(environment), plan, tuple(resources))


def read_fixture(file: Path) -> Planned:
    """Return a fixture: arguments by address, planned for prod; `configuration` is the code."""
    written = json.loads(file.read_text())
    configuration = written.pop("configuration", {})
    changes = [
        {
            "address": address,
            "type": next(word for word in address.split(".") if word.startswith("aws_")),
            "mode": "managed",
            "change": {"after": values},
        }
        for address, values in written.items()
    ]
    plan = {"resource_changes": changes, "configuration": configuration}
    return as_planned(FIXTURE_ENVIRONMENT, plan)


def of_every_environment(root: Path) -> Iterator[tuple[str, Planned]]:
    """Yield the plan of each environment of a checkout."""
    names = [one.name for one in BARQUE.environments]
    for name, plan in plans(root, names, read_settings().cache).items():
        yield f"deploy/terraform/envs/{name}", as_planned(name, plan)


def each(
    *types: str, kept: Callable[[Resource], bool], protected: bool = False
) -> Callable[[Planned], Iterator[str]]:
    """Return a rule that asks every resource of some types by itself.

    `protected` asks only in environments that are protected.
    """

    def broken(planned: Planned) -> Iterator[str]:
        if not protected or planned.environment.protected:
            yield from (one.address for one in planned.of(*types) if not kept(one))

    return broken


def with_one(
    kind: str, by: str, kept: Callable[[Resource], bool], *owners: str
) -> Callable[[Planned], Iterator[str]]:
    """Return a rule: each resource of the types `owners` has one of `kind` that keeps something."""

    def broken(planned: Planned) -> Iterator[str]:
        for one in planned.of(*owners):
            if not any(kept(other) for other in planned.belonging(one, kind, by)):
                yield one.address

    return broken


def listed(value: Any) -> list[Any]:
    """Return what AWS lets one write as one thing or as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]
