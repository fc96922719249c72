"""Backtests that were kept, looked at again: as a page, side by side, and as files."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from barque.bootstrap.backtests import (
    BacktestRequest,
    benchmark_of,
    benchmark_past,
    past_of,
    read_run,
    request_of,
)
from barque.bootstrap.home import Home
from barque.data.catalog import Catalog
from barque.data.events.stream import EventStream
from barque.data.files import write_all
from barque.domain.errors import BadInput, BarqueError, NotReady
from barque.research.archive import read
from barque.research.comparison import Comparison, compare
from barque.research.export import export
from barque.research.market import watch
from barque.research.report import Section, report
from barque.research.report.sensitivity import sensitivity_section
from barque.research.result import Result
from barque.storage.store import RunRecord

Progress = Callable[[str, int, int], None]


def write_report(
    home: Home,
    run_id: int,
    file: Path | None,
    progress: Progress,
    sections: tuple[Section, ...] = (),
) -> Path:
    """Write a kept backtest as one HTML page, with some more sections; return where it is."""
    run, trials = read_run(home, run_id)
    result = kept_result(home, run)
    request = request_of(run.spec)
    progress("Looking at the market again", 0, 0)
    past = _same_past(home, request, run.data_hash)
    market = benchmark = None
    if past is not None:
        market = watch(past)
        benchmark = market.benchmark()
        if request.benchmark is not None:
            other = benchmark_past(Catalog(home.catalog), request)
            benchmark = benchmark_of(request, other)
    progress("Drawing", 0, 0)
    found = {**run.result, "id": run.id, "trials": trials}
    if "sensitivity" in found:
        sections = (*sections, sensitivity_section(found["sensitivity"]))
    page = report(found, result, past, market, benchmark, sections).encode()
    place = home.reports / f"{run.id}.html" if file is None else file
    write_all({place: lambda out: out.write(page)})
    return place


def compare_runs(home: Home, run_ids: Sequence[int]) -> tuple[Comparison, list[RunRecord]]:
    """Put kept backtests side by side."""
    if len(set(run_ids)) < 2:
        raise BadInput("Comparing takes two backtests or more; `barque backtest show` lists them.")
    runs = [read_run(home, run_id)[0] for run_id in dict.fromkeys(run_ids)]
    results = [kept_result(home, run) if "kept" in run.result else None for run in runs]
    found: list[Mapping[str, Any]] = [{**run.result, "id": run.id} for run in runs]
    return compare(found, results), runs


def export_run(home: Home, run_id: int, tables: Mapping[str, Path]) -> dict[str, int]:
    """Write tables of a kept backtest as files; return how many rows each has."""
    result = kept_result(home, read_run(home, run_id)[0])
    return {table: export(result, table, file) for table, file in tables.items()}


def kept_result(home: Home, run: RunRecord) -> Result:
    """Return the whole result of a run; NotReady where only its summary was kept."""
    name = run.result.get("kept")
    if name is None:
        raise NotReady(
            f"Of run {run.id} only the summary was kept, as `barque up` and earlier versions do. "
            "`barque backtest run` keeps everything."
        )
    return read(home.results, name)


def _same_past(home: Home, request: BacktestRequest, data_hash: str) -> EventStream | None:
    """Return the events a run saw, or None if the catalog does not hold them any more."""
    try:
        past = past_of(Catalog(home.catalog), request)
    except BarqueError:
        return None
    return past if past.content_hash == data_hash else None
