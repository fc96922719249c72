"""What an account must own to hold what it holds.

Initial margin is asked when an order is sent: what all positions and working orders bind must not
exceed the equity. Maintenance margin is asked whenever a slice ends: below it the account is
closed out, the largest positions first, until it is covered again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from enum import IntEnum

from barque.domain.errors import BadInput


class MarginModel(IntEnum):
    """How an account may borrow: the number by which the kernels know a model."""

    NONE = 0
    CASH = 1
    RATES = 2


@dataclass(frozen=True, slots=True)
class Unlimited:
    """Nobody asks: cash may go below zero without end."""


@dataclass(frozen=True, slots=True)
class CashAccount:
    """No borrowing: a buy beyond the cash and a short sale are refused.

    A buy that the market moved beyond the cash by the time it would fill is canceled instead.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Leverage:
    """Fractions of the notional that a position binds; 0.1 is a leverage of ten.

    `initial` to open it, `maintenance` to keep it; `short_maintenance` if that is another for
    short positions. `of` names instruments that have their own.
    """

    initial: Decimal
    maintenance: Decimal
    short_maintenance: Decimal | None = None
    of: Mapping[str, "Leverage"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rates = (self.initial, self.maintenance, self.of_short)
        if not all(rate.is_finite() and 0 <= rate <= 1 for rate in rates):
            raise BadInput(
                f"Margin rates are {', '.join(map(str, rates))}; each is a fraction from 0 to 1."
            )
        if max(self.maintenance, self.of_short) > self.initial:
            raise BadInput(
                f"Maintenance is above the initial margin {self.initial}: a position would be "
                "closed out as soon as it is open."
            )
        for id_, own in self.of.items():
            if own.of:
                raise BadInput(
                    f"The margin of {id_} names further instruments; put them beside it."
                )

    @property
    def of_short(self) -> Decimal:
        """The maintenance rate of a short position."""
        return self.maintenance if self.short_maintenance is None else self.short_maintenance


REG_T = Leverage(
    initial=Decimal("0.5"),
    maintenance=Decimal("0.25"),
    short_maintenance=Decimal("0.3"),
)
"""US shares on margin: half to open (Federal Reserve, Regulation T, 12 CFR 220.12), a quarter to
keep long and three tenths to keep short (FINRA rule 4210 (c); its floor of 5 dollars a short share
is left out)."""


def leverage_of(times: Decimal) -> Leverage:
    """Return margin for positions of so many times the equity.

    1 / `times` of the notional opens a position, rounded up to 10^-12, and half of that keeps it.
    """
    if not times >= 1:
        raise BadInput(f"The leverage is {times}; 1 or more is required, so 5 is five times.")
    initial = (1 / times).quantize(Decimal("1e-12"), ROUND_UP)
    return Leverage(initial=initial, maintenance=(initial / 2).quantize(Decimal("1e-12"), ROUND_UP))


Margin = Unlimited | CashAccount | Leverage


UNLIMITED = Unlimited()
