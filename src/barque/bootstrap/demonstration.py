"""What `barque up` shows: which market, which period, which strategy, which account."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from barque.domain.costs import Costs
from barque.features import DEFAULT_FEATURES, FeatureSet
from barque.research.terms import Terms
from barque.risk.limits import Limits


def midnight(day: date) -> int:
    """Return the beginning of a UTC day in nanoseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """US shares by day: learned to `train_until`, traded on paper from there on.

    The last training label is visible before `train_until`. The feed begins `history_from`, so
    that the features are known when trading begins.
    """

    feed: str = "us-equity-daily"
    account: str = "paper"
    currency: str = "USD"
    period: str = "1d"
    features: FeatureSet = DEFAULT_FEATURES
    horizon: int = 5
    folds: int = 10
    train_until: date = date(2016, 1, 1)
    history_from: date = date(2015, 4, 1)
    terms: Terms = Terms(
        cash=Decimal(1_000_000),
        costs=Costs(fee=Decimal("0.0001"), slippage=Decimal("0.0002")),
        limits=Limits(notional=Decimal(250_000), price_band=Decimal("0.2")),
    )
    seed: int = 7


DEMONSTRATION = Demonstration()
