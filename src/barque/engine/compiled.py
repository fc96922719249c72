"""Decides with a compiled strategy: a whole chunk of events is one call into machine code."""

from collections.abc import Sequence

from barque.domain.instruments import Instrument
from barque.engine.loop import compiled_loops
from barque.engine.state import State
from barque.kernels.arrays import IntArray
from barque.strategies.strategy import Strategy


class CompiledDecider:
    """Runs a strategy whose hooks are machine code."""

    def __init__(self, strategy: Strategy, state: State, instruments: Sequence[Instrument]) -> None:
        self._strategy, self._state = strategy, state
        strategy.bind(state.account, state.instruments, state.requests, instruments)
        self._loops = compiled_loops(strategy)

    def replay(self, events: IntArray) -> None:
        """Run the events through the strategy's own compiled loop."""
        s, layout = self._state, self._loops.layout
        ints, floats, arrays = layout.read(self._strategy)
        done = 0
        while done < len(events):
            done = self._loops.replay(
                s.account, s.instruments, s.orders, s.requests, s.records, s.offer, s.curve,
                events, done, ints, floats, arrays,
            )  # fmt: skip
            if done < len(events):
                s.spill()
        layout.write(self._strategy, ints, floats)

    def recall(self, events: IntArray, facts: IntArray) -> int:
        """Run known events and records through the strategy's compiled memory."""
        s, layout = self._state, self._loops.layout
        ints, floats, arrays = layout.read(self._strategy)
        used: int = self._loops.recall(
            s.account, s.instruments, s.orders, facts, s.curve, events, ints, floats, arrays
        )
        layout.write(self._strategy, ints, floats)
        return used
