"""What is printed of a backtest, where that can be asked without a command."""

from dataclasses import replace
from decimal import Decimal

import numpy as np

from barque.bootstrap.imports import USUAL
from barque.cli.findings import exact_fills
from barque.data.events.stream import bar_events
from barque.domain.instruments import InstrumentKind
from barque.research.backtest import backtest
from barque.strategies import Strategy

HOUR = 3600 * 10**9


class BuysOnce(Strategy):
    def on_start(self):
        self.has_bought = False

    def on_bar(self, bar):
        if not self.has_bought:
            self.buy(0, 1000)
            self.has_bought = True


def test_a_fill_is_told_in_the_money_of_its_instrument_not_in_that_of_the_account():
    yen = replace(USUAL[InstrumentKind.FX], id="USDJPY.FX", currency="JPY", tick=Decimal("0.001"))
    prices = dict.fromkeys(("open", "high", "low", "close"), np.full(2, 150.0))
    market = {"ts": np.array([HOUR, 2 * HOUR]), "volume": np.zeros(2), **prices}

    result = backtest(BuysOnce(), bar_events([yen], {yen.id: market}), currency="USD")

    (fill,) = exact_fills(result)
    assert (fill["quantity"], fill["price"]) == ("1000", "150.00000000")
    assert fill["notional"] == "150000.0000"
