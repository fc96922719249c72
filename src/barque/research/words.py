"""What a run was told, in words that JSON can hold."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any


def plain(value: Any) -> Any:
    """Return costs, limits and their like as names and exact texts.

    A model inside another is told apart by its name. What was made plain stays as it is.
    """
    if is_dataclass(value):
        return {field.name: _inner(getattr(value, field.name)) for field in fields(value)}
    return _inner(value)


def _inner(value: Any) -> Any:
    if is_dataclass(value):
        return {"model": type(value).__name__, **plain(value)}
    if isinstance(value, Mapping):
        return {str(key): _inner(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_inner(one) for one in value]
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Decimal):
        return str(value)
    if callable(value):
        return getattr(value, "__qualname__", repr(value))
    return value
