"""The risk gate: one compiled review of every order, in backtest, on paper and live.

Rules, in the order in which they are asked:

* The venue's own rules bind every order; nothing is sent for an instrument that has ended.
* A reduction passes everything else: together with the orders already working on its side it takes
  the position towards zero, not beyond.
* An account that is halted or being closed out opens nothing; neither does one without a price
  for the instrument or a rate for its currency.
* Position, notional and price band bind each order; a market order counts at the last price.
* Order rate: at most so many orders are accepted in a window that begins with its first order.
* Gross and net exposure, leverage (gross over equity) and concentration (one instrument's exposure
  over equity) count all working orders as filled, and this one, at its own price.
* Margin: the initial margin with this order, and its fee as a taker, must not exceed the equity. A
  cash account must also own the cash it pays in, and sells nothing it does not hold.
"""

from numba import njit

from barque.domain.instruments import LARGEST_MONEY, LARGEST_VALUE
from barque.domain.margin import MarginModel
from barque.domain.orders import OrderType, Reason, Side
from barque.kernels.arrays import IntArray
from barque.kernels.compile import INNER, JIT, called
from barque.kernels.costs import fee
from barque.kernels.currencies import at_home, cash_of, has_rate
from barque.kernels.layout import (
    CURRENCY,
    ENDED,
    EQUITY,
    EXPOSURE_DOWN,
    EXPOSURE_UP,
    FREE_SLOT,
    HALTED,
    INITIAL_MARGIN,
    LAST,
    LIQUIDATED,
    LOT,
    MARGIN_BOUND,
    MARGIN_MODEL,
    MARGINED,
    MAX_CONCENTRATION,
    MAX_GROSS,
    MAX_LEVERAGE,
    MAX_NET,
    MAX_NOTIONAL,
    MAX_ORDERS,
    MAX_POSITION,
    NET_DOWN,
    NET_UP,
    NOT_WHOLE,
    NOW,
    POSITION,
    PRICE_BAND,
    REDUCING_BUY,
    REDUCING_SELL,
    TICK,
    WATCH_EXPOSURE,
    WATCHED,
    WORKING_BUY,
    WORKING_SELL,
)
from barque.kernels.margin import exposure, gross_with, initial_margin, orders_in_window
from barque.kernels.money import RATE, mul_div, notional
from barque.risk.limits import NO_BOUND

BUY = int(Side.BUY)
MARKET = int(OrderType.MARKET)
MARKET_ON_OPEN = int(OrderType.MARKET_ON_OPEN)
MARKET_ON_CLOSE = int(OrderType.MARKET_ON_CLOSE)
TRAILING_STOP = int(OrderType.TRAILING_STOP)
LARGEST_QUANTITY = LARGEST_VALUE
MONEY = LARGEST_MONEY

NONE = int(Reason.NONE)
OFF_LOT = int(Reason.OFF_LOT)
OFF_TICK = int(Reason.OFF_TICK)
NOT_POSITIVE = int(Reason.NOT_POSITIVE)
TOO_LARGE = int(Reason.TOO_LARGE)
NO_PRICE = int(Reason.NO_PRICE)
IS_HALTED = int(Reason.HALTED)
POSITION_LIMIT = int(Reason.POSITION_LIMIT)
NOTIONAL_LIMIT = int(Reason.NOTIONAL_LIMIT)
BEYOND_BAND = int(Reason.PRICE_BAND)
TOO_MANY_ORDERS = int(Reason.TOO_MANY_ORDERS)
UNKNOWN_INSTRUMENT = int(Reason.UNKNOWN_INSTRUMENT)
GROSS_LIMIT = int(Reason.GROSS_LIMIT)
NET_LIMIT = int(Reason.NET_LIMIT)
LEVERAGE_LIMIT = int(Reason.LEVERAGE_LIMIT)
CONCENTRATION_LIMIT = int(Reason.CONCENTRATION_LIMIT)
ORDER_RATE = int(Reason.ORDER_RATE)
NO_MARGIN = int(Reason.NO_MARGIN)
NO_CASH = int(Reason.NO_CASH)
SHORT_SALE = int(Reason.SHORT_SALE)
LIQUIDATION = int(Reason.LIQUIDATION)
ENDED_ALREADY = int(Reason.ENDED)
UNLIMITED = int(MarginModel.NONE)
CASH_ACCOUNT = int(MarginModel.CASH)
DAY_NS = 86_400 * 10**9


