"""Decides with a strategy in plain Python, and lets the account lag behind where nobody looks.

Between requests, with no order at work, an account only marks to market. So the bars are told to
the strategy one by one, and the compiled engine catches up in one call when the strategy asks for
something or looks at its equity, or when an event could change its position. The result is the
same as if the engine had been called at each bar.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from barque.domain.events import Bar, EventFlag, EventKind
from barque.domain.instruments import Instrument
from barque.engine.loop import advance, judge, recall_decisions, recall_event
from barque.engine.state import State
from barque.engine.step import end_slice
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.strategies.strategy import Strategy

BAR = int(EventKind.BAR)
SPLIT = int(EventKind.SPLIT)
ENDS_SLICE = int(EventFlag.ENDS_SLICE)
PRICES = (at.OPEN, at.HIGH, at.LOW, at.CLOSE)


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
        self._on_bar = getattr(strategy, "on_bar", _ignore)
        self._on_slice: Any = getattr(strategy, "on_slice", None)
        self._look_now("equity")
        self._look_now("last")

    def replay(self, events: IntArray) -> None:
        """Tell the strategy each event, and judge what it asks for."""
        self._events, self._done = events, 0
        account, on_bar = self._account, self._on_bar
        quiet = account[at.WORKING_ORDERS] == 0
        rows = zip(self._bars(), self._is_action(), self._ends_slice(), strict=True)
        for t, (bar, action, ends) in enumerate(rows):
            self._seen = t + 1
            if action or not quiet:
                self._catch_up()
                quiet = account[at.WORKING_ORDERS] == 0
            if action:
                self._tell_action(t)
            else:
                on_bar(bar)
            if ends:
                self._on_slice(bar.ts)
            if account[at.REQUEST_COUNT]:
                self._judge()
                quiet = account[at.WORKING_ORDERS] == 0
        self._seen = len(events)
        self._catch_up()

    def recall(self, events: IntArray, facts: IntArray) -> int:
        """Tell the strategy each event again; what is known to have followed follows."""
        s = self._state
        self._events, self._done = events, 0
        k = 0
        for t, (bar, action, ends) in enumerate(
            zip(self._bars(), self._is_action(), self._ends_slice(), strict=True)
        ):
            self._seen = self._done = t + 1
            k = recall_event(s.account, s.instruments, s.orders, facts, k, events, t)
            if events[t, at.FLAGS] & ENDS_SLICE:
                end_slice(s.account, s.curve)
            if action:
                self._tell_action(t)
            else:
                self._on_bar(bar)
            if ends:
                self._on_slice(bar.ts)
            k = recall_decisions(s.account, s.instruments, s.orders, facts, k)
        return k

    def _bars(self) -> Iterable[Bar]:
        """Yield each event as a bar in whole units."""
        events, rules = self._events, self._state.instruments
        which = events[:, at.INSTRUMENT]
        price_scale, quantity_scale = rules[which, at.PRICE_SCALE], rules[which, at.QUANTITY_SCALE]
        columns = [events[:, at.TS], events[:, at.START], which]
        columns += [events[:, column] / price_scale for column in PRICES]
        columns += [events[:, at.VOLUME] / quantity_scale, events[:, at.CLOSE]]
        return map(partial(tuple.__new__, Bar), zip(*(c.tolist() for c in columns), strict=True))

    def _is_action(self) -> list[bool]:
        """Return for each event whether it is something else than a bar."""
        actions: list[bool] = (self._events[:, at.KIND] != BAR).tolist()
        return actions

    def _ends_slice(self) -> list[bool]:
        """Return for each event whether `on_slice` follows it."""
        if self._on_slice is None:
            return [False] * len(self._events)
        ends: list[bool] = ((self._events[:, at.FLAGS] & ENDS_SLICE) != 0).tolist()
        return ends

    def _tell_action(self, t: int) -> None:
        event = self._events[t].tolist()
        if event[at.KIND] == SPLIT and hasattr(self._strategy, "on_split"):
            self._strategy.on_split(event[at.INSTRUMENT], event[at.SPLIT_NEW], event[at.SPLIT_OLD])
        elif event[at.KIND] != SPLIT and hasattr(self._strategy, "on_dividend"):
            amount = event[at.DIVIDEND_AMOUNT] / self._strategy._cash_scale
            self._strategy.on_dividend(event[at.INSTRUMENT], amount)

    def _judge(self) -> None:
        self._catch_up()
        s = self._state
        if not s.has_room():
            s.spill()
        judge(s.account, s.instruments, s.orders, s.requests, s.records)

    def _catch_up(self) -> None:
        """Bring the account to where the strategy is."""
        s = self._state
        while self._done < self._seen:
            self._done = advance(
                s.account, s.instruments, s.orders, s.requests, s.records, s.fills, s.curve,
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


def _ignore(bar: Bar) -> None:
    """A strategy that does not look at bars."""
