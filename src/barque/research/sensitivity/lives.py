"""The same past lived again by other terms: all scenarios in one walk, nothing kept but days."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from barque.domain.events import EventFlag
from barque.domain.instruments import Instrument
from barque.engine.engine import Engine
from barque.engine.state import new_state
from barque.kernels import layout as at
from barque.kernels.arrays import FloatArray, IntArray
from barque.research.sensitivity.decisions import Asker, Decisions
from barque.research.sensitivity.scenarios import Scenario
from barque.research.statistics.curve import DAY, YEAR
from barque.strategies.strategy import Strategy

ENDS_SLICE = int(EventFlag.ENDS_SLICE)

Process = Callable[[IntArray, IntArray], tuple[IntArray, IntArray]]
"""Takes in a chunk and room for its equity; returns its records and its equity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a scenario came to. Equity in cash units; `closes` are those of the UTC days."""

    final: int | None
    closes: FloatArray
    lowest: float
    years: float
    fills: int

    @property
    def returns(self) -> FloatArray:
        """Returns between the ends of days; none of an account that was worth nothing."""
        if self.lowest <= 0 or len(self.closes) < 2:
            return np.empty(0)
        returns: FloatArray = self.closes[1:] / self.closes[:-1] - 1.0
        return returns


class Walk:
    """A walk through the past: where its UTC days end, which is the same for every life."""

    def __init__(self) -> None:
        self.start: int | None = None
        self.end = 0
        self.ends: IntArray = np.empty(0, np.int64)
        self.goes_on = False

    def see(self, events: IntArray) -> None:
        """Note of a chunk which of its slices end a day, and whether it begins within one."""
        ts = events[(events[:, at.FLAGS] & ENDS_SLICE) != 0, at.TS]
        days = ts // DAY
        self.ends = np.flatnonzero(np.append(days[1:] != days[:-1], True))
        self.goes_on = self.start is not None and self.end // DAY == days[0]
        self.start = int(ts[0]) if self.start is None else self.start
        self.end = int(ts[-1])

    @property
    def years(self) -> float:
        """Years of 365.25 days from the first slice to the last."""
        return 0.0 if self.start is None else (self.end - self.start) / YEAR


class Life:
    """One scenario on its way through the past."""

    def __init__(
        self,
        scenario: Scenario,
        instruments: Sequence[Instrument],
        decides: Strategy | Decisions,
        walk: Walk,
    ) -> None:
        self.scenario = scenario
        self._process = _process(scenario, instruments, decides)
        self._walk = walk
        self._closes: list[IntArray] = []
        self._fills = 0
        self._lowest = np.inf

    def live(self, events: IntArray, curve: IntArray) -> None:
        """Take in a chunk that ends with a slice; `curve` has room for its equity."""
        records, written = self._process(events, curve)
        equity = written[:, at.CURVE_EQUITY]
        self._fills += int((records[:, at.RECORD_KIND] == at.FILLED).sum())
        self._lowest = min(self._lowest, int(equity.min()))
        if self._walk.goes_on:  # what ended the last chunk did not end its day
            self._closes[-1] = self._closes[-1][:-1]
        self._closes.append(equity[self._walk.ends])

    def found(self) -> Found:
        """Return what it came to."""
        closes = np.concatenate(self._closes) if self._closes else np.empty(0, np.int64)
        return Found(
            final=int(closes[-1]) if len(closes) else None,
            closes=closes.astype(np.float64),
            lowest=float(self._lowest),
            years=self._walk.years,
            fills=self._fills,
        )


def _process(
    scenario: Scenario, instruments: Sequence[Instrument], decides: Strategy | Decisions
) -> Process:
    if isinstance(decides, Decisions):
        state = new_state(instruments, **scenario.terms.arguments)
        scenario.change(state)
        return Asker(decides, state).process
    engine = Engine(decides, instruments, **scenario.terms.arguments)
    scenario.change(engine.state)

    def process(events: IntArray, curve: IntArray) -> tuple[IntArray, IntArray]:
        outcome = engine.process(events, curve)
        return outcome.records, outcome.curve

    return process
