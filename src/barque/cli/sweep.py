"""`barque sweep`: try a strategy with many parameters, and see which of them hold."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from barque.cli import options
from barque.cli.console import date_time, print_facts, print_json, print_table, shown_progress
from barque.cli.terms import TermOptions, with_terms
from barque.domain.errors import BadInput

if TYPE_CHECKING:
    from barque.bootstrap.sweeps import Swept
    from barque.research.sweep.measuring import Point
    from barque.storage.store import SweepRecord

SHOWN = 10
"""How many of the best points a table has."""

Vary = Annotated[
    list[str],
    typer.Option(
        "--vary",
        metavar="NAME=VALUES",
        help="A parameter to vary: FROM:TO:STEP, FROM:TO, or A,B,C; may be repeated.",
    ),
]
Random = Annotated[
    int | None,
    typer.Option("--random", metavar="N", help="Draw N points instead of trying all."),
]
Seed = Annotated[int, typer.Option("--seed", help="What --random draws from.")]
Objective = Annotated[
    str, typer.Option("--objective", metavar="NAME", help="What to choose by: sharpe, calmar ...")
]
Split = Annotated[
    float | None,
    typer.Option(
        "--split",
        metavar="FRACTION",
        help="Choose on the first part of the time, as 0.7, and try the choice on the rest.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", metavar="N", help="Processes to work in; else one for each core."),
]
Picture = Annotated[
    Path | None,
    typer.Option("--picture", metavar="FILE.svg", help="Draw what the points came to."),
]
Report = Annotated[
    bool,
    typer.Option("--report", help="Write a page of the chosen point, under BARQUE_HOME/reports."),
]


@with_terms
def run(
    strategy: options.StrategyName,
    instrument: options.Instruments,
    vary: Vary,
    random: Random = None,
    seed: Seed = 0,
    objective: Objective = "sharpe",
    split: Split = None,
    jobs: Jobs = None,
    period: options.Period = "1d",
    market: options.Market = [],  # noqa: B006 - typer copies it
    timer: options.Timers = [],  # noqa: B006 - typer copies it
    build: options.Built = [],  # noqa: B006 - typer copies it
    start: options.From = None,
    end: options.To = None,
    parameter: options.Parameters = [],  # noqa: B006 - typer copies it
    risk_free: options.RiskFree = "0",
    picture: Picture = None,
    report: Report = False,
    as_json: options.Json = False,
    *,
    terms: TermOptions,
) -> None:
    """Try a strategy with many parameters, choose the best plateau, and keep every trial.

    Stopped, or killed, it goes on where it was when the same command is given again.
    """
    from barque.bootstrap.sweeps import SweepRequest, run_sweep
    from barque.cli.request import request
    from barque.cli.run import home
    from barque.research.processes import Processes

    executor = Processes(jobs)
    asked = SweepRequest(
        request=request(
            strategy, instrument, period, start, end,
            terms=terms,
            market=market,
            timers=timer,
            built=build,
            pairs=parameter,
            risk_free=risk_free,
        ),
        vary=tuple(vary),
        draws=random,
        seed=seed,
        objective=objective,
        split=split,
    )  # fmt: skip
    _check_picture(picture)
    with shown_progress() as progress:
        found = run_sweep(home(), asked, executor, progress)
        pages = _pages(found, picture, report, None, progress)
    _show(found, pages, as_json)


def show(
    sweep_id: Annotated[
        int | None, typer.Argument(metavar="ID", help="Which one; without it, all are listed.")
    ] = None,
    limit: options.Limit = 20,
    picture: Picture = None,
    report: Report = False,
    to: options.ReportTo = None,
    as_json: options.Json = False,
) -> None:
    """List the sweeps that were kept, or show one, with its picture or as a page."""
    from barque.bootstrap.sweeps import read_sweep, read_sweeps
    from barque.cli.run import home

    if sweep_id is None:
        if picture is not None or report or to is not None:
            raise BadInput("A picture or a report is of one sweep: give its ID.")
        _list(read_sweeps(home(), limit), as_json)
        return
    with shown_progress() as progress:
        found = read_sweep(home(), sweep_id)
        pages = _pages(found, picture, report or to is not None, to, progress)
    _show(found, pages, as_json)


def _check_picture(file: Path | None) -> None:
    if file is not None and file.suffix.lower() != ".svg":
        raise BadInput(f"The picture is to be {file}; its name must end in .svg.")


def _pages(
    found: "Swept", picture: Path | None, report: bool, to: Path | None, progress: Any
) -> dict[str, str]:
    """Write what was asked for beside the answer; return where it is."""
    from barque.bootstrap.sweep_pages import write_picture, write_sweep_report
    from barque.cli.run import home

    written = {}
    _check_picture(picture)
    if picture is not None:
        written["picture"] = str(write_picture(found, picture))
    if report:
        written["report"] = str(write_sweep_report(home(), found, to, progress))
    return written


def _show(found: "Swept", pages: dict[str, str], as_json: bool) -> None:
    from barque.bootstrap.sweeps import read_points
    from barque.cli.run import home

    ranking = found.ranking
    best = [int(k) for k in ranking.by_plateau[:SHOWN]]
    raw = [int(k) for k in ranking.by_value[:SHOWN]]
    points = {k: read_points(home(), found.record.id, [k])[0] for k in {*best, *raw}}
    if as_json:
        print_json(_document(found, points, best, raw) | pages)
        return
    print_facts(_facts(found))
    for title, numbers in (("best plateaus", best), ("best points", raw)):
        if numbers:
            print()
            _print_points(title, found, [points[k] for k in numbers])
    for name, place in pages.items():
        print(f"\n{name.capitalize()}: {place}")


def _facts(found: "Swept") -> list[tuple[str, str]]:
    from barque.research.statistics.definitions import written

    record, answer = found.record, found.record.answer
    asked = record.spec["asked"]
    facts = [
        ("sweep", f"{record.id}, {asked['request']['strategy']}, {date_time(record.created_ts)}"),
        ("varied", ", ".join(asked["vary"])),
        ("points", f"{record.done:,} of {record.points:,} done"),
        ("", ""),
    ]
    if answer is None:
        return [*facts, ("chosen", "nothing yet: give the same command again to go on")]
    chosen = found.space.point(answer["chosen"])
    luck = answer["luck"]
    facts += [
        ("chosen", "  ".join(f"{name}={value}" for name, value in chosen.items())),
        ("kept as", "run " + ", run ".join(str(run) for run in answer["runs"])),
        ("Sharpe ratio", f"{written('sharpe', luck['sharpe'])}   one of {luck['trials']:,} trials"),
        ("best of as many without skill", written("sharpe", luck["expected_best"])),
        ("chance it is above that", _percent(luck["deflated_sharpe"])),
        ("chance it is above 0, were it one trial", _percent(luck["probabilistic_sharpe"])),
    ]
    if (held := answer["held_out"]) is not None:
        facts += [
            ("", ""),
            ("on the time held out", f"Sharpe ratio {written('sharpe', held['sharpe'])}"),
            ("", f"total return {written('total_return', held['total_return'])}"),
            ("", f"chance its Sharpe ratio is above 0: {_percent(held['probabilistic_sharpe'])}"),
        ]
    return facts


def _print_points(title: str, found: "Swept", points: "list[Point]") -> None:
    from barque.research.statistics.definitions import written

    objective = found.ranking.objective
    names = [axis.name for axis in found.space.axes]
    columns = (title, *names, "plateau", objective, "return", "max drawdown", "trades")
    rows = []
    for place, point in enumerate(points):
        figures = dict(point.figures or {})
        plateau = float(found.ranking.plateaus[point.number])
        rows.append(
            (
                str(place + 1),
                *(f"{point.parameters[name]:g}" for name in names),
                written(objective, plateau if plateau == plateau else None),
                written(objective, figures[objective]),
                written("total_return", figures["total_return"]),
                written("max_drawdown", figures["max_drawdown"]),
                written("trades", figures["trades"]),
            )
        )
    print_table(columns, rows, numbers=len(columns) - 1)


def _document(
    found: "Swept", points: "dict[int, Point]", best: list[int], raw: list[int]
) -> dict[str, Any]:
    def said(number: int) -> dict[str, Any]:
        point, plateau = points[number], float(found.ranking.plateaus[number])
        return {
            "number": number,
            "parameters": point.parameters,
            "plateau": plateau if plateau == plateau else None,
            "final_equity": point.final_equity,
            **(point.figures or {}),
        }

    answer = found.record.answer
    return {
        **_row(found.record),
        "objective": found.ranking.objective,
        "trials": found.trials,
        "refused": int(found.is_refused.sum()),
        "chosen": None if answer is None else found.space.point(answer["chosen"]),
        "answer": answer,
        "plateaus": [said(k) for k in best],
        "best": [said(k) for k in raw],
    }


def _row(record: "SweepRecord") -> dict[str, Any]:
    return {
        "id": record.id,
        "created_ts": record.created_ts,
        "spec": record.spec["asked"],
        "points": record.points,
        "done": record.done,
        "data_hash": record.data_hash,
        "code_version": record.code_version,
    }


def _list(records: "Any", as_json: bool) -> None:
    if as_json:
        print_json({"sweeps": [_row(record) for record in records]})
        return
    rows = [
        (
            str(record.id),
            date_time(record.created_ts),
            record.spec["asked"]["request"]["strategy"],
            ", ".join(record.spec["asked"]["vary"]),
            f"{record.done:,} of {record.points:,}",
        )
        for record in records
    ]
    print_table(("id", "sweep (UTC)", "strategy", "varied", "points"), rows, numbers=1)


def _percent(fraction: float | None) -> str:
    return "unknown" if fraction is None else f"{fraction:.1%}"
