"""Where every command comes in and every error goes out, as one readable line."""

import json
import sys
import traceback
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from barque.cli.exit_codes import ExitCode, exit_code
from barque.domain.errors import BarqueError

JSON_FLAG = "--json"


class Door(TyperGroup):
    """The outermost command: turns whatever ends a command into a message and an exit code."""

    def main(  # type: ignore[override] # it never returns
        self, args: Any = None, **rest: Any
    ) -> NoReturn:
        """Run the command line `args` and end the process."""
        words = sys.argv[1:] if args is None else list(args)
        rest |= {"args": words, "standalone_mode": False}
        sys.exit(self._exit_code(JSON_FLAG in words, rest))

    def _exit_code(self, as_json: bool, arguments: dict[str, Any]) -> int:
        try:
            code = int(super().main(**arguments) or ExitCode.OK)
            # Typer swallows Ctrl-C and returns its code.
            if code == ExitCode.INTERRUPTED:
                raise KeyboardInterrupt
            return code
        except BarqueError as error:
            return complain(as_json, error.code, str(error), exit_code(error))
        except typer.TyperException as error:
            return complain(as_json, "usage", _usage(error), ExitCode.BAD_INPUT)
        except (KeyboardInterrupt, typer.Abort):
            return complain(as_json, "interrupted", "Interrupted.", ExitCode.INTERRUPTED)
        except OSError as error:
            detail = f"{error.filename or 'The system'}: {error.strerror or error}."
            return complain(as_json, "system", detail, ExitCode.CANNOT_CONTINUE)
        except Exception as error:
            traceback.print_exc()
            detail = f"This is a bug in Barque: {type(error).__name__}: {error}. Please report it."
            return complain(as_json, "bug", detail, ExitCode.CANNOT_CONTINUE)


def complain(as_json: bool, code: str, detail: str, exit_code: ExitCode) -> ExitCode:
    """Say what went wrong: a line for people on standard error, or JSON on standard output."""
    if as_json:
        print(json.dumps({"code": code, "detail": detail}))
    else:
        print(detail, file=sys.stderr)
    return exit_code


def _usage(error: typer.TyperException) -> str:
    """Return a usage error in one line, with the nearest option and where help is."""
    detail = error.format_message().split(" (Possible")[0].rstrip(".?")
    detail += "?" if "Did you mean" in detail else "."
    possible = getattr(error, "possibilities", None)
    if possible:
        detail += f" Did you mean {possible[0]!r}?"
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "barque"
    return f"{detail} `{where} --help` shows what there is."
