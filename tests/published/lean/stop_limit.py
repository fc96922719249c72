"""LEAN's StopLimitOrderRegressionAlgorithm, by its rules."""

from barque.strategies import Strategy


class StopLimits(Strategy):
    """Buys by a stop-limit order above a rising market, sells by one below a falling one."""

    tolerance: float = 0.001

    def on_start(self):
        self.count, self.fast, self.slow = 0, 0.0, 0.0
        self.has_bought = self.has_sold = False

    def on_bar(self, bar):
        self.count += 1
        self.fast += (1.0 if self.count == 1 else 2 / 31) * (bar.close - self.fast)
        self.slow += (1.0 if self.count == 1 else 2 / 61) * (bar.close - self.slow)
        if self.count < 60:
            return
        threshold = self.slow * (1 + self.tolerance)
        if not self.has_bought and self.fast > threshold:
            self.buy(bar.instrument, 100, stop=price(bar.high * 1.10), limit=price(bar.high * 1.11))
            self.has_bought = True
        elif self.position(bar.instrument) > 0 and not self.has_sold and self.fast < threshold:
            self.sell(bar.instrument, 100, stop=price(bar.low * 0.99), limit=price(bar.low * 0.98))
            self.has_sold = True


def price(value):
    """Return a price to the digits that the instrument keeps."""
    return round(value, 8)
