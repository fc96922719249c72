"""LEAN's MACDTrendAlgorithm, by its rules."""

from lean_sizing import order_for

from barque.strategies import Strategy


class Ema:
    """An exponential mean that begins with the first value, and is ready after `length`."""

    def __init__(self, length):
        self.length, self.count, self.value = length, 0, 0.0

    def add(self, value):
        self.count += 1
        alpha = 1.0 if self.count == 1 else 2 / (self.length + 1)
        self.value += alpha * (value - self.value)

    @property
    def is_ready(self):
        return self.count >= self.length


class MacdTrend(Strategy):
    """Holds all it can while the MACD is above its signal by `tolerance` of the fast mean."""

    tolerance: float = 0.0025

    def on_start(self):
        self.fast, self.slow, self.signal = Ema(12), Ema(26), Ema(9)

    def on_bar(self, bar):
        self.fast.add(bar.close)
        self.slow.add(bar.close)
        difference = self.fast.value - self.slow.value
        if self.slow.is_ready:
            self.signal.add(difference)
        if self.signal.is_ready:
            self.decide(bar, (difference - self.signal.value) / self.fast.value)

    def decide(self, bar, trend):
        held = self.position(bar.instrument)
        if held <= 0 and trend > self.tolerance:
            self.buy(bar.instrument, order_for(1.0, self.equity(), bar.close, held))
        elif held > 0 and trend < -self.tolerance:
            self.sell(bar.instrument, held)
