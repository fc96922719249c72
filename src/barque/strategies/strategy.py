"""How a strategy is written: a class with hooks. Plain Python, or the same class compiled."""

import inspect
from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np
from numba import njit

from barque.domain.errors import BadInput, UnknownName
from barque.domain.instruments import RATE_SCALE, Instrument
from barque.domain.orders import OrderFlag, OrderType, Side, TimeInForce
from barque.kernels.compile import JIT
from barque.kernels.layout import (
    ACCOUNT_WIDTH,
    AMEND,
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
    NOT_WHOLE,
    POSITION,
    PRICE_SCALE,
    QUANTITY_SCALE,
    REQUEST_COUNT,
    REQUEST_EXPIRES,
    REQUEST_FLAGS,
    REQUEST_GROUP,
    REQUEST_INSTRUMENT,
    REQUEST_KIND,
    REQUEST_ORDER_ID,
    REQUEST_PRICE,
    REQUEST_QUANTITY,
    REQUEST_SIDE,
    REQUEST_TIME_IN_FORCE,
    REQUEST_TRAIL,
    REQUEST_TRIGGER,
    REQUEST_TYPE,
    REQUESTS_LOST,
    SUBMIT,
    WORKING_BUY,
    WORKING_SELL,
)
from barque.kernels.layout import LAST as LAST_COLUMN

BUY, SELL = int(Side.BUY), int(Side.SELL)
MARKET, LIMIT, STOP = int(OrderType.MARKET), int(OrderType.LIMIT), int(OrderType.STOP)
STOP_LIMIT = int(OrderType.STOP_LIMIT)
TRAILING_STOP = int(OrderType.TRAILING_STOP)
MARKET_ON_OPEN = int(OrderType.MARKET_ON_OPEN)
MARKET_ON_CLOSE = int(OrderType.MARKET_ON_CLOSE)
LIMIT_IF_TOUCHED = int(OrderType.LIMIT_IF_TOUCHED)
MARKET_IF_TOUCHED = int(OrderType.MARKET_IF_TOUCHED)
GTC, DAY, GTD = int(TimeInForce.GTC), int(TimeInForce.DAY), int(TimeInForce.GTD)
IOC, FOK = int(TimeInForce.IOC), int(TimeInForce.FOK)
POST_ONLY, REDUCE_ONLY = int(OrderFlag.POST_ONLY), int(OrderFlag.REDUCE_ONLY)
WAITS, ONE_CANCELS_OTHERS = int(OrderFlag.WAITS), int(OrderFlag.ONE_CANCELS_OTHERS)
TRAILS_BY_RATE = int(OrderFlag.TRAILS_BY_RATE)
NOISE = 1e-6
"""How far from an integer a quantity may lie, as a part of it."""


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


@njit(**JIT)
def to_quantity(value: float, scale: int) -> int:
    """Return a quantity as an integer of 1/`scale`; NOT_WHOLE if it is none, -1 if it is no number.

    What lies within NOISE of an integer is one: a quotient of floats rarely meets it exactly.
    """
    units = to_units(value, scale)
    between = abs(value * scale - units)
    return NOT_WHOLE if between > NOISE * abs(units) and units != -1 else units


@njit(**JIT)
def order_type(
    limit: float,
    stop: float,
    touch: float,
    trail: float,
    trail_rate: float,
    on_open: bool,
    on_close: bool,
) -> int:
    """Return the type of an order with these prices, below 0 where they contradict each other."""
    kind = MARKET if limit == 0.0 else LIMIT
    said = 0
    if stop != 0.0:
        kind, said = STOP if limit == 0.0 else STOP_LIMIT, said + 1
    if touch != 0.0:
        kind, said = MARKET_IF_TOUCHED if limit == 0.0 else LIMIT_IF_TOUCHED, said + 1
    if trail != 0.0:
        kind, said = TRAILING_STOP, said + 1
    if trail_rate != 0.0:
        kind, said = TRAILING_STOP, said + 1
    if on_open:
        kind, said = MARKET_ON_OPEN, said + 1
    if on_close:
        kind, said = MARKET_ON_CLOSE, said + 1
    takes_limit = kind in (MARKET, LIMIT, STOP, STOP_LIMIT, MARKET_IF_TOUCHED, LIMIT_IF_TOUCHED)
    return kind if said <= 1 and (limit == 0.0 or takes_limit) else -kind


@njit(**JIT)
def time_in_force(day: bool, tif: int, expires: int) -> int:
    """Return how long an order works, 0 where what was said contradicts itself."""
    if expires != 0:
        return GTD if tif in (GTC, GTD) and not day else 0
    if day:
        return DAY if tif in (GTC, DAY) else 0
    return tif


@njit(**JIT)
def named_price(price: float) -> float:
    """Return a price that an order cannot do without; 0 is none, and refused as such."""
    return price if price != 0.0 else np.nan


