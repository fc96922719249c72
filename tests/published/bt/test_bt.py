"""bt's test_turnover: equal weights each day, in whole shares."""

from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from pathlib import Path

from tests.published.markets import ask, bar_file, bring_in, days, flat, signed

HERE = Path(__file__).parent

PRICES = {"A.TEST": (100, 105, 110, 115, 100), "B.TEST": (100, 95, 90, 85, 100)}

PUBLISHED = [
    Fraction(0),
    Fraction(24985, 1000000),
    Fraction(24970, 997490),
    Fraction(25160, 992455),
    Fraction(76100, 1015285),
]


def test_the_turnover_of_every_day_is_the_published_fraction(home, tmp_path):
    for name, prices in PRICES.items():
        bring_in(bar_file(tmp_path / "bars.csv", days("2010-01-01", 5), flat(*prices)), name)

    found = ask(f"{HERE}/equal_weights.py", *PRICES, terms=HERE / "terms.toml")

    assert len(found["fills"]) == 10
    assert turnovers(found["fills"]) == PUBLISHED


def turnovers(fills):
    """Return for each day the lesser of what was bought and sold, of the equity before it."""
    cash, held, found = Fraction(1000000), dict.fromkeys(PRICES, 0), []
    for day, (_, traded) in enumerate(groupby(fills, key=lambda fill: fill["ts"])):
        equity = cash + sum(held[name] * PRICES[name][day] for name in PRICES)
        bought = sold = Fraction(0)
        for fill in traded:
            value = Fraction(Decimal(fill["notional"]))
            bought, sold = bought + max(value, 0), sold + max(-value, 0)
            cash -= value
            held[fill["instrument"]] += int(signed(fill))
        found.append(min(bought, sold) / equity)
    return found
