"""One rule, written three ways: own a coin while its fast mean is above its slow one.

All three send the same orders and get the same fills. Try each:

    barque backtest run examples/sma_three_ways.py:SmaPlain --instrument BTCUSDT.BINANCE --period 1h
"""

import numpy as np

from barque.features import FeatureSet, Sma
from barque.strategies import Signals, Strategy, compiled

FAST, SLOW = 10, 30


class SmaPlain(Strategy):
    """Plain Python: any library, the slowest of the three."""

    quantity: float = 0.1

    def on_start(self):
        self.closes = np.zeros((self.instrument_count, SLOW), np.int64)
        self.seen = np.zeros(self.instrument_count, np.int64)

    def on_bar(self, bar):
        i = bar.instrument
        self.closes[i, self.seen[i] % SLOW] = bar.close_units
        self.seen[i] += 1
        if self.seen[i] < SLOW:
            return
        above = self.sum_of_last(i, FAST) * SLOW > self.sum_of_last(i, SLOW) * FAST
        held = self.position(i)
        if above and held == 0.0:
            self.buy(i, self.quantity)
        elif not above and held > 0.0:
            self.sell(i, held)

    def sum_of_last(self, i, window):
        """Return the sum of the last closes, exact: they are integers."""
        total = 0
        for k in range(window):
            total += self.closes[i, (self.seen[i] - 1 - k) % SLOW]
        return total


@compiled
class SmaCompiled(SmaPlain):
    """The same class as machine code: nothing is changed but the decorator."""


@compiled
class SmaSignals(Signals):
    """No order code: two features, and the exposure that is wanted."""

    features = FeatureSet((Sma(FAST), Sma(SLOW)))
    quantity: float = 0.1

    def signal(self, x, prediction):
        return 1.0 if x[0] > x[1] else 0.0

    def size(self, instrument, exposure):
        return exposure * self.quantity
