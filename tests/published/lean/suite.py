"""LEAN's IndicatorSuiteAlgorithm, by the rules of what it trades."""

import math

from barque.strategies import Strategy


class IndicatorSuite(Strategy):
    """Buys for all its cash when it has seen `length` bars, and holds."""

    length: int = 20

    def on_start(self):
        self.count = 0

    def on_bar(self, bar):
        self.count += 1
        if self.count == self.length:
            self.buy(bar.instrument, math.floor(self.cash() / bar.close))
