"""Portfolios: wanted weights of many instruments, brought about on set days.

At the first slice of a period (UTC day, week from Monday, month, quarter or year) a strategy is
asked for its weights, and one market order an instrument brings the account there in whole lots:
first what is sold, then what is bought, each in the order of the run. Weights are parts of the
equity after `buffer`, which stays cash for what prices do until the orders fill; how lots are
rounded is said in `strategies.sizing.target_lots`. What is not on that day's list of prices yet
keeps its share in cash.
"""

import numpy as np
from numba import njit

from barque.domain.errors import BadInput
from barque.kernels.compile import JIT
from barque.kernels.layout import (
    LAST,
    LOT,
    MULTIPLIER,
    NOTIONAL_DIVISOR,
    POSITION,
    QUANTITY_SCALE,
    WORKING_BUY,
    WORKING_SELL,
)
from barque.strategies.sizing import target_lots
from barque.strategies.strategy import Strategy, compiled

SLICE, DAILY, WEEKLY, MONTHLY, QUARTERLY, YEARLY = range(6)
DAY = 86_400 * 10**9


@njit(**JIT)
def month_of(day: int) -> int:
    """Return how many months lie between January 1970 and a day, counted from 1970-01-01.

    Counts from March, so that a leap day is a year's last: Hinnant (2013), chrono-compatible
    low-level date algorithms, civil_from_days.
    """
    since = day + 719_468  # days from 0000-03-01
    era = since // 146_097
    of_era = since - era * 146_097
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    from_march = (5 * of_year + 2) // 153
    return (year + era * 400) * 12 + from_march + 2 - 1970 * 12


@njit(**JIT)
def period_of(ts: int, every: int) -> int:
    """Return the number of the period that `ts` (nanoseconds UTC) lies in; periods do not touch."""
    day = ts // DAY
    if every == SLICE:
        return ts
    if every == DAILY:
        return day
    if every == WEEKLY:
        return (day + 3) // 7  # 1970-01-01 was a Thursday
    months = 1
    if every == QUARTERLY:
        months = 3
    elif every == YEARLY:
        months = 12
    return month_of(day) // months


@compiled
class Rebalance(Strategy):
    """Write `weigh`: fill `self.weights`, and the product holds them, evened out every period.

    `every` is 0 each slice, 1 daily, 2 weekly, 3 monthly, 4 quarterly, 5 yearly. A weight is a part
    of the equity, negative for short.
    """

    every: int = MONTHLY
    buffer: float = 0.02

    def on_start(self) -> None:
        if not (SLICE <= self.every <= YEARLY and 0.0 <= self.buffer < 1.0):
            raise BadInput(
                f"every is {self.every} and buffer is {self.buffer}; every is 0 to 5 (slice, day, "
                "week, month, quarter, year) and buffer at least 0 and below 1."
            )
        count = self.instrument_count
        self.weights = np.zeros(count)
        self._worths, self._remainders = np.zeros((2, count))
        self._lots, self._order = np.zeros((2, count), np.int64)
        self._period = -(2**62)

    def weigh(self, ts: int) -> None:
        """Fill `self.weights`; asked when a period begins."""

    def on_slice(self, ts: int) -> None:
        """Bring the account to the weights, if a period began."""
        period = period_of(ts, self.every)
        if period == self._period:
            return
        self._period = period
        self.weigh(ts)
        for i in range(self.instrument_count):
            self._worths[i] = self.lot_worth(i)
        money = self.equity() * (1.0 - self.buffer)
        target_lots(self.weights, self._worths, money, self._lots, self._order, self._remainders)
        self._trade(-1)
        self._trade(1)

    def lot_worth(self, instrument: int) -> float:
        """Return what one lot is worth in the account's currency; 0 while that is not known."""
        row, rate = self._instruments, self.rate(self.currency(instrument))
        if row[instrument, LAST] == 0 or rate <= 0.0:
            return 0.0
        units = float(row[instrument, LAST]) * float(row[instrument, LOT])
        units *= row[instrument, MULTIPLIER] / row[instrument, NOTIONAL_DIVISOR]
        return units / self._cash_scale_of(instrument) * rate

    def _trade(self, side: int) -> None:
        """Ask for what is missing on one side, less what is at work, unless there is no price."""
        for i in range(self.instrument_count):
            row = self._instruments
            coming = row[i, WORKING_BUY] - row[i, WORKING_SELL]
            change = self._lots[i] * row[i, LOT] - row[i, POSITION] - coming
            if self._worths[i] > 0.0 and change * side > 0:
                quantity = abs(change) / row[i, QUANTITY_SCALE]
                if side > 0:
                    self.buy(i, quantity)
                else:
                    self.sell(i, quantity)
