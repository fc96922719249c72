"""Compare objects of Kubernetes with their schemas, strictly: an unknown field is a mistake.

    validate_kubernetes.py SCHEMAS < {"version": "1.35", "objects": [...]} > [[what is wrong], ...]

SCHEMAS is a folder of JSON schemas of what extends Kubernetes, by kind and version.
"""

import importlib
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

Object = dict[str, Any]

LONGEST_WORDS = 300


def main() -> None:
    asked, folder = json.load(sys.stdin), Path(sys.argv[1])
    kubernetes: Any = importlib.import_module("kubernetes_validate.utils")
    # Its definitions are large, and it would read them anew for each object.
    kubernetes.schema_contents = cache(kubernetes.schema_contents)
    answers = [_wrong(one, asked["version"], folder, kubernetes) for one in asked["objects"]]
    json.dump(answers, sys.stdout)


def _wrong(one: Object, version: str, folder: Path, kubernetes: Any) -> list[str]:
    own = folder / f"{one['kind'].lower()}-{one['apiVersion'].replace('/', '-')}.json"
    if own.exists():
        found = _validator(own).iter_errors(one)
        return sorted(f"{_place(error)}: {error.message[:LONGEST_WORDS]}" for error in found)
    try:
        kubernetes.validate(one, version, strict=True)
    except kubernetes.ValidationError as error:
        return [f"{_place(error)}: {error.message[:LONGEST_WORDS]}"]
    except kubernetes.SchemaNotFoundError:
        return [f"No schema is known for {one['apiVersion']} {one['kind']}: add {own.name}."]
    return []


@cache
def _validator(path: Path) -> Any:
    jsonschema = importlib.import_module("jsonschema")
    schema = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def _place(error: Any) -> str:
    return ".".join(str(part) for part in error.absolute_path) or "the object"


if __name__ == "__main__":
    main()
