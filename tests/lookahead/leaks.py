"""Strategies that look ahead, each in one way that has happened to somebody."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import polars as pl

from barque.features import FeatureSet, Sma
from barque.strategies import Signals, Strategy, compiled

CLOSE = pl.col("close")
FILE = Path(__file__).with_name("market.csv")
SEEN = {}


class Follower(Strategy):
    """No leak by itself: holds 10 while a column that was computed before says so."""

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


class WholeFrameNormalisation(Follower):
    rule = (CLOSE - CLOSE.mean()) / CLOSE.std() < 0


class CentredWindow(Follower):
    rule = CLOSE.rolling_mean(5, center=True) > CLOSE


class NextClose(Follower):
    rule = CLOSE.shift(-1) > CLOSE


class Backfill(Follower):
    """Something published every tenth day is known on the days before."""

    rule = pl.when(pl.int_range(pl.len()) % 10 == 9).then(CLOSE).backward_fill() > CLOSE


class WeeklyClose(Follower):
    """The close of a week, merged on the days of that very week."""

    rule = CLOSE.last().over(pl.int_range(pl.len()) // 5) > CLOSE


class RangeOfTheWeek(Follower):
    """The high and low of a week that is not over."""

    week = pl.int_range(pl.len()) // 5
    rule = (CLOSE - pl.col("low").min().over(week)) < (pl.col("high").max().over(week) - CLOSE)


class ScalerOnTheFullSet(Follower):
    change = CLOSE.pct_change()
    rule = (change - change.min()) / (change.max() - change.min()) > 0.5


class TargetAsFeature(Follower):
    rule = CLOSE.shift(-5) / CLOSE - 1 > 0.002


class QuantileOfAll(Follower):
    rule = CLOSE.pct_change() < CLOSE.pct_change().quantile(0.4)


class RankOfAll(Follower):
    rule = CLOSE.rank() / pl.len() < 0.5


class InterpolatedGaps(Follower):
    """Every fifth close is known, and those between are drawn as a line to the next."""

    rule = pl.when(pl.int_range(pl.len()) % 5 == 0).then(CLOSE).interpolate() > CLOSE


class SmoothedBothWays(Follower):
    """A filter without delay: run forward, then backward."""

    rule = CLOSE.ewm_mean(span=5).reverse().ewm_mean(span=5).reverse() > CLOSE


class TurningPoints(Follower):
    """Lows that only the days after make lows."""

    rule = (CLOSE.shift(1) > CLOSE) & (CLOSE.shift(-1) > CLOSE) & (CLOSE.shift(-2) > CLOSE)


class TrendOfTheWhole(Follower):
    def column(self, frame):
        close = frame["close"].to_numpy()
        time = np.arange(close.size) - (close.size - 1) / 2
        slope = (time @ close) / max(time @ time, 1.0)
        return pl.Series(close < close.mean() + slope * time)


class FourierDenoised(Follower):
    def column(self, frame):
        waves = np.fft.rfft(frame["close"].to_numpy())
        waves[8:] = 0
        return pl.Series(np.fft.irfft(waves, len(frame)) > frame["close"].to_numpy())


class FittedOnEverything(Follower):
    """A regression of tomorrow's change on today's, whose weights know all days."""

    def column(self, frame):
        change = frame["close"].pct_change().fill_null(0.0).to_numpy()
        slope = change[:-1] @ change[1:]
        return pl.Series(slope * change > 0)


class NextLow(Strategy):
    """Knows where the next bar will turn, and puts its limit there."""

    def prepare(self, bars):
        self.lows = [frame["low"].to_list() for frame in bars]

    def on_start(self):
        self.row = [0] * self.instrument_count

    def on_bar(self, bar):
        i = bar.instrument
        self.row[i] += 1
        if self.row[i] < len(self.lows[i]):
            self.buy_limit(i, 1, round(self.lows[i][self.row[i]], 2), day=True)


class LeavesBeforeTheEnd(Strategy):
    """Knows which bar is the last but one."""

    def prepare(self, bars):
        self.rows = len(bars[0])

    def on_start(self):
        self.row = 0

    def on_slice(self, ts):
        self.row += 1
        if self.row == 5:
            self.buy(0, 10)
        elif self.row == self.rows - 1:
            self.sell(0, self.position(0))


class BestOfTheWholeTime(Strategy):
    """Trades what did best, chosen by how it ended."""

    def prepare(self, bars):
        self.best = int(np.argmax([frame["close"][-1] / frame["close"][0] for frame in bars]))

    def on_slice(self, ts):
        if self.position(self.best) == 0:
            self.buy(self.best, 10)


class RemembersAtTheTopOfTheFile(Follower):
    """Computes once in a process, for whatever history came first."""

    def prepare(self, bars):
        if not SEEN:
            SEEN["wanted"] = [(f["close"].shift(-1) > f["close"]).fill_null(False) for f in bars]
        self.wanted = SEEN["wanted"]


class RemembersInTheClass(Follower):
    memory: ClassVar[dict] = {}

    def prepare(self, bars):
        for i, frame in enumerate(bars):
            self.memory.setdefault(i, (frame["close"].shift(-1) > frame["close"]).fill_null(False))
        self.wanted = self.memory


class ReadsFile(Follower):
    """The market itself, from a file, a day early."""

    def prepare(self, bars):
        closes = np.loadtxt(FILE, delimiter=",", skiprows=1)
        self.wanted = [np.append(c[1:] > c[:-1], False) for c in closes.T]


class ReadsFileWithPolars(Follower):
    def prepare(self, bars):
        closes = pl.read_csv(FILE)
        self.wanted = [(c.shift(-1) > c).fill_null(False).to_list() for c in closes]


@compiled
class NextCloseCompiled(Strategy):
    """Reads one row too far, in machine code."""

    def prepare(self, bars):
        self.closes = np.array([frame["close"].to_numpy() for frame in bars])

    def on_start(self):
        self.row = np.zeros(self.instrument_count, np.int64)

    def on_bar(self, bar):
        i = bar.instrument
        self.row[i] += 1
        if self.row[i] >= self.closes.shape[1]:
            return
        rises = self.closes[i, self.row[i]] > bar.close
        if rises and self.position(i) == 0.0:
            self.buy(i, 10.0)
        elif not rises and self.position(i) > 0.0:
            self.sell(i, self.position(i))


@compiled
class ExposureOnly(Signals):
    """Wants a hair more before a rise, too little to trade on: only its exposure tells."""

    features = FeatureSet((Sma(2),))

    def prepare(self, bars):
        self.closes = np.array([frame["close"].to_numpy() for frame in bars])
        self.row = np.zeros(len(bars), np.int64)

    def size(self, instrument, exposure):
        self.row[instrument] += 1
        return 10.0

    def predict(self, instrument, ts):
        k = min(self.row[instrument] + 1, self.closes.shape[1] - 1)
        return self.closes[instrument, k]

    def signal(self, x, prediction):
        return 1.0 if prediction > x[0] else 0.999
