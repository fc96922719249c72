"""What can go wrong through somebody's doing, in full words.

BarqueError
  BadInput              a file, a value or a command line that cannot be used
    CorruptData         market data that must not be traded on; names file, row and column
    UnknownName         a name nobody knows; suggests the nearest one
  NotReady              something must exist first; says which command makes it
  CannotContinue        the running thing must stop; says what a person has to do
"""

from collections.abc import Iterable
from difflib import get_close_matches


class BarqueError(Exception):
    """A mistake that a person can mend. `code` is for programs, the message for people."""

    code = "error"


class BadInput(BarqueError):
    """What was given cannot be used."""

    code = "bad_input"


class CorruptData(BadInput):
    """Market data that must not be traded on."""

    code = "corrupt_data"


class UnknownName(BadInput):
    """A name nobody knows."""

    code = "unknown_name"

    def __init__(self, kind: str, name: str, known: Iterable[str], command: str) -> None:
        names = sorted(known)
        close = get_close_matches(name, names, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        super().__init__(
            f"No {kind} is called {name!r}.{hint} `{command}` shows all {len(names)} of them."
        )
        self.name = name


class NotReady(BarqueError):
    """Something must exist first."""

    code = "not_ready"


class CannotContinue(BarqueError):
    """The running thing must stop, and a person has to look."""

    code = "cannot_continue"
