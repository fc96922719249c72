"""What trading costs: exchangeable models of fees and slippage.

Rates are fractions: 0.001 is ten basis points. Amounts are in the instrument's currency.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum

from barque.domain.errors import BadInput


def _check_cost(name: str, value: Decimal) -> None:
    if not value.is_finite() or value < 0:
        raise BadInput(f"{name} is {value}; a cost is a number of at least 0.")


class FeeModel(IntEnum):
    """How a fee is computed: the number by which the kernels know a model."""

    SHARE = 0
    MAKER_TAKER = 1
    PER_SHARE = 2
    TIERED = 3
    OWN = 4


class SlippageModel(IntEnum):
    """How slippage is computed: the number by which the kernels know a model."""

    RATE = 0
    TICKS = 1
    SPREAD = 2
    VOLUME_SHARE = 3
    SQUARE_ROOT = 4
    OWN = 5


@dataclass(frozen=True, slots=True)
class Percentage:
    """A share of each fill's notional: fee = rate · |notional| + each · |quantity|.

    `each` is an amount for each whole unit of quantity, on top.
    """

    rate: Decimal
    each: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        _check_cost("rate", self.rate)
        _check_cost("each", self.each)


@dataclass(frozen=True, slots=True)
class PerContract:
    """So much for each whole unit of quantity: fee = each · |quantity|."""

    each: Decimal

    def __post_init__(self) -> None:
        _check_cost("each", self.each)


@dataclass(frozen=True, slots=True, kw_only=True)
class PerShare:
    """So much a share, within bounds: each · |quantity|, at least `minimum`, at most a share.

    `maximum` is a fraction of the fill's notional, None for no bound; where it is less than the
    minimum, it wins, as at Interactive Brokers ("IBKR Pro Fixed": 0.005, 1.00, 1 %). Both bound
    the fee of each fill.
    """

    each: Decimal
    minimum: Decimal = Decimal(0)
    maximum: Decimal | None = None

    def __post_init__(self) -> None:
        _check_cost("each", self.each)
        _check_cost("minimum", self.minimum)
        if self.maximum is not None and not 0 < self.maximum <= 1:
            raise BadInput(
                f"maximum is {self.maximum}; it is a fraction of the notional above 0, at most 1."
            )


@dataclass(frozen=True, slots=True)
class Tier:
    """The rates of those who traded at least `volume` in the last 30 days."""

    volume: Decimal
    maker: Decimal
    taker: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MakerTaker:
    """One rate for liquidity that is made, another for what is taken; less for who trades more.

    A limit order that is filled at its own price made liquidity; every other fill took it. A
    negative maker rate is a rebate. `tiers` replace both rates from their `volume` on: the sum of
    |notional| of all fills of the account in the last 30 UTC days, this one's day included and
    this one not, in the account's currency at the rate of each moment.
    """

    maker: Decimal
    taker: Decimal
    tiers: tuple[Tier, ...] = ()

    def __post_init__(self) -> None:
        for one in (self, *self.tiers):
            for name in ("maker", "taker"):
                rate = getattr(one, name)
                if not rate.is_finite() or not -1 < rate < 1:
                    raise BadInput(f"{name} is {rate}; it is a fraction, so 0.0005 is 5 bp.")
        volumes = [tier.volume for tier in self.tiers]
        if any(not volume > 0 for volume in volumes) or volumes != sorted(set(volumes)):
            raise BadInput(
                f"The tiers begin at {', '.join(map(str, volumes))}; each must begin above the "
                "one before it, and the first above 0."
            )


OwnFeeFunction = Callable[[float, float, float, bool], float]
OwnSlippageFunction = Callable[[float, float, float, float, float], float]


@dataclass(frozen=True, slots=True)
class OwnFee:
    """Your own: `function(price, quantity, notional, is_maker)` returns the fee, in money.

    `quantity` is negative for a sale, `notional` never. Compiled with Numba, so it may use what
    compiled strategies may. The result is rounded to the currency's unit, half to even; one that
    is no finite number halts the account.
    """

    function: OwnFeeFunction


@dataclass(frozen=True, slots=True)
class BasisPoints:
    """Price moves against the taker by so many hundredths of a percent."""

    points: Decimal

    def __post_init__(self) -> None:
        _check_cost("points", self.points)
        if self.points >= 10_000:
            raise BadInput(f"points is {self.points}; 10,000 basis points are the whole price.")


@dataclass(frozen=True, slots=True)
class Ticks:
    """Price moves against the taker by a number of ticks."""

    ticks: int

    def __post_init__(self) -> None:
        if not 0 <= self.ticks <= 10**6:
            raise BadInput(f"ticks is {self.ticks}; it is a number from 0 to a million.")


@dataclass(frozen=True, slots=True)
class Spread:
    """Price moves against the taker by half of the last quoted spread; by nothing before one.

    Nothing either where the quote crosses. For bars of trades beside quotes: a fill on a quote or
    on a bid or ask bar has its side's price already and pays no more.
    """


@dataclass(frozen=True, slots=True)
class VolumeShare:
    """Price moves against the taker by price · impact · (quantity / volume of the event)².

    Zipline's VolumeShareSlippage (Quantopian 2012; its default impact is 0.1). The share is at
    most 1, and 1 where the volume is unknown.
    """

    impact: Decimal = Decimal("0.1")

    def __post_init__(self) -> None:
        _check_cost("impact", self.impact)


@dataclass(frozen=True, slots=True)
class SquareRoot:
    """Price moves against the taker by price · factor · √(quantity / volume of the event).

    The square-root law: Grinold and Kahn (1999), chapter 16; Tóth et al. (2011), equation 1, where
    the factor is a constant near 1 times the volatility over the time of that volume. The share
    is at most 1, and 1 where the volume is unknown.
    """

    factor: Decimal

    def __post_init__(self) -> None:
        _check_cost("factor", self.factor)


@dataclass(frozen=True, slots=True)
class OwnSlippage:
    """Your own: `function(price, quantity, volume, bid, ask)` returns how far the price moves.

    In money, against the taker; negative is an improvement. `quantity` is negative for a sale, bid
    and ask are 0 before a quote. Compiled with Numba. The price that results is rounded to the
    instrument's unit, half to even; a move that is no finite number halts the account.
    """

    function: OwnSlippageFunction


Fee = Percentage | PerContract | PerShare | MakerTaker | OwnFee
Slippage = BasisPoints | Ticks | Spread | VolumeShare | SquareRoot | OwnSlippage


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What trading costs in three numbers: fractions of notional or price, and an amount a unit.

    `fee` 0.001 is ten basis points of each fill's notional; `fee_per_unit` in quote currency.
    `slippage` moves the price of market and stop orders against you. They are the same for every
    instrument of a run.
    """

    fee: Decimal = Decimal(0)
    fee_per_unit: Decimal = Decimal(0)
    slippage: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        for name in ("fee", "fee_per_unit", "slippage"):
            _check_cost(name, getattr(self, name))
        if self.slippage >= 1:
            raise BadInput(f"slippage is {self.slippage}; it is a fraction, so 0.0005 is 5 bp.")


FREE = Costs()


@dataclass(frozen=True, slots=True, kw_only=True)
class CostModels:
    """What trading costs, as models; `of` names instruments that have their own."""

    fee: Fee = Percentage(Decimal(0))
    slippage: Slippage = BasisPoints(Decimal(0))
    of: Mapping[str, "CostModels"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for id_, models in self.of.items():
            if models.of:
                raise BadInput(f"The costs of {id_} name further instruments; put them beside it.")


def models_of(costs: Costs | CostModels) -> CostModels:
    """Return costs as models: three numbers are a percentage, an amount a unit and basis points."""
    if isinstance(costs, CostModels):
        return costs
    return CostModels(
        fee=Percentage(costs.fee, costs.fee_per_unit),
        slippage=BasisPoints(costs.slippage.scaleb(4)),
    )
