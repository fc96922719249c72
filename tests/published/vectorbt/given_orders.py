"""The orders of vectorbt's test_free_cash: given for each of five days, for each column."""

from barque.strategies import Strategy

ORDERS = ((5, 5, -5, -5, -5), (-5, -5, 5, 5, 5), (5, -10, 10, -10, 10))


class GivenOrders(Strategy):
    """Sends the order of the day: the k-th of those given for the column."""

    column: int = 0

    def on_start(self):
        self.day = 0

    def on_bar(self, bar):
        quantity = ORDERS[self.column][self.day]
        self.day += 1
        if quantity > 0:
            self.buy(bar.instrument, quantity)
        else:
            self.sell(bar.instrument, -quantity)
