"""Models as bytes, in the safetensors format: numbers and text, nothing that could be executed.

What was written is checked by a digest when it is read, so damage is noticed; and by the rules of
`Trees`, so that bytes made by an enemy are a valid model or are refused.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from barque.domain.errors import BadInput
from barque.models.provenance import Provenance
from barque.models.schedule import ModelSchedule
from barque.models.trees import ARRAYS, Link, Trees

Tensors = Mapping[str, NDArray[Any]]

SCHEMA = 1
ENTRY = "barque"
LARGEST_FILE = 2**30


def to_bytes(trees: Trees) -> bytes:
    """Return a model as the bytes of a safetensors file."""
    tensors = {name: getattr(trees, name) for name in ARRAYS}
    return _pack("trees", tensors, {"link": trees.link.name, **trees.provenance.to_json()})


def from_bytes(data: bytes) -> Trees:
    """Return the model that `to_bytes` wrote; damage and malice raise `BadInput` with why."""
    tensors, about = _unpack("trees", data)
    if set(tensors) != set(ARRAYS):
        raise BadInput(f"A model file must hold exactly the arrays {sorted(ARRAYS)}.")
    link = about.pop("link", None)
    if not isinstance(link, str) or link not in Link.__members__:
        known = [*Link.__members__]
        raise BadInput(f"A model file has the link {link!r}; it must be one of {known}.")
    return Trees(**tensors, link=Link[link], provenance=Provenance.from_json(about))


def schedule_to_bytes(schedule: ModelSchedule) -> bytes:
    """Return a schedule with all of its models as the bytes of one safetensors file."""
    models = {
        f"{k:06d}": np.frombuffer(to_bytes(t), np.uint8) for k, t in enumerate(schedule.trees)
    }
    return _pack("schedule", models, {"usable_from": list(schedule.usable_from)})


def schedule_from_bytes(data: bytes) -> ModelSchedule:
    """Return the schedule that `schedule_to_bytes` wrote. What is not one raises `BadInput`."""
    tensors, about = _unpack("schedule", data)
    times = about.get("usable_from")
    if not isinstance(times, list) or not all(type(ts) is int for ts in times):
        raise BadInput("A schedule file must say from when each of its models is usable.")
    return ModelSchedule(
        usable_from=tuple(times),
        trees=tuple(from_bytes(tensors[name].tobytes()) for name in sorted(tensors)),
    )


def _pack(kind: str, tensors: Tensors, about: Mapping[str, Any]) -> bytes:
    stated = {"kind": kind, "schema": SCHEMA, "about": about}
    text = json.dumps({**stated, "sha256": _digest(tensors, stated)}, sort_keys=True)
    # One entry only: safetensors writes several in an order of chance.
    return save(dict(tensors), {ENTRY: text})


def _unpack(kind: str, data: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    if len(data) > LARGEST_FILE:
        raise BadInput(f"A model file has {len(data):,} bytes; at most {LARGEST_FILE:,} are read.")
    try:
        tensors = load(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        stated = json.loads(header.get("__metadata__", {}).get(ENTRY, "null"))
    except (SafetensorError, ValueError, KeyError, RecursionError) as error:
        raise BadInput(f"The bytes are not a model file ({error}); train again.") from error
    return tensors, _checked(kind, tensors, stated)


def _checked(kind: str, tensors: Tensors, stated: Any) -> dict[str, Any]:
    if not isinstance(stated, dict) or set(stated) != {"kind", "schema", "about", "sha256"}:
        raise BadInput("The file does not hold a model written by this product.")
    if stated["kind"] != kind or not isinstance(stated["about"], dict):
        raise BadInput(f"The file holds a {stated['kind']!r}; it must hold a {kind!r}.")
    if stated["schema"] != SCHEMA:
        raise BadInput(
            f"The {kind} file has schema {stated['schema']!r}; this version reads {SCHEMA}. "
            "Train again, or use the version that wrote it."
        )
    if stated.pop("sha256") != _digest(tensors, stated):
        raise BadInput(f"The {kind} file is damaged: its contents do not match its sha256.")
    about: dict[str, Any] = stated["about"]
    return about


def _digest(tensors: Tensors, stated: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(stated, sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tensor.shape}".encode())
        digest.update(np.ascontiguousarray(tensor).tobytes())
    return digest.hexdigest()
