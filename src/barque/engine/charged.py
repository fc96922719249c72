"""What trading costs, in numbers: the models of `domain.costs` as columns of the flat state."""

import math
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from numba import cfunc, njit

from barque.domain.costs import (
    BasisPoints,
    CostModels,
    Costs,
    Fee,
    FeeModel,
    MakerTaker,
    OwnFee,
    OwnSlippage,
    Percentage,
    PerContract,
    PerShare,
    Slippage,
    SlippageModel,
    Spread,
    SquareRoot,
    Ticks,
    Tier,
    VolumeShare,
)
from barque.domain.instruments import Instrument, cash_units, rate_units
from barque.kernels import layout as at
from barque.kernels.arrays import IntArray
from barque.kernels.costs import DAYS, FEE_SIGNATURE, SLIPPAGE_SIGNATURE

Tiers = tuple[Tier, ...]


def tier_table(costs: Costs | CostModels, currency: str) -> list[int]:
    """Return the numbers of every model with tiers, as they follow the 30 days of volume."""
    table: list[int] = []
    for tiers in _all_tiers(costs):
        table.append(len(tiers))
        for tier in tiers:
            table += [cash_units(tier.volume, currency), rate_units(tier.maker)]
            table.append(rate_units(tier.taker))
    return table


def write_costs(
    row: IntArray, account: IntArray, instrument: Instrument, costs: Costs | CostModels
) -> tuple[object, ...]:
    """Write what an instrument costs; return the compiled functions that must be kept alive."""
    if isinstance(costs, Costs):
        row[at.FEE_RATE] = rate_units(costs.fee)
        row[at.FEE_PER_UNIT] = cash_units(costs.fee_per_unit, instrument.currency)
        row[at.SLIPPAGE_RATE] = rate_units(costs.slippage)
        return ()
    own = costs.of.get(instrument.id, costs)
    if isinstance(own.fee, MakerTaker) and own.fee.tiers:
        before = list(_all_tiers(costs))[: list(_all_tiers(costs)).index(own.fee.tiers)]
        first = int(account[at.VOLUME_OF_DAYS]) + 1 + DAYS
        row[at.FEE_TIERS] = first + sum(1 + 3 * len(tiers) for tiers in before)
    return _write_fee(row, own.fee, instrument.currency) + _write_slippage(row, own.slippage)


def _all_tiers(costs: Costs | CostModels) -> Iterator[Tiers]:
    """Yield the tiers of each model that has some, each once."""
    models = [] if isinstance(costs, Costs) else [costs, *costs.of.values()]
    fees = [one.fee for one in models if isinstance(one.fee, MakerTaker)]
    yield from dict.fromkeys(fee.tiers for fee in fees if fee.tiers)


def _write_fee(row: IntArray, fee: Fee, currency: str) -> tuple[object, ...]:
    match fee:
        case Percentage(rate, each):
            row[at.FEE_RATE] = rate_units(rate)
            row[at.FEE_PER_UNIT] = cash_units(each, currency)
        case PerContract(each):
            row[at.FEE_PER_UNIT] = cash_units(each, currency)
        case PerShare():
            row[at.FEE_MODEL] = FeeModel.PER_SHARE
            row[at.FEE_PER_UNIT] = cash_units(fee.each, currency)
            row[at.FEE_MINIMUM] = cash_units(fee.minimum, currency)
            row[at.FEE_MAXIMUM] = rate_units(fee.maximum or Decimal(0))
        case MakerTaker():
            row[at.FEE_MODEL] = FeeModel.TIERED if fee.tiers else FeeModel.MAKER_TAKER
            row[at.FEE_RATE], row[at.MAKER_RATE] = rate_units(fee.taker), rate_units(fee.maker)
        case OwnFee(function):
            row[at.FEE_MODEL] = FeeModel.OWN
            compiled = _compiled_fee(function)
            row[at.FEE_FUNCTION] = compiled.address
            return (compiled,)
    return ()


def _write_slippage(row: IntArray, slippage: Slippage) -> tuple[object, ...]:
    match slippage:
        case BasisPoints(points):
            row[at.SLIPPAGE_RATE] = rate_units(points.scaleb(-4))
        case Ticks(ticks):
            row[at.SLIPPAGE_MODEL], row[at.SLIPPAGE_TICKS] = SlippageModel.TICKS, ticks
        case Spread():
            row[at.SLIPPAGE_MODEL] = SlippageModel.SPREAD
        case VolumeShare(impact):
            row[at.SLIPPAGE_MODEL] = SlippageModel.VOLUME_SHARE
            row[at.SLIPPAGE_FACTOR] = rate_units(impact)
        case SquareRoot(factor):
            row[at.SLIPPAGE_MODEL] = SlippageModel.SQUARE_ROOT
            row[at.SLIPPAGE_FACTOR] = rate_units(factor)
        case OwnSlippage(function):
            row[at.SLIPPAGE_MODEL] = SlippageModel.OWN
            compiled = _compiled_slippage(function)
            row[at.SLIPPAGE_FUNCTION] = compiled.address
            return (compiled,)
    return ()


def _compiled_fee(function: Callable[..., float]) -> Any:
    """Compile a fee model; between machine code everything is a float64.

    A function that fails says that it has no number, which halts the account: machine code that
    is called by its address cannot raise, and would go on with 0.
    """
    charge = njit(error_model="numpy")(function)

    def fee(price: float, quantity: float, notional: float, is_maker: float) -> float:
        try:
            return charge(price, quantity, notional, is_maker != 0.0)
        except Exception:
            return math.nan

    return cfunc(FEE_SIGNATURE)(fee)


def _compiled_slippage(function: Callable[..., float]) -> Any:
    """Compile a slippage model; one that fails says that it has no number, as a fee does."""
    move = njit(error_model="numpy")(function)

    def slippage(price: float, quantity: float, volume: float, bid: float, ask: float) -> float:
        try:
            return move(price, quantity, volume, bid, ask)
        except Exception:
            return math.nan

    return cfunc(SLIPPAGE_SIGNATURE)(slippage)
