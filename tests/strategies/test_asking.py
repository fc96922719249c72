"""What a strategy asks for, plain and compiled, is the order that its words say."""

from decimal import Decimal

import numpy as np
import pytest

from barque.domain.events import EventKind
from barque.domain.orders import OrderFlag, OrderType, Reason, Side, TimeInForce
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.strategies import DAY, FOK, IOC, Strategy, compiled
from tests.engine.histories import EQUITY

HOUR, DOLLAR = 3600 * 10**9, 10**8
BUY, SELL = Side
GTC, GTD = TimeInForce.GTC, TimeInForce.GTD
POST_ONLY, REDUCE_ONLY = OrderFlag.POST_ONLY, OrderFlag.REDUCE_ONLY
EXIT = OrderFlag.WAITS | OrderFlag.ONE_CANCELS_OTHERS | REDUCE_ONLY


class Words(Strategy):
    """Says everything that can be said, once, after the first bar."""

    def on_start(self):
        self.bars = 0

    def on_bar(self, bar):
        if self.bars == 0:
            self.say(bar.ts)
        self.bars += 1

    def say(self, ts):
        self.buy(0, 1)
        self.sell(0, 2, True)
        self.buy(0, 3, limit=99.0)
        self.buy(0, 4, stop=105.0)
        self.buy(0, 5, stop=105.0, limit=106.0)
        self.buy(0, 6, touch=95.0)
        self.sell(0, 7, touch=105.0, limit=104.5)
        self.sell(0, 8, trail=2.5)
        self.buy(0, 9, trail_rate=0.03)
        self.buy(0, 10, on_open=True)
        self.sell(0, 11, on_close=True)
        self.buy(0, 12, limit=98.0, tif=IOC)
        self.buy(0, 13, limit=98.0, tif=FOK)
        self.buy(0, 14, limit=98.0, tif=DAY)
        self.buy(0, 15, limit=98.0, expires=ts + 7)
        self.buy(0, 16, limit=98.0, post_only=True)
        self.buy_limit(0, 17, 97.0)
        self.sell_limit(0, 18, 103.0, True)
        self.buy_stop(0, 19, 103.0)
        self.sell_stop(0, 20, 97.0)


SAID = [
    (OrderType.MARKET, BUY, 1, 0, GTC, 0, 0),
    (OrderType.MARKET, SELL, 2, 0, DAY, 0, 0),
    (OrderType.LIMIT, BUY, 3, 99, GTC, 0, 0),
    (OrderType.STOP, BUY, 4, 105, GTC, 0, 0),
    (OrderType.STOP_LIMIT, BUY, 5, 106, GTC, 105, 0),
    (OrderType.MARKET_IF_TOUCHED, BUY, 6, 95, GTC, 0, 0),
    (OrderType.LIMIT_IF_TOUCHED, SELL, 7, 104.5, GTC, 105, 0),
    (OrderType.TRAILING_STOP, SELL, 8, 97.5, GTC, 2.5, 0),
    (OrderType.TRAILING_STOP, BUY, 9, 103, GTC + 256 * OrderFlag.TRAILS_BY_RATE, 300, 0),
    (OrderType.MARKET_ON_OPEN, BUY, 10, 0, GTC, 0, 0),
    (OrderType.MARKET_ON_CLOSE, SELL, 11, 0, GTC, 0, 0),
    (OrderType.LIMIT, BUY, 12, 98, IOC, 0, 0),
    (OrderType.LIMIT, BUY, 13, 98, FOK, 0, 0),
    (OrderType.LIMIT, BUY, 14, 98, DAY, 0, 0),
    (OrderType.LIMIT, BUY, 15, 98, GTD, 0, HOUR + 7),
    (OrderType.LIMIT, BUY, 16, 98, GTC + 256 * POST_ONLY, 0, 0),
    (OrderType.LIMIT, BUY, 17, 97, GTC, 0, 0),
    (OrderType.LIMIT, SELL, 18, 103, DAY, 0, 0),
    (OrderType.STOP, BUY, 19, 103, GTC, 0, 0),
    (OrderType.STOP, SELL, 20, 97, GTC, 0, 0),
]


class Groups(Words):
    """Says a bracket, a group by hand, and changes both."""

    def say(self, ts):
        self.entry = self.bracket(0, -10, stop=105.0, target=95.0, limit=101.0)
        first = self.buy(0, 1, limit=99.0)
        self.sell(0, 1, trail=1.5, reduce_only=True, after=first)
        self.sell(0, 1, stop=90.0, oco=first)
        self.amend(0, first, quantity=4, limit=98.0)
        self.amend(0, self.entry + 1, stop=106.0)
        self.amend(0, 99, quantity=1)
        self.cancel(0, self.entry)

    def on_start(self):
        super().on_start()
        self.entry = 0


