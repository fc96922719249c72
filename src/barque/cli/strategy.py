"""`barque strategy`: see the strategies that come with Barque, and begin your own."""

from pathlib import Path
from typing import Annotated

import typer

from barque.cli.console import print_json, print_table
from barque.cli.options import Folder, Json


def list_all(
    name: Annotated[
        str | None, typer.Argument(metavar="[STRATEGY]", help="Only this one; may be a file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the strategies there are, how they are written, and what can be set."""
    from barque.bootstrap.strategies import describe, find_strategy, list_strategies

    found = [describe(name, find_strategy(name))] if name else list_strategies()
    if as_json:
        print_json({"strategies": found})
        return
    print_table(
        ("name", "style", "parameters", "what it does"),
        ((one.name, one.style, _defaults(one.parameters), one.summary) for one in found),
    )


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it, as my_idea.")],
    folder: Folder = Path(),
    as_json: Json = False,
) -> None:
    """Write a commented strategy that runs at once."""
    from barque.bootstrap.strategies import new_strategy

    file = new_strategy(name, folder)
    command = f"barque backtest run {file} --instrument AAPL.XNAS"
    if as_json:
        print_json({"file": file, "command": command})
    else:
        print(f"{file} is written. Try it:\n\n  {command}")


def _defaults(parameters: dict[str, float]) -> str:
    return " ".join(f"{name}={value}" for name, value in parameters.items())
