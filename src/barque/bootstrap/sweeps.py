"""A sweep over the catalog: every point is tried once, kept, and counted as a trial."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from barque import __version__
from barque.bootstrap.backtests import (
    BacktestRequest,
    Finished,
    Progress,
    failures_in_words,
    filled_catalog,
    past_of,
    run_backtest,
)
from barque.bootstrap.compiled import forget_old_kernels
from barque.bootstrap.home import Home
from barque.bootstrap.strategies import find_strategy, split_path
from barque.bootstrap.terms import own_files
from barque.bootstrap.told import check_is_told
from barque.data.catalog import Catalog
from barque.domain.errors import BadInput, NotReady
from barque.kernels.arrays import FloatArray
from barque.research.executor import Done, Executor
from barque.research.sweep.luck import luck
from barque.research.sweep.measuring import OBJECTIVES, Measuring, Point
from barque.research.sweep.ranking import Ranking, rank
from barque.research.sweep.space import Space, read_space
from barque.storage.sqlite import SqliteReader, SqliteStore
from barque.storage.store import SweepRecord, TrialRecord
from barque.strategies.strategy import Strategy

SECONDS_BETWEEN_COMMITS = 0.5
PAGE = 5_000
"""Trials that are read at once."""

TRYING = "Trying points"

Task = tuple[int, dict[str, int | float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRequest:
    """What is asked of the past, with which parameters varied.

    `request.parameters` are the same at every point; `vary` is as `read_space` takes it. With
    `split`, a fraction of the time, the choice is made on the first part and tried on the second.
    """

    request: BacktestRequest
    vary: tuple[str, ...]
    draws: int | None = None
    seed: int = 0
    objective: str = "sharpe"
    split: float | None = None

    def __post_init__(self) -> None:
        if self.objective not in OBJECTIVES:
            raise BadInput(
                f"The objective is {self.objective!r}; choose among {', '.join(OBJECTIVES)}."
            )
        if self.split is not None and not 0.0 < self.split < 1.0:
            raise BadInput(f"The split is {self.split}; a part of the time from 0 to 1, as 0.7.")


@dataclass(frozen=True, slots=True)
class Swept:
    """A sweep that was kept: its points, their order, and what was chosen."""

    record: SweepRecord
    space: Space
    ranking: Ranking
    is_refused: FloatArray
    trials: int
    """How often the data on which the choice was made have been looked at by now."""

    @property
    def chosen(self) -> int | None:
        """The number of the chosen point."""
        return None if self.record.answer is None else self.record.answer["chosen"]


def run_sweep(home: Home, asked: SweepRequest, executor: Executor, progress: Progress) -> Swept:
    """Try every point that was not tried yet, choose one, and keep all of it.

    The same question, asked again, goes on where it was stopped; when all is done it is answered
    from what was kept.
    """
    forget_old_kernels()
    progress("Reading the past", 0, 0)
    catalog = filled_catalog(home)
    asked.request.known_terms(catalog)  # what is wrong with them is said at once
    first, second = _parts(catalog, asked)
    space = _space_of(asked)
    data_hash = past_of(catalog, first).content_hash
    record = asyncio.run(_begin(home, _spec_of(asked), len(space), data_hash))
    if record.answer is None:
        _try_all(home, record, space, first, executor, progress)
        _answer(home, asked, record.id, (first, second), progress)
    return read_sweep(home, record.id)


def read_sweep(home: Home, sweep_id: int) -> Swept:
    """Return a sweep that was kept, finished or not."""
    return asyncio.run(_read(home, sweep_id))


def read_sweeps(home: Home, limit: int) -> Sequence[SweepRecord]:
    """Return the sweeps that were kept, newest first."""

    async def ask() -> Sequence[SweepRecord]:
        async with SqliteReader(_kept(home)) as store:
            return await store.sweeps(limit)

    return asyncio.run(ask())


def read_points(home: Home, sweep_id: int, numbers: Sequence[int]) -> list[Point]:
    """Return points of a sweep that are over, in the order of `numbers`."""

    async def ask() -> list[Point]:
        async with SqliteReader(_kept(home)) as store:
            found = [await store.sweep_trials(sweep_id, number - 1, 1) for number in numbers]
            return [_point(trials[0]) for trials in found]

    return asyncio.run(ask())


def request_of(record: SweepRecord) -> SweepRequest:
    """Return what a sweep was asked."""
    return msgspec.convert(record.spec["asked"], SweepRequest, strict=False)


def _space_of(asked: SweepRequest) -> Space:
    strategy = find_strategy(asked.request.strategy)
    space = read_space(asked.vary, strategy.parameters(), asked.draws, asked.seed)
    fixed = asked.request.parameters
    twice = sorted({axis.name for axis in space.axes} & fixed.keys())
    if twice:
        raise BadInput(f"{', '.join(twice)} is set and varied; leave out one of the two.")
    strategy(**fixed)  # a name or a type that is wrong is said at once
    request = asked.request
    check_is_told(strategy, request.market, request.timers, request.built)
    return space


def _parts(catalog: Catalog, asked: SweepRequest) -> tuple[BacktestRequest, BacktestRequest | None]:
    """Return what is asked of the time before the split, and of the time after it."""
    if asked.split is None:
        return asked.request, None
    past = past_of(catalog, asked.request)
    cut = past.start + int((past.end - past.start) * asked.split)
    first, second = replace(asked.request, end=cut), replace(asked.request, start=cut)
    for part in (first, second):
        past_of(catalog, part)  # an empty part is said before anything is tried
    return first, second


def _spec_of(asked: SweepRequest) -> dict[str, Any]:
    """Return the question in plain words: what is asked, of which code, with which defaults."""
    return {
        "asked": msgspec.to_builtins(asked),
        "sources": _source_hashes(asked.request),
        "parameters": find_strategy(asked.request.strategy).parameters(),
    }


async def _begin(home: Home, spec: dict[str, Any], points: int, data_hash: str) -> SweepRecord:
    said = json.dumps([spec, data_hash, __version__], sort_keys=True)
    async with SqliteStore(home.store) as store:
        return await store.save_sweep(
            SweepRecord(
                name=hashlib.sha256(said.encode()).hexdigest(),
                spec=spec,
                points=points,
                data_hash=data_hash,
                code_version=__version__,
                created_ts=time.time_ns(),
            )
        )


def _source_hashes(request: BacktestRequest) -> list[str]:
    """Return hashes of the files of the strategy and of the terms; a change asks anew."""
    path, _ = split_path(request.strategy)
    files = [path] if path is not None else []
    files += own_files(request.terms)
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


def _try_all(
    home: Home,
    record: SweepRecord,
    space: Space,
    request: BacktestRequest,
    executor: Executor,
    progress: Progress,
) -> None:
    """Try what is not done yet; what was answered is kept every half a second, and at the end."""
    # Not inside one coroutine: while it waits for a worker, it would not hear an interrupt.
    with asyncio.Runner() as runner:
        store = SqliteStore(home.store)
        is_done = runner.run(_which_are_done(store, record))
        tasks = ((k, space.point(k)) for k in range(record.points) if not is_done[k])
        answers = executor.run(partial(trier, home.root, request), tasks)
        waiting: list[TrialRecord] = []
        done, committed = int(is_done.sum()), time.monotonic()
        progress(TRYING, done, record.points)
        try:
            for answer in answers:
                waiting.append(_trial(answer))
                done += 1
                progress(TRYING, done, record.points)
                if time.monotonic() - committed > SECONDS_BETWEEN_COMMITS:
                    runner.run(store.save_trials(record.id, waiting))
                    waiting, committed = [], time.monotonic()
        finally:
            answers.close()
            runner.run(store.save_trials(record.id, waiting))
            runner.run(store.close())


async def _which_are_done(store: SqliteStore, record: SweepRecord) -> NDArray[np.bool_]:
    is_done = np.zeros(record.points, np.bool_)
    async for trial in _trials(store, record.id):
        is_done[trial.number] = True
    return is_done


def trier(root: Path, request: BacktestRequest) -> Callable[[Task], Point]:
    """Return what tries a point; each worker makes its own, with the past in its memory."""
    home = Home(root)
    loaded = find_strategy(request.strategy)

    def make() -> type[Strategy]:
        return loaded if loaded.is_compiled else find_strategy(request.strategy)

    catalog = filled_catalog(home)
    measuring = Measuring(
        make,
        past_of(catalog, request),
        conventions=request.conventions,
        **request.known_terms(catalog).arguments,
    )

    def attempt(task: Task) -> Point:
        number, varied = task
        with failures_in_words(request.strategy):
            return measuring.measure(number, {**request.parameters, **varied})

    return attempt


def _trial(done: Done[Task, Point]) -> TrialRecord:
    number, varied = done.task
    point = done.answer or Point(number, varied, failed=done.failure)
    return TrialRecord(number=number, result=_said(point), counts=point.was_run)


def _said(point: Point) -> dict[str, Any]:
    said = asdict(point)
    del said["number"]
    return {name: value for name, value in said.items() if value is not None}


def _point(trial: TrialRecord) -> Point:
    return Point(trial.number, **trial.result)


def _answer(
    home: Home,
    asked: SweepRequest,
    sweep_id: int,
    parts: tuple[BacktestRequest, BacktestRequest | None],
    progress: Progress,
) -> None:
    """Choose a point, run it as an ordinary backtest on each part, and keep that."""
    found = read_sweep(home, sweep_id)
    best = found.ranking.best
    if best is None:
        raise BadInput(_why_nothing(home, found))
    sharpes = asyncio.run(_values(home, found.record, "sharpe"))[0]
    varied = found.space.point(best)
    runs: list[Finished] = []
    for part in parts:
        if part is not None:
            parameters = {**asked.request.parameters, **varied}
            runs.append(run_backtest(home, replace(part, parameters=parameters), progress))
    answer = {
        "chosen": best,
        "runs": [run.run_id for run in runs],
        "luck": asdict(luck(runs[0].result.statistics, sharpes, found.trials)),
        "held_out": dict(runs[1].summary["statistics"]) if len(runs) > 1 else None,
    }

    async def keep() -> None:
        async with SqliteStore(home.store) as store:
            await store.save_sweep_answer(sweep_id, answer)

    asyncio.run(keep())


def _why_nothing(home: Home, found: Swept) -> str:
    points = [read_points(home, found.record.id, [k])[0] for k in range(min(50, len(found.space)))]
    reasons = [point.refused or point.failed for point in points]
    why = next((reason for reason in reasons if reason), "it is known of none")
    return (
        f"None of the {len(found.space):,} points has a {found.ranking.objective} to choose by. "
        f"The first that says why: {why}"
    )


async def _read(home: Home, sweep_id: int) -> Swept:
    async with SqliteReader(_kept(home)) as store:
        record = await store.sweep(sweep_id)
        trials = await store.trials(record.data_hash)
    asked = request_of(record)
    values, is_refused = await _values(home, record, asked.objective)
    space = read_space(asked.vary, record.spec["parameters"], asked.draws, asked.seed)
    ranking = rank(space, asked.objective, values, is_refused)
    return Swept(record, space, ranking, is_refused, trials)


async def _values(home: Home, record: SweepRecord, name: str) -> tuple[FloatArray, FloatArray]:
    """Return one number of every point, NaN where there is none, and which were refused."""
    values, is_refused = np.full(record.points, np.nan), np.zeros(record.points)
    async with SqliteReader(_kept(home)) as store:
        async for trial in _trials(store, record.id):
            figures: Mapping[str, float | None] = trial.result.get("figures") or {}
            value = figures.get(name)
            values[trial.number] = np.nan if value is None else value
            is_refused[trial.number] = "refused" in trial.result
    return values, is_refused


async def _trials(store: SqliteReader, sweep_id: int) -> AsyncIterator[TrialRecord]:
    last = -1
    while page := await store.sweep_trials(sweep_id, last, PAGE):
        for trial in page:
            yield trial
        last = page[-1].number


def _kept(home: Home) -> Path:
    if not home.store.exists():
        raise NotReady("No sweep was run yet. `barque sweep run` keeps each one.")
    return home.store
