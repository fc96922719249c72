"""Does a strategy see the future? Replace the future, and demand the same past.

The history is cut at a moment; what comes after is replaced in each of four ways
(`research.futures`); the strategy is made anew and lives through both histories. Up to the cut
every order, fill, refusal and amount of equity must be the same, and so must the exposures that a
strategy of signals wants at the cut. One difference is a proof that the past hung on the future.

A strategy is made by a function of the history it will live through, so one that learns or is
given arrays can be made from the replaced history too. What it reads elsewhere cannot be replaced:
a file, a program or the network is reported, and such a strategy does not pass. No difference is
no proof of innocence: a leak that changes no decision at the cuts that were tried stays unseen.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from barque.domain.errors import BadInput
from barque.domain.instruments import Instrument
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.research.backtest import backtest
from barque.research.futures import Future, replaced, without_numbers
from barque.research.prepared import bar_frames
from barque.research.reach import watched
from barque.research.terms import USUAL_TERMS, Terms
from barque.strategies import Signals, Strategy

CUTS = 32
FUTURES = tuple(Future)
SAME = "the same"


class History:
    """Events in memory: a past for `backtest`, and for whoever makes a strategy from it."""

    content_hash = ""

    def __init__(self, instruments: Sequence[Instrument], events: IntArray) -> None:
        self.instruments, self.events = tuple(instruments), events

    @property
    def rows(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[IntArray]:
        yield self.events

    def until(self, ts: int) -> "History":
        """Return the events up to and at `ts`."""
        end = np.searchsorted(self.events[:, at.TS], ts, side="right")
        return History(self.instruments, self.events[:end])

    @cached_property
    def bars(self) -> Sequence[pl.DataFrame]:
        return bar_frames(self.events, self.instruments)


Make = Callable[[History], Strategy]
"""Makes a new strategy from the history that it will live through."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Leak:
    """A past that hung on the future: after `cut` came another `future`, and `what` changed.

    `ts` is when it first came out otherwise, at or before the cut; both in nanoseconds UTC.
    """

    future: str
    cut: int
    ts: int
    what: str


@dataclass(frozen=True, slots=True)
class Lookahead:
    """The verdict. `reached` is what the strategy read that nobody could replace."""

    clean: bool
    leaks: tuple[Leak, ...]
    reached: tuple[str, ...]
    cuts: int
    runs: int


@dataclass(frozen=True, slots=True)
class _Life:
    """What a strategy did in a history, and what a strategy of signals wanted at the cut."""

    records: IntArray
    curve: IntArray
    exposures: NDArray[np.float64]


def find_lookahead(
    make: Make,
    history: History,
    *,
    terms: Terms = USUAL_TERMS,
    cuts: int | None = CUTS,
    futures: Sequence[Future] = FUTURES,
    seed: int = 0,
    progress: Progress | None = None,
) -> Lookahead:
    """Replace the future of `history` at `cuts` moments, or at every one if it is None.

    Half of the moments are spread evenly, half are drawn by `seed`. Stops after the first cut that
    shows a leak.
    """
    moments = choose_cuts(np.unique(history.events[:, at.TS]), cuts, seed)
    reached = _reach(make, history, terms)
    leaks: list[Leak] = []
    done = runs = 0
    for done, cut in enumerate(moments, 1):
        truth = _live(make, history, cut, terms)
        for future in (None, *futures):
            leaks += _leaks(make, history, cut, future, seed + done, truth, terms)
            runs += 1
        if progress is not None:
            progress(done, len(moments))
        if leaks:
            break
    return Lookahead(not leaks and not reached, tuple(leaks), tuple(sorted(reached)), done, runs)


