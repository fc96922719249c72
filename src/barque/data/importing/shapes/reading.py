"""What a shape makes of a file, and what a person may say where a file does not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from barque.data.importing.shapes.raw import Raw
from barque.data.importing.tables import SourceTable
from barque.domain.instruments import Instrument


class Stamp(StrEnum):
    """Which moment of a bar its time is."""

    OPEN = "open"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was understood of a file, and why."""

    what: str
    value: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person says of a file; None is left to the file.

    `names` are our=their columns; `only` are values that a row must have to be taken; `holds` is
    which kind of market data it is, of `data.importing.contents`.
    """

    shape: str | None = None
    period: str | None = None
    stamp: Stamp | None = None
    zone: str | None = None
    time_format: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    holds: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A file in our words. `stamp` and `period` are None where the shape leaves them open."""

    table: SourceTable
    facts: tuple[Fact, ...]
    stamp: Stamp | None = None
    period: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """One way of writing bars. `claims` says why a file is of it, or nothing if it is not."""

    name: str
    claims: Callable[[Raw], str]
    read: Callable[[Raw, Said, Instrument], Reading]
