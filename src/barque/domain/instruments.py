"""What can be traded, and the units its numbers are counted in."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from barque.domain.errors import BadInput

LARGEST_VALUE = 10**15
"""The largest |price|, |quantity| or |rate| in units."""

LARGEST_MONEY = 4 * 10**18
"""The largest |cash| or |notional| in cash units."""

RATE_SCALE = 10**12
"""Rates (fee, slippage, funding, price band) are integers of 10^-12."""

CASH_DIGITS = {"JPY": 4, "KRW": 4}
"""Decimal digits of a cash unit by currency; 8 for all others."""


def cash_digits(currency: str) -> int:
    """Return c, where one cash unit of `currency` is 10^-c."""
    return CASH_DIGITS.get(currency, 8)


class InstrumentKind(StrEnum):
    """What sort of thing an instrument is."""

    EQUITY = "equity"
    SPOT = "spot"
    PERPETUAL = "perpetual"
    FX = "fx"
    FUTURE = "future"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One tradable thing at one venue, for example `AAPL.XNAS`.

    A price unit is 10^-`price_digits`, a quantity unit 10^-`quantity_digits`, and the multiplier
    `multiplier` · 10^-`multiplier_digits`. `tick` and `lot` bind orders only: fills, marks and
    adjusted prices may lie between them. `calendar` is an exchange-calendars name, or "24/7".

    A `margined` instrument settles only profit and loss; of any other the whole notional is paid.
    Unless said otherwise, futures and perpetuals are margined. `expiry` is when the last trade
    can be made, in nanoseconds UTC.
    """

    id: str
    kind: InstrumentKind
    currency: str
    price_digits: int
    quantity_digits: int
    tick: Decimal
    lot: Decimal
    calendar: str = "24/7"
    multiplier: int = 1
    multiplier_digits: int = 0
    margined: bool | None = None
    expiry: int | None = None

    def __post_init__(self) -> None:
        if "." not in self.id:
            raise BadInput(
                f"Instrument id {self.id!r} has no venue; write SYMBOL.VENUE, as AAPL.XNAS."
            )
        if not 0 <= self.notional_digits <= 15:
            raise BadInput(
                f"{self.id}: price, quantity and multiplier digits less cash digits are "
                f"{self.notional_digits}; they must lie between 0 and 15. Choose finer units."
            )
        if self.multiplier < 1:
            raise BadInput(
                f"{self.id}: the multiplier is {self.multiplier}; it must be at least 1."
            )
        self.price_units(self.tick)
        self.quantity_units(self.lot)

    @property
    def symbol(self) -> str:
        return self.id.rpartition(".")[0]

    @property
    def venue(self) -> str:
        return self.id.rpartition(".")[2]

    @property
    def base(self) -> str:
        """What one unit of an FX or spot pair is, as EUR of EURUSD; "" if the symbol is no pair."""
        letters = "".join(filter(str.isalnum, self.symbol)).upper()
        is_pair = self.kind in (InstrumentKind.FX, InstrumentKind.SPOT)
        if not is_pair or not letters.endswith(self.currency):
            return ""
        return letters.removesuffix(self.currency)

    @property
    def is_margined(self) -> bool:
        """Whether only profit and loss are settled."""
        if self.margined is not None:
            return self.margined
        return self.kind in (InstrumentKind.FUTURE, InstrumentKind.PERPETUAL)

    @property
    def notional_digits(self) -> int:
        """P + q + m - c: a notional is price · quantity · multiplier / 10^this, in cash units."""
        digits = self.price_digits + self.quantity_digits + self.multiplier_digits
        return digits - cash_digits(self.currency)

    def price_units(self, price: Decimal) -> int:
        """Return `price` as an integer of price units."""
        return _units(self.id, "price", price, self.price_digits)

    def quantity_units(self, quantity: Decimal) -> int:
        """Return `quantity` as an integer of quantity units."""
        return _units(self.id, "quantity", quantity, self.quantity_digits)

    def price(self, units: int) -> Decimal:
        return Decimal(units).scaleb(-self.price_digits)

    def quantity(self, units: int) -> Decimal:
        return Decimal(units).scaleb(-self.quantity_digits)


def cash(units: int, currency: str) -> Decimal:
    """Return an amount of cash units as money."""
    return Decimal(units).scaleb(-cash_digits(currency))


@lru_cache(maxsize=256)
def cash_units(amount: Decimal, currency: str) -> int:
    """Return money as an integer of cash units."""
    return _units(currency, "cash", amount, cash_digits(currency), LARGEST_MONEY)


@lru_cache(maxsize=256)
def rate_units(rate: Decimal) -> int:
    """Return a fraction (0.001 is ten basis points) as an integer of 10^-12."""
    return _units("rate", "rate", rate, 12)


def _units(owner: str, what: str, value: Decimal, digits: int, largest: int = LARGEST_VALUE) -> int:
    if not value.is_finite():
        raise BadInput(f"{owner}: the {what} is {value}; it must be a finite number.")
    scaled = value.scaleb(digits)
    units = int(scaled)
    if units != scaled:
        raise BadInput(f"{owner}: the {what} {value} has more than {digits} decimals.")
    if abs(units) > largest:
        raise BadInput(
            f"{owner}: the {what} {value} is {abs(units):.1e} units of 10^-{digits}; "
            f"at most {largest:.0e} are allowed. Choose coarser units."
        )
    return units
