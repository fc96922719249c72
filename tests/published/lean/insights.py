"""LEAN's AccumulativeInsightPortfolioRegressionAlgorithm, by its rules."""

from lean_sizing import order_for

from barque.strategies import Strategy

SESSION = 390
"""The minutes of a session of the New York Stock Exchange."""


class Insights(Strategy):
    """Holds `weight` for each vote that is alive. A vote is cast every `minutes` of a session.

    A vote lives for as many minutes of the session, its last one included; those of the evening
    live on in the morning.
    """

    weight: float = 0.03
    minutes: int = 20

    def on_start(self):
        self.day, self.minute, self.close = 0, 0, 0.0
        self.votes = []

    def on_bar(self, bar):
        day = bar.start // (24 * 3600 * 10**9)
        if day != self.day:
            self.day, self.minute = day, -(-self.minute // SESSION) * SESSION
        self.minute += 1
        self.close = bar.close

    def on_quote_bar(self, bid, ask):
        now = self.minute
        self.votes = [end for end in self.votes if end >= now]
        if (now - 1) % SESSION % self.minutes == 0:
            self.votes.append(now + self.minutes)
        held = self.position(bid.instrument)
        equity = self.cash() + held * self.close
        order = order_for(self.weight * len(self.votes), equity, self.close, held)
        if order > 0:
            self.buy(bid.instrument, order)
        elif order < 0:
            self.sell(bid.instrument, -order)
