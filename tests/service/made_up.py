"""A made-up market and an account that trades it, slice by slice, in a real store.

Prices are random walks, decisions are dice: good for looking at the page, and for nothing else.
"""

import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from barque.domain.events import EventKind
from barque.domain.instruments import Instrument, InstrumentKind, cash_units
from barque.domain.orders import OrderType, Reason, Side, TimeInForce
from barque.kernels import layout
from barque.service.market import FeedPhase, FeedState
from barque.storage.journal_rows import position_rows, signal_rows, slice_row
from barque.storage.records import encode_journal
from barque.storage.sqlite import SqliteStore
from barque.storage.store import Account, Batch

HOUR = 3_600_000_000_000
BEGIN = 1_704_067_200_000_000_000  # 2024-01-01
CASH = Decimal(100_000)
FEE = Decimal("0.0005")

Rows = NDArray[np.int64]


def instrument(id: str, kind: InstrumentKind, q: int, tick: str, lot: str) -> Instrument:
    return Instrument(
        id=id,
        kind=kind,
        currency="USD",
        price_digits=8,
        quantity_digits=q,
        tick=Decimal(tick),
        lot=Decimal(lot),
    )


INSTRUMENTS = (
    instrument("AAPL.XNAS", InstrumentKind.EQUITY, 0, "0.01", "1"),
    instrument("MSFT.XNAS", InstrumentKind.EQUITY, 0, "0.01", "1"),
    instrument("BTCUSDT.BINANCE", InstrumentKind.SPOT, 8, "0.1", "0.00001"),
    instrument("EURUSD.FXCM", InstrumentKind.FX, 0, "0.00001", "1000"),
)
FIRST_PRICES = (186.4, 371.2, 42_250.0, 1.0943)


@dataclass
class MadeUpMarket:
    """A market of random walks, told as far as `told` slices."""

    instruments: Sequence[Instrument] = INSTRUMENTS
    slices: int = 600
    told: int = 0
    speed: float = 3_600.0
    finished: bool = False
    seed: int = 7

    def __post_init__(self) -> None:
        dice = random.Random(self.seed)
        shape = (len(self.instruments), self.slices, layout.EVENT_WIDTH)
        self.bars = np.zeros(shape, np.int64)
        for index, start in enumerate(FIRST_PRICES[: len(self.instruments)]):
            price = start
            for t in range(self.slices):
                price = self._draw(self.bars[index, t], index, t, price, dice)

    def recent_bars(self, instrument: int, limit: int, before_ts: int | None = None) -> Rows:
        told = self.bars[instrument, : self.told]
        if before_ts is not None:
            told = told[told[:, layout.TS] < before_ts]
        return told[-limit:]

    def feed(self) -> FeedState:
        last = self.told - 1
        return FeedState(
            phase=FeedPhase.FINISHED if self.finished else FeedPhase.RUNNING,
            ts=BEGIN + (last + 1) * HOUR if self.told else 0,
            alive_ts=time.time_ns(),
            speed=self.speed,
            first_ts=BEGIN + HOUR,
            last_ts=BEGIN + self.slices * HOUR,
        )

    def _draw(self, row: Rows, index: int, t: int, price: float, dice: random.Random) -> float:
        swing = 0.004 if index < 3 else 0.0006
        closing = price * math.exp(dice.gauss(0.00025, swing))
        high = max(price, closing) * (1 + abs(dice.gauss(0, swing / 2)))
        low = min(price, closing) * (1 - abs(dice.gauss(0, swing / 2)))
        row[layout.TS] = BEGIN + (t + 1) * HOUR
        row[layout.START] = BEGIN + t * HOUR
        row[layout.KIND] = EventKind.BAR
        row[layout.INSTRUMENT] = index
        ohlc = [self._units(index, p) for p in (price, high, low, closing)]
        row[layout.OPEN : layout.CLOSE + 1] = ohlc
        row[layout.VOLUME] = dice.randint(1_000, 90_000) * 10 ** (2 * (index == 2))
        return closing

    def _units(self, index: int, price: float) -> int:
        ticked = (Decimal(price) / self.instruments[index].tick).quantize(Decimal(1))
        return self.instruments[index].price_units(ticked * self.instruments[index].tick)


