"""The Compose files as Compose reads them: merged, with the defaults of their variables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barque.domain.errors import NotReady

FOLDER = Path("deploy/docker")
LAPTOP = ("compose.yaml",)
HIGHLY_AVAILABLE = ("compose.yaml", "compose.ha.yaml")

VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+):-(?P<default>[^}]*)\}")

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stack:
    """What a set of Compose files says together."""

    files: tuple[str, ...]
    content: Content

    @property
    def services(self) -> dict[str, Content]:
        services: dict[str, Content] = self.content["services"]
        return services

    @property
    def started(self) -> dict[str, Content]:
        """Return the services that start without a profile."""
        return {name: one for name, one in self.services.items() if not one.get("profiles")}

    def networks_of(self, service: str) -> set[str]:
        """Return the networks that a service is on."""
        one = self.services[service]
        return set() if "network_mode" in one else set(one.get("networks", ["default"]))

    def pairs(self) -> set[frozenset[str]]:
        """Return which started services can speak to each other."""
        names = sorted(self.started)
        return {
            frozenset((one, other))
            for one in names
            for other in names
            if one < other and self.networks_of(one) & self.networks_of(other)
        }


def read_stack(
    root: Path,
    files: tuple[str, ...],
    variables: Mapping[str, str] | None = None,
    folder: Path = FOLDER,
) -> Stack:
    """Return what `files` of a folder (deploy/docker) say when Compose merges them."""
    content: Content = {}
    for name in files:
        content = _merged(content, _read(root / folder / name, variables or {}))
    return Stack(files, content)


def with_variables(text: str, variables: Mapping[str, str] | None = None) -> str:
    """Return a Compose file with every variable, or its default, in its place."""
    known = variables or {}
    return VARIABLE.sub(lambda found: known.get(found["name"], found["default"]), text)


def _read(path: Path, variables: Mapping[str, str]) -> Content:
    try:
        import yaml
    except ImportError as missing:
        raise NotReady(
            "PyYAML is needed to read Compose files: `pip install barque[deployment]`."
        ) from missing
    content: Content = yaml.safe_load(with_variables(path.read_text(), variables))
    services = content.get("services", {})
    for name, one in services.items():
        if extended := one.pop("extends", None):
            other = _read(path.parent / extended["file"], variables)
            services[name] = _merged(other["services"][extended["service"]], one)
    return content


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> Content:
    """Merge as Compose does: mappings by key, lists that stand for sets by union, else the last."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(old, value)
        elif isinstance(old, list) and isinstance(value, list) and key in ("networks", "secrets"):
            merged[key] = [*old, *(one for one in value if one not in old)]
        else:
            merged[key] = value
    return merged


def bound_paths(service: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of the host that a service is given."""
    for volume in service.get("volumes", []):
        source = str(volume).split(":", 1)[0]
        if source.startswith((".", "/", "~")):
            yield source
