"""Bars that are built while the market is told: by time, ticks, volume, value, or bricks.

A bar is built from *pieces* of one instrument: its trades, the middles of its quotes, or smaller
bars. The rules:

* A piece is never divided. What goes beyond the size of a bar stays in the bar that it closes,
  and the next one begins from nothing.
* Time bars lie on the clock of UTC, in multiples of their period; `1d` is a session of the
  instrument's calendar. A tick belongs to the bar that begins at its ts or before; a smaller bar
  to the one that ends at its close or after. A bar is told when its time is over, by whichever
  event comes next, and bears the time at which it was over.
* No time bar goes across the open or the close of a session: the last of a session is cut short.
  What happens outside of sessions is left out, unless `outside`: then it makes bars of its own.
* A stretch of time in which nothing happened makes no bar. Nothing is filled in.
* Bars of ticks, volume or value close with the piece that reaches their size, at its ts; they know
  neither clock nor session. The middle of a quote has no volume, so they cannot be built from it,
  except by ticks. The value of a smaller bar is its volume at its close.
* Renko bricks lie on multiples of their size, the first at or below the first price. A brick is
  laid when the price is a whole size beyond the last one: so a turn takes two. One piece may lay
  many; the first of them has all the volume since the last, and those after it have none. Of a
  smaller bar only the close counts.
* The bar that is being built when the data ends is not told; `unfinished` shows it.

Orders meet the pieces, never what was built of them: a built bar is an event of its own kind that
only strategies see, in `on_built_bar`, or in `on_bar` where they have no such hook.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import numpy as np

from barque.data.sessions import DAILY, DAY, IntArray, period_length, session_spans
from barque.domain.errors import BadInput, CorruptData
from barque.domain.events import EventKind
from barque.domain.instruments import Instrument, cash_units
from barque.kernels import bar_building as at
from barque.kernels.layout import EVENT_WIDTH, INSTRUMENT, TS

PIECES = {"trade": EventKind.TRADE, "quote": EventKind.QUOTE, "bar": EventKind.BAR}
"""What bars may be built of."""

AROUND = 40 * DAY
"""Sessions are known so far before and after the events: no market is closed for so long."""

ROOM = 1_024
"""Bars that are written at once."""

NO_SESSIONS = np.empty(0, np.int64), np.empty(0, np.int64)


class BarRule(Protocol):
    """How bars are cut, out of what (`of`), and of which instrument; None stands for all."""

    @property
    def of(self) -> str: ...

    @property
    def instrument(self) -> str | None: ...

    def cut(self, instrument: Instrument) -> tuple[int, int]:
        """Return the sort of cut (`kernels.bar_building`) and the size of a bar in its units."""


@dataclass(frozen=True, slots=True)
class TimeBars:
    """A bar for each `period`, such as 5m, 1h or 1d, in which something happened."""

    period: str
    of: str = "trade"
    instrument: str | None = None
    outside: bool = False

    def cut(self, instrument: Instrument) -> tuple[int, int]:
        if self.period == DAILY:
            if self.outside:
                raise BadInput("A bar of 1d is a session; nothing outside of it can be in it.")
            return at.BY_TIME, 0
        return at.BY_TIME, period_length(self.period)


@dataclass(frozen=True, slots=True)
class TickBars:
    """A bar for each `count` of pieces."""

    count: int
    of: str = "trade"
    instrument: str | None = None

    def cut(self, instrument: Instrument) -> tuple[int, int]:
        return at.BY_TICKS, _positive("count", self.count)


@dataclass(frozen=True, slots=True)
class VolumeBars:
    """A bar each time that `quantity` was traded."""

    quantity: Decimal
    of: str = "trade"
    instrument: str | None = None

    def cut(self, instrument: Instrument) -> tuple[int, int]:
        _with_volume(self.of)
        return at.BY_VOLUME, _positive("quantity", instrument.quantity_units(self.quantity))


@dataclass(frozen=True, slots=True)
class DollarBars:
    """A bar each time that `amount` changed hands, in the currency of the instrument."""

    amount: Decimal
    of: str = "trade"
    instrument: str | None = None

    def cut(self, instrument: Instrument) -> tuple[int, int]:
        _with_volume(self.of)
        return at.BY_VALUE, _positive("amount", cash_units(self.amount, instrument.currency))


@dataclass(frozen=True, slots=True)
class RenkoBars:
    """A brick each time that the price is `size` beyond the last one."""

    size: Decimal
    of: str = "trade"
    instrument: str | None = None

    def cut(self, instrument: Instrument) -> tuple[int, int]:
        return at.BY_BRICKS, _positive("size", instrument.price_units(self.size))


class BarBuilder:
    """Builds the bars of one instrument by one rule, some events at a time.

    However the events are divided, the bars are the same. `index` is the instrument's index in
    the run, `number` that of the rule.
    """

    def __init__(
        self, instrument: Instrument, rule: BarRule, *, index: int = 0, number: int = 0
    ) -> None:
        if rule.of not in PIECES:
            raise BadInput(f"Bars cannot be built of {rule.of!r}; choose {', '.join(PIECES)}.")
        cut, size = rule.cut(instrument)
        self._instrument = instrument
        self._rule = np.zeros(at.RULE_WIDTH, np.int64)
        self._rule[at.RULE_CUT], self._rule[at.RULE_SIZE] = cut, size
        self._rule[at.RULE_FROM] = PIECES[rule.of]
        self._rule[at.RULE_INSTRUMENT], self._rule[at.RULE_NUMBER] = index, number
        self._rule[at.RULE_MULTIPLIER] = instrument.multiplier
        self._rule[at.RULE_DIVISOR] = 10**instrument.notional_digits
        self._rule[at.RULE_IN_SESSION] = not getattr(rule, "outside", False)
        self._state = np.zeros(at.STATE_WIDTH, np.int64)
        self._sessions, self._known_until = NO_SESSIONS, at.BEFORE_EVERYTHING
        self._rows = np.empty((ROOM, EVENT_WIDTH), np.int64)

    def add(self, events: IntArray) -> IntArray:
        """Take events (n, EVENT_WIDTH) in their order; return the bars that they finish."""
        if not len(events):
            return self._rows[:0].copy()
        self._know_sessions(int(events[0, TS]), int(events[-1, TS]))
        parts: list[IntArray] = []
        done, filled = 0, len(self._rows)
        while done < len(events) or filled == len(self._rows):
            done, filled = at.build(
                self._rule, self._state, *self._sessions, events, done, self._rows
            )
            parts.append(self._rows[:filled].copy())
        if self._state[at.TOO_LARGE]:
            raise CorruptData(
                f"A bar of {self._instrument.id} that began at "
                f"{np.datetime64(int(self._state[at.BEGAN]), 'ns')} UTC has more volume or value "
                "than can be counted. Choose coarser units, or smaller bars."
            )
        return np.concatenate(parts)

    def until(self, ts: int) -> IntArray:
        """Return the bar that is over at `ts`, when all events up to `ts` were added; or none."""
        filled = at.close_by(self._rule, self._state, ts, self._rows, 0)
        return self._rows[:filled].copy()

    def unfinished(self) -> IntArray:
        """Return the bar that is being built, as it stands; or none."""
        if not self._state[at.PIECES]:
            return self._rows[:0].copy()
        at.write_bar(self._rule, self._state.copy(), self._state[at.SEEN], self._rows, 0)
        return self._rows[:1].copy()

    def _know_sessions(self, first: int, last: int) -> None:
        """Know the sessions around some events, if this builder cares for sessions."""
        if self._rule[at.RULE_CUT] != at.BY_TIME or last + AROUND // 2 <= self._known_until:
            return
        self._known_until = last + AROUND
        self._sessions = session_spans(self._instrument.calendar, first - AROUND, self._known_until)
        self._state[at.SESSION] = 0


def build_bars(
    events: Iterable[IntArray], instrument: Instrument, rule: BarRule, *, index: int = 0
) -> IntArray:
    """Return the bars that a whole history makes, as rows of the event layout.

    `events` are its chunks, as an `EventStream` yields them; a single array stands in a list.
    """
    builder = BarBuilder(instrument, rule, index=index)
    parts = [part for chunk in events for part in _built_of(builder, chunk)]
    return np.concatenate([np.empty((0, EVENT_WIDTH), np.int64), *parts])


def told_between(
    chunks: Iterable[IntArray], instruments: Sequence[Instrument], rules: Sequence[BarRule]
) -> Iterator[IntArray]:
    """Yield chunks of events with the bars that are built of them, in the total order.

    Bars of one ts are told in the order of instruments, then rules.
    """
    builders = _builders(instruments, rules)
    for chunk in chunks:
        parts = [part for builder in builders for part in _built_of(builder, chunk)]
        built = np.concatenate(parts)
        built = built[np.lexsort((built[:, INSTRUMENT], built[:, TS]))]
        told = np.empty((len(chunk) + len(built), EVENT_WIDTH), np.int64)
        at.weave(chunk, built, told)
        yield told


def _built_of(builder: BarBuilder, chunk: IntArray) -> tuple[IntArray, IntArray]:
    return builder.add(chunk), builder.until(int(chunk[-1, TS]))


def _builders(instruments: Sequence[Instrument], rules: Sequence[BarRule]) -> list[BarBuilder]:
    known = {instrument.id for instrument in instruments}
    for rule in rules:
        if rule.instrument is not None and rule.instrument not in known:
            raise BadInput(f"{rule} is for {rule.instrument}, which is not in this run.")
    return [
        BarBuilder(instrument, rule, index=index, number=number)
        for index, instrument in enumerate(instruments)
        for number, rule in enumerate(rules)
        if rule.instrument in (None, instrument.id)
    ]


def _positive(what: str, size: int) -> int:
    if size < 1:
        raise BadInput(f"The {what} of a bar is {size} units; at least one is required.")
    return size


def _with_volume(of: str) -> None:
    if of == "quote":
        raise BadInput("Quotes have no volume; build such bars of trades or of smaller bars.")