def choose_cuts(times: IntArray, count: int | None, seed: int) -> list[int]:
    """Return the moments after which the future is replaced, in the order they are tried."""
    if times.size < 2:
        raise BadInput(f"The history has {times.size} moments; a past and a future need 2.")
    if count is not None and count < 1:
        raise BadInput(f"{count} cuts were asked for; at least 1 is required.")
    moments = times[:-1]  # after the last there is no future
    chance = np.random.default_rng(seed)
    if count is None or count >= moments.size:
        return [int(ts) for ts in chance.permutation(moments)]
    spread = np.linspace(0, moments.size - 1, count - count // 2 + 2).round().astype(int)[1:-1]
    others = np.setdiff1d(np.arange(moments.size), spread)
    drawn = chance.choice(others, min(count - spread.size, others.size), replace=False)
    return [int(ts) for ts in chance.permutation(moments[np.union1d(spread, drawn)])]


def _leaks(
    make: Make,
    history: History,
    cut: int,
    future: Future | None,
    seed: int,
    truth: _Life,
    terms: Terms,
) -> list[Leak]:
    """Live through one other future; without one through the same again, which shows chance."""
    other, name = history, str(future or SAME)
    if future is not None:
        other = History(history.instruments, replaced(history.events, cut, future, seed))
    try:
        life = _live(make, other, cut, terms, future is Future.MISSING)
    except Exception as error:  # whatever a strategy raises is an answer here
        if future is Future.MISSING:
            return []  # that it cannot work with missing numbers says nothing of its past
        return [Leak(name, cut, cut, f"fails: {type(error).__name__}: {error}")]
    found = _first_difference(truth, life, cut)
    return [] if found is None else [Leak(name, cut, *found)]


def _live(make: Make, history: History, cut: int, terms: Terms, is_missing: bool = False) -> _Life:
    bars = without_numbers(history.bars, cut) if is_missing else history.bars
    strategy, exposures = make(history), np.empty(0)
    records, curve = _run(strategy, history, bars, terms)
    if isinstance(strategy, Signals):
        wanting = make(history)
        _run(wanting, history.until(cut), bars, terms)
        exposures = wanting.exposure.copy()  # type: ignore[attr-defined]  # it is one of Signals
    return _Life(
        records[records[:, at.RECORD_TS] <= cut], curve[curve[:, at.CURVE_TS] <= cut], exposures
    )


def _run(
    strategy: Strategy, history: History, bars: Sequence[pl.DataFrame], terms: Terms
) -> tuple[IntArray, IntArray]:
    result = backtest(
        strategy,
        history,
        **terms.arguments,
        bars=bars,
    )
    return result.records, result.curve


def _first_difference(truth: _Life, other: _Life, cut: int) -> tuple[int, str] | None:
    """Return when the two lives first differ, and in what."""
    rows = _first_row(truth.records, other.records)
    if rows:
        is_fill = any(row[at.RECORD_KIND] == at.FILLED for row in rows)
        return int(min(row[at.RECORD_TS] for row in rows)), "fills" if is_fill else "orders"
    rows = _first_row(truth.curve, other.curve)
    if rows:
        return int(min(row[at.CURVE_TS] for row in rows)), "equity"
    if not np.array_equal(truth.exposures, other.exposures, equal_nan=True):
        return cut, "exposure"
    return None


def _first_row(left: IntArray, right: IntArray) -> list[IntArray]:
    """Return the first rows that differ: of both, or of the one that has more; none if equal."""
    both = min(len(left), len(right))
    differ = np.flatnonzero((left[:both] != right[:both]).any(axis=1))
    first = int(differ[0]) if differ.size else both
    return [rows[first] for rows in (left, right) if first < len(rows)]


def _reach(make: Make, history: History, terms: Terms) -> set[str]:
    """Return what the strategy reads besides its market.

    A compiled strategy is watched as plain Python over the first moment: machine code cannot read.
    """
    first = history.until(int(history.events[0, at.TS]))
    _run(make(history), first, history.bars, terms)  # what must be compiled is compiled unwatched
    with watched() as reached:
        strategy = make(history)
        told = history
        if strategy.is_compiled:
            strategy.is_compiled = False  # type: ignore[misc]  # of this one only
            told = first
        _run(strategy, told, history.bars, terms)
    return reached
