"""An account and the strategy that decides for it: a chunk of events in, what it caused out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from barque.domain.costs import FREE, CostModels, Costs
from barque.domain.instruments import Instrument
from barque.domain.margin import UNLIMITED, Margin
from barque.domain.rules import USUAL_RULES, Rules
from barque.engine.compiled import CompiledDecider
from barque.engine.plain import PlainDecider
from barque.engine.state import new_state
from barque.engine.terms import Cash
from barque.kernels.arrays import IntArray
from barque.kernels.layout import CURVE_WIDTH
from barque.risk.limits import NO_LIMITS, Limits
from barque.strategies.strategy import Strategy


class Decider(Protocol):
    """Runs events through an account and lets a strategy decide after each."""

    def replay(self, events: IntArray) -> None:
        """Take in events; what they caused stands in the account's records and curve."""

    def recall(self, events: IntArray, facts: IntArray) -> int:
        """Take in events whose records are known; return how many records were used."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a chunk of events caused: journal records and one equity row (CURVE_WIDTH) a slice."""

    records: IntArray
    curve: IntArray


class Engine:
    """One account, one strategy, one life. No I/O, no clock, no chance."""

    def __init__(
        self,
        strategy: Strategy,
        instruments: Sequence[Instrument],
        *,
        cash: Cash,
        costs: Costs | CostModels = FREE,
        limits: Limits = NO_LIMITS,
        margin: Margin = UNLIMITED,
        currency: str | None = None,
        rules: Rules = USUAL_RULES,
    ) -> None:
        self.strategy = strategy
        self.instruments = tuple(instruments)
        self.state = new_state(
            instruments,
            cash=cash,
            costs=costs,
            limits=limits,
            margin=margin,
            currency=currency,
            rules=rules,
        )
        kind = CompiledDecider if strategy.is_compiled else PlainDecider
        self._decider: Decider = kind(strategy, self.state, self.instruments)

    def process(self, events: IntArray, curve: IntArray | None = None, slices: int = 0) -> Outcome:
        """Take in a chunk of events (n, EVENT_WIDTH) that ends with a slice.

        The equity is written into `curve` (CURVE_WIDTH, at least `slices` + n) if it is given,
        after the `slices` that are in it.
        """
        written = self.see(events, _room_for(events) if curve is None else curve, slices)
        return Outcome(self.state.take_records(), written)

    def see(self, events: IntArray, curve: IntArray, slices: int = 0) -> IntArray:
        """Take in a chunk as `process` does, and return its equity; the records stay in the state.

        For a run that is read only when it is over: a record is not copied again and again.
        """
        self.state.write_curve_to(curve, slices)
        self._decider.replay(_as_kernels_take_it(events))
        return self.state.written_curve(slices)

    def recall(self, events: IntArray, facts: IntArray) -> IntArray:
        """Live through events again with the records they are known to have caused.

        The strategy sees everything and remembers it; what it would ask for today is ignored, so
        a new version or model never strands an account. Returns the equity curve.
        """
        events, facts = _as_kernels_take_it(events), _as_kernels_take_it(facts)
        self.state.write_curve_to(_room_for(events), 0)
        used = self._decider.recall(events, facts)
        assert used == len(facts), f"{len(facts) - used} journal records belong to no event"
        return self.state.written_curve(0)


def _room_for(events: IntArray) -> IntArray:
    """Return room for the equity of every slice that the events can hold."""
    return np.empty((CURVE_WIDTH, len(events)), np.int64)


def _as_kernels_take_it(rows: IntArray) -> IntArray:
    """Return rows contiguous and writeable: any other array would be compiled for again."""
    taken: IntArray = np.require(rows, np.int64, ["C", "W"])
    return taken
