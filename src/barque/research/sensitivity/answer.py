"""The answer: a row for everything that was assumed otherwise, and the cost that ends the edge."""

import time
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np

from barque.domain.instruments import cash, cash_units
from barque.kernels import layout as at
from barque.kernels.money import RATE
from barque.research.backtest import Events, Progress
from barque.research.prepared import all_bars, prepare, prepares
from barque.research.result import Result
from barque.research.sensitivity.break_even import (
    CLOSE_ENOUGH,
    BreakEven,
    Search,
    guess,
    rounding,
    search,
)
from barque.research.sensitivity.decisions import Decisions, decisions_of, half_of
from barque.research.sensitivity.lives import Found, Life, Walk
from barque.research.sensitivity.scenarios import Scenario, more_fee, scenarios
from barque.research.statistics.performance import sharpe_a_year
from barque.research.terms import Terms
from barque.strategies.strategy import Strategy

BREAK_EVEN = "break_even"

AGAIN = "The strategy was run again for each row, and decided anew."
KEPT = (
    "A strategy in plain Python is not run again: its decisions are as they were made, and only "
    "what came of them is new. One that looks at its position or its equity might have decided "
    "otherwise."
)

TOO_FEW = "There are fewer than two trades, so half of them cannot be left out."


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a run came to with one thing assumed otherwise; `difference` is to the run as asked.

    `short` is the label under a picture.
    """

    name: str
    label: str
    short: str
    words: str
    final_equity: Decimal
    difference: Decimal
    total_return: float | None
    sharpe: float | None
    fills: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """All rows, the run as it was asked first. `words` say whether decisions were made anew.

    Profits are what is left of the final equity after `cash`, what the account began with.
    """

    currency: str
    cash: Decimal
    rows: tuple[Row, ...]
    break_even: BreakEven
    words: str
    wall_seconds: float


def sensitivity(
    make: Callable[[], Strategy],
    events: Events,
    result: Result,
    terms: Terms,
    progress: Progress | None = None,
) -> Sensitivity:
    """Return what `result`, a run through `events`, would have been by other assumptions.

    `make` returns the strategy anew, as it was before the run.
    `terms` are those of the run. The events are walked once, and once more for each further
    run of the search; none are kept, but for a compiled strategy that prepares: it sees all bars
    once more. `progress` is called after each chunk of the first walk.
    """
    started = time.perf_counter()
    lab = _Lab(make, events, result, terms)
    todo = [*scenarios(result, terms, lab.decides_anew), *lab.first_guess()]
    lives = lab.live(todo, progress)
    even = [life for life in lives if life.scenario.name == BREAK_EVEN]
    rows = [lab.row(life) for life in lives if life not in even]
    return Sensitivity(
        currency=result.currency,
        cash=lab.began_with,
        rows=(lab.as_asked(), *_worst_of_each(rows)),
        break_even=lab.break_even(even[0] if even else None),
        words=lab.words,
        wall_seconds=round(time.perf_counter() - started, 4),
    )


def _worst_of_each(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the row with the least equity of each name, in the order in which they come."""
    for name in dict.fromkeys(row.name for row in rows):
        yield min((row for row in rows if row.name == name), key=lambda row: row.final_equity)


