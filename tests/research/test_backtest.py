"""A backtest is the engine over chunks: what it says is what the records say."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pytest

from barque.domain.costs import Costs
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.research.backtest import backtest
from barque.risk.limits import Limits
from barque.strategies import Strategy
from tests.engine.histories import EQUITY, HOUR, history
from tests.engine.test_recovery import Restless, slices

CASH, COSTS = Decimal(1_000_000), Costs(fee=Decimal("0.001"), slippage=Decimal("0.0002"))


@dataclass
class Chunks:
    """A past in chunks, as a data set tells it."""

    instruments: tuple
    chunks: list
    content_hash: str = "abc"

    @property
    def rows(self) -> int:
        return sum(map(len, self.chunks))

    def __iter__(self):
        return iter(self.chunks)


def bars(*prices: int) -> Chunks:
    """Flat hourly bars of one share, in dollars."""
    rows = np.zeros((len(prices), at.EVENT_WIDTH), np.int64)
    rows[:, at.TS] = (np.arange(len(prices)) + 1) * HOUR
    rows[:, at.START] = rows[:, at.TS] - HOUR
    rows[:, at.KIND] = 50
    rows[:, at.OPEN : at.CLOSE + 1] = np.array(prices).reshape(-1, 1) * 10**8
    rows[:, at.FLAGS] = 1
    return Chunks((EQUITY,), [rows] if len(prices) else [])


class BuyOnce(Strategy):
    quantity: float = 10.0
    which: int = 0

    def on_start(self):
        self.asked = False

    def on_bar(self, bar):
        if not self.asked:
            self.buy(self.which, self.quantity)
            self.asked = True


@pytest.mark.parametrize("size", [1, 3, 100])
def test_chunks_do_not_matter(size: int) -> None:
    past = history(11, 2, 20)
    parts = slices(past.events)
    chunks = [np.concatenate(parts[k : k + size]) for k in range(0, len(parts), size)]

    found = backtest(Restless(), Chunks(tuple(past.instruments), chunks), cash=CASH, costs=COSTS)

    wanted = Engine(Restless(), past.instruments, cash=CASH, costs=COSTS).process(past.events)
    np.testing.assert_array_equal(found.records, wanted.records)
    np.testing.assert_array_equal(found.curve, wanted.curve)
    assert found.events == len(past.events)


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    past = Chunks((EQUITY,), [chunk for k in (1, 2) for chunk in bars(k).chunks])
    past.chunks[1][:, [at.TS, at.START]] += HOUR

    backtest(BuyOnce(), past, progress=lambda done, total: told.append((done, total)))

    assert told == [(1, 2), (2, 2)]


def test_an_order_of_ten_shares_by_hand() -> None:
    """Decided at 100, filled at 110 and 2 bp: 10 x 110.022 = 1100.22, fee a tenth of a percent."""
    found = backtest(BuyOnce(), bars(100, 110, 120), cash=CASH, costs=COSTS)

    fill = found.fills.row(0, named=True)
    assert (fill["side"], fill["quantity"], fill["price"]) == ("BUY", 10.0, 110.022)
    assert (fill["notional"], fill["fee"]) == (1100.22, 1.10022)
    assert found.final_equity == CASH - Decimal("1100.22") - Decimal("1.10022") + 1200
    assert found.equity["equity"].to_list()[0] == 1_000_000.0
    assert found.statistics.fills == 1
    assert found.statistics.fees_paid == pytest.approx(1.10022)


def test_what_was_refused_has_its_reason() -> None:
    found = backtest(BuyOnce(), bars(100, 110), limits=Limits(position=Decimal(5)))

    assert found.orders["reason"].to_list() == ["the position would exceed its limit"]
    assert found.fills.height == 0
    assert found.summary()["refused"] == 1


class ChangesWhatEnded(Strategy):
    """Buys once, and when that is filled changes it twice and cancels it."""

    def on_start(self):
        self.order = 0

    def on_bar(self, bar):
        if self.order == 0:
            self.order = self.buy(0, 10.0)
        else:
            self.amend(0, self.order, limit=90.0)
            self.amend(0, self.order, limit=80.0)
            self.cancel(0, self.order)


def test_refused_changes_and_cancels_are_in_the_summary_beside_refused_orders() -> None:
    found = backtest(ChangesWhatEnded(), bars(100, 110)).summary()

    assert found["refused"] == 0
    assert found["refused_by_reason"] == {
        "orders": {},
        "changes": {"no such working order": 2},
        "cancels": {"no such working order": 1},
    }


def test_an_order_for_an_instrument_of_no_run_is_shown_and_not_fatal() -> None:
    found = backtest(BuyOnce(which=7), bars(100, 110))

    order = found.orders.row(0, named=True)
    assert order["instrument"] is None
    assert order["reason"] == "no such instrument in this run"


def test_without_events_nothing_was_earned() -> None:
    found = backtest(BuyOnce(), bars(), cash=500)

    assert found.final_equity == 500
    assert found.fills.height == found.orders.height == found.equity.height == 0
    assert found.summary()["statistics"]["total_return"] is None


def test_losing_everything_is_a_result_too() -> None:
    found = backtest(BuyOnce(quantity=100.0), bars(100, 100, 1), cash=1_000)

    assert found.final_equity == 1_000 - 100 * 99
    assert found.summary()["statistics"]["sharpe"] is None


def test_a_summary_says_all_that_it_rests_on() -> None:
    found = backtest(BuyOnce(), bars(100, 110), cash=CASH, costs=COSTS).summary()

    assert found["strategy"] == "BuyOnce"
    assert found["parameters"] == {"quantity": 10.0, "which": 0}
    assert found["terms"]["fees"] == {"model": "percentage", "rate": "0.001", "each": "0"}
    assert found["terms"]["slippage"] == {"model": "basis_points", "points": "2"}
    assert found["data_hash"] == "abc"
    assert found["instruments"] == ["ACME.XNAS"]
    assert any("next bar" in words for words in found["assumptions"])
