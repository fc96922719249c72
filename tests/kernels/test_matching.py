"""Each rule of the simulated venue as an example that a person can check."""

import numpy as np
import pytest
from numba import njit

from barque.domain.events import EventKind
from barque.domain.orders import OrderFlag, OrderType, Side
from barque.kernels import layout as at
from barque.kernels import matching
from barque.kernels.matching import (
    FILLS,
    FOR_BUYS,
    FOR_SELLS,
    NOTHING,
    OFFER_WIDTH,
    TRIGGERS,
    UNLIMITED,
)

BUY, SELL = Side
NO, FILL, BECOMES_LIMIT = NOTHING, FILLS, TRIGGERS

# The kernels of the venue, made callable from Python.
meet = njit(matching.meet.py_func)
shows = njit(matching.shows.py_func)
price_shown = njit(matching.price_shown.py_func)
open_offer = njit(matching.open_offer.py_func)
take = njit(matching.take.py_func)
first_trigger = njit(matching.first_trigger.py_func)
follow = njit(matching.follow.py_func)


def met(kind, side, o, h, l, *, price=0, trigger=0, flags=0, touch=1):  # noqa: E741
    """What prices from `l` to `h`, `o` first, do to one order, and at which price."""
    orders = np.zeros((1, at.ORDER_WIDTH), np.int64)
    columns = [at.ORDER_TYPE, at.SIDE, at.PRICE, at.TRIGGER, at.ORDER_FLAGS]
    orders[0, columns] = (kind, side, price, trigger, flags)
    return tuple(meet(orders, 0, touch, o, h, l))


@pytest.mark.parametrize("side", Side)
def test_a_market_order_fills_at_the_open(side) -> None:
    assert met(OrderType.MARKET, side, 100, 110, 90) == (FILL, 100)


@pytest.mark.parametrize(
    ("side", "price", "bar", "answer"),
    [
        (BUY, 95, (100, 110, 96), (NO, 0)),
        (BUY, 95, (100, 110, 95), (FILL, 95)),  # a touch is enough
        (BUY, 95, (100, 110, 90), (FILL, 95)),
        (BUY, 95, (93, 110, 90), (FILL, 93)),  # a better open
        (SELL, 105, (100, 104, 90), (NO, 0)),
        (SELL, 105, (100, 105, 90), (FILL, 105)),
        (SELL, 105, (107, 110, 90), (FILL, 107)),
    ],
)
def test_a_limit_fills_at_its_price_or_a_better_open(side, price, bar, answer) -> None:
    assert met(OrderType.LIMIT, side, *bar, price=price) == answer


@pytest.mark.parametrize(
    ("side", "price", "bar", "answer"),
    [
        (BUY, 95, (100, 110, 95), (NO, 0)),
        (BUY, 95, (100, 110, 94), (FILL, 95)),
        (BUY, 95, (95, 95, 95), (NO, 0)),
        (SELL, 105, (100, 105, 90), (NO, 0)),
        (SELL, 105, (100, 106, 90), (FILL, 105)),
    ],
)
def test_where_a_touch_is_not_enough_the_market_must_go_beyond(side, price, bar, answer) -> None:
    assert met(OrderType.LIMIT, side, *bar, price=price, touch=0) == answer


def test_a_post_only_order_gets_its_own_price_and_no_better() -> None:
    post_only = int(OrderFlag.POST_ONLY)

    assert met(OrderType.LIMIT, BUY, 93, 110, 90, price=95, flags=post_only) == (FILL, 95)
    assert met(OrderType.LIMIT, SELL, 99, 110, 90, price=95, flags=post_only) == (FILL, 95)


