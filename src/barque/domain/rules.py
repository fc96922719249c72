"""The rules of a run: what it takes for granted about how orders meet the market."""

from dataclasses import dataclass
from decimal import Decimal

from barque.domain.errors import BadInput
from barque.domain.orders import FillTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When and how orders fill. They bind backtests and paper accounts alike.

    `fill_time` is when a market order meets the market; `latency` how many nanoseconds pass from
    a decision until its order, or its change of an order, arrives at the venue. `touch_fills`: a
    limit fills where the market touches it; without, only where the market goes beyond it.
    `stop_first`: of stops and limits that one bar reaches, the stops are met first; without, the
    oldest is. `participation` is the largest share of a bar's or a trade's volume that all orders
    of the instrument take together, None for all they want. Raises BadInput.
    """

    fill_time: FillTime = FillTime.NEXT_OPEN
    latency: int = 0
    touch_fills: bool = True
    stop_first: bool = True
    participation: Decimal | None = None

    def __post_init__(self) -> None:
        if self.fill_time not in list(FillTime):
            raise BadInput(f"fill_time is {self.fill_time!r}; choose one of FillTime.")
        if not 0 <= self.latency <= 10**18:
            raise BadInput(f"latency is {self.latency} ns; it lies between 0 and 10^18.")
        if self.latency and self.fill_time == FillTime.SAME_CLOSE:
            raise BadInput(
                "An order that takes time to arrive cannot fill at the close it was decided at; "
                "choose a latency of 0, or another fill_time."
            )
        share = self.participation
        if share is not None and not (share.is_finite() and 0 < share <= 1):
            raise BadInput(
                f"participation is {share}; it is a fraction above 0 and at most 1, so 0.1 is a "
                "tenth of the volume."
            )


USUAL_RULES = Rules()