class Strategy:
    """A strategy: parameters as annotated class attributes, state set in `on_start`, and hooks.

    Quantities and prices are floats in whole units (shares, coins, dollars); the engine turns
    them into exact integers and refuses what is off lot or off tick. `instrument` is always the
    instrument's index in the run. Orders are judged when the hook returns, and meet what begins
    after that, usually from the next bar on.

    Hooks, all optional:

    - `prepare(bars)` once, in a backtest, before `on_start`: a Polars frame of all bars for each
      instrument, to compute whole columns of (see `research.prepared`);
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
    _annotated: ClassVar[tuple[str, ...]] = ()

    instrument_count: int
    _account: Any
    _instruments: Any
    _requests: Any
    _cash_scale: float

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        owners = (owner for owner in reversed(cls.__mro__) if issubclass(owner, Strategy))
        named = [inspect.get_annotations(owner) for owner in owners if owner is not Strategy]
        cls._annotated = tuple(dict.fromkeys(name for names in named for name in names))

    def __init__(self, **parameters: float) -> None:
        known = self.parameters()
        for name in known:
            if callable(getattr(Strategy, name, None)):
                raise BadInput(
                    f"{type(self).__name__} cannot have a parameter called `{name}`: "
                    "every strategy has a method of that name. Call it otherwise."
                )
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
        return {name: getattr(cls, name) for name in cls._annotated if _is_parameter(cls, name)}

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

    def working(self, instrument: int) -> float:
        """Return what open orders would add to the position; those that only reduce left out.

        Look at it before asking again: an order may take more than a bar to arrive or to fill.
        """
        if instrument < 0 or instrument >= self.instrument_count:
            return np.nan
        added = self._instruments[instrument, WORKING_BUY]
        added -= self._instruments[instrument, WORKING_SELL]
        return added / self._instruments[instrument, QUANTITY_SCALE]

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

    def buy(
        self,
        instrument: int,
        quantity: float,
        day: bool = False,
        limit: float = 0.0,
        stop: float = 0.0,
        touch: float = 0.0,
        trail: float = 0.0,
        trail_rate: float = 0.0,
        on_open: bool = False,
        on_close: bool = False,
        tif: int = GTC,
        expires: int = 0,
        post_only: bool = False,
        reduce_only: bool = False,
        after: int = 0,
        oco: int = 0,
    ) -> int:
        """Ask to buy: at the market, unless a price says otherwise. 0 means there is none.

        `limit` is the worst price; `stop` and `touch` are triggers, against and in favour of the
        side, each with or without a limit; `trail` is a trailing stop's distance, `trail_rate`
        the same as a fraction of the price; `on_open` and `on_close` wait for a session's first
        or last price. `tif` is DAY, IOC or FOK of `barque.strategies`, `day` is the same as DAY,
        `expires` a ts in nanoseconds after which the order is gone. `after` is an order of this
        instrument that must fill first, `oco` one of which and this only one shall fill.
        """
        return self._ask(
            instrument, BUY, quantity, day, limit, stop, touch, trail, trail_rate, on_open,
            on_close, tif, expires, post_only, reduce_only, after, oco,
        )  # fmt: skip

    def sell(
        self,
        instrument: int,
        quantity: float,
        day: bool = False,
        limit: float = 0.0,
        stop: float = 0.0,
        touch: float = 0.0,
        trail: float = 0.0,
        trail_rate: float = 0.0,
        on_open: bool = False,
        on_close: bool = False,
        tif: int = GTC,
        expires: int = 0,
        post_only: bool = False,
        reduce_only: bool = False,
        after: int = 0,
        oco: int = 0,
    ) -> int:
        """Ask to sell, as `buy` does; selling more than is held goes short."""
        return self._ask(
            instrument, SELL, quantity, day, limit, stop, touch, trail, trail_rate, on_open,
            on_close, tif, expires, post_only, reduce_only, after, oco,
        )  # fmt: skip

    def buy_limit(self, instrument: int, quantity: float, price: float, day: bool = False) -> int:
        return self.buy(instrument, quantity, day, named_price(price))

    def sell_limit(self, instrument: int, quantity: float, price: float, day: bool = False) -> int:
        return self.sell(instrument, quantity, day, named_price(price))

    def buy_stop(self, instrument: int, quantity: float, price: float, day: bool = False) -> int:
        return self.buy(instrument, quantity, day, 0.0, named_price(price))

    def sell_stop(self, instrument: int, quantity: float, price: float, day: bool = False) -> int:
        return self.sell(instrument, quantity, day, 0.0, named_price(price))

    def bracket(
        self,
        instrument: int,
        quantity: float,
        stop: float = 0.0,
        target: float = 0.0,
        trail: float = 0.0,
        limit: float = 0.0,
    ) -> int:
        """Ask to buy with a stop and a target that close it, or to sell if `quantity` is negative.

        The entry is at the market, or at `limit`; the protection is `stop`, or a trailing stop at
        the distance `trail`. Both exits begin to work with the entry's first fill; what one takes
        is taken from the other. An exit without a price is left out; the ids of the others follow
        the entry's, the stop's first. If one of them is refused, none works.
        """
        if self._account[REQUEST_COUNT] + 3 > self._requests.shape[0]:
            self._account[REQUESTS_LOST] += 3
            return 0
        side = BUY if quantity >= 0.0 else SELL
        size = abs(quantity)
        entry = self._ask(
            instrument, side, size, False, limit, 0.0, 0.0, 0.0, 0.0, False, False, GTC, 0, False,
            False, 0, 0,
        )  # fmt: skip
        if stop != 0.0 or trail != 0.0:
            self._ask(
                instrument, -side, size, False, 0.0, stop, 0.0, trail, 0.0, False, False, GTC, 0,
                False, True, entry, entry,
            )  # fmt: skip
        if target != 0.0:
            self._ask(
                instrument, -side, size, False, target, 0.0, 0.0, 0.0, 0.0, False, False, GTC, 0,
                False, True, entry, entry,
            )  # fmt: skip
        return entry

    def amend(
        self,
        instrument: int,
        order_id: int,
        quantity: float = 0.0,
        limit: float = 0.0,
        stop: float = 0.0,
    ) -> None:
        """Ask to change an open order; 0 leaves as it is.

        `quantity` counts what was filled already; `limit` is the new limit price, `stop` the new
        trigger of a stop or an if-touched order. A trailing stop's trigger and distance stay.
        """
        k = self._request(AMEND, instrument)
        if k < 0:
            return
        self._requests[k, REQUEST_ORDER_ID] = order_id
        self._requests[k, REQUEST_QUANTITY] = self._quantity_units(instrument, quantity)
        self._requests[k, REQUEST_PRICE] = self._price_units(instrument, limit)
        self._requests[k, REQUEST_TRIGGER] = self._price_units(instrument, stop)

    def cancel(self, instrument: int, order_id: int) -> None:
        """Ask to cancel an open order."""
        k = self._request(CANCEL, instrument)
        if k >= 0:
            self._requests[k, REQUEST_ORDER_ID] = order_id

    def _ask(
        self,
        instrument: int,
        side: int,
        quantity: float,
        day: bool,
        limit: float,
        stop: float,
        touch: float,
        trail: float,
        trail_rate: float,
        on_open: bool,
        on_close: bool,
        tif: int,
        expires: int,
        post_only: bool,
        reduce_only: bool,
        after: int,
        oco: int,
    ) -> int:
        k = self._request(SUBMIT, instrument)
        if k < 0:
            return 0
        kind = order_type(limit, stop, touch, trail, trail_rate, on_open, on_close)
        is_sound = kind > 0 and (after == 0 or oco == 0 or after == oco)
        flags = POST_ONLY * post_only + REDUCE_ONLY * reduce_only
        flags += WAITS * (after != 0) + ONE_CANCELS_OTHERS * (oco != 0)
        flags += TRAILS_BY_RATE * (trail_rate != 0.0)
        trigger = stop if stop != 0.0 else touch
        has_both = kind in (STOP_LIMIT, LIMIT_IF_TOUCHED)
        order_id = self._account[NEXT_ORDER_ID] + k
        row = self._requests
        row[k, REQUEST_TYPE] = abs(kind)
        row[k, REQUEST_SIDE] = side
        row[k, REQUEST_QUANTITY] = self._quantity_units(instrument, quantity)
        row[k, REQUEST_PRICE] = self._price_units(instrument, limit if limit != 0.0 else trigger)
        row[k, REQUEST_TRIGGER] = self._price_units(instrument, trigger if has_both else 0.0)
        row[k, REQUEST_TRAIL] = self._price_units(instrument, trail)
        if trail_rate != 0.0:
            row[k, REQUEST_TRAIL] = to_units(trail_rate, RATE_SCALE)
        row[k, REQUEST_TIME_IN_FORCE] = time_in_force(day, tif, expires) if is_sound else 0
        row[k, REQUEST_EXPIRES] = expires
        row[k, REQUEST_FLAGS] = flags
        row[k, REQUEST_GROUP] = after if after != 0 else oco
        row[k, REQUEST_ORDER_ID] = order_id
        return order_id

    def _request(self, kind: int, instrument: int) -> int:
        """Begin a request and return its row, -1 if there is no room for another."""
        k = self._account[REQUEST_COUNT]
        if k == self._requests.shape[0]:
            self._account[REQUESTS_LOST] += 1
            return -1
        self._requests[k, REQUEST_KIND] = kind
        self._requests[k, REQUEST_INSTRUMENT] = instrument
        self._account[REQUEST_COUNT] = k + 1
        return k

    def _quantity_units(self, instrument: int, quantity: float) -> int:
        if instrument < 0 or instrument >= self.instrument_count:
            return to_quantity(quantity, 1)
        return to_quantity(quantity, self._instruments[instrument, QUANTITY_SCALE])

    def _price_units(self, instrument: int, price: float) -> int:
        if instrument < 0 or instrument >= self.instrument_count:
            return to_units(price, 1)
        return to_units(price, self._instruments[instrument, PRICE_SCALE])


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
