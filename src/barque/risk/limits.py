"""What an account may do, in the words of the person who answers for it."""

from dataclasses import dataclass
from decimal import Decimal

from barque.domain.errors import BadInput
from barque.domain.instruments import LARGEST_MONEY, LARGEST_VALUE, RATE_SCALE


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits on each instrument of an account. `None` means only the engine's number range binds.

    `position` is the largest holding, long or short, orders at work included; `notional` the
    largest value of one order in quote currency; `price_band` the largest distance of an order's
    price from the last price, as a fraction of it (0.1 is ten percent). Raises BadInput for one
    that is no number or negative; 0 allows nothing but reductions.
    """

    position: Decimal | None = None
    notional: Decimal | None = None
    price_band: Decimal | None = None

    def __post_init__(self) -> None:
        for name in ("position", "notional", "price_band"):
            limit = getattr(self, name)
            if limit is not None and not (limit.is_finite() and limit >= 0):
                raise BadInput(f"The {name} limit is {limit}; a limit is a number of at least 0.")


NO_LIMITS = Limits()

WIDEST_POSITION = LARGEST_VALUE
WIDEST_NOTIONAL = LARGEST_MONEY
WIDEST_BAND = 1000 * RATE_SCALE