@njit(**JIT)
def review(
    account: IntArray,
    instruments: IntArray,
    i: int,
    order_type: int,
    side: int,
    quantity: int,
    price: int,
) -> int:
    """Return why an order is refused, or 0 when it may go to the venue.

    The venue's own rules bind every order. A reduction (together with the orders already working
    on its side it takes the position towards zero, not beyond) passes everything else, so a
    lowered limit or a halt can never trap a position.
    """
    reason = review_new(account, instruments, i, order_type, quantity, price)
    if reason != NONE:
        return reason
    return review_open(account, instruments, i, order_type, side, quantity, price)


@njit(**INNER)
def review_new(
    account: IntArray, instruments: IntArray, i: int, order_type: int, quantity: int, price: int
) -> int:
    """Return why the venue does not take an order, or 0: all that binds a reduce-only order."""
    reason = venue_rules(instruments, i, order_type, quantity, price)
    if reason == NONE and account[FREE_SLOT] < 0:
        return TOO_MANY_ORDERS
    return reason


@called
def review_open(
    account: IntArray,
    instruments: IntArray,
    i: int,
    order_type: int,
    side: int,
    quantity: int,
    price: int,
) -> int:
    """Return why our own limits refuse an order that the venue takes, or 0."""
    if reduces(instruments, i, side, quantity):
        return NONE
    return _limits(account, instruments, i, order_type, side, quantity, price)


@njit(**JIT)
def reduces(instruments: IntArray, i: int, side: int, quantity: int) -> bool:
    """Return whether selling from a long, or buying back a short, stays on its side of zero."""
    position = instruments[i, POSITION]
    if side == BUY:
        working = instruments[i, WORKING_BUY] + instruments[i, REDUCING_BUY]
        return position + working + quantity <= 0
    working = instruments[i, WORKING_SELL] + instruments[i, REDUCING_SELL]
    return position - working - quantity >= 0


@njit(**INNER)
def venue_rules(instruments: IntArray, i: int, order_type: int, quantity: int, price: int) -> int:
    """Return why the venue does not take such a quantity at such a price, or 0."""
    if i < 0 or i >= instruments.shape[0]:
        return UNKNOWN_INSTRUMENT
    if instruments[i, ENDED] != 0:
        return ENDED_ALREADY
    if quantity == NOT_WHOLE:
        return OFF_LOT
    if quantity <= 0 or (has_price(order_type) and price <= 0):
        return NOT_POSITIVE
    if quantity > LARGEST_QUANTITY or price > LARGEST_QUANTITY:
        return TOO_LARGE
    if quantity % instruments[i, LOT] != 0:
        return OFF_LOT
    # A trailing stop's trigger is a distance from a price, which may lie between ticks.
    on_tick = has_price(order_type) and order_type != TRAILING_STOP
    if on_tick and price % instruments[i, TICK] != 0:
        return OFF_TICK
    return NONE


@njit(**INNER)
def has_price(order_type: int) -> bool:
    """Return whether orders of this type name a price."""
    return order_type not in (MARKET, MARKET_ON_OPEN, MARKET_ON_CLOSE)


@njit(**INNER)
def _limits(
    account: IntArray,
    instruments: IntArray,
    i: int,
    order_type: int,
    side: int,
    quantity: int,
    price: int,
) -> int:
    if account[HALTED] != 0:
        return IS_HALTED
    last = instruments[i, LAST]
    if last == 0 or not has_rate(account, instruments[i, CURRENCY]):
        return NO_PRICE
    if _worst_position(instruments, i, side, quantity) > instruments[i, MAX_POSITION]:
        return POSITION_LIMIT
    reference = price if has_price(order_type) else last
    value, ok = notional(instruments, i, reference, quantity)
    if not ok:
        return TOO_LARGE
    if value > instruments[i, MAX_NOTIONAL]:
        return NOTIONAL_LIMIT
    if reference != last:
        widest, ok = mul_div(last, instruments[i, PRICE_BAND], RATE)
        if ok and abs(reference - last) > widest:
            return BEYOND_BAND
    if account[WATCHED] == 0:
        return NONE
    return _account_limits(account, instruments, i, side, quantity, reference, value)


