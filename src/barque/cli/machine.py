"""`barque doctor` and `barque version`: what this machine and this installation are like."""

import typer

from barque.cli.console import print_facts, print_json
from barque.cli.exit_codes import ExitCode
from barque.cli.options import Json


def doctor(as_json: Json = False) -> None:
    """Look at everything a run needs; each line is OK or says what to do."""
    from barque.bootstrap.machine import examine
    from barque.cli.run import settings

    found = list(examine(settings()))
    if as_json:
        print_json({"ok": all(one.is_ok for one in found), "findings": found})
    else:
        print_facts(
            ("OK" if one.is_ok else "!!", f"{one.name}: {_said(one.is_ok, one.seen, one.advice)}")
            for one in found
        )
    if not all(one.is_ok for one in found):
        raise typer.Exit(ExitCode.NO)


def version(as_json: Json = False) -> None:
    """Show the versions of Barque and of the parts of the engine."""
    from barque.bootstrap.machine import versions

    if as_json:
        print_json(versions())
    else:
        print_facts(versions().items())


def _said(is_ok: bool, seen: str, advice: str) -> str:
    return seen if is_ok else f"{seen}. {advice}"
