"""freqtrade's test_backtest_detail, by its rules."""

from freqtrade_cases import CASES

from barque.strategies import Strategy


class SignalsAndExits(Strategy):
    """Follows the signals of one case, and protects each position by a stop and a target.

    The market is told as two bars a candle: its open, and all of it. At the first the price of an
    entry is known, so stop and target meet the whole candle of the entry.
    """

    case: int = 0

    def on_start(self):
        self.bars = 0
        self.stop = self.target = 0
        self.entry = self.level = 0.0

    def on_bar(self, bar):
        candle, shows_all = divmod(self.bars, 2)
        self.bars += 1
        if shows_all:
            self.raise_stop(bar)
            self.follow(bar.instrument, CASES[self.case].candles[candle].split()[4:])
        elif self.position(bar.instrument) != 0 and self.stop == 0:
            self.protect(bar.instrument, bar.open)

    def follow(self, i, signals):
        """Leave by the signal of the own side, then enter where nothing is held."""
        held = self.position(i)
        if held == 0:
            self.stop = self.target = 0
        elif ("-L" if held > 0 else "-S") in signals:
            self.cancel(i, self.stop)
            self.cancel(i, self.target)
            self.stop = self.target = 0
            self.trade(i, -held)
            held = 0
        if held == 0 and ("+L" in signals) != ("+S" in signals):
            self.trade(i, 1 if "+L" in signals else -1)

    def protect(self, i, entry):
        """Place the stop and the target of a position that was entered at a price."""
        case, held = CASES[self.case], self.position(i)
        exit_by = self.sell if held > 0 else self.buy
        stop = round(entry * (1 - held * case.stop / case.leverage), 2)
        target = round(entry * (1 + held * case.target / case.leverage), 2)
        self.stop = exit_by(i, abs(held), stop=stop, reduce_only=True)
        self.entry, self.level = entry, stop
        if target > 0:
            self.target = exit_by(i, abs(held), limit=target, reduce_only=True, oco=self.stop)

    def raise_stop(self, bar):
        """Let a stop follow the best price of the candle, once that is far enough."""
        case, held = CASES[self.case], self.position(bar.instrument)
        if held == 0 or case.trail == 0:
            return
        best = bar.high if held > 0 else bar.low
        level = round(best * (1 - held * case.trail), 2)
        if held * (best / self.entry - 1) >= case.offset and held * (level - self.level) > 0:
            self.amend(bar.instrument, self.stop, stop=level)
            self.level = level

    def trade(self, i, quantity):
        if quantity > 0:
            self.buy(i, quantity)
        else:
            self.sell(i, -quantity)
