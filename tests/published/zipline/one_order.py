"""The order of zipline's commission tests: 300 shares, of which each day takes 100."""

from barque.strategies import Strategy


class OneOrder(Strategy):
    """Buys 300 at the first close."""

    def on_start(self):
        self.has_asked = False

    def on_bar(self, bar):
        if not self.has_asked:
            self.buy(bar.instrument, 300)
        self.has_asked = True
