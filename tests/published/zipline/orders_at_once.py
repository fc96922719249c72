"""The orders of zipline's test_slippage, all at the first close."""

from volume_cases import CASES

from barque.strategies import Strategy


class OrdersAtOnce(Strategy):
    """Sends the orders of one case; the first bar only lets it send them."""

    case: int = 0

    def on_start(self):
        self.orders = list(CASES.values())[self.case].orders

    def on_bar(self, bar):
        for quantity, stop in self.orders:
            ask = self.buy if quantity > 0 else self.sell
            ask(bar.instrument, abs(quantity), stop=stop)
        self.orders = ()
