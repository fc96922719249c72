"""LEAN's DividendRegressionAlgorithm, by its rules."""

from lean_sizing import order_for

from barque.strategies import Strategy


class Half(Strategy):
    """Buys for half of its equity at its first bar, and holds."""

    weight: float = 0.5

    def on_start(self):
        self.has_bought = False

    def on_bar(self, bar):
        if not self.has_bought:
            self.buy(bar.instrument, order_for(self.weight, self.equity(), bar.close, 0))
            self.has_bought = True