class Contradictions(Words):
    """Says what cannot be meant."""

    def say(self, ts):
        self.buy(0, 1, stop=105.0, touch=95.0)
        self.buy(0, 1, trail=1.0, trail_rate=0.1)
        self.buy(0, 1, trail=1.0, limit=99.0)
        self.buy(0, 1, on_open=True, on_close=True)
        self.buy(0, 1, on_open=True, limit=99.0)
        self.buy(0, 1, day=True, tif=IOC)
        self.buy(0, 1, day=True, expires=ts + 1)
        self.buy(0, 1, tif=77)
        self.buy(0, 1, post_only=True)
        self.buy(0, 1, limit=98.0, post_only=True, tif=IOC)
        self.buy(0, 1, after=1, oco=2)
        self.buy(0, 1, limit=98.0, tif=TIF_GTD)


TIF_GTD = int(GTD)


def both_ways(kind):
    return [kind, compiled(type(f"{kind.__name__}Compiled", (kind,), {}))]


def answers(kind):
    row = [0, 0, EventKind.BAR, 0, *[100 * DOLLAR] * 4, 0, 1]
    bars = np.array([[k * HOUR + HOUR, k * HOUR, *row[2:]] for k in range(1)], np.int64)
    engine = Engine(kind(), [EQUITY], cash=Decimal(10**6))
    records = engine.process(bars).records
    assert engine.state.account[at.REQUESTS_LOST] == 0
    return engine, records


def of_kind(records, kind):
    return records[records[:, at.RECORD_KIND] == kind]


@pytest.mark.parametrize("kind", both_ways(Words))
def test_each_way_of_asking_is_the_order_that_it_says(kind) -> None:
    _, records = answers(kind)

    asked = of_kind(records, at.ACCEPTED)
    columns = [at.A1, at.A2, at.A3, at.A4, at.A5, at.A7, at.A8]
    expected = [
        (order, side, quantity, round(price * DOLLAR), tif, round(trigger * DOLLAR), expires)
        for order, side, quantity, price, tif, trigger, expires in SAID
    ]
    assert [tuple(row) for row in asked[:, columns].tolist()] == expected
    assert len(records) == len(SAID)


@pytest.mark.parametrize("kind", both_ways(Groups))
def test_groups_and_changes_are_asked_for_in_a_few_words(kind) -> None:
    engine, records = answers(kind)

    accepted = of_kind(records, at.ACCEPTED)
    assert accepted[:, [at.A0, at.A1, at.A2, at.A4, at.A9]].tolist() == [
        [1, OrderType.LIMIT, SELL, 101 * DOLLAR, 0],
        [2, OrderType.STOP, BUY, 105 * DOLLAR, 1],
        [3, OrderType.LIMIT, BUY, 95 * DOLLAR, 1],
        [4, OrderType.LIMIT, BUY, 99 * DOLLAR, 0],
        [5, OrderType.TRAILING_STOP, SELL, round(98.5 * DOLLAR), 4],
        [6, OrderType.STOP, SELL, 90 * DOLLAR, 4],
    ]
    assert (accepted[:, at.A5] // 256).tolist() == [
        0, EXIT, EXIT, 0, OrderFlag.WAITS | REDUCE_ONLY, OrderFlag.ONE_CANCELS_OTHERS
    ]  # fmt: skip
    amended = of_kind(records, at.AMENDED)
    assert amended[:, [at.A0, at.A1, at.A2]].tolist() == [
        [4, 4, 98 * DOLLAR],
        [2, 10, 106 * DOLLAR],
    ]
    refused = of_kind(records, at.AMEND_REFUSED)
    assert refused[:, [at.A0, at.A1]].tolist() == [[99, Reason.UNKNOWN_ORDER]]
    canceled = of_kind(records, at.CANCELED)
    assert canceled[:, [at.A0, at.A1]].tolist() == [
        [1, Reason.BY_REQUEST], [2, Reason.LEADER_ENDED], [3, Reason.LEADER_ENDED]
    ]  # fmt: skip
    assert engine.strategy.entry == 1


@pytest.mark.parametrize("kind", both_ways(Contradictions))
def test_what_contradicts_itself_is_refused_and_never_half_meant(kind) -> None:
    _, records = answers(kind)

    refused = of_kind(records, at.REFUSED)
    *contradictions, without_a_time = refused[:, at.A6].tolist()
    assert len(refused) == len(records) == 12
    assert set(contradictions) == {Reason.NOT_AN_ORDER}
    assert without_a_time == Reason.TIME_OVER
