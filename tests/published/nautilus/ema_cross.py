"""NautilusTrader's EMA cross on five-minute bars of mid prices, by its rules."""

from barque.strategies import Strategy


class EmaCross(Strategy):
    """Always long or short by two means of the mid price; asks at each full five minutes.

    A bar is made of the minutes since the last; where there were none, it is the last close again.
    Such a bar, and one that did not move, moves the means and decides nothing. At `close_at`, a
    time in nanoseconds, what is held is closed.
    """

    fast: int = 10
    slow: int = 20
    quantity: float = 1_000_000.0
    close_at: int = 0

    def on_start(self):
        self.count, self.fast_mean, self.slow_mean, self.close = 0, 0.0, 0.0, 0.0
        self.begin_bar()

    def begin_bar(self):
        self.high, self.low = 0.0, float("inf")

    def on_quote_bar(self, bid, ask):
        self.high = max(self.high, bid.high + ask.high)
        self.low = min(self.low, bid.low + ask.low)
        self.close = round((bid.close + ask.close) / 2, 6)

    def on_timer(self, id, ts):
        moved = round(self.high - self.low, 6) > 0
        self.begin_bar()
        self.count += 1
        self.fast_mean += self.weight(self.fast) * (self.close - self.fast_mean)
        self.slow_mean += self.weight(self.slow) * (self.close - self.slow_mean)
        if ts == self.close_at:
            self.trade(-self.position(0))
        elif self.count >= self.slow and moved:
            self.decide(1 if self.fast_mean >= self.slow_mean else -1)

    def weight(self, length):
        return 1.0 if self.count == 1 else 2 / (length + 1)

    def decide(self, side):
        held = self.position(0)
        if held * side < 0:
            self.trade(side)
        if held * side <= 0:
            self.trade(side)

    def trade(self, side):
        """Buy or sell one unit: a turn is two orders, as there."""
        if side > 0:
            self.buy(0, self.quantity)
        else:
            self.sell(0, self.quantity)
