"""What the exit code of a command means. `docs/guides/command-line.md` says the same."""

from enum import IntEnum

from barque.domain.errors import BarqueError, CannotContinue, NotReady


class ExitCode(IntEnum):
    """The exit codes, all of them."""

    OK = 0
    NO = 1
    """The command did its work and the answer is no, for example a verification that failed."""
    BAD_INPUT = 2
    """A file, a value or the command line itself cannot be used."""
    NOT_READY = 3
    """Something must exist first; the message says which command makes it."""
    CANNOT_CONTINUE = 4
    """It had to stop, and a person has to look."""
    INTERRUPTED = 130
    """Ctrl-C."""


def exit_code(error: BarqueError) -> ExitCode:
    """Return the exit code of a mistake or of a failure."""
    match error:
        case NotReady():
            return ExitCode.NOT_READY
        case CannotContinue():
            return ExitCode.CANNOT_CONTINUE
        case _:
            return ExitCode.BAD_INPUT
