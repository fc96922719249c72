"""Each rule of the simulated venue as an example that a person can check."""

from dataclasses import dataclass

import numpy as np
import pytest

from barque.domain.orders import OrderType, Side
from barque.kernels import layout as at
from barque.kernels.matching import FILL_OK, FILL_PRICE, FILL_SLOT, FILL_TS, FILL_WIDTH, match

MARKET, LIMIT, STOP = OrderType
BUY, SELL = Side
BEGAN, CLOSED = 1_000, 2_000


@dataclass
class Order:
    type: OrderType
    side: Side
    price: int = 0
    placed: int = BEGAN


def met(*orders: Order, o: int, h: int, l: int, c: int = 0, slippage: float = 0.0):  # noqa: E741
    """Let one bar meet orders, oldest first; return (order, price, ts) of each fill."""
    instruments = np.zeros((1, at.INSTRUMENT_WIDTH), np.int64)
    instruments[0, at.SLIPPAGE_RATE] = round(slippage * 10**12)
    instruments[0, at.FIRST_ORDER] = 0 if orders else -1
    table = np.zeros((4, at.ORDER_WIDTH), np.int64)
    for slot, order in enumerate(orders):
        columns = [at.ORDER_TYPE, at.SIDE, at.PRICE, at.PLACED, at.NEXT]
        following = slot + 1 if slot + 1 < len(orders) else -1
        table[slot, columns] = (order.type, order.side, order.price, order.placed, following)
    bar = np.zeros((1, at.EVENT_WIDTH), np.int64)
    bar[0, [at.START, at.TS, at.OPEN, at.HIGH, at.LOW]] = (BEGAN, CLOSED, o, h, l)
    bar[0, at.CLOSE] = c or o
    fills = np.zeros((4, FILL_WIDTH), np.int64)

    count = match(instruments, table, fills, bar, 0)

    assert fills[:count, FILL_OK].all()
    return [tuple(fill) for fill in fills[:count, [FILL_SLOT, FILL_PRICE, FILL_TS]].tolist()]


def test_a_market_order_fills_at_the_open() -> None:
    assert met(Order(MARKET, BUY), o=100, h=110, l=90, c=105) == [(0, 100, BEGAN)]


def test_a_market_order_pays_slippage_whichever_way_it_goes() -> None:
    assert met(Order(MARKET, BUY), o=1000, h=1100, l=900, slippage=0.01) == [(0, 1010, BEGAN)]
    assert met(Order(MARKET, SELL), o=1000, h=1100, l=900, slippage=0.01) == [(0, 990, BEGAN)]


@pytest.mark.parametrize(
    ("order", "bar", "fill"),
    [
        (Order(LIMIT, BUY, 95), {"o": 100, "h": 110, "l": 96}, None),
        (Order(LIMIT, BUY, 95), {"o": 100, "h": 110, "l": 95}, (95, CLOSED)),  # a touch is enough
        (Order(LIMIT, BUY, 95), {"o": 100, "h": 110, "l": 90}, (95, CLOSED)),
        (Order(LIMIT, BUY, 95), {"o": 93, "h": 110, "l": 90}, (93, BEGAN)),  # a better open
        (Order(LIMIT, BUY, 95), {"o": 95, "h": 110, "l": 90}, (95, BEGAN)),
        (Order(LIMIT, SELL, 105), {"o": 100, "h": 104, "l": 90}, None),
        (Order(LIMIT, SELL, 105), {"o": 100, "h": 105, "l": 90}, (105, CLOSED)),
        (Order(LIMIT, SELL, 105), {"o": 100, "h": 110, "l": 90}, (105, CLOSED)),
        (Order(LIMIT, SELL, 105), {"o": 107, "h": 110, "l": 90}, (107, BEGAN)),
    ],
)
def test_a_limit_fills_at_its_price_or_a_better_open_and_never_slips(order, bar, fill) -> None:
    expected = [] if fill is None else [(0, *fill)]

    assert met(order, **bar, slippage=0.5) == expected


@pytest.mark.parametrize(
    ("order", "bar", "fill"),
    [
        (Order(STOP, BUY, 200), {"o": 150, "h": 199, "l": 100}, None),
        (Order(STOP, BUY, 200), {"o": 150, "h": 200, "l": 100}, (202, CLOSED)),
        (Order(STOP, BUY, 200), {"o": 300, "h": 310, "l": 100}, (303, BEGAN)),  # a gap: worse
        (Order(STOP, SELL, 200), {"o": 250, "h": 300, "l": 201}, None),
        (Order(STOP, SELL, 200), {"o": 250, "h": 300, "l": 200}, (198, CLOSED)),
        (Order(STOP, SELL, 200), {"o": 100, "h": 300, "l": 90}, (99, BEGAN)),
    ],
)
def test_a_stop_fills_at_its_trigger_or_a_worse_open_and_slips(order, bar, fill) -> None:
    expected = [] if fill is None else [(0, *fill)]

    assert met(order, **bar, slippage=0.01) == expected


def test_an_order_meets_only_bars_that_began_at_or_after_it_was_placed() -> None:
    early, late = Order(MARKET, BUY, placed=BEGAN), Order(MARKET, BUY, placed=BEGAN + 1)

    assert met(early, o=100, h=110, l=90) == [(0, 100, BEGAN)]
    assert met(late, o=100, h=110, l=90) == []


def test_orders_are_met_oldest_first_and_one_that_is_not_met_holds_up_nobody() -> None:
    orders = Order(LIMIT, BUY, 95), Order(LIMIT, BUY, 80), Order(MARKET, SELL)

    fills = met(*orders, o=100, h=110, l=90)

    assert fills == [(0, 95, CLOSED), (2, 100, BEGAN)]


def test_without_orders_nothing_is_filled() -> None:
    assert met(o=100, h=110, l=90) == []
