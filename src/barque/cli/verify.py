"""`barque verify`: prove what Barque promises, on your own data."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from barque.cli import options
from barque.cli.console import date_time, print_facts, print_json, shown_progress
from barque.cli.exit_codes import ExitCode
from barque.cli.terms import TermOptions, with_terms

if TYPE_CHECKING:
    from barque.research.lookahead import Lookahead


def parity(
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="NAME", help="Which; else that of `barque up`."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Decide again what the paper account decided, and compare record by record.

    On the terms the account was opened on, from the market it was told.
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


@with_terms
def determinism(
    strategy: options.StrategyName,
    instrument: options.Instruments,
    period: options.Period = "1d",
    market: options.Market = [],  # noqa: B006 - typer copies it
    timer: options.Timers = [],  # noqa: B006 - typer copies it
    build: options.Built = [],  # noqa: B006 - typer copies it
    start: options.From = None,
    end: options.To = None,
    parameter: options.Parameters = [],  # noqa: B006 - typer copies it
    as_json: options.Json = False,
    *,
    terms: TermOptions,
) -> None:
    """Run a backtest in two fresh processes, one that compiles everything anew, and compare.

    Exit code 1 says that they differ. Nothing is kept, and it counts as no trial.
    """
    from barque.bootstrap.determinism import verify_determinism
    from barque.cli.request import request
    from barque.cli.run import home

    wanted = request(
        strategy, instrument, period, start, end,
        terms=terms, market=market, timers=timer, built=build, pairs=parameter,
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


@with_terms
def lookahead(
    strategy: options.StrategyName,
    instrument: options.Instruments,
    period: options.Period = "1d",
    market: options.Market = [],  # noqa: B006 - typer copies it
    timer: options.Timers = [],  # noqa: B006 - typer copies it
    build: options.Built = [],  # noqa: B006 - typer copies it
    start: options.From = None,
    end: options.To = None,
    parameter: options.Parameters = [],  # noqa: B006 - typer copies it
    cuts: Annotated[
        int, typer.Option("--cuts", metavar="N", help="At how many moments; 0 is at every one.")
    ] = 32,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Draws the moments and the other futures.")
    ] = 0,
    as_json: options.Json = False,
    *,
    terms: TermOptions,
) -> None:
    """Replace the future by others, and demand the same past of the strategy.

    Exit code 1 says that it differed, or that the strategy reads what cannot be replaced. Nothing
    is kept, and it counts as no trial.
    """
    from barque.bootstrap.lookahead import verify_lookahead
    from barque.cli.request import request
    from barque.cli.run import home

    wanted = request(
        strategy, instrument, period, start, end,
        terms=terms, market=market, timers=timer, built=build, pairs=parameter,
    )  # fmt: skip
    with shown_progress() as progress:
        found = verify_lookahead(home(), wanted, progress, cuts=cuts or None, seed=seed)
    if as_json:
        print_json(found)
    else:
        print("\n".join(_said(found)))
    _end(found.clean)


def _said(found: "Lookahead") -> Iterator[str]:
    """Say what was found of the future."""
    for leak in found.leaks:
        yield (
            f"{date_time(leak.ts)}: {leak.what}, when what comes after {date_time(leak.cut)} "
            f"is {leak.future}."
        )
    for place in found.reached:
        yield f"It reads {place}, which cannot be replaced; hand the numbers in as bars."
    tried = f"{found.runs:,} other futures after {found.cuts:,} moments"
    if found.clean:
        yield f"The same past in {tried}."
    elif found.leaks:
        yield "The past hangs on the future: the strategy looks ahead."
    else:
        yield f"The same past in {tried}, but nobody can say what those files hold."


def _end(is_equal: bool) -> None:
    if not is_equal:
        raise typer.Exit(ExitCode.NO)
