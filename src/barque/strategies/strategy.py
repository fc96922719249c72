"""How a strategy is written: a class with hooks. Plain Python, or the same class compiled."""

import inspect
from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np
from numba import njit

from barque.domain.errors import BadInput, UnknownName
from barque.domain.instruments import Instrument
from barque.domain.orders import OrderType, Side, TimeInForce
from barque.kernels.compile import JIT
from barque.kernels.layout import (
    ACCOUNT_WIDTH,
    CANCEL,
    CASH,
    CURRENCIES,
    CURRENCY,
    CURRENCY_CASH,
    CURRENCY_RATE,
    CURRENCY_SCALE,
    CURRENCY_SHIFT,
    CURRENCY_WIDTH,
    EQUITY,
    INITIAL_MARGIN,
    NEXT_ORDER_ID,
    POSITION,
    PRICE_SCALE,
    QUANTITY_SCALE,
    REQUEST_COUNT,
    REQUEST_INSTRUMENT,
    REQUEST_KIND,
    REQUEST_ORDER_ID,
    REQUEST_PRICE,
    REQUEST_QUANTITY,
    REQUEST_SIDE,
    REQUEST_TIME_IN_FORCE,
    REQUEST_TYPE,
    REQUESTS_LOST,
    SUBMIT,
)
from barque.kernels.layout import LAST as LAST_COLUMN

BUY, SELL = int(Side.BUY), int(Side.SELL)
MARKET, LIMIT, STOP = int(OrderType.MARKET), int(OrderType.LIMIT), int(OrderType.STOP)
GTC, DAY = int(TimeInForce.GTC), int(TimeInForce.DAY)


HOOKS = {
    "market": ("on_bar", "on_built_bar", "on_trade", "on_quote", "on_quote_bar"),
    "action": ("on_split", "on_dividend", "on_funding", "on_end", "on_timer"),
}
"""The hooks an event may call, besides on_slice: what a market shows, and what else happens."""


@njit(**JIT)
def to_units(value: float, scale: int) -> int:
    """Return a price or quantity as the nearest integer of 1/`scale`; -1 if there is none."""
    scaled = value * scale
    if not abs(scaled) < 4e18:
        return -1
    return np.int64(np.rint(scaled))  # type: ignore[return-value]  # a machine integer


