"""zipline's test_slippage: parts of a bar's volume, and what they cost, by share and by points."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.published.markets import ask, bar_file, bring_in, flat, signed
from tests.published.zipline.volume_cases import CASES

HERE = Path(__file__).parent
TERMS = {"share": "terms_of_volume.toml", "future": "terms_of_a_future.toml"}
FIRST = datetime(2006, 1, 5, 14, 30)


@pytest.mark.parametrize("name", CASES)
def test_quantities_and_prices_of_the_bar_are_the_published_ones(home, tmp_path, name):
    case = CASES[name]
    times = [FIRST + timedelta(minutes=minute) for minute in range(2)]
    file = bar_file(tmp_path / "bars.csv", times, flat(3, case.price), volume=[1, case.volume])
    kind = ("--kind", "future", "--multiplier", 500) if case.kind == "future" else ()
    bring_in(file, "ONE.TEST", "--period", "1m", *kind)

    found = ask(
        f"{HERE}/orders_at_once.py",
        "ONE.TEST",
        terms=HERE / TERMS[case.kind],
        period="1m",
        participation=case.participation,
        set=f"case={list(CASES).index(name)}",
        **({"slippage": Decimal(case.points) / 10000} if case.points else {}),
    )

    assert tuple(signed(fill) for fill in found["fills"]) == case.filled
    assert tuple(float(fill["price"]) for fill in found["fills"]) == case.at
