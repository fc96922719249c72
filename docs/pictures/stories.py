"""What the engine makes of a small market: every record in words, and where it belongs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np

from barque.domain.costs import FREE, CostModels, Costs
from barque.domain.events import EventKind
from barque.domain.instruments import Instrument
from barque.domain.margin import UNLIMITED, Margin
from barque.domain.orders import OrderFlag, OrderState, OrderType, Reason
from barque.domain.rules import USUAL_RULES, Rules
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.risk.limits import NO_LIMITS, Limits
from barque.strategies import Strategy
from docs.pictures.market import ACME, DOLLAR, HOUR, Part, slices
from docs.pictures.words import ENDS, OF_ACCOUNT, WORDS, asked_words, clock

AT_OPEN, INSIDE, AT_CLOSE = 0.2, 0.5, 0.8
"""Where in the width of a bar something happens."""

Asking = Callable[[Strategy], object]
Seen = dict[tuple[int, int, str, bool], float]


def buy(**terms: object) -> Asking:
    """Return what asks to buy ten, on these terms."""
    return lambda strategy: strategy.buy(0, 10, **terms)  # type: ignore[arg-type]


class Asks(Strategy):
    """Asks what it was told to ask, after each slice."""

    def on_start(self) -> None:
        self.slices = 0

    def on_slice(self, ts: int) -> None:
        self.asks.get(self.slices, lambda strategy: None)(self)  # type: ignore[attr-defined]
        self.slices += 1


@dataclass(frozen=True, slots=True)
class Fact:
    """One record: when, about which order, in words, and where a mark belongs."""

    when: str
    order: int
    side: int
    words: str
    x: float
    price: float | None = None
    """At which an order was filled."""
    ends: bool = False
    """Whether its order ended with it."""


@dataclass(slots=True)
class Level:
    """The price of a working order, or its trigger, over time: (from x, to x, price)."""

    order: int
    side: int
    name: str
    waits: bool
    parts: list[tuple[float, float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Story:
    """One run: the market, what was asked and done, and what the account was worth after each."""

    events: IntArray
    edges: IntArray
    """The ts at each whole x."""
    facts: tuple[Fact, ...]
    levels: tuple[Level, ...]
    moments: tuple[float, ...]
    """Where each slice ended."""
    asked: tuple[float, ...]
    arrived: tuple[float, ...]
    accounts: IntArray
    """The account's columns after each slice."""
    instruments: IntArray
    """(slices, instruments, columns)"""
    records: IntArray


def tell(
    parts: Sequence[Part],
    asks: Mapping[int, Asking],
    *,
    rules: Rules = USUAL_RULES,
    costs: Costs | CostModels = FREE,
    margin: Margin = UNLIMITED,
    limits: Limits = NO_LIMITS,
    instruments: Sequence[Instrument] = (ACME,),
    cash: int = 1_000_000,
) -> Story:
    """Let the engine live through a market while a strategy asks, by number of the slice."""
    strategy = Asks()
    strategy.asks = asks  # type: ignore[attr-defined]
    engine = Engine(
        strategy, instruments, cash=Decimal(cash), rules=rules, costs=costs, margin=margin,
        limits=limits,
    )  # fmt: skip
    told, records, accounts, rows = slices(parts), [], [], []
    seen: list[tuple[float, Seen]] = []
    places = _Places(np.concatenate(told))
    for events in told:
        records.append(engine.process(events).records)
        accounts.append(engine.state.account.copy())
        rows.append(engine.state.instruments.copy())
        seen.append((places.x(int(events[-1, at.TS])), _seen(engine)))
    everything = np.concatenate(records)
    facts, asked = _facts(everything, places)
    latency = rules.latency
    return Story(
        events=places.events,
        edges=places.edges,
        facts=tuple(facts),
        levels=tuple(_levels(seen, places.last, facts)),
        moments=tuple(x for x, _ in seen),
        asked=tuple(sorted({places.x(ts) for ts in asked})),
        arrived=tuple(sorted({places.x(ts + latency) for ts in asked})) if latency else (),
        accounts=np.array(accounts),
        instruments=np.array(rows),
        records=everything,
    )


