"""Where monitoring keeps its files, and how they are read and written."""

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from barque.deployment.generated import HEADER
from barque.domain.errors import BadInput, NotReady

MONITORING = Path("deploy/monitoring")
RULES = MONITORING / "rules"
PLANNED = "planned"
"""The folder in RULES whose rules are tested and not loaded: no role fills their meters yet."""
RULE_TESTS = MONITORING / "tests"
SUFFIX = ".rules.yaml"
RUNBOOKS = Path("docs/runbooks")

Shape = TypeVar("Shape")


def yaml() -> Any:  # a module
    """Return PyYAML, which only the deployment needs."""
    try:
        import yaml
    except ImportError as error:
        raise NotReady("PyYAML is missing: pip install 'barque[deployment]'.") from error
    return yaml


def read_yaml(place: Path, shape: type[Shape]) -> Shape:
    """Read a file into a shape; BadInput says which key cannot be used."""
    try:
        return msgspec.convert(yaml().safe_load(place.read_text()), shape)
    except (msgspec.ValidationError, yaml().YAMLError) as error:
        raise BadInput(f"{place} cannot be used: {error}.") from error


def written(value: object) -> str:
    """Return a generated YAML file that a person can read: long expressions stand on lines."""

    class Dumper(yaml().SafeDumper):  # type: ignore[misc] # of a module without types
        pass

    def text(dumper: Any, words: str) -> Any:  # PyYAML's own
        style = "|" if "\n" in words else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", words, style=style)

    Dumper.add_representer(str, text)
    body = yaml().dump(value, Dumper=Dumper, sort_keys=False, width=100, allow_unicode=True)
    return f"# {HEADER}\n{body}"
