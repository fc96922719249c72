"""One point of a sweep: an ordinary backtest, of which a few numbers are kept.

The past is turned into events once for all points, unless it is too large to hold; the memory of
the curve and, where the points look at the same features, the features serve all as well.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from barque.domain.errors import BadInput, CorruptData
from barque.domain.instruments import Instrument
from barque.engine.state import new_state
from barque.features import observe_events
from barque.kernels import layout as at
from barque.kernels.arrays import FloatArray, IntArray
from barque.research.backtest import Events, backtest
from barque.research.prepared import bar_frames
from barque.research.result import Result
from barque.research.statistics import USUAL, Conventions, DailyCurve, ratios, trading
from barque.strategies.shared import can_share, sharing
from barque.strategies.strategy import Strategy, has_hook

MOST_HELD = 2_000_000
"""Events that are held in memory, 80 bytes each; a longer past is read anew for each point."""

OBJECTIVES = (
    "sharpe", "sortino", "calmar", "total_return", "cagr", "annual_volatility", "max_drawdown",
    "trades", "win_rate", "profit_factor", "expectancy", "exposure", "turnover", "fills",
    "fees_paid",
)  # fmt: skip
"""The numbers that are kept of a point."""

SMALLER_IS_BETTER = ("annual_volatility", "max_drawdown", "turnover", "fees_paid", "exposure")


@dataclass(frozen=True, slots=True)
class Point:
    """What became of one point.

    Either it was run, and `figures` are its numbers (those of OBJECTIVES, `periods` and
    `periods_per_year`); or `refused` says why the strategy does not take these parameters, or
    `failed` what went wrong.
    """

    number: int
    parameters: Mapping[str, int | float]
    figures: Mapping[str, float | None] | None = None
    final_equity: str | None = None
    refused: str | None = None
    failed: str | None = None

    @property
    def was_run(self) -> bool:
        """Whether the data were looked at with these parameters: whether it is a trial."""
        return self.refused is None


class HeldPast:
    """A past that is read once and told as often as one likes."""

    def __init__(self, events: Events) -> None:
        self.instruments: Sequence[Instrument] = events.instruments
        self.array = np.concatenate([chunk.copy() for chunk in events])
        self.rows = len(self.array)
        self._events = events

    @property
    def content_hash(self) -> str:
        return self._events.content_hash

    def __iter__(self) -> Iterator[IntArray]:
        yield self.array


class Measuring:
    """Runs one strategy through one past, again and again with other parameters.

    `make` returns its class; it is asked for each point, so that a class whose hooks are ordinary
    Python may be a new one each time and carry nothing from point to point. `terms` are those of
    `research.backtest`: cash, costs, limits and so on.
    """

    def __init__(
        self,
        make: Callable[[], type[Strategy]],
        events: Events,
        *,
        conventions: Conventions = USUAL,
        most_held: int = MOST_HELD,
        **terms: Any,
    ) -> None:
        self._make = make
        self._past: Events = HeldPast(events) if events.rows <= most_held else events
        self._terms = terms
        self._conventions = conventions
        self._shared: FloatArray | None = None

    def measure(self, number: int, parameters: Mapping[str, int | float]) -> Point:
        """Run a point. A strategy that does not take its parameters refuses it."""
        try:
            result = self.run(parameters)
        except CorruptData:
            raise
        except BadInput as error:
            return Point(number, parameters, refused=str(error))
        figures = figures_of(result, self._conventions)
        return Point(number, parameters, figures, str(result.final_equity))

    def run(self, parameters: Mapping[str, int | float]) -> Result:
        """Return the whole result of a point; it is good until the next point is run."""
        return backtest(
            self._strategy(parameters),
            self._past,
            **self._terms,
            conventions=self._conventions,
            bars=self._bars,
            room=self._room,
        )

    def _strategy(self, parameters: Mapping[str, int | float]) -> Strategy:
        strategy = self._make()
        if not (can_share(strategy) and isinstance(self._past, HeldPast)):
            return strategy(**parameters)
        if self._shared is None:
            self._shared = observed(strategy.features, self._past)  # type: ignore[attr-defined]
        made: Strategy = sharing(strategy)(**parameters)
        made.shared = self._shared  # type: ignore[attr-defined]  # what its hook reads
        return made

    @cached_property
    def _room(self) -> IntArray:
        return np.empty((at.CURVE_WIDTH, self._past.rows), np.int64)

    @cached_property
    def _bars(self) -> Sequence[pl.DataFrame] | None:
        if not (has_hook(self._make(), "prepare") and isinstance(self._past, HeldPast)):
            return None
        return bar_frames(self._past.array, self._past.instruments)


def observed(features: Any, past: HeldPast) -> FloatArray:
    """Return what a feature set says at each event: (events, features), NaN where it says none."""
    values = np.full((past.rows, len(features)), np.nan)
    ints, floats = features.state(len(past.instruments))
    units = new_state(past.instruments, cash=Decimal(1)).instruments
    closes = np.empty(past.rows)
    observe_events(features.program, ints, floats, units, past.array, values, closes)
    return values


def figures_of(result: Result, conventions: Conventions = USUAL) -> dict[str, float | None]:
    """Return the numbers that are kept of a point; they are those of `Result.statistics`."""
    told = trading(result.book, result.daily)
    found = _of_returns(result.daily, conventions)
    for name in OBJECTIVES:
        if name not in found:
            found[name] = getattr(told, name)
    return found


def _of_returns(curve: DailyCurve | None, conventions: Conventions) -> dict[str, float | None]:
    """Return what a curve says, without what takes longest to work out: its tails."""
    names = ("sharpe", "sortino", "calmar", "total_return", "cagr", "annual_volatility",
             "max_drawdown", "periods", "periods_per_year")  # fmt: skip
    if curve is None:
        return dict.fromkeys(names)
    per_year = conventions.periods_per_year or curve.periods_per_year
    returns = curve.returns
    excess = returns - conventions.risk_free(per_year) if per_year else np.empty(0)
    grown = ratios.cagr(curve.growth, curve.years)
    return {
        "sharpe": _a_year(ratios.sharpe(excess), per_year),
        "sortino": _a_year(ratios.sortino(excess), per_year),
        "calmar": grown / curve.deepest_fall if grown is not None and curve.deepest_fall else None,
        "total_return": curve.growth - 1.0,
        "cagr": grown,
        "annual_volatility": _a_year(ratios.deviation(returns), per_year),
        "max_drawdown": curve.deepest_fall,
        "periods": len(returns),
        "periods_per_year": per_year,
    }


def _a_year(of_one_period: float | None, per_year: float | None) -> float | None:
    return None if of_one_period is None or not per_year else of_one_period * per_year**0.5
