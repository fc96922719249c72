"""zipline's commission tests: an order that is filled on three days, and the fee of each."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.published.markets import ask, bar_file, bring_in, days, flat

HERE = Path(__file__).parent
TERMS = (HERE / "terms_of_fees.toml").read_text()


def per_share(minimum):
    return {"model": "per_share", "each": "0.05", "minimum": str(minimum)}


# What is charged, and what each of the three days takes from the cash, as published.
EQUAL = {
    "per share": (per_share(0), (1005, 1005, 1005)),
    "per share, each fill above the minimum": (per_share(3), (1005, 1005, 1005)),
    "a part of the value": ({"model": "percentage", "rate": "0.01"}, (1010, 1010, 1010)),
}
# zipline asks a minimum and a fixed amount once of an order, Barque of each of its fills.
MINIMUM_OF_THE_ORDER = {
    1: (1001, 1000, 1000),
    8: (1008, 1002, 1005),
    12: (1012, 1000, 1003),
    18: (1018, 1000, 1000),
}


@pytest.mark.parametrize("name", EQUAL)
def test_cash_of_every_day_is_the_published_one(home, tmp_path, name):
    fees, published = EQUAL[name]

    assert paid_by_day(fees, tmp_path) == published


@pytest.mark.parametrize("minimum", MINIMUM_OF_THE_ORDER)
def test_a_minimum_is_asked_of_each_fill_not_of_the_order(home, tmp_path, minimum):
    fees = per_share(minimum) if minimum > 1 else per_share(1) | {"each": "0"}

    paid = paid_by_day(fees, tmp_path)

    assert paid == (1000 + minimum,) * 3
    assert paid != MINIMUM_OF_THE_ORDER[minimum]


def paid_by_day(fees, folder):
    """Return what each fill of the order took from the cash; there is one a day."""
    bring_in(bar_file(folder / "bars.csv", days("2006-01-03", 5), flat(*[10] * 5)), "ONE.TEST")
    terms = folder / "terms.toml"
    said = "".join(f'{key} = "{value}"\n' for key, value in fees.items())
    terms.write_text(f"{TERMS}\n[fees]\n{said}")

    found = ask(f"{HERE}/one_order.py", "ONE.TEST", terms=terms)

    assert [fill["quantity"] for fill in found["fills"]] == ["100"] * 3
    return tuple(Decimal(fill["notional"]) + Decimal(fill["fee"]) for fill in found["fills"])
