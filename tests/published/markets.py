"""Files of bars as a user has them, and what the commands found on them."""

from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from tests.cli.keyboard import answer

PRICES = ("open", "high", "low", "close")


def bar_file(path, times, rows, **more):
    """Write bars of open, high, low and close as a file; `more` are further columns."""
    prices = {name: [float(row[k]) for row in rows] for k, name in enumerate(PRICES)}
    frame = pl.DataFrame({"timestamp": times, **prices, "volume": [100.0] * len(rows), **more})
    frame.write_csv(path)
    return path


def days(first, count):
    return [datetime.fromisoformat(first) + timedelta(days=day) for day in range(count)]


def bring_in(file, instrument, *more, calendar="24/7"):
    """Import a file of bars, or of quote bars, of a share."""
    kind = ("--kind", "equity", "--calendar", calendar)
    answer("data", "import", file, "--instrument", instrument, *kind, *more)


def flat(*prices):
    """Return bars on which nothing moves."""
    return [(price,) * 4 for price in prices]


def ask(strategy, *instruments, terms, **options):
    """Run a strategy's file by the command and return its answer; `options` as there."""
    words = [word for one in instruments for word in ("--instrument", one)]
    for name, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            words += [f"--{name.replace('_', '-')}", one]
    return answer("backtest", "run", strategy, *words, "--terms", terms, "--no-sensitivity")


def cash_after_fills(found, cash):
    """Return the cash after each fill, exact."""
    left, after = Decimal(cash), []
    for fill in found["fills"]:
        left -= Decimal(fill["notional"]) + Decimal(fill["fee"])
        after.append(left)
    return after


def signed(fill):
    """Return what a fill added to the position."""
    return Decimal(fill["quantity"]) * (1 if fill["side"] == "BUY" else -1)


def held_at_the_end(found):
    return sum(map(signed, found["fills"]))


def fees(found):
    return sum(Decimal(fill["fee"]) for fill in found["fills"])


def cents(amount):
    return round(Decimal(amount), 2)
