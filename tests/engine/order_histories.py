"""Random markets of every kind of price and random traders who ask for every kind of order."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random

import numpy as np
from hypothesis import strategies as st

from barque.domain.events import SESSION_CLOSE, EventFlag, EventKind
from barque.domain.instruments import Instrument, InstrumentKind
from barque.domain.orders import FillTime, OrderFlag, OrderType, Side, TimeInForce
from barque.domain.rules import Rules
from barque.kernels import layout as at
from barque.strategies import Strategy, compiled

TICK, LOT, STEP = 2, 3, 100
INSTRUMENT = Instrument(
    id="TEST.SIM", kind=InstrumentKind.EQUITY, currency="USD", price_digits=8, quantity_digits=0,
    tick=Decimal("0.00000002"), lot=Decimal(LOT),
)  # fmt: skip
BARS = [EventKind.BAR] * 4
MIXED = [EventKind.BAR, EventKind.TRADE, EventKind.QUOTE, EventKind.BID_BAR]
GROUPED = OrderFlag.WAITS | OrderFlag.ONE_CANCELS_OTHERS


@dataclass(frozen=True)
class OrderHistory:
    events: np.ndarray
    script: list[list[list[int]]]
    rules: Rules

    @property
    def requests(self) -> np.ndarray:
        rows = [row for asked in self.script for row in asked]
        return np.array(rows, np.int64).reshape(-1, at.REQUEST_WIDTH)

    @property
    def begins(self) -> np.ndarray:
        return np.cumsum([0, *map(len, self.script)]).astype(np.int64)


class Asking(Strategy):
    """Asks what a script says after each slice. Ids in the script count back from the own one."""

    def on_start(self):
        self.slices = 0
        self.rows = np.zeros((0, at.REQUEST_WIDTH), np.int64)
        self.begins = np.zeros(0, np.int64)

    def on_slice(self, ts):
        if self.slices + 1 < self.begins.shape[0]:
            for r in range(self.begins[self.slices], self.begins[self.slices + 1]):
                self.ask(r)
        self.slices += 1

    def ask(self, r):
        k = self._account[at.REQUEST_COUNT]
        for column in range(at.REQUEST_WIDTH):
            self._requests[k, column] = self.rows[r, column]
        own = self._account[at.NEXT_ORDER_ID] + k
        self._requests[k, at.REQUEST_ORDER_ID] = own - self.rows[r, at.REQUEST_ORDER_ID]
        if self.rows[r, at.REQUEST_GROUP] != 0:
            self._requests[k, at.REQUEST_GROUP] = own - self.rows[r, at.REQUEST_GROUP]
        self._account[at.REQUEST_COUNT] = k + 1


@compiled
class CompiledAsking(Asking):
    """The same, as machine code."""


def asking(kind: type[Asking], history: OrderHistory) -> Asking:
    strategy = kind()
    strategy.on_start = lambda: _script(strategy, history)
    return strategy


def _script(strategy: Asking, history: OrderHistory) -> None:
    strategy.slices = 0
    strategy.rows, strategy.begins = history.requests, history.begins


rules = st.builds(
    Rules,
    fill_time=st.sampled_from([FillTime.NEXT_OPEN, FillTime.NEXT_OPEN, FillTime.NEXT_QUOTE]),
    latency=st.sampled_from([0, 0, 0, 1, STEP, 3 * STEP // 2]),
    touch_fills=st.booleans(),
    stop_first=st.booleans(),
    participation=st.sampled_from([None, None, Decimal("0.3"), Decimal(1)]),
) | st.builds(
    Rules,
    fill_time=st.just(FillTime.SAME_CLOSE),
    participation=st.sampled_from([None, Decimal("0.5")]),
)


def order_histories():
    seeds, lengths = st.integers(0, 2**32), st.integers(2, 30)
    return st.builds(order_history, seeds, lengths, rules, st.sampled_from([BARS, MIXED]))


def order_history(seed: int, length: int, rules: Rules, kinds: list[EventKind]) -> OrderHistory:
    """Draw from one seed: a shorter history is the beginning of the longer one."""
    rng = Random(seed)
    rows, script, price = [], [], 60
    for step in range(length):
        ts = (step + 1) * STEP
        kind = rng.choice(kinds)
        price = max(12, price + rng.randint(-6, 6))
        if kind == EventKind.BID_BAR:
            rows.append(_bar(rng, kind, ts, price))
            rows.append(_bar(rng, EventKind.ASK_BAR, ts, price + rng.randint(0, 3)))
            if rng.random() < 0.1:
                missing = rng.choice(rows[-2:])  # nobody quoted that side
                missing[at.OPEN : at.VOLUME + 1] = [0] * 5
            rows[-2][at.FLAGS] = 0  # the ask side ends the session for both
        elif kind == EventKind.BAR:
            rows.append(_bar(rng, kind, ts, price))
        else:
            rows.append(_tick(rng, kind, ts, price))
        if rng.random() < 0.05:
            rows.append(_clock(ts))
        rows[-1][at.FLAGS] |= EventFlag.ENDS_SLICE
        script.append([_request(rng, price, ts) for _ in range(rng.choice([0, 1, 1, 2, 3, 5]))])
    return OrderHistory(np.array(rows, np.int64), script, rules)


def _bar(rng: Random, kind: EventKind, ts: int, price: int) -> list[int]:
    row = [0] * at.EVENT_WIDTH
    row[at.TS], row[at.START], row[at.KIND] = ts, ts - STEP, int(kind)
    prices = sorted(max(1, price + rng.randint(-7, 7)) for _ in range(4))
    row[at.LOW], row[at.HIGH] = prices[0], prices[3]
    row[at.OPEN], row[at.CLOSE] = rng.choice(prices), rng.choice(prices)
    row[at.VOLUME] = rng.choice([0, 10, 40, 200])
    row[at.FLAGS] = int(EventFlag.ENDS_SESSION) if rng.random() < 0.3 else 0
    return row


def _tick(rng: Random, kind: EventKind, ts: int, price: int) -> list[int]:
    row = [0] * at.EVENT_WIDTH
    row[at.TS], row[at.START], row[at.KIND] = ts, ts, int(kind)
    row[at.FLAGS] = int(EventFlag.ENDS_SESSION) if rng.random() < 0.2 else 0
    if kind == EventKind.TRADE:
        row[at.OPEN] = row[at.HIGH] = row[at.LOW] = row[at.CLOSE] = price
        row[at.VOLUME] = rng.choice([1, 10, 40])
        return row
    row[at.QUOTE_BID], row[at.QUOTE_ASK] = price, price + rng.randint(0, 3)
    row[at.QUOTE_BID_SIZE] = rng.choice([0, 5, 20, 200])
    row[at.QUOTE_ASK_SIZE] = rng.choice([0, 5, 20, 200])
    return row


def _clock(ts: int) -> list[int]:
    """A clock ends the session where no price does."""
    row = [0] * at.EVENT_WIDTH
    row[at.TS], row[at.START], row[at.KIND] = ts, ts - 1, int(EventKind.TIMER)
    row[at.TIMER_ID], row[at.FLAGS] = SESSION_CLOSE, int(EventFlag.ENDS_SESSION)
    return row


def _request(rng: Random, price: int, ts: int) -> list[int]:
    row = [0] * at.REQUEST_WIDTH
    row[at.REQUEST_KIND] = rng.choice([at.SUBMIT] * 8 + [at.CANCEL, at.AMEND, at.AMEND])
    near = (price + rng.randint(-8, 8)) // TICK * TICK
    row[at.REQUEST_PRICE] = near + (rng.random() < 0.03)
    row[at.REQUEST_TRIGGER] = (price + rng.randint(-8, 8)) // TICK * TICK + (rng.random() < 0.03)
    row[at.REQUEST_QUANTITY] = rng.randint(0, 12) * LOT + (rng.random() < 0.03)
    if row[at.REQUEST_KIND] != at.SUBMIT:
        row[at.REQUEST_ORDER_ID] = rng.randint(0, 8)
        for column in (at.REQUEST_PRICE, at.REQUEST_TRIGGER, at.REQUEST_QUANTITY):
            row[column] *= rng.random() < 0.4
        return row
    row[at.REQUEST_TYPE] = rng.choice([OrderType.MARKET, OrderType.LIMIT, *OrderType])
    row[at.REQUEST_SIDE] = rng.choice(list(Side))
    row[at.REQUEST_TIME_IN_FORCE] = rng.choice([TimeInForce.GTC] * 4 + list(TimeInForce))
    if row[at.REQUEST_TIME_IN_FORCE] == TimeInForce.GTD:
        row[at.REQUEST_EXPIRES] = ts + rng.randint(0, 4 * STEP)
    row[at.REQUEST_FLAGS] = _flags(rng, row[at.REQUEST_TYPE])
    if row[at.REQUEST_FLAGS] & GROUPED:
        row[at.REQUEST_GROUP] = rng.choice([1, 1, 1, 2, 2, 3, 4, 6])
    row[at.REQUEST_TRAIL] = rng.randint(0, 5) * TICK
    if row[at.REQUEST_FLAGS] & OrderFlag.TRAILS_BY_RATE:
        row[at.REQUEST_TRAIL] = rng.choice([10**10, 55 * 10**9, 2 * 10**11])
    return row


def _flags(rng: Random, kind: OrderType) -> int:
    flags = 0
    if rng.random() < 0.5:
        flags |= rng.choice([OrderFlag.WAITS, OrderFlag.ONE_CANCELS_OTHERS, GROUPED])
        flags |= rng.choice([0, OrderFlag.REDUCE_ONLY])
    elif rng.random() < 0.3:
        flags |= OrderFlag.REDUCE_ONLY
    if rng.random() < (0.3 if kind == OrderType.LIMIT else 0.02):
        flags |= OrderFlag.POST_ONLY
    if rng.random() < (0.5 if kind == OrderType.TRAILING_STOP else 0.02):
        flags |= OrderFlag.TRAILS_BY_RATE
    if rng.random() < 0.01:
        flags |= OrderFlag.FORCED  # nobody but the engine may
    return int(flags)
