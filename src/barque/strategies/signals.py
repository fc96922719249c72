"""Strategies without order code: features and a model give an exposure, the product trades it."""

from typing import ClassVar

import numpy as np

from barque.domain.events import Bar
from barque.features import (
    FeatureSet,
    adjust_dividend,
    adjust_split,
    dividend_in_prices,
    observe,
)
from barque.kernels.layout import (
    LOT,
    MULTIPLIER,
    NOTIONAL_DIVISOR,
    PRICE_SCALE,
    QUANTITY_SCALE,
    WORKING_BUY,
    WORKING_SELL,
)
from barque.strategies.strategy import Strategy, compiled


@compiled
class Signals(Strategy):
    """Write `features` and `signal`; orders follow by themselves, at the market, once a slice.

    `signal(x, prediction)` returns the wanted exposure from -1 (short) to +1 (long), or NaN for
    no opinion; `x` holds the features in their order. `size` turns an exposure into a quantity.
    An order is sent when the wanted quantity differs from the held one by more than `band`, as a
    fraction of the larger of both.
    """

    features: ClassVar[FeatureSet]
    fraction: float = 1.0
    band: float = 0.2

    def on_start(self) -> None:
        """Make the features' state and one row of numbers an instrument."""
        count = self.instrument_count
        self._program = self.features.program.copy()
        self._ints, self._floats = self.features.state(count)
        self.x = np.full((count, len(self.features)), np.nan)
        self.prediction = np.full(count, np.nan)
        self.exposure = np.full(count, np.nan)
        self.fresh = np.zeros(count, np.int64)

    def signal(self, x: object, prediction: float) -> float:
        """Return the wanted exposure, from -1 to +1."""
        return np.nan

    def size(self, instrument: int, exposure: float) -> float:
        """Return the quantity for an exposure: its share of an equal part of the equity."""
        last, rate = self.last(instrument), self.rate(self.currency(instrument))
        if last <= 0.0 or rate <= 0.0:
            return 0.0
        return exposure * self.fraction * self.equity() / self.instrument_count / last / rate

    def predict(self, instrument: int, ts: int) -> float:
        """Return what the model says of the instrument's features; NaN without a model."""
        return np.nan

    def on_bar(self, bar: Bar) -> None:
        """Update the features and form an opinion."""
        i = bar.instrument
        self._see(bar)
        self.prediction[i] = self.predict(i, bar.ts)
        self.exposure[i] = self.signal(self.x[i], self.prediction[i])
        self.fresh[i] = 1

    def on_slice(self, ts: int) -> None:
        """Ask for what is missing between wanted and held, instrument by instrument."""
        for i in range(self.instrument_count):
            if self.fresh[i] == 1:
                self.fresh[i] = 0
                if not np.isnan(self.exposure[i]):
                    self._trade(i, self.size(i, self.exposure[i]))

    def on_split(self, instrument: int, new: int, old: int) -> None:
        adjust_split(self._ints, self._floats, instrument, new, old)

    def on_dividend(self, instrument: int, amount: float) -> None:
        row = self._instruments
        moved = dividend_in_prices(
            np.rint(amount * self._cash_scale_of(instrument)),
            float(row[instrument, PRICE_SCALE]),
            float(row[instrument, QUANTITY_SCALE]),
            float(row[instrument, NOTIONAL_DIVISOR]),
            float(row[instrument, MULTIPLIER]),
        )
        adjust_dividend(self._ints, self._floats, instrument, moved)

    def _see(self, bar: Bar) -> None:
        """Let the features of the bar's instrument take it in."""
        i = bar.instrument
        observe(
            self._program, self._ints, self._floats, i, bar.ts, bar.open, bar.high, bar.low,
            bar.close, bar.volume, bar.close_units, self.x[i],
        )  # fmt: skip

    def _trade(self, instrument: int, wanted: float) -> None:
        """Buy or sell the difference in whole lots, unless it is small or orders are at work."""
        row = self._instruments
        if row[instrument, WORKING_BUY] + row[instrument, WORKING_SELL] > 0:
            return
        held = self.position(instrument)
        change = wanted - held
        larger = abs(wanted) if abs(wanted) > abs(held) else abs(held)
        if abs(change) <= self.band * larger:
            return
        lot = row[instrument, LOT] / row[instrument, QUANTITY_SCALE]
        # A quotient that should be whole may lie a hair below it.
        lots = np.floor(abs(change) / lot + 1e-9)
        if lots == 0.0:
            return
        if change > 0.0:
            self.buy(instrument, lots * lot)
        else:
            self.sell(instrument, lots * lot)
