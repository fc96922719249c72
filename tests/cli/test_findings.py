"""What is printed of a backtest, where that can be asked without a command."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from barque.bootstrap.imports import USUAL
from barque.cli.findings import exact_fills, print_findings
from barque.data.events.stream import bar_events
from barque.domain.instruments import InstrumentKind
from barque.research.backtest import backtest
from barque.strategies import Strategy
from tests.research.results import result

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


NO_LINE = {"orders": {}, "changes": {}, "cancels": {}}


@pytest.mark.parametrize(
    ("refused", "by_reason", "lines"),
    [
        (0, {"refused_by_reason": NO_LINE}, ["orders refused 0"]),
        (3, {}, ["orders refused 3"]),  # kept by an older version
        (
            1_200,
            {
                "refused_by_reason": {
                    "orders": {"off lot": 1_000, "off tick": 200},
                    "changes": {"no such working order": 2},
                    "cancels": {},
                }
            },
            [
                "orders refused 1,200: off lot (1,000); off tick (200)",
                "changes refused 2: no such working order (2)",
            ],
        ),
        (
            0,
            {"refused_by_reason": NO_LINE | {"cancels": {"no such working order": 1}}},
            ["orders refused 0", "cancels refused 1: no such working order (1)"],
        ),
    ],
)
def test_what_was_refused_is_printed_with_why_where_it_is_known(capsys, refused, by_reason, lines):
    found = result(20).summary() | {"id": 1, "trials": 1, "refused": refused}
    del found["refused_by_reason"]

    print_findings(found | by_reason)

    printed = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert [line for line in printed if " refused " in line] == lines
