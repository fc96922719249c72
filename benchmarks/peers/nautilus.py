"""NautilusTrader: its BacktestEngine with a Python strategy on bars, one cash account.

A bar moves its market at the open, high, low and close before the strategy sees it, so a market
order fills at that close at once. A quarter of the bar's volume waits there, and what an order
takes beyond it fills a tick worse. The rule knows no such limit, so the bars are given without
volumes, and the engine's own default, a million units each, fills every order whole. It has no
equity curve; the account's balances after each fill stand in for one.
"""

import importlib.metadata
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig
from nautilus_trader.indicators import SimpleMovingAverage
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy

from benchmarks.market import FIRST_START, MINUTE, Bars
from benchmarks.measure import Outcome
from benchmarks.rule import CASH, FAST, FEE, PRICE_DIGITS, SLOW, UNITS

VERSION = importlib.metadata.version("nautilus_trader")
VENUE = Venue("SIM")
STEP = f"{10**-PRICE_DIGITS:.{PRICE_DIGITS}f}"
INSTRUMENT = CurrencyPair(
    instrument_id=InstrumentId(Symbol("BTCUSDT"), VENUE),
    raw_symbol=Symbol("BTCUSDT"),
    base_currency=BTC,
    quote_currency=USDT,
    price_precision=PRICE_DIGITS,
    size_precision=PRICE_DIGITS,
    price_increment=Price.from_str(STEP),
    size_increment=Quantity.from_str(STEP),
    ts_event=0,
    ts_init=0,
    margin_init=Decimal(0),
    margin_maint=Decimal(0),
    maker_fee=Decimal(str(FEE)),
    taker_fee=Decimal(str(FEE)),
)
BARS = BarType.from_str(f"{INSTRUMENT.id}-1-MINUTE-LAST-EXTERNAL")


class Crossing(Strategy):
    def on_start(self) -> None:
        self.fast, self.slow = SimpleMovingAverage(FAST), SimpleMovingAverage(SLOW)
        self.register_indicator_for_bars(BARS, self.fast)
        self.register_indicator_for_bars(BARS, self.slow)
        self.subscribe_bars(BARS)
        self.units, self.long = INSTRUMENT.make_qty(UNITS), False

    def on_bar(self, bar: Any) -> None:
        if not self.slow.initialized:
            return
        if self.fast.value > self.slow.value and not self.long:
            self._send(OrderSide.BUY)
        elif self.fast.value < self.slow.value and self.long:
            self._send(OrderSide.SELL)

    def _send(self, side: OrderSide) -> None:
        self.submit_order(self.order_factory.market(INSTRUMENT.id, side, self.units))
        self.long = not self.long


def prepare(bars: Bars) -> tuple[list[Any], float]:
    names = ("open", "high", "low", "close")
    index = pd.DatetimeIndex(bars.ts.view("M8[ns]"), tz="UTC")
    frame = pd.DataFrame({name: getattr(bars, name) for name in names}, index=index)
    return BarDataWrangler(BARS, INSTRUMENT).process(frame), float(bars.close[-1])


def run(prepared: tuple[list[Any], float]) -> tuple[Any, Any, Any, float]:
    bars, last = prepared
    logging = LoggingConfig(bypass_logging=True)
    engine = BacktestEngine(BacktestEngineConfig(logging=logging, run_analysis=True))
    start = [Money(CASH, USDT), Money(0, BTC)]
    engine.add_venue(VENUE, OmsType.NETTING, AccountType.CASH, start)
    engine.add_instrument(INSTRUMENT)
    engine.add_strategy(Crossing())
    engine.add_data(bars)
    engine.run()
    fills = engine.trader.generate_fills_report()
    balances = engine.trader.generate_account_report(VENUE)
    statistics = engine.get_result()
    engine.dispose()
    return fills, balances, statistics, last


def outcome(result: tuple[Any, Any, Any, float]) -> Outcome:
    fills, balances, _, last = result
    closes = pd.DatetimeIndex(fills["ts_event"]).as_unit("ns").asi8
    units = fills["last_qty"].astype(float)
    signed = units.where(fills["order_side"] == "BUY", -units)
    prices = fills["last_px"].astype(float)
    rows = np.column_stack([(closes - FIRST_START) // MINUTE - 1, signed, prices])
    total = balances.groupby("currency")["total"].last().astype(float)
    return Outcome(rows, float(total["USDT"] + total["BTC"] * last))


STYLES = {"python": run}