class _Places:
    """Where moments lie: each bar or quote is one wide."""

    def __init__(self, events: IntArray) -> None:
        self.events = events
        shown = events[(events[:, at.KIND] >= EventKind.TRADE) & (events[:, at.KIND] <= 52)]
        starts = np.unique(shown[:, at.START] // HOUR * HOUR)
        self.edges = np.append(starts, starts[-1] + HOUR)
        self.last = float(len(starts))

    def x(self, ts: int) -> float:
        """Return the place of a moment; nights have no width."""
        k = int(np.searchsorted(self.edges, ts, side="right")) - 1
        k = min(k, len(self.edges) - 2)
        return min(k + (ts - int(self.edges[k])) / HOUR, k + 1.0)

    def of(self, record: list[int], ts: int, by_fill: bool) -> tuple[float, str]:
        """Return the place of what happened at `ts`, by the event that caused it, and its time."""
        event = self.events[record[at.RECORD_AT] - 1]
        start, end = int(event[at.START]), int(event[at.TS])
        if start == end or not EventKind.TRADE <= event[at.KIND] <= EventKind.ASK_BAR:
            return self.x(ts), clock(ts)
        k = self.x(start // HOUR * HOUR)
        if ts == start:
            return k + AT_OPEN, clock(start)
        if record[at.RECORD_KIND] in ENDS and not by_fill:
            return self.x(end), clock(end)
        return k + INSIDE, f"{clock(start)[:2]}-{clock(end)[:2]} h"


def _facts(records: IntArray, places: _Places) -> tuple[list[Fact], list[int]]:
    facts: list[Fact] = []
    asked: list[int] = []
    sides: dict[int, int] = {}
    types: dict[int, int] = {}
    last: tuple[int, int] = (-1, 0)  # the event whose fill came last, and its ts
    for record in records.tolist():
        kind, order = record[at.RECORD_KIND], record[at.A0]
        event = places.events[record[at.RECORD_AT] - 1]
        close = int(event[at.TS])
        if kind in (at.ACCEPTED, at.REFUSED):
            sides[order], types[order] = record[at.A2], record[at.A1]
            if not record[at.A5] // 256 & OrderFlag.FORCED:
                asked.append(close)
            facts.append(
                Fact(clock(close), order, sides[order], asked_words(record), places.x(close))
            )
            continue
        if kind in OF_ACCOUNT:
            facts.append(Fact(clock(close), 0, 0, OF_ACCOUNT[kind](record), places.x(close)))
            continue
        if kind not in WORDS:
            continue
        ts = _when(record, event, last)
        x, when = places.of(record, ts, last[0] == record[at.RECORD_AT])
        side = sides[order]
        if kind == at.FILLED:
            last = (record[at.RECORD_AT], ts)
            if types[order] == OrderType.MARKET_ON_CLOSE or facts[-1].words.startswith("asked"):
                at_close = facts[-1].x == places.x(close)
                if at_close or types[order] == OrderType.MARKET_ON_CLOSE:
                    x, when = places.x(close) - 1 + AT_CLOSE, clock(close)
        price = record[at.A3] / DOLLAR if kind == at.FILLED else None
        ends = kind in ENDS or (kind == at.FILLED and record[at.A7] == 0)
        facts.append(Fact(when, order, side, WORDS[kind](record), x, price, ends))
    return facts, asked


def _when(record: list[int], event: IntArray, last: tuple[int, int]) -> int:
    """Return when a record's change happened."""
    kind, reason = record[at.RECORD_KIND], record[at.A1]
    if kind == at.FILLED:
        return int(record[at.A6])
    if kind in (at.TRIGGERED, at.RELEASED):
        return int(record[at.A2])
    if last[0] == record[at.RECORD_AT] and reason != Reason.SESSION_END:
        return last[1]
    if kind == at.CANCELED and reason == Reason.UNFILLED:
        return int(event[at.START])
    return int(event[at.TS])


def _seen(engine: Engine) -> Seen:
    """Return the prices at which orders work now, by (order, side, name, does it wait)."""
    found = {}
    for row in engine.state.orders[engine.state.orders[:, at.ORDER_ID] > 0].tolist():
        waits = row[at.ORDER_STATE] == OrderState.WAITING
        for name, price in _prices(row):
            found[row[at.ORDER_ID], row[at.SIDE], name, waits] = price / DOLLAR
    return found


def _prices(row: list[int]) -> list[tuple[str, int]]:
    kind, price, trigger = row[at.ORDER_TYPE], row[at.PRICE], row[at.TRIGGER]
    names = {
        OrderType.LIMIT: "limit",
        OrderType.STOP: "stop",
        OrderType.TRAILING_STOP: "trail",
        OrderType.MARKET_IF_TOUCHED: "if touched",
    }
    if kind in names:
        return [(names[OrderType(kind)], price)] if price else []
    if kind in (OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED):
        word = "stop" if kind == OrderType.STOP_LIMIT else "if touched"
        return [("limit", price)] + ([(word, trigger)] if trigger else [])
    return []


def _levels(seen: Sequence[tuple[float, Seen]], end: float, facts: Sequence[Fact]) -> list[Level]:
    """Return the lines of orders; each ends where its order did."""
    ends = {fact.order: fact.x for fact in facts if fact.ends}
    places = [*(x for x, _ in seen[1:]), end]
    levels: dict[tuple[int, int, str, bool], Level] = {}
    for (x, prices), following in zip(seen, places, strict=True):
        for key, price in prices.items():
            till = min(following, ends.get(key[0], end))
            if till > x:
                levels.setdefault(key, Level(*key)).parts.append((x, till, price))
    return list(levels.values())
