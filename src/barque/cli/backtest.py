"""`barque backtest`: ask the past what a strategy would have done."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from barque.cli import options
from barque.cli.console import print_json, print_table, shown_progress
from barque.domain.errors import BadInput

if TYPE_CHECKING:
    from barque.storage.store import RunRecord


def run(
    strategy: options.StrategyName,
    instrument: options.Instruments,
    period: options.Period = "1d",
    start: options.From = None,
    end: options.To = None,
    cash: options.Cash = "1000000",
    fee: options.Fee = "0",
    fee_per_unit: options.FeePerUnit = "0",
    slippage: options.Slippage = "0",
    max_position: options.MaxPosition = None,
    max_notional: options.MaxNotional = None,
    price_band: options.PriceBand = None,
    parameter: options.Parameters = [],  # noqa: B006 - typer copies it
    as_json: options.Json = False,
) -> None:
    """Run a strategy through the past and keep what it found.

    With --json, every fill is in the answer, in exact numbers.
    """
    from barque.bootstrap.backtests import run_backtest
    from barque.cli.findings import exact_fills, print_findings
    from barque.cli.request import costs, limits, request
    from barque.cli.run import home

    wanted = request(
        strategy, instrument, period, start, end,
        cash=cash,
        costs=costs(fee, fee_per_unit, slippage),
        limits=limits(max_position, max_notional, price_band),
        pairs=parameter,
    )  # fmt: skip
    with shown_progress() as progress:
        done = run_backtest(home(), wanted, progress)
    found = {"id": done.run_id, "trials": done.trials} | done.result.summary()
    if as_json:
        print_json(found | {"fills": exact_fills(done.result)})
    else:
        print_findings(found)


def show(
    run_id: Annotated[
        int | None, typer.Argument(metavar="ID", help="Which one; without it, all are listed.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", help="How many to list at most.")] = 20,
    as_json: options.Json = False,
) -> None:
    """List the backtests that were kept, or show one."""
    from barque.bootstrap.backtests import read_run, read_runs
    from barque.cli.findings import print_findings
    from barque.cli.run import home

    if limit < 1:
        raise BadInput(f"--limit is {limit}; at least 1 is required.")
    if run_id is None:
        _list([_found(run) for run in read_runs(home(), limit)], as_json)
        return
    run, trials = read_run(home(), run_id)
    found = _found(run) | {"trials": trials}
    if as_json:
        print_json(found)
    else:
        print_findings(found)


def _found(run: "RunRecord") -> dict[str, Any]:
    return {"id": run.id, "created_ts": run.created_ts, "spec": run.spec, **run.result}


def _list(found: list[dict[str, Any]], as_json: bool) -> None:
    from barque.cli.findings import SUMMARY_COLUMNS, summary_row

    if as_json:
        print_json({"runs": found})
    else:
        print_table(SUMMARY_COLUMNS, map(summary_row, found), numbers=5)
