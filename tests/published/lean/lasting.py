"""LEAN's TimeInForceAlgorithm, by its rules."""

from datetime import UTC, datetime

from barque.strategies import Strategy

LAST_CLOSE = int(datetime(2013, 10, 10, 20, tzinfo=UTC).timestamp()) * 10**9


class Lasting(Strategy):
    """Sends two limit orders of each kind of lasting, one of which is far from the market."""

    def on_start(self):
        self.has_sent = False

    def on_bar(self, bar):
        if self.has_sent:
            return
        self.has_sent = True
        for limit in (100, 160):
            self.buy(bar.instrument, 10, limit=limit)
        for limit in (140, 180):
            self.buy(bar.instrument, 10, limit=limit, day=True)
        for limit in (100, 160):
            self.buy(bar.instrument, 10, limit=limit, expires=LAST_CLOSE)
