"""Random markets and random traders, as rows the engine takes in and a script it is asked with."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import ClassVar

import numpy as np
from hypothesis import strategies as st

from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import Instrument, InstrumentKind
from barque.domain.orders import OrderType, Side, TimeInForce
from barque.kernels import layout as at
from barque.strategies import Strategy

HOUR = 3600 * 10**9
FORWARD = [(2, 1), (3, 2), (7, 1), (4, 3)]
REVERSE = [(1, 2), (1, 10), (2, 3)]
TYPES = (OrderType.MARKET, OrderType.LIMIT, OrderType.STOP)
TIMES = (TimeInForce.GTC, TimeInForce.DAY)

EQUITY = Instrument(
    id="ACME.XNAS", kind=InstrumentKind.EQUITY, currency="USD", price_digits=8, quantity_digits=0,
    tick=Decimal("0.01"), lot=Decimal(1),
)  # fmt: skip
COIN = Instrument(
    id="COIN.SIM", kind=InstrumentKind.SPOT, currency="USD", price_digits=3, quantity_digits=8,
    tick=Decimal("0.001"), lot=Decimal("0.00000001"),
)  # fmt: skip
FUTURE = Instrument(
    id="FUT.SIM", kind=InstrumentKind.PERPETUAL, currency="USD", price_digits=8, quantity_digits=2,
    tick=Decimal("0.25"), lot=Decimal("0.05"), multiplier=50, multiplier_digits=1,
)  # fmt: skip
INSTRUMENTS = (EQUITY, COIN, FUTURE)


@dataclass(frozen=True)
class Request:
    i: int
    type: OrderType
    side: Side
    quantity: int
    price: int
    tif: TimeInForce


@dataclass(frozen=True)
class History:
    instruments: list[Instrument]
    events: np.ndarray
    script: dict[int, list[Request]]


class Scripted(Strategy):
    """Asks what a script says, after the n-th bar."""

    script: ClassVar[dict] = {}

    def on_start(self):
        self.bars = 0

    def on_bar(self, bar):
        for request in self.script.get(self.bars, ()):
            self._account[at.REQUEST_COUNT] += 1
            k = self._account[at.REQUEST_COUNT] - 1
            row = (
                at.SUBMIT, request.i, request.type, request.side, request.quantity, request.price,
                request.tif, self._account[at.NEXT_ORDER_ID] + k,
            )  # fmt: skip
            for column, value in enumerate(row):
                self._requests[k, column] = int(value)
        self.bars += 1


def scripted(script) -> Scripted:
    strategy = Scripted()
    strategy.script = script
    return strategy


def histories():
    """Draw a market of one to three instruments and a trader who asks at random.

    Drawn from one seed: a thousand single draws a history would be slow. The number of slices
    still shrinks, and a shorter history is the beginning of the longer one.
    """
    return st.builds(history, st.integers(0, 2**32), st.integers(1, 3), st.integers(2, 25))


def history(seed: int, width: int, slices: int) -> History:
    rng = Random(seed)
    instruments = list(INSTRUMENTS[:width])
    rows, bars, script = [], 0, {}
    lasts = [rng.randint(1_000, 500_000) for _ in instruments]  # in ticks
    for step in range(slices):
        ts = (step + 1) * HOUR
        actions, slice_bars = [], []
        for i, instrument in enumerate(instruments):
            action = rng.choice(["", "", "", "", "", "", "split", "dividend"])
            if action and step:
                actions.append(_action(rng, action, i, lasts[i], ts - HOUR))
                if action == "split":
                    lasts[i] = max(
                        2, lasts[i] * actions[-1][at.SPLIT_OLD] // actions[-1][at.SPLIT_NEW]
                    )
            bar, lasts[i] = _bar(rng, instrument, i, lasts[i], ts)
            slice_bars.append(bar)
            script[bars] = _requests(rng, instruments, lasts)
            bars += 1
        if actions:
            actions.sort(key=lambda row: (row[at.KIND], row[at.INSTRUMENT]))
            # An action at the open shares its timestamp with the last slice's bars: it stands
            # before nothing of its own slice but after those bars, one nanosecond later.
            for row in actions:
                row[at.TS] += 1
                row[at.START] += 1
            actions[-1][at.FLAGS] = int(EventFlag.ENDS_SLICE)
            for bar in slice_bars:
                bar[at.START] += 1
        slice_bars[-1][at.FLAGS] |= int(EventFlag.ENDS_SLICE)
        rows += actions + slice_bars
    return History(instruments, np.array(rows, np.int64), script)


def _bar(rng, instrument, i, last, ts):
    tick = instrument.price_units(instrument.tick)
    moves = [rng.randint(-last // 10, last // 10) for _ in range(4)]
    prices = sorted(max(1, last + move) for move in moves)
    opened, close = rng.sample(prices[1:3], 2)
    fine = rng.randint(0, tick - 1) if rng.random() < 0.5 else 0  # marks lie between ticks
    row = [0] * at.EVENT_WIDTH
    row[at.TS], row[at.START], row[at.KIND], row[at.INSTRUMENT] = ts, ts - HOUR, EventKind.BAR, i
    row[at.OPEN], row[at.CLOSE] = opened * tick + fine, close * tick + fine
    row[at.LOW], row[at.HIGH] = prices[0] * tick, prices[3] * tick + fine
    row[at.VOLUME] = (31 * opened + close) % 1_000 * instrument.quantity_units(instrument.lot)
    row[at.FLAGS] = int(EventFlag.ENDS_SESSION) if rng.random() < 0.5 else 0
    return row, close


def _action(rng, action, i, last, ts):
    row = [0] * at.EVENT_WIDTH
    row[at.TS] = row[at.START] = ts
    row[at.INSTRUMENT] = i
    if action == "dividend":
        row[at.KIND], row[at.DIVIDEND_AMOUNT] = EventKind.DIVIDEND, rng.randint(1, 10**9)
        return row
    row[at.KIND] = EventKind.SPLIT
    row[at.SPLIT_NEW], row[at.SPLIT_OLD] = rng.choice(
        FORWARD if last > 50_000 else FORWARD + REVERSE  # prices stay in the ledger's range
    )
    return row


def _requests(rng, instruments, lasts):
    """Draw what is asked after one bar: mostly sound, sometimes off lot or tick."""
    requests = []
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        i = rng.randint(0, len(instruments) - 1)
        it = instruments[i]
        kind = rng.choice(TYPES)
        tick, lot = it.price_units(it.tick), it.quantity_units(it.lot)
        price = max(1, lasts[i] + rng.randint(-lasts[i] // 15, lasts[i] // 15)) * tick
        quantity = rng.randint(1, 400) * lot * rng.choice([1, 1, 1, 37])
        flaw = rng.choice([None] * 10 + ["lot", "tick", "zero"])
        if flaw == "tick":
            price += 1
        elif flaw == "lot":
            quantity += 1
        elif flaw == "zero":
            quantity = 0
        requests.append(
            Request(
                i,
                kind,
                rng.choice(list(Side)),
                quantity,
                0 if kind == OrderType.MARKET else price,
                rng.choice(TIMES),
            )
        )
    return requests
