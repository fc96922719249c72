"""A first strategy: buy a bar that fell, sell one that rose."""

from barque.strategies import Strategy


class BuyTheDip(Strategy):
    """Buys 100 at a fall of more than 3 % in a bar, and sells at such a rise."""

    def on_bar(self, bar):
        held = self.position(bar.instrument)
        change = bar.close / bar.open - 1
        if held == 0 and change < -0.03:
            self.buy(bar.instrument, 100)
        elif held > 0 and change > 0.03:
            self.sell(bar.instrument, held)
