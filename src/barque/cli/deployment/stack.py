"""`barque deploy up`, `status`, `doctor` and `down`: the stack on this machine, with Compose."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from barque.cli.console import print_facts, print_json, print_table, shown_progress
from barque.cli.exit_codes import ExitCode
from barque.cli.options import Json

if TYPE_CHECKING:
    from barque.deployment.docker_setup import Stack

COMPOSE = "compose"

Target = Annotated[
    str, typer.Option("--target", metavar="TARGET", help="Where to: `compose`, this machine.")
]
Project = Annotated[
    str, typer.Option("--project", metavar="NAME", help="What the stack is called to Compose.")
]
Port = Annotated[
    int, typer.Option("--port", min=1, max=65_535, help="Where the page is published, on loopback.")
]
Available = Annotated[
    bool, typer.Option("--ha", help="Two pages, and a PostgreSQL with a replica.")
]


def up(
    target: Target = COMPOSE,
    roll: Annotated[
        str | None,
        typer.Option("--roll", metavar="ROLE", help="Only replace this role, without a gap."),
    ] = None,
    base: Annotated[
        str | None, typer.Option("--base", metavar="IMAGE", help="What to build on; BASE_IMAGE.")
    ] = None,
    without_registry: Annotated[
        bool,
        typer.Option(
            "--without-registry", help="Make base and parts from Debian's packages (root)."
        ),
    ] = False,
    project: Project = "barque",
    port: Port = 8000,
    ha: Available = False,
    as_json: Json = False,
) -> None:
    """Build the images, start the stack and wait until all of it is well.

    With --roll the image of one role is built anew and its containers are replaced: the page
    without a failed request, the trader between two slices.
    """
    import os

    from barque.deployment import docker_setup
    from barque.deployment.compose.images import build_images, local_base

    _only_compose(target)
    stack, chosen = _stack(project, port, ha), base or os.environ.get("BASE_IMAGE")
    with shown_progress() as progress:
        if roll is None:
            stack = docker_setup.bring_up(
                stack, progress, base=chosen, registry=not without_registry
            )
        else:
            if without_registry:
                chosen = chosen or local_base(stack.engine)
            build_images(stack.engine, chosen, progress, (roll,))
            docker_setup.roll(stack, roll, progress)
    _show(stack, as_json)


def status(
    project: Project = "barque", port: Port = 8000, ha: Available = False, as_json: Json = False
) -> None:
    """Show how the containers of the stack are, and how its paper account stands."""
    from barque.deployment.docker_setup import is_possible

    stack = _stack(project, port, ha)
    is_possible(stack)
    _show(stack, as_json)
    if not all(one.is_well for one in stack.states()):
        raise typer.Exit(ExitCode.NO)


def doctor(project: Project = "barque", port: Port = 8000, as_json: Json = False) -> None:
    """Look at everything the stack needs; each line is OK or says what to do."""
    from barque.deployment.check import repository
    from barque.deployment.compose.doctor import examine

    looked = list(examine(repository(), project, port))
    if as_json:
        print_json({"ok": all(one.is_ok for one in looked), "findings": looked})
    else:
        print_facts(
            (
                "OK" if one.is_ok else "!!",
                f"{one.name}: {one.seen}" + ("" if one.is_ok else f". {one.advice}"),
            )
            for one in looked
        )
    if not all(one.is_ok for one in looked):
        raise typer.Exit(ExitCode.NO)


def down(
    project: Project = "barque",
    ha: Available = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Also remove what was kept: the account is gone.")
    ] = False,
) -> None:
    """Stop the stack and remove its containers; the account stays unless it is to be forgotten."""
    from barque.deployment.docker_setup import take_down

    take_down(_stack(project, 8000, ha), forget=forget)
    print("The stack is down." + (" What it kept is gone." if forget else " Its account is kept."))


def _stack(project: str, port: int, highly_available: bool) -> "Stack":
    from barque.deployment.check import repository
    from barque.deployment.docker_setup import open_stack

    return open_stack(repository(), project=project, port=port, highly_available=highly_available)


def _only_compose(target: str) -> None:
    from barque.domain.errors import BadInput

    if target != COMPOSE:
        raise BadInput(
            f"There is no target {target!r} here: `compose` is started by this command. What goes "
            "to AWS is planned with `barque deploy plan` and applied by Terraform."
        )


def _show(stack: "Stack", as_json: bool) -> None:
    from barque.deployment.docker_setup import account_of

    states, account = stack.states(), account_of(stack)
    if as_json:
        print_json({"url": stack.url, "containers": states, "account": account})
        return
    rows = [(one.service, one.name, one.state, one.health, one.image) for one in states]
    print_table(("service", "container", "state", "health", "image"), rows)
    print_facts([("page", stack.url), ("paper account", _in_words(account))])


def _in_words(account: "dict[str, Any] | None") -> str:
    if account is None:
        return "none answers yet"
    equity = "unknown" if account["equity"] is None else f"{float(account['equity']):,.2f}"
    return f"{account['name']}, equity {equity}, replay {account['phase']}"
