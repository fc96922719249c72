"""`barque backtest`: ask the past what a strategy would have done."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from barque.cli import options
from barque.cli.console import print_json, print_table, shown_progress
from barque.cli.terms import TermOptions, with_terms
from barque.domain.errors import BadInput

if TYPE_CHECKING:
    from barque.storage.store import RunRecord

Report = Annotated[
    bool,
    typer.Option("--report", help="Write a page of it as well, under BARQUE_HOME/reports."),
]
Sensitivity = Annotated[
    bool,
    typer.Option(
        "--sensitivity/--no-sensitivity",
        help="What it would have been with higher costs, later orders, fewer fills.",
    ),
]
Table = Annotated[Path | None, typer.Option(metavar="FILE")]


@with_terms
def run(
    strategy: options.StrategyName,
    instrument: options.Instruments,
    period: options.Period = "1d",
    market: options.Market = [],  # noqa: B006 - typer copies it
    timer: options.Timers = [],  # noqa: B006 - typer copies it
    build: options.Built = [],  # noqa: B006 - typer copies it
    start: options.From = None,
    end: options.To = None,
    parameter: options.Parameters = [],  # noqa: B006 - typer copies it
    benchmark: options.BenchmarkName = None,
    risk_free: options.RiskFree = "0",
    sensitivity: Sensitivity = True,
    report: Report = False,
    as_json: options.Json = False,
    *,
    terms: TermOptions,
) -> None:
    """Run a strategy through the past and keep what it found.

    With --json, every fill is in the answer, in exact numbers.
    """
    from barque.bootstrap.answers import write_report
    from barque.bootstrap.backtests import run_backtest
    from barque.cli.findings import exact_fills, print_findings
    from barque.cli.request import request
    from barque.cli.run import home

    wanted = request(
        strategy, instrument, period, start, end,
        terms=terms,
        market=market,
        timers=timer,
        built=build,
        pairs=parameter,
        benchmark=benchmark,
        risk_free=risk_free,
    )  # fmt: skip
    with shown_progress() as progress:
        done = run_backtest(home(), wanted, progress, otherwise=sensitivity)
        found = {"id": done.run_id, "trials": done.trials, **done.summary}
        if report:
            found["report"] = str(write_report(home(), done.run_id, None, progress))
    if as_json:
        print_json(found | {"fills": exact_fills(done.result)})
    else:
        print_findings(found)
        _say_where(found)


def show(
    run_id: Annotated[
        int | None, typer.Argument(metavar="ID", help="Which one; without it, all are listed.")
    ] = None,
    limit: options.Limit = 20,
    report: Report = False,
    to: options.ReportTo = None,
    as_json: options.Json = False,
) -> None:
    """List the backtests that were kept, or show one; with --report, as a page of its own."""
    from barque.bootstrap.answers import write_report
    from barque.bootstrap.backtests import read_run, read_runs
    from barque.cli.findings import print_findings
    from barque.cli.run import home

    if run_id is None:
        if report or to is not None:
            raise BadInput("A report is of one backtest: give its ID.")
        _list([_found(run) for run in read_runs(home(), limit)], as_json)
        return
    run, trials = read_run(home(), run_id)
    found = _found(run) | {"trials": trials}
    if report or to is not None:
        with shown_progress() as progress:
            found["report"] = str(write_report(home(), run_id, to, progress))
    if as_json:
        print_json(found)
    else:
        print_findings(found)
        _say_where(found)


def compare(
    run_ids: Annotated[list[int], typer.Argument(metavar="ID...", help="Two or more of them.")],
    as_json: options.Json = False,
) -> None:
    """Put backtests side by side: what was asked differently, what came of it, and is it luck."""
    from barque.bootstrap.answers import compare_runs
    from barque.cli.findings import print_comparison
    from barque.cli.run import home

    comparison, _ = compare_runs(home(), run_ids)
    if as_json:
        print_json(comparison)
    else:
        print_comparison(comparison)


def export(
    run_id: Annotated[int, typer.Argument(metavar="ID", help="Which one.")],
    returns: Table = None,
    equity: Table = None,
    fills: Table = None,
    orders: Table = None,
    changes: Table = None,
    trades: Table = None,
    fifo: Table = None,
    positions: Table = None,
    flows: Table = None,
    as_json: options.Json = False,
) -> None:
    """Write what a backtest found as .csv or .parquet: one file for each option that is given.

    --returns is what QuantStats takes: the return of each day.
    """
    from barque.bootstrap.answers import export_run
    from barque.cli.run import home

    asked = {
        "returns": returns, "equity": equity, "fills": fills, "orders": orders,
        "changes": changes, "trades": trades, "fifo": fifo, "positions": positions, "flows": flows,
    }  # fmt: skip
    tables = {table: file for table, file in asked.items() if file is not None}
    if not tables:
        raise BadInput("Nothing was asked for: give --returns FILE, for example.")
    rows = export_run(home(), run_id, tables)
    if as_json:
        print_json({table: {"file": tables[table], "rows": rows[table]} for table in tables})
    else:
        print_table(
            ("table", "file", "rows"),
            [(table, str(file), f"{rows[table]:,}") for table, file in tables.items()],
            numbers=1,
        )


def _say_where(found: dict[str, Any]) -> None:
    if "report" in found:
        print(f"\nReport: {found['report']}")


def _found(run: "RunRecord") -> dict[str, Any]:
    return {"id": run.id, "created_ts": run.created_ts, "spec": run.spec, **run.result}


def _list(found: list[dict[str, Any]], as_json: bool) -> None:
    from barque.cli.findings import SUMMARY_COLUMNS, summary_row

    if as_json:
        print_json({"runs": found})
    else:
        print_table(SUMMARY_COLUMNS, map(summary_row, found), numbers=5)