@called
def _account_limits(
    account: IntArray,
    instruments: IntArray,
    i: int,
    side: int,
    quantity: int,
    price: int,
    value: int,
) -> int:
    """Judge what concerns the account as a whole. `value` is the order's notional."""
    if account[LIQUIDATED] != 0:
        return LIQUIDATION
    if orders_in_window(account, account[NOW]) >= account[MAX_ORDERS]:
        return ORDER_RATE
    if account[WATCHED] & WATCH_EXPOSURE == 0:
        return NONE
    added, ok = exposure(account, instruments, i, side * quantity, price)
    if not ok:
        return TOO_LARGE
    up, down = instruments[i, EXPOSURE_UP], instruments[i, EXPOSURE_DOWN]
    if side == BUY:
        net, up = account[NET_UP] + added, up + added
    else:
        net, down = account[NET_DOWN] + added, down + added
    reason = _exposure_limits(account, instruments, i, up, down, net)
    if reason != NONE or account[MARGIN_MODEL] == UNLIMITED:
        return reason
    return _margin(account, instruments, i, side, quantity, price, value, up, down)


@njit(**INNER)
def _exposure_limits(
    account: IntArray, instruments: IntArray, i: int, up: int, down: int, net: int
) -> int:
    """Judge exposure with the order: `up` and `down` of its instrument, `net` on its side."""
    gross = gross_with(account, instruments, i, up, down)
    if max(abs(up), abs(down)) > MONEY or gross > MONEY:
        return TOO_LARGE
    if gross > account[MAX_GROSS]:
        return GROSS_LIMIT
    if abs(net) > account[MAX_NET]:
        return NET_LIMIT
    if _beyond(account, gross, MAX_LEVERAGE):
        return LEVERAGE_LIMIT
    if _beyond(account, max(abs(up), abs(down)), MAX_CONCENTRATION):
        return CONCENTRATION_LIMIT
    return NONE


@njit(**INNER)
def _beyond(account: IntArray, exposed: int, limit: int) -> bool:
    """Return whether an exposure is more than a limit's share of the equity."""
    if account[limit] == NO_BOUND:
        return False
    most, ok = mul_div(account[EQUITY], account[limit], RATE)
    return exposed > most if ok else account[EQUITY] < 0


@njit(**INNER)
def _margin(
    account: IntArray,
    instruments: IntArray,
    i: int,
    side: int,
    quantity: int,
    price: int,
    value: int,
    up: int,
    down: int,
) -> int:
    """Judge whether the equity covers the initial margin, and a cash account its purchase."""
    is_cash = account[MARGIN_MODEL] == CASH_ACCOUNT
    if is_cash and side != BUY:
        return SHORT_SALE
    signed, day = side * quantity, account[NOW] // DAY_NS
    charged, fee_ok = fee(account, instruments, i, signed, price, value, False, day)
    home, home_ok = at_home(account, instruments[i, CURRENCY], charged)
    if not (fee_ok and home_ok):
        return TOO_LARGE
    bound = initial_margin(instruments, i, up, down) - instruments[i, MARGIN_BOUND]
    free = account[EQUITY] - account[INITIAL_MARGIN] - bound
    if is_cash:
        paid = -charged if instruments[i, MARGINED] != 0 else -value - charged
        return NONE if free >= home and has_cash(account, instruments, i, paid) else NO_CASH
    return NONE if free >= home else NO_MARGIN


@njit(**INNER)
def has_cash(account: IntArray, instruments: IntArray, i: int, paid: int) -> bool:
    """Return whether a payment in instrument `i` leaves a cash account without debt."""
    if account[MARGIN_MODEL] != CASH_ACCOUNT:
        return True
    return cash_of(account, instruments[i, CURRENCY]) + paid >= 0


@njit(**INNER)
def _worst_position(instruments: IntArray, i: int, side: int, quantity: int) -> int:
    """Return the largest |position| on this side if all that works there, and this order, fill."""
    if side == BUY:
        return abs(instruments[i, POSITION] + instruments[i, WORKING_BUY] + quantity)
    return abs(instruments[i, POSITION] - instruments[i, WORKING_SELL] - quantity)
