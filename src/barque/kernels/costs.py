"""What a fill costs: its fee, and the price that a taker gets.

Rules:

* A fee is a share of the notional and so much a unit, rounded half to even each; see
  `domain.costs` for the models, whose numbers stand in the instrument's row.
* Slippage moves the price of a taker against it and never below one unit; a maker gets its price.
* What stands in FEE_RATE, SLIPPAGE_RATE and SLIPPAGE_TICKS is charged beside any model: the models
  that do not speak of a rate or of ticks leave it 0, and a run may be asked what more would cost.
* A model of one's own is a compiled function that is called by its address: the product's kernels
  need not be compiled again for it.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from barque.domain.costs import FeeModel, SlippageModel
from barque.domain.instruments import LARGEST_MONEY, LARGEST_VALUE
from barque.kernels.arrays import IntArray
from barque.kernels.compile import INNER, called
from barque.kernels.currencies import block
from barque.kernels.layout import (
    ASK,
    BID,
    CURRENCY,
    CURRENCY_SCALE,
    FEE_FUNCTION,
    FEE_MAXIMUM,
    FEE_MINIMUM,
    FEE_MODEL,
    FEE_PER_UNIT,
    FEE_RATE,
    FEE_TIERS,
    MAKER_RATE,
    PRICE_SCALE,
    QUANTITY_SCALE,
    SLIPPAGE_FACTOR,
    SLIPPAGE_FUNCTION,
    SLIPPAGE_MODEL,
    SLIPPAGE_RATE,
    SLIPPAGE_TICKS,
    TICK,
    VOLUME_OF_DAYS,
)
from barque.kernels.money import RATE, fits, mul_div, square_root

MONEY = LARGEST_MONEY
LARGEST = LARGEST_VALUE
DAYS = 30

MAKER_TAKER = int(FeeModel.MAKER_TAKER)
PER_SHARE = int(FeeModel.PER_SHARE)
TIERED = int(FeeModel.TIERED)
OWN_FEE = int(FeeModel.OWN)
SPREAD = int(SlippageModel.SPREAD)
VOLUME_SHARE = int(SlippageModel.VOLUME_SHARE)
SQUARE_ROOT = int(SlippageModel.SQUARE_ROOT)
OWN_SLIPPAGE = int(SlippageModel.OWN)

FEE_SIGNATURE = types.float64(*(types.float64,) * 4)
SLIPPAGE_SIGNATURE = types.float64(*(types.float64,) * 5)
"""What the functions at FEE_FUNCTION and SLIPPAGE_FUNCTION take: `is_maker` as 1.0 or 0.0."""


@intrinsic
def _call(context: Any, address: Any, numbers: Any) -> Any:
    """Call the C function of float64s at an address."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        double = ir.DoubleType()
        kind = ir.FunctionType(double, [double] * len(numbers))
        function = builder.inttoptr(args[0], kind.as_pointer())
        parts = [builder.extract_value(args[1], k) for k in range(len(numbers))]
        return builder.call(function, parts)

    return types.float64(address, numbers), generate


@called
def fee(
    account: IntArray,
    instruments: IntArray,
    i: int,
    quantity: int,
    price: int,
    value: int,
    is_maker: bool,
    day: int,
) -> tuple[int, bool]:
    """Return the fee of a fill of signed `quantity` with notional `value` on a UTC day."""
    model = instruments[i, FEE_MODEL]
    rate = instruments[i, FEE_RATE]
    if model == MAKER_TAKER and is_maker:
        rate = instruments[i, MAKER_RATE]
    elif model == TIERED:
        rate = _tier_rate(account, instruments, i, is_maker, day)
    of_notional, ok = mul_div(abs(value), rate, RATE)
    if model == OWN_FEE:
        of_quantity, ok_too = _own_fee(account, instruments, i, quantity, price, value, is_maker)
    else:
        of_quantity, ok_too = mul_div(
            abs(quantity), instruments[i, FEE_PER_UNIT], instruments[i, QUANTITY_SCALE]
        )
    if model == PER_SHARE:
        of_quantity = _bounded(instruments, i, of_quantity, value)
    total = of_notional + of_quantity
    return total, ok and ok_too and fits(total)


@njit(**INNER)
def _bounded(instruments: IntArray, i: int, total: int, value: int) -> int:
    total = max(total, instruments[i, FEE_MINIMUM])
    if instruments[i, FEE_MAXIMUM] == 0:
        return total
    most, _ = mul_div(abs(value), instruments[i, FEE_MAXIMUM], RATE)
    return min(total, most)


