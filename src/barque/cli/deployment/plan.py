"""`barque deploy plan`: what Terraform would do, and what it must not do by accident."""

from pathlib import Path
from typing import Annotated, Any

import typer

from barque.cli.options import Json

Name = Annotated[str | None, typer.Argument(metavar="ENV", help="An environment; all of them.")]
PlanFile = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="FILE",
        help="A real plan, as `terraform show -json PLAN` prints it, instead of the stand-in's.",
        exists=True,
        dir_okay=False,
    ),
]
Allowed = Annotated[
    list[str],
    typer.Option(
        "--allow-destroy", metavar="ADDRESS", help="What holds data and may be lost; repeatable."
    ),
]


def plan(
    environment: Name = None,
    real: PlanFile = None,
    allow_destroy: Allowed = [],  # noqa: B006 # typer's own word for none
    as_json: Json = False,
) -> None:
    """Say what Terraform would do, and refuse to lose what holds data.

    Without credentials a stand-in answers for AWS, in an empty account. Of a real account, plan
    with Terraform and hand the plan in with --from.
    """
    from barque.cli.console import print_json, shown_progress
    from barque.cli.exit_codes import ExitCode
    from barque.deployment.check import repository
    from barque.deployment.terraform_plan import read_plan, refused_losses, summary

    root = repository()
    names = _names(environment, real)
    with shown_progress() as progress:
        plans: dict[str, dict[str, Any]] = {}
        for done, name in enumerate(names, 1):
            plans[name] = read_plan(real) if real else _planned(root, name)
            progress("plans", done, len(names))
    stale = _stale(root, names)
    refused = [address for one in plans.values() for address in refused_losses(one, allow_destroy)]
    if as_json:
        counts = {name: summary(one) for name, one in plans.items()}
        print_json({"plans": counts, "stale_inputs": stale, "refused": refused})
    else:
        _show({name: summary(one) for name, one in plans.items()}, stale, refused)
    if refused or stale:
        raise typer.Exit(ExitCode.NO)


def _names(environment: str | None, real: Path | None) -> list[str]:
    from barque.deployment.barque_on_aws import BARQUE
    from barque.domain.errors import BadInput, UnknownName

    known = [one.name for one in BARQUE.environments]
    if environment is None and real is not None:
        raise BadInput("--from holds the plan of one environment. Name it: barque deploy plan ENV.")
    if environment is not None and environment not in known:
        raise UnknownName("environment", environment, known, "barque deploy plan")
    return known if environment is None else [environment]


def _planned(root: Path, name: str) -> dict[str, Any]:
    from barque.deployment.terraform_plans import plans
    from barque.settings import read_settings

    return plans(root, [name], read_settings().cache)[name]


def _stale(root: Path, names: list[str]) -> list[dict[str, str]]:
    """Return how the inputs in the checkout differ from what the design says."""
    from barque.deployment.barque_on_aws import BARQUE
    from barque.deployment.render import differing
    from barque.deployment.terraform_config import environment_folder, render_terraform

    texts = {
        path: text
        for path, text in render_terraform(BARQUE, root).items()
        if any(environment_folder(name) in Path(path).parent.as_posix() for name in names)
    }
    return [{"file": one.where, "difference": one.words} for one in differing(texts, root)]


def _show(
    counts: dict[str, dict[str, int]], stale: list[dict[str, str]], refused: list[str]
) -> None:
    from barque.cli.console import print_table

    columns = ("environment", "make", "change", "replace", "destroy")
    rows = [(name, *(str(number) for number in one.values())) for name, one in counts.items()]
    print_table(columns, rows, 4)
    for one in stale:
        print(f"\n{one['file']}: {one['difference']}")
    for address in refused:
        print(
            f"\nRefused: {address} holds what cannot be made again, and would be lost. If it may be"
            f" lost, say --allow-destroy='{address}'."
        )
