"""The purchases and sales of zipline's TestDividendPerformance, by day."""

from barque.strategies import Strategy

ORDERS = (
    {0: 100},
    {1: 100},
    {0: 100, 2: -100},
    {1: 100, 2: -100},
    {1: -100},
)


class DatedOrders(Strategy):
    """Sends the orders of one case, each on its day; days are counted from 0."""

    case: int = 0

    def on_start(self):
        self.day = 0

    def on_bar(self, bar):
        quantity = ORDERS[self.case].get(self.day, 0)
        self.day += 1
        if quantity > 0:
            self.buy(bar.instrument, quantity)
        elif quantity < 0:
            self.sell(bar.instrument, -quantity)
