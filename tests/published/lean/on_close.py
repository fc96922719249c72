"""LEAN's MarketOnCloseOrderBufferRegressionAlgorithm, by the rules of the orders it accepts."""

from barque.strategies import Strategy

MINUTE = 60 * 10**9
DAY = 24 * 60 * MINUTE


class OnClose(Strategy):
    """Buys on the close on its first day: before the close, and for tomorrow's at the close."""

    def on_start(self):
        self.day = 0

    def on_bar(self, bar):
        self.day = self.day or bar.ts // DAY
        is_first_day = bar.ts // DAY == self.day
        # 15:49 and 16:00 in New York's summer.
        if is_first_day and bar.ts % DAY in ((19 * 60 + 49) * MINUTE, 20 * 60 * MINUTE):
            self.buy(bar.instrument, 2, on_close=True)
