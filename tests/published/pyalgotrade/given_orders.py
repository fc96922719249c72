"""The orders of PyAlgoTrade's broker tests: each is sent before a bar."""

from broker_cases import CASES, DIFFERENT

from barque.strategies import Strategy


class GivenOrders(Strategy):
    """Sends the orders of one case; the bar before the first only lets it send the first."""

    case: int = 0

    def on_start(self):
        self.orders = [order for _, order in [*CASES.values(), DIFFERENT][self.case].steps]

    def on_bar(self, bar):
        order = self.orders.pop(0) if self.orders else None
        if order is not None:
            quantity, limit, stop = order
            ask = self.buy if quantity > 0 else self.sell
            ask(bar.instrument, abs(quantity), limit=limit, stop=stop)