class _Lab:
    """Lives the past of one run again."""

    def __init__(
        self, make: Callable[[], Strategy], events: Events, result: Result, terms: Terms
    ) -> None:
        self._events, self._result, self._terms = events, result, terms
        fills = result.records[result.records[:, at.RECORD_KIND] == at.FILLED]
        rates = result.rates[fills[:, at.RECORD_INSTRUMENT]]
        self._fills = len(fills)
        self._traded = float(np.abs(fills[:, at.A4].astype(np.float64)) @ rates)
        daily = result.daily
        self._first = cash_units(result.cash, result.currency) if daily is None else daily.first
        self._profit = cash_units(result.final_equity, result.currency) - int(self._first)
        strategy = make()
        self.decides_anew = strategy.is_compiled
        self._make = self._prepared(strategy) if prepares(strategy) else make

    @cached_property
    def _decisions(self) -> Decisions:
        return decisions_of(self._result.records)

    def _prepared(self, strategy: Strategy) -> Callable[[], Strategy]:
        """Let a strategy see all bars once, and return a function that copies it."""
        if self.decides_anew:
            prepare(strategy, all_bars(self._events))
        return lambda: deepcopy(strategy)

    @property
    def words(self) -> str:
        """Whose decisions the rows show, and what could not be asked."""
        words = AGAIN if self.decides_anew else KEPT
        return words if len(self._result.book.trips) > 1 else f"{words} {TOO_FEW}"

    @property
    def began_with(self) -> Decimal:
        """What the account was worth at first, in its own currency."""
        return cash(int(self._first), self._result.currency)

    def live(self, todo: Sequence[Scenario], progress: Progress | None = None) -> list[Life]:
        """Walk through the events once, with all scenarios."""
        walk, instruments = Walk(), self._events.instruments
        lives = [Life(one, instruments, self._decider(one), walk) for one in todo]
        curve, done = np.empty((at.CURVE_WIDTH, 0), np.int64), 0
        for chunk in self._events:
            if curve.shape[1] < len(chunk):
                curve = np.empty((at.CURVE_WIDTH, len(chunk)), np.int64)
            walk.see(chunk)
            for life in lives:
                life.live(chunk, curve)
            done += len(chunk)
            if progress is not None:
                progress(done, self._events.rows)
        return lives

    def row(self, life: Life) -> Row:
        """Return what a scenario came to."""
        found, one, result = life.found(), life.scenario, self._result
        final = result.cash if found.final is None else cash(found.final, result.currency)
        return Row(
            name=one.name,
            label=one.label,
            short=one.short,
            words=one.words,
            final_equity=final,
            difference=final - result.final_equity,
            total_return=self._return(found),
            sharpe=sharpe_a_year(found.returns, found.years, result.conventions),
            fills=found.fills,
        )

    def _return(self, found: Found) -> float | None:
        known = self._result.daily is not None
        return float(found.closes[-1]) / float(self._first) - 1.0 if known else None

    def as_asked(self) -> Row:
        """Return the run itself as a row."""
        result = self._result
        return Row(
            name="as_asked",
            label="As asked",
            short="as asked",
            words="The run itself.",
            final_equity=result.final_equity,
            difference=Decimal(0),
            total_return=result.statistics.total_return,
            sharpe=result.statistics.sharpe,
            fills=self._fills,
        )

    def first_guess(self) -> Iterator[Scenario]:
        """Yield the cost at which a run whose decisions stay the same earns nothing."""
        if self._profit > 0 and self._traded > 0:
            yield self._costing(guess(self._profit, self._traded))

    def break_even(self, first: Life | None) -> BreakEven:
        """Return the cost that ends the edge, from the run that was made at the first guess."""
        if first is None:
            words = "Nothing was traded." if not self._fills else "The run earned nothing to lose."
            return BreakEven(basis_points=None, words=words)
        units, exact = guess(self._profit, self._traded), rounding(self._fills, self._traded)
        found = search(
            self._profit,
            units,
            self._profit_of(first),
            max(exact, self._profit // CLOSE_ENOUGH),
            lambda more: self._profit_of(self.live([self._costing(more)])[0]),
        )
        return self._said(found, found.runs == 1 and abs(found.left) <= exact)

    def _said(self, found: Search, is_exact: bool) -> BreakEven:
        left = cash(found.left, self._result.currency)
        end = f"earns {round(left, 2) + 0:,} {self._result.currency}"
        if is_exact:
            words = f"Net profit over traded notional; a run that costs so much more {end}."
        else:
            words = (
                "What is traded changes with what is earned, so it was searched for: after "
                f"{found.runs} runs, one that costs so much more {end}."
            )
        if abs(found.left) * 100 > self._profit:
            return BreakEven(
                basis_points=None,
                words=f"Not found: profit jumps as costs rise. The nearest of {found.runs} runs, "
                f"at {found.units / RATE * 10_000:,.4g} basis points more, {end}.",
                left=left,
                runs=found.runs,
            )
        return BreakEven(
            basis_points=found.units / RATE * 10_000,
            words=words,
            rate=Decimal(found.units).scaleb(-12),
            left=left,
            runs=found.runs,
        )

    def _costing(self, units: int) -> Scenario:
        return Scenario(
            name=BREAK_EVEN, label="", short="", words="", terms=self._terms, change=more_fee(units)
        )

    def _profit_of(self, life: Life) -> int:
        final = life.found().final
        assert final is not None, "a run that has earned something has an equity"
        return final - int(self._first)

    def _decider(self, scenario: Scenario) -> Strategy | Decisions:
        if scenario.half is not None:
            return half_of(
                self._decisions,
                self._result.records,
                len(self._result.instruments),
                scenario.half,
            )
        if scenario.is_kept or not self.decides_anew:
            return self._decisions
        return self._make()
