"""Asks the past what a strategy would have done."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

import numpy as np
import polars as pl

from barque import __version__
from barque.domain.costs import FREE, CostModels, Costs
from barque.domain.instruments import Instrument
from barque.domain.margin import UNLIMITED, Margin
from barque.domain.rules import USUAL_RULES, Rules
from barque.engine.engine import Engine
from barque.engine.terms import Cash
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.research.prepared import all_bars, prepare, prepares
from barque.research.result import Result
from barque.research.statistics import USUAL, Conventions
from barque.research.terms import Terms
from barque.risk.limits import NO_LIMITS, Limits
from barque.strategies.strategy import Strategy

Progress = Callable[[int, int], None]


class Events(Protocol):
    """The past in order: chunks of events, each cut at the end of a slice."""

    @property
    def instruments(self) -> Sequence[Instrument]: ...

    @property
    def rows(self) -> int:
        """How many events there are."""

    @property
    def content_hash(self) -> str:
        """A hash of every event, which names this past."""

    def __iter__(self) -> Iterator[IntArray]: ...


def backtest(
    strategy: Strategy,
    events: Events,
    *,
    cash: Cash | int = 1_000_000,
    costs: Costs | CostModels = FREE,
    limits: Limits = NO_LIMITS,
    margin: Margin = UNLIMITED,
    currency: str | None = None,
    rules: Rules = USUAL_RULES,
    conventions: Conventions = USUAL,
    bars: Sequence[pl.DataFrame] | None = None,
    progress: Progress | None = None,
    room: IntArray | None = None,
) -> Result:
    """Run `strategy` through `events` and return what it did.

    `rules` say when and how orders meet the market; usually from the bar after the one at whose
    close they were decided. `cash` and `currency` are as in `engine.state.new_state`. A strategy
    with the hook `prepare` sees `bars` before it begins, else all bars among the events.
    `progress` is called with (events done, events in all) after each chunk. `room` (CURVE_WIDTH, at
    least one column an event) is where the curve is written: whoever runs many backtests need not
    have new memory for each, but reads one result at a time.
    """
    started = time.perf_counter()
    if prepares(strategy):
        prepare(strategy, all_bars(events) if bars is None else bars)
    own = currency or events.instruments[0].currency
    owned: Cash = Decimal(cash) if isinstance(cash, int) else cash
    terms = Terms(
        cash=owned, currency=currency, costs=costs, limits=limits, margin=margin, rules=rules
    )
    engine = Engine(strategy, events.instruments, **terms.arguments)
    curve = np.empty((at.CURVE_WIDTH, events.rows), np.int64) if room is None else room
    done = slices = 0
    for chunk in events:
        slices += len(engine.see(chunk, curve, slices))
        done += len(chunk)
        if progress is not None:
            progress(done, events.rows)
    return Result(
        strategy=type(strategy).__name__,
        parameters={name: getattr(strategy, name) for name in strategy.parameters()},
        instruments=tuple(events.instruments),
        currency=own,
        cash=owned.get(own, Decimal(0)) if isinstance(owned, Mapping) else owned,
        terms=terms.words,
        records=engine.state.last_records(),
        curve=curve[:, :slices].T,
        account=engine.state.account,
        rules=_rules(engine.state.instruments),
        events=done,
        source=events,
        code_version=__version__,
        wall_seconds=time.perf_counter() - started,
        conventions=conventions,
    )


def _rules(instruments: IntArray) -> IntArray:
    """Return the rows of the instruments without addresses, which mean nothing elsewhere."""
    rules = instruments.copy()
    rules[:, at.FEE_FUNCTION] = rules[:, at.SLIPPAGE_FUNCTION] = 0
    return rules