@pytest.mark.parametrize("kind", [OrderType.STOP, OrderType.TRAILING_STOP])
@pytest.mark.parametrize(
    ("side", "price", "bar", "answer"),
    [
        (BUY, 200, (150, 199, 100), (NO, 0)),
        (BUY, 200, (150, 200, 100), (FILL, 200)),
        (BUY, 200, (300, 310, 100), (FILL, 300)),  # a gap: worse
        (SELL, 200, (250, 300, 201), (NO, 0)),
        (SELL, 200, (250, 300, 200), (FILL, 200)),
        (SELL, 200, (100, 300, 90), (FILL, 100)),
    ],
)
def test_a_stop_fills_at_its_trigger_or_a_worse_open(kind, side, price, bar, answer) -> None:
    assert met(kind, side, *bar, price=price) == answer


@pytest.mark.parametrize(
    ("side", "price", "bar", "answer"),
    [
        (BUY, 95, (100, 110, 96), (NO, 0)),
        (BUY, 95, (100, 110, 95), (FILL, 95)),
        (BUY, 95, (93, 110, 90), (FILL, 93)),
        (SELL, 105, (100, 105, 90), (FILL, 105)),
    ],
)
def test_a_market_if_touched_is_a_stop_the_other_way(side, price, bar, answer) -> None:
    assert met(OrderType.MARKET_IF_TOUCHED, side, *bar, price=price) == answer


@pytest.mark.parametrize(
    ("kind", "side", "bar", "answer"),
    [
        (OrderType.STOP_LIMIT, BUY, (100, 104, 90), (NO, 0)),
        (OrderType.STOP_LIMIT, BUY, (100, 105, 90), (BECOMES_LIMIT, 105)),
        (OrderType.STOP_LIMIT, BUY, (107, 110, 90), (BECOMES_LIMIT, 107)),
        (OrderType.STOP_LIMIT, SELL, (110, 120, 105), (BECOMES_LIMIT, 105)),
        (OrderType.LIMIT_IF_TOUCHED, BUY, (110, 120, 106), (NO, 0)),
        (OrderType.LIMIT_IF_TOUCHED, BUY, (110, 120, 105), (BECOMES_LIMIT, 105)),
        (OrderType.LIMIT_IF_TOUCHED, SELL, (100, 105, 90), (BECOMES_LIMIT, 105)),
    ],
)
def test_an_order_with_a_trigger_and_a_limit_becomes_a_limit_order(kind, side, bar, answer) -> None:
    assert met(kind, side, *bar, price=111, trigger=105) == answer


@pytest.mark.parametrize(
    ("kind", "price", "answer"),
    [
        (OrderType.STOP, 0, (FILL, 100)),
        (OrderType.TRAILING_STOP, 0, (FILL, 100)),
        (OrderType.MARKET_IF_TOUCHED, 0, (FILL, 100)),
        (OrderType.STOP_LIMIT, 95, (FILL, 95)),
        (OrderType.LIMIT_IF_TOUCHED, 95, (FILL, 95)),
    ],
)
def test_what_was_triggered_works_as_what_it_became(kind, price, answer) -> None:
    assert met(kind, BUY, 100, 110, 90, price=price) == answer


@pytest.mark.parametrize("kind", [OrderType.MARKET_ON_OPEN, OrderType.MARKET_ON_CLOSE])
def test_an_order_for_an_auction_is_met_by_no_other_price(kind) -> None:
    assert met(kind, BUY, 100, 110, 90) == (NO, 0)


def event(kind: EventKind, **columns: int):
    row = np.zeros((1, at.EVENT_WIDTH), np.int64)
    row[0, at.KIND] = kind
    for name, value in columns.items():
        row[0, getattr(at, name)] = value
    return row


def test_the_two_sides_of_a_quote_bar_are_shown_to_the_two_sides_of_the_market() -> None:
    bid, ask = event(EventKind.BID_BAR, OPEN=99), event(EventKind.ASK_BAR, OPEN=101)

    assert [shows(bid, 0, side) for side in (BUY, SELL)] == [False, True]
    assert [shows(ask, 0, side) for side in (BUY, SELL)] == [True, False]
    assert not shows(event(EventKind.ASK_BAR), 0, BUY)  # nobody quoted this side


