"""`barque verify`: prove what Barque promises, on your own data."""

from typing import Annotated

import typer

from barque.cli import options
from barque.cli.console import print_facts, print_json, shown_progress
from barque.cli.exit_codes import ExitCode


def parity(
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="NAME", help="Which; else that of `barque up`."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Decide again what the paper account decided, and compare record by record.

    Exit code 1 says that a decision came out otherwise.
    """
    import asyncio

    from barque.bootstrap.demonstration import DEMONSTRATION
    from barque.bootstrap.parity import verify_parity
    from barque.cli.run import home

    with shown_progress() as progress:
        progress("Deciding again", 0, 0)
        found = asyncio.run(verify_parity(home(), account or DEMONSTRATION.account))
    if as_json:
        print_json(found)
    elif found.equal:
        print(f"Equal: {found.records:,} journal records over {found.slices:,} slices.")
    else:
        print(f"Different: {found.difference}.")
    _end(found.equal)


def determinism(
    strategy: options.StrategyName,
    instrument: options.Instruments,
    period: options.Period = "1d",
    start: options.From = None,
    end: options.To = None,
    cash: options.Cash = "1000000",
    fee: options.Fee = "0",
    fee_per_unit: options.FeePerUnit = "0",
    slippage: options.Slippage = "0",
    parameter: options.Parameters = [],  # noqa: B006 - typer copies it
    as_json: options.Json = False,
) -> None:
    """Run a backtest in two fresh processes, one that compiles everything anew, and compare.

    Exit code 1 says that they differ. Nothing is kept, and it counts as no trial.
    """
    from barque.bootstrap.determinism import verify_determinism
    from barque.cli.request import costs, limits, request
    from barque.cli.run import home

    wanted = request(
        strategy, instrument, period, start, end,
        cash=cash, costs=costs(fee, fee_per_unit, slippage), limits=limits(None, None, None),
        pairs=parameter,
    )  # fmt: skip
    with shown_progress() as progress:
        found = verify_determinism(home(), wanted, progress)
    if as_json:
        print_json(found)
    else:
        print("Equal." if found.equal else "Different.")
        print_facts(
            (process, f"records {seen.records[:16]}, curve {seen.curve[:16]}, "
             f"{seen.record_count:,} records, {seen.slice_count:,} slices")
            for process, seen in (("compiled before", found.warm), ("compiled anew", found.cold))
        )  # fmt: skip
    _end(found.equal)


def _end(is_equal: bool) -> None:
    if not is_equal:
        raise typer.Exit(ExitCode.NO)
