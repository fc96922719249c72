"""Strategies that only know the past, written in the ways in which the leaks are."""

import numpy as np
import polars as pl

from barque.features import FeatureSet, Sma
from barque.strategies import Signals, Strategy, compiled

CLOSE = pl.col("close")
LENGTHS = {"short": 5, "long": 20}


class Follower(Strategy):
    """Holds 10 while a column that was computed before says so."""

    def prepare(self, bars):
        self.wanted = [self.column(frame).fill_null(False).to_numpy() for frame in bars]

    def on_start(self):
        self.row = [0] * self.instrument_count

    def on_bar(self, bar):
        i = bar.instrument
        wanted, held = self.wanted[i][self.row[i]], self.position(i)
        self.row[i] += 1
        if wanted and held == 0:
            self.buy(i, 10)
        elif not wanted and held > 0:
            self.sell(i, held)

    def column(self, frame):
        return frame.select(self.rule).to_series()


class TrailingNormalisation(Follower):
    rule = (CLOSE - CLOSE.rolling_mean(20)) / CLOSE.rolling_std(20) < 0


class TrailingWindow(Follower):
    rule = CLOSE.rolling_mean(LENGTHS["short"]) > CLOSE.rolling_mean(LENGTHS["long"])


class LastClose(Follower):
    rule = CLOSE.shift(1) < CLOSE


class ForwardFill(Follower):
    rule = pl.when(pl.int_range(pl.len()) % 10 == 0).then(CLOSE).forward_fill() > CLOSE


class WeekBefore(Follower):
    """The close of the week before: known since it ended."""

    rule = pl.when(pl.int_range(pl.len()) % 5 == 4).then(CLOSE).forward_fill().shift(1) > CLOSE


class GrowingScaler(Follower):
    rule = (CLOSE - CLOSE.cum_min()) < (CLOSE.cum_max() - CLOSE)


class Smoothed(Follower):
    rule = CLOSE.ewm_mean(span=5) > CLOSE


class FittedOnThePast(Follower):
    """The same regression, whose weights know only the days that were over."""

    def column(self, frame):
        change = frame["close"].pct_change().fill_null(0.0).to_numpy()
        products = np.append(0.0, change[:-1] * change[1:])
        return pl.Series(np.cumsum(products) * change > 0)


class LastLow(Strategy):
    """Puts its limit where the last bar turned; computes nothing before."""

    def on_bar(self, bar):
        self.buy_limit(bar.instrument, 1, round(bar.low, 2), day=True)


class BestSoFar(Strategy):
    """Trades what did best up to now."""

    def on_start(self):
        self.first = [0.0] * self.instrument_count

    def on_slice(self, ts):
        now = [self.last(i) for i in range(self.instrument_count)]
        self.first = [a or b for a, b in zip(self.first, now, strict=True)]
        best = int(np.argmax([b / a for a, b in zip(self.first, now, strict=True)]))
        for i in range(self.instrument_count):
            if i == best and self.position(i) == 0:
                self.buy(i, 10)
            elif i != best and self.position(i) > 0:
                self.sell(i, self.position(i))


@compiled
class ThisCloseCompiled(Strategy):
    """Reads the row of the bar that is told, in machine code."""

    def prepare(self, bars):
        self.means = np.array([frame["close"].rolling_mean(3).to_numpy() for frame in bars])

    def on_start(self):
        self.row = np.zeros(self.instrument_count, np.int64)

    def on_bar(self, bar):
        i = bar.instrument
        rises = self.means[i, self.row[i]] < bar.close
        self.row[i] += 1
        if rises and self.position(i) == 0.0:
            self.buy(i, 10.0)
        elif not rises and self.position(i) > 0.0:
            self.sell(i, self.position(i))


@compiled
class Exposures(Signals):
    features = FeatureSet((Sma(2), Sma(5)))

    def signal(self, x, prediction):
        return 1.0 if x[0] > x[1] else 0.999
