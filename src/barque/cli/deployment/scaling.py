"""`barque deploy scale-sim`: what the scaling policy does with a demand."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barque.cli.options import Json

if TYPE_CHECKING:
    from barque.deployment.scaling.simulator import Simulation

RoleName = Annotated[str, typer.Argument(metavar="ROLE", help="The role to scale.")]
TraceNames = Annotated[
    list[str],
    typer.Option(
        "--trace",
        metavar="TRACE",
        help="step, ramp, spike, sawtooth, missing, open, or a CSV file with the columns seconds "
        "and demand (in busy replicas); may be repeated. All six without it.",
    ),
]
EnvironmentName = Annotated[
    str, typer.Option("--env", metavar="ENV", help="Whose bounds hold: prod, staging, dev ...")
]
Most = Annotated[
    int | None, typer.Option(min=1, help="Allow so many replicas, whatever the policy says.")
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Write the picture (SVG) here.")
]


def scale_sim(
    role: RoleName = "api",
    trace: TraceNames = [],  # noqa: B006 - typer copies it
    env: EnvironmentName = "prod",
    most: Most = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Play the scaling policy of a role against demand: replicas, waiting, cost, flapping."""
    from barque.cli.console import print_json, shown_progress
    from barque.deployment.check import repository
    from barque.deployment.scaling.picture import picture
    from barque.deployment.scaling.simulator import simulate_role
    from barque.deployment.scaling.traces import TRACES, find_trace

    traces = [find_trace(name) for name in trace or TRACES]
    simulations = []
    with shown_progress() as progress:
        for done, one in enumerate(traces, start=1):
            simulations.append(simulate_role(repository(), role, env, one, most))
            progress("simulate", done, len(traces))
    if out:
        out.write_text(picture(simulations))
    if as_json:
        print_json({"simulations": [_summary(one) for one in simulations]})
    else:
        _print(simulations)
        if out:
            print(f"\nThe picture is {out}.")


def _summary(one: "Simulation") -> dict[str, object]:
    return {
        "role": one.role,
        "trace": one.trace,
        "most_replicas": one.most,
        "worst_waiting_seconds": one.worst_waiting,
        "usual_waiting_seconds": one.usual_waiting,
        "late_share": one.late_share,
        "turns": one.flaps,
        "interrupted_accounts": one.interrupted,
        "dollars": one.dollars,
        "changes": one.changes,
    }


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms" if seconds < 1 else f"{seconds:,.0f} s"


def _print(simulations: "list[Simulation]") -> None:
    from barque.cli.console import print_table

    print_table(
        (
            "role", "trace", "most replicas", "changes", "turns", "p99 usual", "p99 worst",
            "late", "interrupted", "$",
        ),
        [
            (
                one.role, one.trace, str(one.most), str(len(one.changes)), str(one.flaps),
                _duration(one.usual_waiting), _duration(one.worst_waiting),
                f"{one.late_share:.1%}", str(one.interrupted), f"{one.dollars:.2f}",
            )
            for one in simulations
        ],
        8,
    )  # fmt: skip
    print(
        "\nThroughput in the minute before, and the minute that begins one minute after a change:"
    )
    print_table(
        ("trace", "at", "replicas", "events/s before", "after"),
        [
            (
                one.trace,
                f"{change.second // 60}:{change.second % 60:02}",
                f"{change.before} → {change.after}",
                f"{change.served_before:,.0f}",
                f"{change.served_after:,.0f}",
            )
            for one in simulations
            for change in one.changes
        ],
        2,
    )
