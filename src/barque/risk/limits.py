"""What an account may do, in the words of the person who answers for it."""

from dataclasses import dataclass
from decimal import Decimal

from barque.domain.errors import BadInput
from barque.domain.instruments import LARGEST_MONEY, LARGEST_VALUE, RATE_SCALE


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an account may do. `None` means only the engine's number range binds.

    On each instrument: `position` is the largest holding, long or short, orders at work included;
    `notional` the largest value of one order in quote currency; `price_band` the largest distance
    of an order's price from the last price, as a fraction of it (0.1 is ten percent).

    On the account, in its currency and with all orders at work counted as filled: `gross` and
    `net` exposure; `leverage` is gross over equity, `concentration` the largest exposure of one
    instrument over equity. At most `orders` are accepted in `window` nanoseconds.

    What is lost: `daily_loss` and `drawdown` are the fractions of the day's first and of the
    highest equity that may be gone when a slice ends; more halts the account (see `engine.watch`).

    Raises BadInput for one that is no number or negative; 0 allows nothing but reductions, and of
    a loss nothing at all.
    """

    position: Decimal | None = None
    notional: Decimal | None = None
    price_band: Decimal | None = None
    gross: Decimal | None = None
    net: Decimal | None = None
    leverage: Decimal | None = None
    concentration: Decimal | None = None
    orders: int | None = None
    window: int = 1_000_000_000
    daily_loss: Decimal | None = None
    drawdown: Decimal | None = None

    def __post_init__(self) -> None:
        for name in (*_OF_ORDERS, *_OF_ACCOUNTS):
            limit = getattr(self, name)
            if limit is not None and not (Decimal(limit).is_finite() and limit >= 0):
                raise BadInput(f"The {name} limit is {limit}; a limit is a number of at least 0.")
        if not 1 <= self.window <= 10**18:
            raise BadInput(f"The window is {self.window} ns; it lies between 1 and 10^18.")


_OF_ORDERS = ("position", "notional", "price_band")
_OF_ACCOUNTS = ("gross", "net", "leverage", "concentration", "orders", "daily_loss", "drawdown")

NO_LIMITS = Limits()

WIDEST_POSITION = LARGEST_VALUE
WIDEST_NOTIONAL = LARGEST_MONEY
WIDEST_BAND = 1000 * RATE_SCALE
NO_BOUND = 2**62
"""Stands in the account for a limit that is None."""
