"""What the rows of a file become: when bars begin and close, splits, dividends, and units."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from barque.data.catalog import Table
from barque.data.doors.splits import LARGEST_TERM, split_terms
from barque.data.importing.shapes.understanding import ROUND_THE_CLOCK, session_days
from barque.data.importing.tables import FloatArray, SourceTable
from barque.data.kinds import EVENT
from barque.data.sessions import DAILY, DAY, NO_SESSION, IntArray, period_length, session_hours
from barque.domain.errors import CorruptData
from barque.domain.instruments import LARGEST_VALUE, Instrument, cash_digits
from barque.kernels.event_rows import to_units


def bar_times(
    source: SourceTable, times: IntArray, calendar: str, period: str
) -> tuple[IntArray, IntArray]:
    """Return when the bars that are stamped with `times` begin and close, nanoseconds UTC."""
    if period != DAILY:
        return times, times + period_length(period)
    if calendar in ROUND_THE_CLOCK:
        return times, times + DAY
    labels = session_days(times, calendar)
    days = times // DAY * DAY if labels is None else labels
    opens, closes = session_hours(calendar, days)
    closed = np.flatnonzero(opens == NO_SESSION)
    if closed.size:
        place = source.place(int(closed[0]), source.time_name())
        day = second(int(days[closed[0]])).astype("M8[D]")
        raise CorruptData(f"{place}: {day} is no session of the calendar {calendar}.")
    return opens, closes


def refuse_future(source: SourceTable, times: IntArray, now: int, what: str = "bar closes") -> None:
    """Refuse rows that are known only after `now`, nanoseconds UTC."""
    late = np.flatnonzero(times > now)
    if late.size:
        row = int(late[0])
        raise CorruptData(
            f"{source.place(row, source.time_name())}: the {what} at "
            f"{second(int(times[row]))} UTC, in the future; it is now {second(now)} UTC."
        )


def second(ts: int) -> np.datetime64:
    """Return a time without its fraction of a second, to be shown."""
    return np.datetime64(ts // 10**9, "s")


def split_tables(source: SourceTable, start: IntArray) -> Iterator[Table]:
    """Yield the splits of a file, if it says any; those of 1 for 1 are none."""
    if not source.has("split"):
        return
    ratios = source.numbers("split")
    largest = LARGEST_TERM
    refuse(source, "split", ratios, ratios > largest, f"at most {largest} is allowed")
    refuse(source, "split", ratios, ratios < 1 / largest, f"at least 1/{largest} is allowed")
    rows = np.flatnonzero(ratios != 1.0)
    terms = [split_terms(float(ratio)) for ratio in ratios[rows]]
    if rows.size:
        new = np.array([term.numerator for term in terms], np.int64)
        old = np.array([term.denominator for term in terms], np.int64)
        yield Table("split", EVENT, {"ts": start[rows], "new": new, "old": old})


def dividend_tables(
    source: SourceTable, instrument: Instrument, start: IntArray
) -> Iterator[Table]:
    """Yield the dividends of a file, if it says any; those of 0 are none."""
    if not source.has("dividend"):
        return
    amounts = source.numbers("dividend")
    refuse(source, "dividend", amounts, amounts < 0, "a dividend may not be negative")
    rows = np.flatnonzero(amounts)
    if rows.size:
        units = units_of(
            source, "dividend", amounts[rows], 10.0 ** cash_digits(instrument.currency)
        )
        yield Table("dividend", EVENT, {"ts": start[rows], "amount": units})


def units_of(source: SourceTable, name: str, numbers: FloatArray, scale: float) -> IntArray:
    """Return the numbers of a column in units of 1/`scale`; refuse what they cannot hold."""
    allowed = f"at most {LARGEST_VALUE / scale:g} is allowed"
    refuse(source, name, numbers, np.abs(numbers) > LARGEST_VALUE / scale, allowed)
    return np.array([to_units(number, scale) for number in numbers]).astype(np.int64)


def refuse(
    source: SourceTable, name: str, values: FloatArray, wrong: NDArray[np.bool_], allowed: str
) -> None:
    """Refuse the first row in which a column is wrong, saying what is allowed."""
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise CorruptData(f"{source.place(row, name)}: the value is {values[row]}; {allowed}.")
