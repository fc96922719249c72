"""LEAN's TrailingStopOrderRegressionAlgorithm, by its rules."""

from barque.strategies import Strategy


class Trailing(Strategy):
    """Buys by a stop that follows the ask down, then sells by one that follows the bid up."""

    above: float = 2.0
    below: float = 0.5

    def on_start(self):
        self.has_sent = self.has_left = False

    def on_quote_bar(self, bid, ask):
        if not self.has_sent:
            self.buy(ask.instrument, 100, trail=self.above)
            self.has_sent = True
        elif self.position(bid.instrument) > 0 and not self.has_left:
            self.sell(bid.instrument, 100, trail=self.below)
            self.has_left = True
