"""The risk gate: one compiled review of every order, in backtest, on paper and live."""

from numba import njit

from barque.domain.instruments import LARGEST_MONEY, LARGEST_VALUE
from barque.domain.orders import OrderType, Reason, Side
from barque.kernels.arrays import IntArray
from barque.kernels.compile import JIT
from barque.kernels.layout import (
    FREE_SLOT,
    HALTED,
    LAST,
    LOT,
    MAX_NOTIONAL,
    MAX_POSITION,
    POSITION,
    PRICE_BAND,
    TICK,
    WORKING_BUY,
    WORKING_SELL,
)
from barque.kernels.money import RATE, mul_div, notional

BUY = int(Side.BUY)
MARKET = int(OrderType.MARKET)
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
    reason = _venue_rules(account, instruments, i, order_type, quantity, price)
    if reason != NONE or reduces(instruments, i, side, quantity):
        return reason
    return _limits(account, instruments, i, order_type, side, quantity, price)


@njit(**JIT)
def reduces(instruments: IntArray, i: int, side: int, quantity: int) -> bool:
    """Return whether selling from a long, or buying back a short, stays on its side of zero."""
    position = instruments[i, POSITION]
    if side == BUY:
        return position + instruments[i, WORKING_BUY] + quantity <= 0
    return position - instruments[i, WORKING_SELL] - quantity >= 0


@njit(**JIT)
def _venue_rules(
    account: IntArray, instruments: IntArray, i: int, order_type: int, quantity: int, price: int
) -> int:
    if i < 0 or i >= instruments.shape[0]:
        return UNKNOWN_INSTRUMENT
    if quantity <= 0 or (order_type != MARKET and price <= 0):
        return NOT_POSITIVE
    if quantity > LARGEST_QUANTITY or price > LARGEST_QUANTITY:
        return TOO_LARGE
    if quantity % instruments[i, LOT] != 0:
        return OFF_LOT
    if order_type != MARKET and price % instruments[i, TICK] != 0:
        return OFF_TICK
    if account[FREE_SLOT] < 0:
        return TOO_MANY_ORDERS
    return NONE


@njit(**JIT)
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
    if last == 0:
        return NO_PRICE
    if _worst_position(instruments, i, side, quantity) > instruments[i, MAX_POSITION]:
        return POSITION_LIMIT
    reference = last if order_type == MARKET else price
    value, ok = notional(instruments, i, reference, quantity)
    if not ok:
        return TOO_LARGE
    if value > instruments[i, MAX_NOTIONAL]:
        return NOTIONAL_LIMIT
    widest, ok = mul_div(last, instruments[i, PRICE_BAND], RATE)
    if ok and abs(reference - last) > widest:
        return BEYOND_BAND
    return NONE


@njit(**JIT)
def _worst_position(instruments: IntArray, i: int, side: int, quantity: int) -> int:
    """Return the largest |position| on this side if all that works there, and this order, fill."""
    if side == BUY:
        return abs(instruments[i, POSITION] + instruments[i, WORKING_BUY] + quantity)
    return abs(instruments[i, POSITION] - instruments[i, WORKING_SELL] - quantity)
