"""Decides with a strategy in plain Python, and lets the account lag behind where nobody looks.

Between requests, with no order at work, an account only marks to market. So what the market shows
is told to the strategy event by event, and the compiled engine catches up in one call when the
strategy asks for something or looks at its equity, or when an event could change its position.
The result is the same as if the engine had been called at each event. An account that is watched
(limits on losses, margin, several currencies) may change at any event and does not lag.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from barque.domain.instruments import Instrument
from barque.engine.loop import advance, judge, recall_decisions, recall_event
from barque.engine.state import State
from barque.engine.step import correct_slice, end_slice
from barque.engine.telling import ENDS_SLICE, Telling
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.strategies.strategy import Strategy


class PlainDecider:
    """Runs a strategy whose hooks are ordinary Python."""

    def __init__(self, strategy: Strategy, state: State, instruments: Sequence[Instrument]) -> None:
        self._strategy, self._state = strategy, state
        self._account = memoryview(state.account)  # type: ignore[arg-type]  # it is a buffer
        self._events, self._done, self._seen = np.empty((0, at.EVENT_WIDTH), np.int64), 0, 0
        # Memory views hand out Python integers, four times faster than NumPy's scalars.
        rules: Any = memoryview(state.instruments)  # type: ignore[arg-type]  # it is a buffer
        requests: Any = memoryview(state.requests)  # type: ignore[arg-type]  # it is a buffer
        strategy.bind(self._account, rules, requests, instruments)
        self._telling = Telling(strategy, state.instruments)
        self._on_slice: Any = getattr(strategy, "on_slice", None)
        self._look_now("equity")
        self._look_now("last")
        self._look_now("margin_free")
        self._look_now("rate")

    def replay(self, events: IntArray) -> None:
        """Tell the strategy each event, and judge what it asks for."""
        self._events, self._done = events, 0
        account, quiet = self._account, self._is_quiet()
        for t, (hook, told, stop, slice_ts) in enumerate(self._telling.of(events)):
            self._seen = t + 1
            if stop or not quiet:
                self._catch_up()
                quiet = self._is_quiet()
            hook(told)
            if slice_ts is not None:
                self._on_slice(slice_ts)
            if account[at.REQUEST_COUNT]:
                self._judge()
                quiet = self._is_quiet()
        self._seen = len(events)
        self._catch_up()

    def recall(self, events: IntArray, facts: IntArray) -> int:
        """Tell the strategy each event again; what is known to have followed follows."""
        s = self._state
        self._events, self._done = events, 0
        k = 0
        for t, (hook, told, _, slice_ts) in enumerate(self._telling.of(events)):
            self._seen = self._done = t + 1
            k = recall_event(s.account, s.instruments, s.orders, facts, k, events, t)
            if events[t, at.FLAGS] & ENDS_SLICE:
                end_slice(s.account, s.curve)
            hook(told)
            if slice_ts is not None:
                self._on_slice(slice_ts)
            k = recall_decisions(s.account, s.instruments, s.orders, facts, k)
            correct_slice(s.account, s.curve, events[t, at.FLAGS])
        return k

    def _is_quiet(self) -> bool:
        """Return whether the account would only mark to what the market shows."""
        return bool(self._account[at.WORKING_ORDERS] == self._account[at.WATCHED] == 0)

    def _judge(self) -> None:
        self._catch_up()
        s = self._state
        if not s.has_room():
            s.spill()
        judge(s.account, s.instruments, s.orders, s.requests, s.records)
        correct_slice(s.account, s.curve, self._events[self._seen - 1, at.FLAGS])

    def _catch_up(self) -> None:
        """Bring the account to where the strategy is."""
        s = self._state
        while self._done < self._seen:
            self._done = advance(
                s.account, s.instruments, s.orders, s.requests, s.records, s.offer, s.curve,
                self._events, self._done, self._seen,
            )  # fmt: skip
            if self._done < self._seen:
                s.spill()

    def _look_now(self, view: str) -> None:
        """Let a view of the strategy see the account as it is now, not as it was."""
        look = getattr(self._strategy, view)

        def look_now(*args: Any) -> Any:
            self._catch_up()
            return look(*args)

        setattr(self._strategy, view, look_now)
