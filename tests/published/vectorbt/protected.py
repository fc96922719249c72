"""An entry at the first close with all the cash, and one exit at a part of its price."""

from barque.strategies import Strategy


class Protected(Strategy):
    """Enters once, and leaves by a stop, a trailing stop or a target; 0 is none."""

    side: int = 1
    stop: float = 0.0
    trail: float = 0.0
    target: float = 0.0

    def on_start(self):
        self.is_in = False

    def on_bar(self, bar):
        if self.is_in:
            return
        self.is_in = True
        i, side, entry = bar.instrument, self.side, bar.close
        enter, leave = (self.buy, self.sell) if side > 0 else (self.sell, self.buy)
        quantity = self.cash() / entry
        enter(i, quantity)
        if self.trail:
            leave(i, quantity, trail_rate=self.trail)
        level = entry * (1 - side * self.stop)
        if self.stop and level > 0:
            leave(i, quantity, stop=level)
        level = entry * (1 + side * self.target)
        if self.target and level > 0:
            leave(i, quantity, limit=level)
