"""The classic: own what rises faster lately than it did before."""

import numpy as np

from barque.domain.errors import BadInput
from barque.domain.events import Bar
from barque.strategies.strategy import Strategy, compiled

LONGEST = 100_000


@compiled
class SmaCross(Strategy):
    """Holds `quantity` while the mean of the last `fast` closes is above that of the last `slow`.

    Sums are integers of price units, so equal means compare as equal. Older closes are stated in
    today's shares after a split.
    """

    fast: int = 10
    slow: int = 30
    quantity: float = 100.0

    def on_start(self) -> None:
        if not 1 <= self.fast < self.slow <= LONGEST:
            raise BadInput(
                f"fast is {self.fast} and slow is {self.slow}; "
                f"1 <= fast < slow <= {LONGEST} is required."
            )
        count = self.instrument_count
        self.closes = np.zeros((count, self.slow), np.int64)
        self.seen = np.zeros(count, np.int64)
        self.fast_sum = np.zeros(count, np.int64)
        self.slow_sum = np.zeros(count, np.int64)

    def on_bar(self, bar: Bar) -> None:
        i = bar.instrument
        self._remember(i, bar.close_units)
        if self.seen[i] < self.slow:
            return
        # fast_sum / fast > slow_sum / slow, without a division.
        above = self.fast_sum[i] * self.slow > self.slow_sum[i] * self.fast
        held = self.position(i) + self.working(i)
        if above and held == 0.0:
            self.buy(i, self.quantity)
        elif not above and held > 0.0:
            self.sell(i, held)

    def on_split(self, instrument: int, new: int, old: int) -> None:
        i = instrument
        for k in range(self.slow):
            self.closes[i, k] = (self.closes[i, k] * old + new // 2) // new
        self.fast_sum[i] = self._sum_of_last(i, self.fast)
        self.slow_sum[i] = self._sum_of_last(i, self.slow)

    def _remember(self, i: int, close: int) -> None:
        """Put a close into the window, and take out of the sums what leaves them."""
        seen = self.seen[i]
        if seen >= self.fast:
            self.fast_sum[i] -= self.closes[i, (seen - self.fast) % self.slow]
        if seen >= self.slow:
            self.slow_sum[i] -= self.closes[i, seen % self.slow]
        self.closes[i, seen % self.slow] = close
        self.fast_sum[i] += close
        self.slow_sum[i] += close
        self.seen[i] = seen + 1

    def _sum_of_last(self, i: int, window: int) -> int:
        total = 0
        for k in range(min(window, self.seen[i])):
            total += self.closes[i, (self.seen[i] - 1 - k) % self.slow]
        return total
