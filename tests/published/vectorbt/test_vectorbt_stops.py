"""vectorbt's test_sl_stop, test_ts_stop and test_tp_stop: exits at a part of the entry's price."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.published.markets import ask, bar_file, bring_in, days, flat, signed

HERE = Path(__file__).parent

FALLING, RISING = (5, 4, 3, 2, 1), (1, 2, 3, 4, 5)
UP_AND_DOWN, DOWN_AND_UP = (4, 5, 4, 3, 2), (2, 1, 2, 3, 4)
CLOSES, BARS = False, True

# How it leaves, its side, the market, and for each part of the price the day and price of the exit.
PUBLISHED = {
    ("stop", 1, FALLING, CLOSES): {0.1: (1, 4), 0.5: (3, 2)},
    ("stop", -1, FALLING, CLOSES): {0.1: None, 0.5: None},
    ("stop", 1, FALLING, BARS): {0.1: (1, 4.25), 0.15: (1, 4.25), 0.2: (1, 4)},
    ("stop", -1, FALLING, BARS): {0.1: None, 0.15: None, 0.2: None},
    ("stop", 1, RISING, CLOSES): {0.5: None, 3: None},
    ("stop", -1, RISING, CLOSES): {0.5: (1, 2), 3: (3, 4)},
    ("stop", 1, RISING, BARS): {0.5: None, 0.75: None, 1: None},
    ("stop", -1, RISING, BARS): {0.5: (1, 1.75), 0.75: (1, 1.75), 1: (1, 2)},
    ("trail", 1, UP_AND_DOWN, CLOSES): {0.1: (2, 4), 0.5: (4, 2)},
    ("trail", -1, UP_AND_DOWN, CLOSES): {0.1: (1, 5), 0.5: None},
    ("trail", 1, UP_AND_DOWN, BARS): {0.15: (2, 4.25), 0.2: (2, 4.25), 0.25: (2, 4.125)},
    ("trail", -1, UP_AND_DOWN, BARS): {0.15: (1, 5.25), 0.2: (1, 5.25), 0.25: (1, 5.25)},
    ("trail", 1, DOWN_AND_UP, CLOSES): {0.5: (1, 1), 3: None},
    ("trail", -1, DOWN_AND_UP, CLOSES): {0.5: (2, 2)},
    ("trail", 1, DOWN_AND_UP, BARS): {0.5: (1, 0.75), 0.75: (1, 0.5), 1: None},
    ("target", 1, FALLING, CLOSES): {0.1: None, 0.5: None},
    ("target", -1, FALLING, CLOSES): {0.1: (1, 4), 0.5: (3, 2)},
    ("target", 1, FALLING, BARS): {0.1: None, 0.15: None, 0.2: None},
    ("target", -1, FALLING, BARS): {0.1: (1, 4.25), 0.15: (1, 4.25), 0.2: (1, 4)},
    ("target", 1, RISING, CLOSES): {0.5: (1, 2), 3: (3, 4)},
    ("target", -1, RISING, CLOSES): {0.5: None, 3: None},
    ("target", 1, RISING, BARS): {0.5: (1, 1.75), 0.75: (1, 1.75), 1: (1, 2)},
    ("target", -1, RISING, BARS): {0.5: None, 0.75: None, 1: None},
}
CASES = {
    (*market, part): left for market, parts in PUBLISHED.items() for part, left in parts.items()
}

# A bar opens at 0.75 and has a high of 1.50: a stop that follows the open is met in that bar.
# vectorbt moves it after the bar, and leaves in the next one at 1.75.
FOLLOWS_THE_OPEN = {0.5: (1, 1.125), 0.75: (1, 1.3125)}


@pytest.mark.parametrize("case", CASES)
def test_exits_are_on_the_published_day_at_the_published_price(home, tmp_path, case):
    found = asked(*case, tmp_path)

    side, closes = case[1], case[2]
    entered, *left = found["fills"]
    assert signed(entered) == Decimal(side * 100) / closes[0]
    assert Decimal(entered["price"]) == closes[0]
    assert [day_and_price(fill) for fill in left] == [CASES[case]] * (CASES[case] is not None)


@pytest.mark.parametrize("part", FOLLOWS_THE_OPEN)
def test_a_trailing_stop_follows_the_open_before_the_rest_of_its_bar(home, tmp_path, part):
    found = asked("trail", -1, DOWN_AND_UP, BARS, part, tmp_path)

    assert [day_and_price(fill) for fill in found["fills"][1:]] == [FOLLOWS_THE_OPEN[part]]


@pytest.mark.parametrize(("are_bars", "part"), [(CLOSES, 3), (BARS, 1)])
def test_a_trailing_stop_as_far_as_the_whole_price_is_refused(home, tmp_path, are_bars, part):
    found = asked("trail", -1, DOWN_AND_UP, are_bars, part, tmp_path)

    assert (len(found["fills"]), found["refused"]) == (1, 1)


def asked(exit_by, side, closes, are_bars, part, folder):
    rows = bars_around(closes) if are_bars else flat(*closes)
    file = bar_file(folder / "bars.csv", days("2020-01-01", 5), rows)
    bring_in(file, "ONE.TEST", "--period", "1h", "--tick", "0.001")
    return ask(
        f"{HERE}/protected.py",
        "ONE.TEST",
        terms=HERE / "terms_of_stops.toml",
        period="1h",
        set=[f"side={side}", f"{exit_by}={part}"],
    )


def bars_around(closes):
    """Return bars with a high and a low half a dollar from the close, and an open in between."""
    before = 0.25 if closes[-1] < closes[0] else -0.25
    return [(close + before, close + 0.5, close - 0.5, close) for close in closes]


def day_and_price(fill):
    first = datetime(2020, 1, 1, tzinfo=UTC)
    return (fill["ts"] // 10**9 - int(first.timestamp())) // 86400, float(fill["price"])
