"""bt's test_turnover, by its rules."""

import math

from barque.strategies import Strategy


class EqualWeights(Strategy):
    """Brings every instrument to the same part of the equity, at each close, in whole shares.

    What is missing is rounded down, so a sale is never too small.
    """

    def on_slice(self, ts):
        target = self.equity() / self.instrument_count
        for i in range(self.instrument_count):
            price = self.last(i)
            quantity = math.floor((target - self.position(i) * price) / price)
            if quantity > 0:
                self.buy(i, quantity)
            elif quantity < 0:
                self.sell(i, -quantity)