@dataclass
class MadeUpTrader:
    """An account that throws dice at every slice, and keeps what it did."""

    store: SqliteStore
    market: MadeUpMarket
    account: Account
    dice: random.Random = field(default_factory=lambda: random.Random(11))
    seq: int = 1
    order_id: int = 1
    cash: int = cash_units(CASH, "USD")

    def __post_init__(self) -> None:
        self.state = np.zeros((len(self.market.instruments), layout.INSTRUMENT_WIDTH), np.int64)

    async def advance(self, slices: int = 1) -> None:
        """Tell the market and the store of more slices."""
        for _ in range(min(slices, self.market.slices - self.market.told)):
            self.market.told += 1
            await self.store.commit([Batch(self._records(self._slice()), {})])
        self.market.finished = self.market.told == self.market.slices

    def _slice(self) -> Rows:
        rows: list[Rows] = []
        for index in range(len(self.market.instruments)):
            bar = self.market.bars[index, self.market.told - 1]
            self.state[index, layout.LAST] = bar[layout.CLOSE]
            if self.dice.random() < 0.08:
                rows.extend(self._trade(index, bar))
            if self.dice.random() < 0.02:
                rows.append(self._refuse(index, bar))
            if self.dice.random() < 0.03:
                rows.append(self._limit(index, bar))
        rows.append(self._signals())
        self._mark()
        rows.append(position_rows(self._ts, self._at, self.state, self._held()))
        rows.append(slice_row(self._ts, self._at, equity=self._equity(), cash=self.cash))
        return np.concatenate(rows)

    def _trade(self, index: int, bar: Rows) -> list[Rows]:
        held = int(self.state[index, layout.POSITION])
        side = Side.SELL if held > 0 and self.dice.random() < 0.6 else Side.BUY
        quantity = self._quantity(index, int(bar[layout.CLOSE]))
        price = int(bar[layout.OPEN])
        order = self._order(index, OrderType.MARKET, side, quantity, 0)
        notional = side * price * quantity // self._divisor(index)
        fee = int(abs(notional) * FEE)
        realized = self._book(index, side * quantity, notional)
        self.cash -= notional + fee
        self.state[index, layout.INSTRUMENT_FEES] += fee
        ts = int(bar[layout.START])
        numbers = (order[0, layout.A0], side, quantity, price, notional, fee, ts, 0, realized)
        return [order, self._row(layout.FILLED, index, numbers)]

    def _book(self, index: int, change: int, notional: int) -> int:
        row = self.state[index]
        held, cost = int(row[layout.POSITION]), int(row[layout.COST])
        closed = 0 if held * change >= 0 else min(abs(held), abs(change))
        released = cost * closed // abs(held) if closed else 0
        realized = -(notional * closed // abs(change)) - released if closed else 0
        row[layout.POSITION] = held + change
        row[layout.COST] = cost - released + notional * (abs(change) - closed) // abs(change)
        row[layout.REALIZED] += realized
        return realized

    def _refuse(self, index: int, bar: Rows) -> Rows:
        quantity = 90 * self._quantity(index, int(bar[layout.CLOSE]))
        order = self._order(index, OrderType.MARKET, Side.BUY, quantity, 0)
        order[0, layout.RECORD_KIND] = layout.REFUSED
        order[0, layout.A6] = Reason.NOTIONAL_LIMIT
        return order

    def _limit(self, index: int, bar: Rows) -> Rows:
        close = int(bar[layout.CLOSE])
        tick = self.market.instruments[index].price_units(self.market.instruments[index].tick)
        price = close * 98 // 100 // tick * tick
        return self._order(index, OrderType.LIMIT, Side.BUY, self._quantity(index, close), price)

    def _order(self, index: int, type: OrderType, side: Side, quantity: int, price: int) -> Rows:
        numbers = (self.order_id, type, side, quantity, price, TimeInForce.GTC)
        self.order_id += 1
        return self._row(layout.ACCEPTED, index, numbers)

    def _signals(self) -> Rows:
        every = np.arange(len(self.market.instruments))
        predictions = np.array([self.dice.gauss(0.5, 0.05) for _ in every])
        exposures = np.round(np.clip((predictions - 0.5) * 8, -1, 1), 4)
        return signal_rows(self._ts, self._at, every, predictions, exposures)

    def _mark(self) -> None:
        for index in range(len(self.state)):
            row = self.state[index]
            value = int(row[layout.POSITION]) * int(row[layout.LAST])
            row[layout.VALUE] = value // self._divisor(index)

    def _row(self, kind: int, index: int, numbers: Sequence[int]) -> Rows:
        row = np.zeros((1, layout.RECORD_WIDTH), np.int64)
        row[0, layout.RECORD_KIND] = kind
        row[0, layout.RECORD_TS] = self._ts
        row[0, layout.RECORD_INSTRUMENT] = index
        row[0, layout.RECORD_AT] = self._at
        row[0, layout.A0 : layout.A0 + len(numbers)] = numbers
        return row

    def _records(self, rows: Rows):
        first, self.seq = self.seq, self.seq + len(rows)
        return encode_journal(
            rows, account=self.account.id, first_seq=first, receive_ts=time.time_ns()
        )

    def _quantity(self, index: int, price: int) -> int:
        lot = self.market.instruments[index].quantity_units(self.market.instruments[index].lot)
        wanted = cash_units(Decimal(8_000), "USD") * self._divisor(index) // price
        return max(1, wanted // lot) * lot

    def _held(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.state[:, layout.POSITION] | self.state[:, layout.REALIZED])

    def _equity(self) -> int:
        return self.cash + int(self.state[:, layout.VALUE].sum())

    def _divisor(self, index: int) -> int:
        return 10 ** self.market.instruments[index].notional_digits

    @property
    def _ts(self) -> int:
        return BEGIN + self.market.told * HOUR

    @property
    def _at(self) -> int:
        return self.market.told * len(self.market.instruments)


async def open_desk(
    folder: Path, slices: int = 600, name: str = "demo"
) -> tuple[SqliteStore, MadeUpMarket, MadeUpTrader]:
    """Return a store with one account that has not traded yet, and its market."""
    store = SqliteStore(folder / "store.sqlite")
    market = MadeUpMarket(slices=slices)
    account = await store.create_account(
        name=name,
        strategy="gradient-trees",
        currency="USD",
        instruments=market.instruments,
        created_ts=BEGIN,
        spec={"cash": str(CASH), "speed": market.speed},
    )
    return store, market, MadeUpTrader(store, market, replace(account))