def test_a_quote_shows_buyers_its_ask_and_sellers_its_bid() -> None:
    quote = event(EventKind.QUOTE, QUOTE_BID=99, QUOTE_ASK=101, QUOTE_BID_SIZE=5, QUOTE_ASK_SIZE=0)

    assert [price_shown(quote, 0, side, at.OPEN) for side in (BUY, SELL)] == [101, 99]
    assert [shows(quote, 0, side) for side in (BUY, SELL)] == [False, True]  # nobody offers


def offered(row, *, participation: float = 0.0, lot: int = 1):
    instruments = np.zeros((1, at.INSTRUMENT_WIDTH), np.int64)
    instruments[0, [at.LOT, at.PARTICIPATION]] = (lot, round(participation * 10**12))
    offer = np.zeros(OFFER_WIDTH, np.int64)
    open_offer(instruments, offer, row, 0, 0)
    return offer


def test_without_a_share_a_bar_offers_all_that_is_wanted() -> None:
    offer = offered(event(EventKind.BAR, VOLUME=7))

    assert offer[[FOR_BUYS, FOR_SELLS]].tolist() == [UNLIMITED, UNLIMITED]


@pytest.mark.parametrize(
    ("volume", "share", "lot", "quantity"),
    [(100, 0.1, 1, 10), (109, 0.1, 1, 10), (199, 0.1, 10, 10), (99, 0.1, 10, 0), (7, 1.0, 2, 6)],
)
def test_a_share_of_the_volume_is_rounded_down_to_whole_lots(volume, share, lot, quantity) -> None:
    offer = offered(event(EventKind.BAR, VOLUME=volume), participation=share, lot=lot)

    assert offer[[FOR_BUYS, FOR_SELLS]].tolist() == [quantity, quantity]


def test_both_sides_share_a_bars_volume_and_each_has_its_own_side_of_a_quote() -> None:
    bar = offered(event(EventKind.BAR, VOLUME=100), participation=0.1)
    quote = offered(event(EventKind.QUOTE, QUOTE_BID_SIZE=8, QUOTE_ASK_SIZE=9))

    take(bar, BUY, 4)
    take(quote, BUY, 4)

    assert bar[[FOR_BUYS, FOR_SELLS]].tolist() == [6, 6]
    assert quote[[FOR_BUYS, FOR_SELLS]].tolist() == [5, 8]


@pytest.mark.parametrize(
    ("side", "flags", "trail", "best", "trigger"),
    [
        (SELL, 0, 5, 100, 95),
        (BUY, 0, 5, 100, 105),
        (SELL, OrderFlag.TRAILS_BY_RATE, 3 * 10**10, 1_000, 970),
        (BUY, OrderFlag.TRAILS_BY_RATE, 3 * 10**10, 1_000, 1_030),
    ],
)
def test_a_trailing_stop_keeps_its_distance_from_the_best_price(
    side, flags, trail, best, trigger
) -> None:
    assert first_trigger(int(side), trail, int(flags), best) == trigger


@pytest.mark.parametrize(
    ("side", "before", "after"), [(SELL, 95, 105), (SELL, 108, 108), (BUY, 105, 95), (BUY, 94, 94)]
)
def test_a_trailing_trigger_follows_the_market_and_never_goes_back(side, before, after) -> None:
    instruments = np.zeros((1, at.INSTRUMENT_WIDTH), np.int64)
    orders = np.zeros((1, at.ORDER_WIDTH), np.int64)
    columns = [at.ORDER_TYPE, at.SIDE, at.PRICE, at.TRAIL, at.NEXT]
    orders[0, columns] = (OrderType.TRAILING_STOP, side, before, 5, -1)
    bar = event(EventKind.BAR, HIGH=110, LOW=90)

    follow(instruments, orders, bar, 0, 0, at.HIGH, at.LOW)

    assert orders[0, at.PRICE] == after
