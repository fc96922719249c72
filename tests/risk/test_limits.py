from decimal import Decimal

import pytest

from barque.domain.errors import BadInput
from barque.risk.limits import Limits

NAMES = [
    "position", "notional", "price_band", "gross", "net", "leverage", "concentration", "daily_loss",
    "drawdown",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("limit", ["-1", "-0.001", "NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_limit_that_limits_nothing_sensible_is_refused(name: str, limit: str) -> None:
    with pytest.raises(BadInput, match=f"The {name} limit is {limit}; a limit is a number"):
        Limits(**{name: Decimal(limit)})


def test_zero_is_a_limit_and_none_is_none() -> None:
    assert Limits(position=Decimal(0)).position == 0
    assert Limits().position is None


@pytest.mark.parametrize(("words", "said"), [({"orders": -1}, "orders"), ({"window": 0}, "window")])
def test_an_order_rate_that_is_no_rate_is_refused(words: dict[str, int], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Limits(**words)