@njit(**INNER)
def _tier_rate(account: IntArray, instruments: IntArray, i: int, is_maker: bool, day: int) -> int:
    """Return the rate of the highest tier that was reached."""
    table = instruments[i, FEE_TIERS]
    rate = instruments[i, MAKER_RATE] if is_maker else instruments[i, FEE_RATE]
    traded = _traded(account, day)
    for k in range(account[table]):
        row = table + 1 + 3 * k
        if traded >= account[row]:
            rate = account[row + 1] if is_maker else account[row + 2]
    return rate


@njit(**INNER)
def _traded(account: IntArray, day: int) -> int:
    """Return the volume of the 30 days that end with `day`, at most the largest money."""
    first = account[VOLUME_OF_DAYS]
    newest, total = account[first], 0
    for back in range(DAYS):
        if newest - back > day - DAYS:
            total = min(MONEY, total + account[first + 1 + (newest - back) % DAYS])
    return total


@njit(**INNER)
def count_volume(account: IntArray, day: int, amount: int) -> None:
    """Add a fill to the volume of its day, and forget the days that are over."""
    first = account[VOLUME_OF_DAYS]
    for forgotten in range(max(account[first] + 1, day - DAYS + 1), day + 1):
        account[first + 1 + forgotten % DAYS] = 0
    account[first] = day
    column = first + 1 + day % DAYS
    account[column] = min(MONEY, account[column] + amount)


@njit(**INNER)
def _own_fee(
    account: IntArray,
    instruments: IntArray,
    i: int,
    quantity: int,
    price: int,
    value: int,
    is_maker: bool,
) -> tuple[int, bool]:
    scale = float(account[block(instruments[i, CURRENCY]) + CURRENCY_SCALE])
    charged = _call(
        instruments[i, FEE_FUNCTION],
        (
            price / instruments[i, PRICE_SCALE],
            quantity / instruments[i, QUANTITY_SCALE],
            abs(value) / scale,
            1.0 if is_maker else 0.0,
        ),
    )
    units = np.rint(charged * scale)
    if not abs(units) <= 4e18:
        return 0, False
    return np.int64(units), True  # type: ignore[return-value]  # a machine integer


@njit(**INNER)
def slipped(
    instruments: IntArray, i: int, side: int, price: int, quantity: int, volume: int
) -> tuple[int, bool]:
    """Return the price a taker of `quantity` gets from an event that traded `volume`."""
    model = instruments[i, SLIPPAGE_MODEL]
    by_model, ok = 0, True
    if model == SPREAD:
        by_model = _half_spread(instruments, i)
    elif model in (VOLUME_SHARE, SQUARE_ROOT):
        by_model, ok = _impact(instruments, i, model, price, quantity, volume)
    elif model == OWN_SLIPPAGE:
        by_model, ok = _own_slippage(instruments, i, side, price, quantity, volume)
    by_rate, ok_too = mul_div(price, instruments[i, SLIPPAGE_RATE], RATE)
    worse = by_model + by_rate + instruments[i, SLIPPAGE_TICKS] * instruments[i, TICK]
    if not ok or not ok_too or abs(worse) > LARGEST:
        return 0, False
    return max(1, price + side * worse), True


@njit(**INNER)
def _half_spread(instruments: IntArray, i: int) -> int:
    bid, ask = instruments[i, BID], instruments[i, ASK]
    if bid == 0 or ask == 0:
        return 0
    half, _ = mul_div(max(0, ask - bid), 1, 2)
    return half


@njit(**INNER)
def _impact(
    instruments: IntArray, i: int, model: int, price: int, quantity: int, volume: int
) -> tuple[int, bool]:
    """Return how far a share of the volume moves the price: by its square, or by its root."""
    share = RATE
    if quantity < volume:
        share, _ = mul_div(quantity, RATE, volume)
    shape = square_root(share) if model == SQUARE_ROOT else mul_div(share, share, RATE)[0]
    moved, ok = mul_div(shape, instruments[i, SLIPPAGE_FACTOR], RATE)
    worse, worse_ok = mul_div(price, moved, RATE)
    return worse, ok and worse_ok


@njit(**INNER)
def _own_slippage(
    instruments: IntArray, i: int, side: int, price: int, quantity: int, volume: int
) -> tuple[int, bool]:
    scale, units = float(instruments[i, PRICE_SCALE]), float(instruments[i, QUANTITY_SCALE])
    moved = _call(
        instruments[i, SLIPPAGE_FUNCTION],
        (
            price / scale,
            side * quantity / units,
            volume / units,
            instruments[i, BID] / scale,
            instruments[i, ASK] / scale,
        ),
    )
    worse = np.rint(moved * scale)
    if not abs(worse) <= 1e15:
        return 0, False
    return np.int64(worse), True  # type: ignore[return-value]  # a machine integer
