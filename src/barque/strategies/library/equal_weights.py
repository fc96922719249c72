"""The plainest portfolio: as much of each."""

from barque.strategies.rebalance import Rebalance
from barque.strategies.strategy import compiled


@compiled
class EqualWeights(Rebalance):
    """Holds an equal part of the equity in every instrument that has a price, evened out monthly.

    `every` chooses another period: 0 slice, 1 day, 2 week, 3 month, 4 quarter, 5 year. The part
    `buffer` of the equity stays cash.
    """

    def weigh(self, ts: int) -> None:
        count = 0
        for i in range(self.instrument_count):
            self.weights[i] = 1.0 if self.last(i) > 0.0 else 0.0
            count += self.last(i) > 0.0
        share = 1.0 / max(count, 1)
        for i in range(self.instrument_count):
            self.weights[i] *= share
