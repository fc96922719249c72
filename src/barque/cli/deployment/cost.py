"""`barque deploy cost` and `optimize`: what it costs a month, and what would cost less."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barque.cli.options import Json

if TYPE_CHECKING:
    from barque.deployment.cost import Bill

EnvironmentName = Annotated[
    str | None, typer.Argument(metavar="[ENV]", help="The environment; all of them without it.")
]
PriceFile = Annotated[
    Path | None,
    typer.Option("--prices", metavar="FILE", help="Other prices than deploy/prices.json."),
]
Source = Annotated[
    str, typer.Option("--from", metavar="URL|FILE", help="A Prometheus, or its answers in a file.")
]
Hours = Annotated[float, typer.Option(min=0.01, help="How far to look back.")]
LeastHours = Annotated[float, typer.Option(min=0.0, help="Refuse to propose on fewer hours.")]


def cost(env: EnvironmentName = None, prices: PriceFile = None, as_json: Json = False) -> None:
    """Price Terraform's plan and the roles: the bill, the surprises, and the budget's verdict."""
    from barque.cli.console import print_json, shown_progress
    from barque.cli.exit_codes import ExitCode
    from barque.deployment.billing import bills
    from barque.deployment.check import repository

    with shown_progress() as progress:
        made = bills(repository(), env, prices, lambda done, total: progress("price", done, total))
    if as_json:
        print_json({"bills": [_summary(one) for one in made]})
    else:
        for one in made:
            _print(one)
    if not all(one.is_within_budget for one in made):
        raise typer.Exit(ExitCode.NO)


def optimize(
    source: Source,
    env: Annotated[str, typer.Option("--env", metavar="ENV", help="Whose prices.")] = "prod",
    hours: Hours = 168.0,
    least_hours: LeastHours = 24.0,
    as_json: Json = False,
) -> None:
    """Propose what roles should ask for, from what they were measured to use."""
    from barque.cli.console import print_json, print_table
    from barque.deployment.billing import savings
    from barque.deployment.check import repository
    from barque.deployment.optimize import read_used

    found = savings(repository(), env, read_used(source, hours), least_hours)
    if as_json:
        print_json({"proposals": [{"proposal": one, "saved": saved} for one, saved in found]})
        return
    print_table(
        ("role", "cores", "proposed", "MiB", "proposed", "saved a month"),
        [
            (
                one.role,
                f"{one.cores:g}",
                "" if one.proposed_cores is None else f"{one.proposed_cores:g}",
                f"{one.memory:,}",
                "" if one.proposed_memory is None else f"{one.proposed_memory:,}",
                "" if saved is None else f"${saved:,.2f}",
            )
            for one, saved in found
        ],
        5,
    )
    for one, _ in found:
        if one.refused:
            print(f"{one.role}: nothing proposed, {one.refused}.")
    print("Nothing was changed; sizes are in src/barque/deployment/barque_on_aws.py.")


def _summary(one: "Bill") -> dict[str, object]:
    return {
        "environment": one.environment,
        "total": round(one.total, 2),
        "planned_roles": round(one.planned, 2),
        "budget": one.budget,
        "within_budget": one.is_within_budget,
        "groups": {group: round(dollars, 2) for group, dollars in one.groups().items()},
        "surprises": one.surprises(),
        "not_priced": one.not_priced,
        "lines": one.lines,
    }


def _print(one: "Bill") -> None:
    from barque.cli.console import print_table

    verdict = "within" if one.is_within_budget else "OVER"
    print(f"{one.environment}: ${one.total:,.0f} a month, {verdict} its budget ${one.budget:,.0f}")
    print_table(
        ("what", "$ a month"),
        [(group, f"{dollars:,.2f}") for group, dollars in one.groups().items()],
        1,
    )
    surprises = "; ".join(f"{line.what} ${line.dollars:,.0f}" for line in one.surprises())
    print(f"The largest surprises: {surprises}.")
    print(f"Planned roles would add ${one.planned:,.0f} at their least.")
    if one.not_priced:
        print(f"NOT PRICED: {', '.join(one.not_priced)}.")
    print()
