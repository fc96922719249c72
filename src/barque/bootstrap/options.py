"""What a run may be told from outside."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from barque.research.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where a process listens and how it goes.

    `tried` is how many ports from `port` on; `hosts` are the names it is asked under besides this
    machine's; for `drain` seconds it still answers when it was asked to stop, and what is being
    answered then has `grace` seconds.
    """

    port: int = 8000
    address: str = "127.0.0.1"
    tried: int | None = None
    hosts: tuple[str, ...] = ()
    drain: float = 0.0
    grace: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a run may be told. `pace` is slices (trading days) a second, 0 without waiting.

    `terms` are those on which an account is opened, None for the usual ones.
    """

    sample: Path
    doors: Doors
    pace: float = 2.0
    terms: "Terms | None" = None
