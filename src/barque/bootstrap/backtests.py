"""A backtest from the catalog, kept with the number of times its data were looked at."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
from numba.core.errors import NumbaError

from barque.bootstrap.built import bar_rules
from barque.bootstrap.compile_errors import compile_failure
from barque.bootstrap.compiled import forget_old_kernels
from barque.bootstrap.home import Home
from barque.bootstrap.strategies import find_strategy, split_path
from barque.bootstrap.strategy_files import failure
from barque.bootstrap.terms import terms_of, words_of_spec
from barque.bootstrap.told import check_is_told
from barque.data.catalog import Catalog
from barque.data.events.stream import EventStream, catalog_events
from barque.data.events.timers import Every
from barque.domain.errors import BadInput, BarqueError, NotReady
from barque.research.archive import keep
from barque.research.backtest import backtest
from barque.research.market import buy_and_hold
from barque.research.result import Result
from barque.research.sensitivity import sensitivity
from barque.research.statistics import USUAL, Benchmark, Conventions
from barque.research.terms import Terms
from barque.storage.sqlite import SqliteReader, SqliteStore
from barque.storage.store import RunRecord
from barque.strategies import Strategy

KIND = "backtest"

USUAL_MARKET = ("bar",)
"""What is told of the market where nobody says otherwise."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much is done and how much there is (0: unknown)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRequest:
    """What is asked of the past. Only events with start <= ts < end (ns UTC) are seen."""

    strategy: str
    instruments: tuple[str, ...]
    period: str = "1d"
    market: tuple[str, ...] = USUAL_MARKET
    """What is told of the market, of `data.kinds.MARKET`."""
    timers: tuple[str, ...] = ()
    """Periods at whose full times the strategy is woken; the first has the id 0."""
    built: tuple[str, ...] = ()
    """Bars that are built while the market is told: 1h, ticks:500, renko:0.5 ..."""
    start: int | None = None
    end: int | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)
    """In the words of a terms file; what they leave out is as usual."""
    parameters: Mapping[str, int | float] = field(default_factory=dict)
    benchmark: str | None = None
    """An instrument to compare with; None is buying and holding those of the run."""
    conventions: Conventions = USUAL

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise BadInput("The time asked for ends before it begins; give --from an earlier day.")

    def known_terms(self, catalog: Catalog) -> Terms:
        """Return the terms; UnknownName where they are of an instrument that nobody knows."""
        for id_ in self.terms.get("of", ()):
            catalog.instrument(id_)
        return terms_of(self.terms, "the terms")


def request_of(spec: Mapping[str, Any]) -> BacktestRequest:
    """Return what was asked of a backtest that was kept, by this version or an earlier one."""
    words = {**spec, "terms": words_of_spec(spec)}
    return msgspec.convert(words, BacktestRequest, strict=False)


@dataclass(frozen=True, slots=True)
class Finished:
    """A backtest that was kept. `trials` counts the runs on its data, this one included."""

    run_id: int
    result: Result
    summary: Mapping[str, Any]
    trials: int


@dataclass(frozen=True, slots=True)
class Lived:
    """A backtest that was run and not kept, and what it takes to run it otherwise."""

    result: Result
    strategy: type[Strategy]
    events: EventStream
    terms: Terms


def run_backtest(
    home: Home, request: BacktestRequest, progress: Progress, *, otherwise: bool = True
) -> Finished:
    """Run a backtest and keep what was asked and found, whole.

    `otherwise`: and ask what it would have been by other assumptions.
    """
    other = benchmark_past(filled_catalog(home), request)  # what is not there is said at once
    lived = _live(home, request, progress)
    result = lived.result
    more = {"sensitivity": _otherwise(request, lived, progress)} if otherwise else {}
    progress("Keeping what was found", 0, 0)
    summary = result.summary(benchmark_of(request, other)) | more
    record = RunRecord(
        kind=KIND,
        spec=msgspec.to_builtins(request),
        result=summary | {"kept": keep(home.results, result)},
        data_hash=result.data_hash,
        code_version=result.code_version,
        created_ts=time.time_ns(),
    )
    run_id, trials = asyncio.run(_keep(home, record))
    return Finished(run_id, result, summary, trials)


def replay(home: Home, request: BacktestRequest, progress: Progress) -> Result:
    """Run a backtest and keep nothing."""
    return _live(home, request, progress).result