class Strategy:
    """A strategy: parameters as annotated class attributes, state set in `on_start`, and hooks.

    Quantities and prices are floats in whole units (shares, coins, dollars); the engine turns
    them into exact integers and refuses what is off lot or off tick. `instrument` is always the
    instrument's index in the run. Orders are judged when the hook returns, and meet the market
    from the next bar on.

    Hooks, all optional:

    - `on_bar(bar)` at each bar's close, `on_quote_bar(bid, ask)` at that of a quote bar;
    - `on_built_bar(bar, rule)` for a bar that the run builds by its rule of that number; without
      this hook such bars are told to `on_bar`;
    - `on_trade(trade)` and `on_quote(quote)` at each tick;
    - `on_split(instrument, new, old)`, `on_dividend(instrument, amount)`,
      `on_funding(instrument, rate)`, and `on_end(instrument)` when it expires or is delisted;
    - `on_timer(id, ts)` at the times for which the run has timers;
    - `on_slice(ts)` when every event of one timestamp has been seen.

    With `@compiled` above the class the same hooks run as machine code. Then what they touch on
    `self` must be numbers or NumPy arrays of int64 or float64, made in `on_start`.
    """

    is_compiled: ClassVar[bool] = False

    instrument_count: int
    _account: Any
    _instruments: Any
    _requests: Any
    _cash_scale: float

    def __init__(self, **parameters: float) -> None:
        known = self.parameters()
        for name, value in parameters.items():
            if name not in known:
                raise UnknownName(
                    "parameter", name, known, f"barque strategy list {type(self).__name__}"
                )
            setattr(self, name, _like(known[name], name, value))
        for name, value in known.items():
            if name not in parameters:
                setattr(self, name, value)

    @classmethod
    def parameters(cls) -> dict[str, Any]:
        """Return the parameters and their defaults: annotated numbers without underscore."""
        found: dict[str, Any] = {}
        for owner in reversed(cls.__mro__):
            if owner is not Strategy and issubclass(owner, Strategy):
                names = inspect.get_annotations(owner)
                found |= {name: getattr(cls, name) for name in names if _is_parameter(cls, name)}
        return found

    def bind(self, account: Any, instruments: Any, requests: Any, of: Sequence[Instrument]) -> None:
        """Tie the strategy to the account it decides for; `on_start` runs now."""
        self._account, self._instruments, self._requests = account, instruments, requests
        self._cash_scale = float(account[ACCOUNT_WIDTH + CURRENCY_SCALE])
        self.instrument_count = len(of)
        self.on_start()

    def on_start(self) -> None:
        """Make the state. Runs once, as plain Python, before the first event."""

    # What the account looks like.

    def position(self, instrument: int) -> float:
        """Return the quantity held: positive is long, negative short."""
        if instrument < 0 or instrument >= self.instrument_count:
            return np.nan
        held = self._instruments[instrument, POSITION]
        return held / self._instruments[instrument, QUANTITY_SCALE]

    def last(self, instrument: int) -> float:
        """Return the last price, 0 before the first."""
        if instrument < 0 or instrument >= self.instrument_count:
            return np.nan
        last = self._instruments[instrument, LAST_COLUMN]
        return last / self._instruments[instrument, PRICE_SCALE]

    def equity(self) -> float:
        """Return cash plus the value of all positions at their last prices."""
        return self._account[EQUITY] / self._cash_scale

    def cash(self, currency: int = 0) -> float:
        """Return the cash in a currency of the run, by its number; 0 is the account's own."""
        if currency < 0 or currency >= self._account[CURRENCIES]:
            return np.nan
        column = CASH
        if currency > 0:
            column = ACCOUNT_WIDTH + currency * CURRENCY_WIDTH + CURRENCY_CASH
        scale = self._account[ACCOUNT_WIDTH + currency * CURRENCY_WIDTH + CURRENCY_SCALE]
        return self._account[column] / scale

    def currency(self, instrument: int) -> int:
        """Return the number of the currency an instrument is quoted in, -1 for no instrument."""
        if instrument < 0 or instrument >= self.instrument_count:
            return -1
        return self._instruments[instrument, CURRENCY]

    def rate(self, currency: int) -> float:
        """Return what one of a currency is worth in the account's own; 0 before it is known."""
        if currency < 0 or currency >= self._account[CURRENCIES]:
            return np.nan
        if currency == 0:
            return 1.0
        column = ACCOUNT_WIDTH + currency * CURRENCY_WIDTH
        return self._account[column + CURRENCY_RATE] / self._account[column + CURRENCY_SHIFT]

    def margin_free(self) -> float:
        """Return the equity that neither positions nor working orders bind."""
        return (self._account[EQUITY] - self._account[INITIAL_MARGIN]) / self._cash_scale

    def _cash_scale_of(self, instrument: int) -> float:
        """Return how many cash units make one of the currency an instrument is quoted in."""
        column = ACCOUNT_WIDTH + self._instruments[instrument, CURRENCY] * CURRENCY_WIDTH
        return float(self._account[column + CURRENCY_SCALE])

    # What it asks for. Each call returns the order's id, or 0 if too many were asked in one event.

    def buy(self, instrument: int, quantity: float, day: bool = False) -> int:
        """Ask to buy at the market."""
        return self._ask(instrument, MARKET, BUY, quantity, 0.0, day)

    def sell(self, instrument: int, quantity: float, day: bool = False) -> int:
        """Ask to sell at the market; selling more than is held goes short."""
        return self._ask(instrument, MARKET, SELL, quantity, 0.0, day)

    def buy_limit(self, instrument: int, quantity: float, price: float, day: bool = False) -> int:
        return self._ask(instrument, LIMIT, BUY, quantity, price, day)

    def sell_limit(self, instrument: int, quantity: float, price: float, day: bool = False) -> int:
        return self._ask(instrument, LIMIT, SELL, quantity, price, day)

    def buy_stop(self, instrument: int, quantity: float, price: float, day: bool = False) -> int:
        return self._ask(instrument, STOP, BUY, quantity, price, day)

    def sell_stop(self, instrument: int, quantity: float, price: float, day: bool = False) -> int:
        return self._ask(instrument, STOP, SELL, quantity, price, day)

    def cancel(self, instrument: int, order_id: int) -> None:
        """Ask to cancel a working order."""
        k = self._account[REQUEST_COUNT]
        if k == self._requests.shape[0]:
            self._account[REQUESTS_LOST] += 1
            return
        self._requests[k, REQUEST_KIND] = CANCEL
        self._requests[k, REQUEST_INSTRUMENT] = instrument
        self._requests[k, REQUEST_ORDER_ID] = order_id
        self._account[REQUEST_COUNT] = k + 1

    def _ask(
        self, instrument: int, order_type: int, side: int, quantity: float, price: float, day: bool
    ) -> int:
        k = self._account[REQUEST_COUNT]
        if k == self._requests.shape[0]:
            self._account[REQUESTS_LOST] += 1
            return 0
        quantity_scale, price_scale = 1, 1
        if 0 <= instrument < self.instrument_count:
            quantity_scale = self._instruments[instrument, QUANTITY_SCALE]
            price_scale = self._instruments[instrument, PRICE_SCALE]
        order_id = self._account[NEXT_ORDER_ID] + k
        self._requests[k, REQUEST_KIND] = SUBMIT
        self._requests[k, REQUEST_INSTRUMENT] = instrument
        self._requests[k, REQUEST_TYPE] = order_type
        self._requests[k, REQUEST_SIDE] = side
        self._requests[k, REQUEST_QUANTITY] = to_units(quantity, quantity_scale)
        self._requests[k, REQUEST_PRICE] = to_units(price, price_scale)
        self._requests[k, REQUEST_TIME_IN_FORCE] = DAY if day else GTC
        self._requests[k, REQUEST_ORDER_ID] = order_id
        self._account[REQUEST_COUNT] = k + 1
        return order_id


S = TypeVar("S", bound=type[Strategy])


def compiled(strategy: S) -> S:
    """Run the hooks of a strategy class as machine code. Nothing else about it changes."""
    strategy.is_compiled = True
    return strategy


def has_hook(strategy: type[Strategy], hook: str) -> bool:
    """Return whether a strategy class defines `hook`."""
    return hasattr(strategy, hook)


def _is_parameter(cls: type[Strategy], name: str) -> bool:
    return not name.startswith("_") and isinstance(getattr(cls, name, None), int | float)


def _like(default: Any, name: str, value: Any) -> Any:
    """Return `value` in the type of the parameter's default."""
    try:
        exact = type(default)(value)
    except (TypeError, ValueError):
        exact = None
    if exact is None or exact != value:
        wanted = type(default).__name__
        raise BadInput(
            f"Parameter {name} is {value!r}; it must be of type {wanted}, as {default!r}."
        )
    return exact
