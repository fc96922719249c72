"""What happens to an instrument beside its trading, of a file or of LEAN's factor files.

The day of a dividend or a split is a label: it happens at the open of its session, before anything
trades. Funding, interest and delistings happen at the time that the file says.
"""

import numpy as np

from barque.data.catalog import Table
from barque.data.doors.splits import LARGEST_TERM
from barque.data.importing.contents.rows import (
    bar_times,
    dividend_tables,
    refuse,
    refuse_future,
    second,
    split_tables,
    units_of,
)
from barque.data.importing.shapes.understanding import ROUND_THE_CLOCK, session_days
from barque.data.importing.tables import FloatArray, SourceTable
from barque.data.kinds import EVENT
from barque.data.sessions import DAILY, DAY, NO_SESSION, IntArray, session_hours
from barque.domain.errors import BadInput, CorruptData
from barque.domain.instruments import LARGEST_VALUE, RATE_SCALE, Instrument, cash_digits

FACTOR_DIGITS = 1e-4
"""How far the ratio of two factors, written with seven digits, may be from a split's."""

LARGEST_FACTOR = 1e6

RATES = ("credit", "debit", "borrow")
"""Of interest: on positive cash, on negative cash, on the worth of a short position."""

DIVIDEND_DIGITS = 4
"""Decimals of a dividend that is calculated from factors of seven digits."""


def funding_table(source: SourceTable, instrument: Instrument, now: int) -> Table:
    """Return the funding rates of a file: a time and `rate`, a fraction of notional at `mark`.

    Without a mark, or where it is empty, the notional is that of the last price.
    """
    times = source.times()
    refuse_future(source, times, now, "funding is")
    rates = units_of(source, "rate", source.numbers("rate"), float(RATE_SCALE))
    columns = {"ts": times, "rate": rates}
    if source.has("mark"):
        marks = source.numbers_or("mark", 0.0)
        refuse(source, "mark", marks, marks < 0, "a price, or nothing, is required")
        columns["mark"] = units_of(source, "mark", marks, 10.0**instrument.price_digits)
    return Table("funding", EVENT, columns)


def interest_table(source: SourceTable, now: int) -> Table:
    """Return the interest of a file: a time and rates for the time since the row above.

    A rate whose column is missing, or whose cell is empty, is 0.
    """
    times = source.times()
    refuse_future(source, times, now, "interest is")
    columns = {"ts": times}
    for name in RATES:
        rates = source.numbers_or(name, 0.0) if source.has(name) else np.zeros(times.size)
        columns[name] = units_of(source, name, rates, float(RATE_SCALE))
    return Table("interest", EVENT, columns)


def delisting_table(source: SourceTable, instrument: Instrument, now: int) -> Table:
    """Return when an instrument left the market, and what a position was paid out at.

    Where `delisting` is empty or 0, that is the last price.
    """
    times = source.times()
    refuse_future(source, times, now, "delisting is")
    prices = source.numbers_or("delisting", 0.0)
    refuse(source, "delisting", prices, prices < 0, "a price, or nothing, is required")
    units = units_of(source, "delisting", prices, 10.0**instrument.price_digits)
    return Table("delisting", EVENT, {"ts": times, "price": units})


def action_tables(source: SourceTable, instrument: Instrument, now: int) -> list[Table]:
    """Return the dividends and splits of a file: a day, `dividend` for a share, `split` ratio."""
    times = _action_times(source, instrument.calendar)
    refuse_future(source, times, now, "row is")
    tables = [*split_tables(source, times), *dividend_tables(source, instrument, times)]
    if not tables:
        raise BadInput(
            f"{source.path.name} has no dividend other than 0 and no split other than 1."
        )
    return tables


def factor_tables(source: SourceTable, instrument: Instrument, now: int) -> list[Table]:
    """Return the dividends and splits that a factor file stands for.

    A row's factors hold up to and including its day: where the next row has others, something
    happened on the session after. The reference price is the close of the row's day.
    """
    days = source.times()
    if (np.diff(days) <= 0).any():
        row = int(np.flatnonzero(np.diff(days) <= 0)[0]) + 1
        raise CorruptData(f"{source.place(row, source.time_name())}: the days must be sorted.")
    prices, splits = (source.numbers(name) for name in ("price_factor", "split_factor"))
    for name, factors in (("price_factor", prices), ("split_factor", splits)):
        allowed = f"a factor from {1 / LARGEST_FACTOR:g} to {LARGEST_FACTOR:g} is required"
        within = (factors >= 1 / LARGEST_FACTOR) & (factors <= LARGEST_FACTOR)
        refuse(source, name, factors, ~within, allowed)
    ratios = splits[1:] / splits[:-1]
    references = source.numbers("reference_price")
    largest = LARGEST_VALUE / 10.0**instrument.price_digits
    wrong = (references < 0) | (references > largest)
    refuse(source, "reference_price", references, wrong, f"0 to {largest:g} is allowed")
    amounts = np.round(references[:-1] * (1 - prices[:-1] / prices[1:]), DIVIDEND_DIGITS)
    refuse(source, "price_factor", amounts, amounts < 0, "factors may not fall with time")
    split, paid = np.abs(ratios - 1) > FACTOR_DIGITS, amounts > 0
    opens = _opens_after(days[:-1], split | paid, instrument.calendar)
    late = (split | paid) & (opens > now)
    if late.any():
        row = int(np.flatnonzero(late)[0])
        place = source.place(row, source.time_name())
        raise CorruptData(f"{place}: what follows is at {second(int(opens[row]))}, in the future.")
    return [
        *_split_table(opens[split], ratios[split]),
        *_dividend_table(opens[paid], amounts[paid], instrument),
    ]


def _action_times(source: SourceTable, calendar: str) -> IntArray:
    times = source.times()
    if calendar in ROUND_THE_CLOCK or session_days(times, calendar) is None:
        return times
    return bar_times(source, times, calendar, DAILY)[0]


def _opens_after(days: IntArray, chosen: np.ndarray, calendar: str) -> IntArray:
    """Return the open of the session after each chosen day; 0 for the others."""
    opens = np.zeros(days.size, np.int64)
    for row in np.flatnonzero(chosen).tolist():
        later = days[row] // DAY * DAY + DAY * np.arange(1, 15, dtype=np.int64)
        found = session_hours(calendar, later)[0]
        opens[row] = found[found != NO_SESSION][0]
    return opens


def _split_table(opens: IntArray, ratios: FloatArray) -> list[Table]:
    if not opens.size:
        return []
    terms = np.array([_simplest(float(ratio)) for ratio in ratios], np.int64)
    return [Table("split", EVENT, {"ts": opens, "new": terms[:, 0], "old": terms[:, 1]})]


def _dividend_table(opens: IntArray, amounts: FloatArray, instrument: Instrument) -> list[Table]:
    if not opens.size:
        return []
    units = np.rint(amounts * 10.0 ** cash_digits(instrument.currency)).astype(np.int64)
    return [Table("dividend", EVENT, {"ts": opens, "amount": units})]


def _simplest(ratio: float) -> tuple[int, int]:
    """Return the fraction with the smallest terms that a ratio of two factors may stand for."""
    for old in range(1, LARGEST_TERM + 1):
        new = round(ratio * old)
        if 0 < new <= LARGEST_TERM and abs(new / old / ratio - 1) <= FACTOR_DIGITS:
            return new, old
    raise BadInput(f"The split factors stand for {ratio:g} new shares for an old one, no split.")