def _live(home: Home, request: BacktestRequest, progress: Progress) -> Lived:
    forget_old_kernels()
    catalog = filled_catalog(home)
    events, terms = past_of(catalog, request), request.known_terms(catalog)
    kind = find_strategy(request.strategy)
    strategy = kind(**request.parameters)
    check_is_told(kind, request.market, request.timers, request.built)
    progress(f"Compiling {request.strategy}" if strategy.is_compiled else "Getting ready", 0, 0)
    result = _in_words(request, strategy, events, terms, progress)
    return Lived(result, kind, events, terms)


def _otherwise(request: BacktestRequest, lived: Lived, progress: Progress) -> dict[str, Any]:
    """Return what the run would have been by other assumptions, ready for JSON."""
    with failures_in_words(request.strategy):
        found = sensitivity(
            lambda: lived.strategy(**request.parameters),
            lived.events,
            lived.result,
            lived.terms,
            lambda done, total: progress("Assuming otherwise", done, total),
        )
    words: dict[str, Any] = msgspec.to_builtins(found)
    return words


def past_of(catalog: Catalog, request: BacktestRequest) -> EventStream:
    """Return the events that a request asks about."""
    return catalog_events(
        catalog,
        request.instruments,
        request.period,
        request.start,
        request.end,
        kinds=request.market,
        timers=[Every(period, id) for id, period in enumerate(request.timers)],
        built=bar_rules(request.built, request.market),
    )


def benchmark_past(catalog: Catalog, request: BacktestRequest) -> EventStream:
    """Return the events of what a run is compared with, over the same time."""
    ids = request.instruments if request.benchmark is None else (request.benchmark,)
    return past_of(catalog, replace(request, instruments=ids, timers=(), built=()))


def benchmark_of(request: BacktestRequest, past: EventStream) -> Benchmark:
    """Return what the benchmark of a run would have become."""
    return buy_and_hold(request.benchmark or "buy and hold", past)


def filled_catalog(home: Home) -> Catalog:
    """Return the catalog; NotReady if nothing was imported yet."""
    catalog = Catalog(home.catalog)
    if not catalog.instruments():
        raise NotReady(
            f"There is no market data in {home.catalog} yet. `barque data import --sample` brings "
            "in the bundled sample."
        )
    return catalog


def read_runs(home: Home, limit: int) -> Sequence[RunRecord]:
    """Return the backtests that were kept, newest first."""

    async def ask() -> Sequence[RunRecord]:
        async with SqliteReader(_kept(home)) as store:
            return [run for run in await store.runs(limit) if run.kind == KIND]

    return asyncio.run(ask())


def read_run(home: Home, run_id: int) -> tuple[RunRecord, int]:
    """Return one backtest that was kept, and how many there are on its data by now."""

    async def ask() -> tuple[RunRecord, int]:
        async with SqliteReader(_kept(home)) as store:
            run = await store.run(run_id)
            return run, await store.trials(run.data_hash)

    return asyncio.run(ask())


async def _keep(home: Home, record: RunRecord) -> tuple[int, int]:
    async with SqliteStore(home.store) as store:
        kept = await store.save_run(record)
        return kept.id, await store.trials(record.data_hash)


def _kept(home: Home) -> Path:
    if not home.store.exists():
        raise NotReady("No backtest was run yet. `barque backtest run` keeps each one.")
    return home.store


def _in_words(
    request: BacktestRequest,
    strategy: Strategy,
    events: EventStream,
    terms: Terms,
    progress: Progress,
) -> Result:
    """Run the backtest; what goes wrong in the strategy's own file is said in words."""
    with failures_in_words(request.strategy):
        return backtest(
            strategy,
            events,
            **terms.arguments,
            conventions=request.conventions,
            progress=lambda done, total: progress("Replaying", done, total),
        )


@contextmanager
def failures_in_words(strategy: str) -> Iterator[None]:
    """Say in words what goes wrong in the file of the strategy of that name."""
    path, _ = split_path(strategy)
    try:
        yield
    except BarqueError:
        raise
    except NumbaError as error:
        raise compile_failure(error, strategy, path) from error
    except Exception as error:
        words = failure(error, path) if path is not None else None
        if words is None:
            raise
        raise words from error
