"""How an event meets the working orders of its instrument: the open, the inside, the close.

1. Orders whose time was over when the event began expire.
2. At the open, oldest first: market orders, stops and limits beyond which the market opened, and,
   at the first price of a session, market-on-open orders.
3. Trailing stops follow the open. Then everything between low and high: stops first, then limits
   and if-touched orders, each oldest first; by the run's rules the oldest first of all. An order
   whose time ends before the bar does takes no part.
4. Trailing stops follow the bar's best price. At the close: trailing stops that it has passed on
   the way from there, and, at the last price of a session, market-on-close orders.

5. Where the session ends and the event shows a market-on-close order no price (a clock ended it,
   or it is the other side of a quote bar), the order fills at the last known one. DAY orders that
   had arrived when the event began expire.

A trade or a quote is nothing but an open. Orders share what an event offers, oldest first, in
whole lots: a quote its sizes, a bar or trade the part of its volume that the rules allow.
"""

from numba import njit

from barque.domain.events import EventFlag, EventKind
from barque.domain.orders import (
    FillTime,
    OrderFlag,
    OrderState,
    OrderType,
    Reason,
    Side,
    TimeInForce,
)
from barque.engine.apply import begin_record, end_order
from barque.engine.groups import fill_order, known_price, may_shrink, reducible, shrink
from barque.engine.ledger import fold, following
from barque.kernels.arrays import IntArray
from barque.kernels.compile import INNER, called
from barque.kernels.layout import (
    A0,
    ASK,
    CANCELED,
    CLOSE,
    EXPIRED,
    EXPIRES,
    FILL_TIME,
    FIRST_ORDER,
    FLAGS,
    GROUP,
    HIGH,
    IN_SESSION,
    INSTRUMENT,
    KIND,
    LAST_VOLUME,
    LEAVES,
    LOW,
    OPEN,
    ORDER_FLAGS,
    ORDER_ID,
    ORDER_INSTRUMENT,
    ORDER_STATE,
    ORDER_TYPE,
    PLACED,
    POSITION,
    PRICE,
    RECORD_COUNT,
    SIDE,
    START,
    STOP_FIRST,
    TIME_IN_FORCE,
    TOUCH_FILLS,
    TRIGGERED,
    TS,
    WORKS_FROM,
)
from barque.kernels.matching import (
    FOR_BUYS,
    FOR_SELLS,
    HELD,
    IS_INSIDE,
    NOTHING,
    TRADED_BUY,
    TRADED_SELL,
    TRIGGERS,
    UNLIMITED,
    follow,
    has_inside,
    is_stop,
    meet,
    open_offer,
    price_shown,
    shows,
    take,
    working_type,
)

BUY = int(Side.BUY)
TRADE = int(EventKind.TRADE)
BAR = int(EventKind.BAR)
MARKET = int(OrderType.MARKET)
LIMIT = int(OrderType.LIMIT)
MARKET_ON_OPEN = int(OrderType.MARKET_ON_OPEN)
MARKET_ON_CLOSE = int(OrderType.MARKET_ON_CLOSE)
TRAILING_STOP = int(OrderType.TRAILING_STOP)
DAY = int(TimeInForce.DAY)
GTD = int(TimeInForce.GTD)
IOC = int(TimeInForce.IOC)
FOK = int(TimeInForce.FOK)
NEXT_QUOTE = int(FillTime.NEXT_QUOTE)
ACCEPTED_STATE = int(OrderState.ACCEPTED)
WAITING = int(OrderState.WAITING)
REDUCE_ONLY = int(OrderFlag.REDUCE_ONLY)
WAITS = int(OrderFlag.WAITS)
ENDS_SESSION = int(EventFlag.ENDS_SESSION)
SESSION_END = int(Reason.SESSION_END)
TIME_OVER = int(Reason.TIME_OVER)
UNFILLED = int(Reason.UNFILLED)

# The parts of an event.
AT_OPEN = 0
STOPS = 1
LIMITS = 2
ANYTHING = 3
AT_CLOSE = 4


@njit(**INNER)
def meet_orders(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    offer: IntArray,
    events: IntArray,
    t: int,
    i: int,
) -> None:
    """Let event `t` meet the orders of its instrument `i`."""
    written = account[RECORD_COUNT]
    open_offer(instruments, offer, events, t, i)
    _meet_all(account, instruments, orders, records, offer, events, t, AT_OPEN)
    if instruments[i, FIRST_ORDER] < 0:
        return
    follow(instruments, orders, events, t, i, OPEN, OPEN)
    if has_inside(events[t, KIND]):
        offer[IS_INSIDE], offer[HELD] = 1, instruments[i, POSITION]
        if account[STOP_FIRST] == 1:
            _meet_all(account, instruments, orders, records, offer, events, t, STOPS)
            _meet_all(account, instruments, orders, records, offer, events, t, LIMITS)
        else:
            _meet_all(account, instruments, orders, records, offer, events, t, ANYTHING)
        follow(instruments, orders, events, t, i, HIGH, LOW)
    _meet_all(account, instruments, orders, records, offer, events, t, AT_CLOSE)
    if account[RECORD_COUNT] != written and may_shrink(instruments, i):
        shrink(account, instruments, orders, records, i)


@called
def end_session(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    offer: IntArray,
    events: IntArray,
    t: int,
    i: int,
) -> None:
    """End the session of instrument `i` for the orders that had arrived when event `t` began.

    Market-on-close orders that the event showed no price fill at the last one known; DAY orders
    expire.
    """
    written = account[RECORD_COUNT]
    offer[FOR_BUYS] = offer[FOR_SELLS] = UNLIMITED
    offer[TRADED_BUY] = offer[TRADED_SELL] = instruments[i, LAST_VOLUME]
    offer[IS_INSIDE] = 0
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0:
        order_id = orders[slot, ORDER_ID]
        waits = orders[slot, ORDER_STATE] == WAITING or orders[slot, WORKS_FROM] > events[t, START]
        if orders[slot, ORDER_TYPE] == MARKET_ON_CLOSE and not waits:
            price = known_price(instruments, i, orders[slot, SIDE])
            _fill_once(account, instruments, orders, records, offer, slot, price, events[t, TS])
        elif orders[slot, TIME_IN_FORCE] == DAY and orders[slot, PLACED] <= events[t, START]:
            end_order(account, instruments, orders, records, slot, EXPIRED, SESSION_END)
        slot = following(instruments, orders, i, slot, order_id)
    if account[RECORD_COUNT] != written and may_shrink(instruments, i):
        shrink(account, instruments, orders, records, i)


@called
def _meet_all(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    offer: IntArray,
    events: IntArray,
    t: int,
    part: int,
) -> None:
    """Let one part of an event meet the orders, oldest first."""
    i = events[t, INSTRUMENT]
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0:
        order_id = orders[slot, ORDER_ID]
        if _is_over(orders, slot, events, t, part):
            end_order(account, instruments, orders, records, slot, EXPIRED, TIME_OVER)
        elif _can_meet(orders, slot, events, t):
            if part == AT_OPEN:
                _meet_open(account, instruments, orders, records, offer, events, t, slot)
            elif part == AT_CLOSE:
                _meet_close(account, instruments, orders, records, offer, events, t, slot)
            elif part == ANYTHING or is_stop(working_type(orders, slot)) == (part == STOPS):
                _meet_inside(account, instruments, orders, records, offer, events, t, slot)
        if part == AT_CLOSE and orders[slot, ORDER_ID] == order_id:
            _end_if_over(account, instruments, orders, records, slot, events[t, TS])
        slot = following(instruments, orders, i, slot, order_id)


@njit(**INNER)
def _is_over(orders: IntArray, slot: int, events: IntArray, t: int, part: int) -> bool:
    """Return whether an order's time ends before this part of an event is surely over."""
    if orders[slot, TIME_IN_FORCE] != GTD:
        return False
    if part == AT_OPEN:
        return orders[slot, EXPIRES] <= events[t, START]
    return orders[slot, EXPIRES] < events[t, TS]


@njit(**INNER)
def _end_if_over(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    slot: int,
    ts: int,
) -> None:
    if orders[slot, TIME_IN_FORCE] == GTD and orders[slot, EXPIRES] <= ts:
        end_order(account, instruments, orders, records, slot, EXPIRED, TIME_OVER)


@njit(**INNER)
def _can_meet(orders: IntArray, slot: int, events: IntArray, t: int) -> bool:
    """Return whether an event meets an order at all: it works, had arrived, is shown a price."""
    if orders[slot, ORDER_STATE] == WAITING or orders[slot, WORKS_FROM] > events[t, START]:
        return False
    return shows(events, t, orders[slot, SIDE])


@njit(**INNER)
def _meet_open(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    offer: IntArray,
    events: IntArray,
    t: int,
    slot: int,
) -> None:
    kind, i = orders[slot, ORDER_TYPE], events[t, INSTRUMENT]
    opened, start = price_shown(events, t, orders[slot, SIDE], OPEN), events[t, START]
    if kind == MARKET_ON_OPEN:
        if instruments[i, IN_SESSION] == 0:
            _fill_once(account, instruments, orders, records, offer, slot, opened, start)
        return
    if kind == MARKET and _waits_for_quote(account, instruments, events, t):
        return
    order_id = orders[slot, ORDER_ID]
    _meet_range(
        account, instruments, orders, records, offer, slot, opened, opened, opened, start, start
    )
    _end_if_once(account, instruments, orders, records, slot, order_id)


@called
def _meet_inside(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    offer: IntArray,
    events: IntArray,
    t: int,
    slot: int,
) -> None:
    kind, side, order_id = orders[slot, ORDER_TYPE], orders[slot, SIDE], orders[slot, ORDER_ID]
    if kind == MARKET and _waits_for_quote(account, instruments, events, t):
        return
    opened = price_shown(events, t, side, OPEN)
    high, low = price_shown(events, t, side, HIGH), price_shown(events, t, side, LOW)
    if _is_once(orders, slot):
        high = low = opened
    start, ts = events[t, START], events[t, TS]
    price = _meet_range(
        account, instruments, orders, records, offer, slot, opened, high, low, start, ts
    )
    _end_if_once(account, instruments, orders, records, slot, order_id)
    if price > 0:
        _meet_released(account, instruments, orders, records, offer, events, t, order_id, price)


@called
def _meet_released(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    offer: IntArray,
    events: IntArray,
    t: int,
    leader: int,
    price: int,
) -> None:
    """Let the rest of a bar meet the stops that a fill at `price` inside it has released."""
    i, ts = events[t, INSTRUMENT], events[t, TS]
    slot = instruments[i, FIRST_ORDER]
    while slot >= 0:
        order_id, side = orders[slot, ORDER_ID], orders[slot, SIDE]
        released = orders[slot, GROUP] == leader and orders[slot, ORDER_FLAGS] & WAITS != 0
        released = released and orders[slot, ORDER_STATE] == ACCEPTED_STATE
        released = released and orders[slot, WORKS_FROM] == ts and shows(events, t, side)
        if released and is_stop(working_type(orders, slot)):
            high, low = price_shown(events, t, side, HIGH), price_shown(events, t, side, LOW)
            _meet_range(
                account, instruments, orders, records, offer, slot, price, high, low, ts, ts
            )
            _end_if_once(account, instruments, orders, records, slot, order_id)
        slot = following(instruments, orders, i, slot, order_id)


@njit(**INNER)
def _meet_close(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    offer: IntArray,
    events: IntArray,
    t: int,
    slot: int,
) -> None:
    close, ts = price_shown(events, t, orders[slot, SIDE], CLOSE), events[t, TS]
    order_id = orders[slot, ORDER_ID]
    if orders[slot, ORDER_TYPE] == MARKET_ON_CLOSE:
        if events[t, FLAGS] & ENDS_SESSION:
            _fill_once(account, instruments, orders, records, offer, slot, close, ts)
    elif working_type(orders, slot) == TRAILING_STOP and has_inside(events[t, KIND]):
        best = orders[slot, PRICE]
        _meet_range(account, instruments, orders, records, offer, slot, best, close, close, ts, ts)
        _end_if_once(account, instruments, orders, records, slot, order_id)


@njit(**INNER)
def _waits_for_quote(account: IntArray, instruments: IntArray, events: IntArray, t: int) -> bool:
    """Return whether market orders pass this event by, because quotes are told and are wanted."""
    if account[FILL_TIME] != NEXT_QUOTE or instruments[events[t, INSTRUMENT], ASK] == 0:
        return False
    kind = events[t, KIND]
    return kind in (TRADE, BAR)


@called
def _meet_range(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    offer: IntArray,
    slot: int,
    opened: int,
    high: int,
    low: int,
    began: int,
    ended: int,
) -> int:
    """Let prices between low and high, `opened` first, meet an order; return where it filled, or 0.

    What happens at `opened` happens when the range began, everything else when it ended.
    """
    touch_fills = account[TOUCH_FILLS]
    effect, price = meet(orders, slot, touch_fills, opened, high, low)
    ts = began if price == opened else ended
    if effect == TRIGGERS:
        _trigger(account, instruments, orders, records, slot, orders[slot, PRICE], ts)
        effect, price = meet(orders, slot, touch_fills, price, price, price)
    if effect == NOTHING:
        return 0
    filled = _fill(account, instruments, orders, records, offer, slot, price, ts)
    return price if filled > 0 else 0


@njit(**INNER)
def _fill(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    offer: IntArray,
    slot: int,
    price: int,
    ts: int,
) -> int:
    """Fill as much of an order as there is to take and, if it only reduces, to reduce.

    What is left of one whose trigger was met works at the market from now on.
    """
    side, kind = orders[slot, SIDE], working_type(orders, slot)
    wanted = _wanted(instruments, orders, offer, slot)
    quantity = min(wanted, offer[FOR_BUYS] if side == BUY else offer[FOR_SELLS])
    if quantity < wanted and orders[slot, TIME_IN_FORCE] == FOK:
        quantity = 0
    if quantity < orders[slot, LEAVES] and kind not in (LIMIT, MARKET) and not _is_auction(kind):
        _trigger(account, instruments, orders, records, slot, 0, ts)
    if quantity <= 0:
        return 0
    volume = offer[TRADED_BUY] if side == BUY else offer[TRADED_SELL]
    if not fill_order(account, instruments, orders, records, slot, quantity, price, ts, volume):
        return 0
    take(offer, side, quantity)
    return quantity


@njit(**INNER)
def _wanted(instruments: IntArray, orders: IntArray, offer: IntArray, slot: int) -> int:
    """Return what an order wants now: what it leaves, or as much of it as there is to reduce."""
    leaves, i, side = orders[slot, LEAVES], orders[slot, ORDER_INSTRUMENT], orders[slot, SIDE]
    if not orders[slot, ORDER_FLAGS] & REDUCE_ONLY:
        return leaves
    leaves = min(leaves, reducible(side, instruments[i, POSITION]))
    if offer[IS_INSIDE] == 1 and not is_stop(working_type(orders, slot)):
        leaves = min(leaves, reducible(side, offer[HELD]))
    return leaves


@njit(**INNER)
def _is_auction(kind: int) -> bool:
    return kind in (MARKET_ON_OPEN, MARKET_ON_CLOSE)


@called
def _trigger(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    slot: int,
    limit: int,
    ts: int,
) -> None:
    """Turn an order into a limit order, or into a market order if it has no limit."""
    r = begin_record(account, records, TRIGGERED, orders[slot, ORDER_INSTRUMENT])
    records[r, A0] = orders[slot, ORDER_ID]
    records[r, A0 + 1] = limit
    records[r, A0 + 2] = ts
    fold(account, instruments, orders, records, r)


@njit(**INNER)
def _fill_once(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    offer: IntArray,
    slot: int,
    price: int,
    ts: int,
) -> None:
    """Fill an order in its auction, and cancel what that leaves of it."""
    order_id = orders[slot, ORDER_ID]
    _fill(account, instruments, orders, records, offer, slot, price, ts)
    if orders[slot, ORDER_ID] == order_id:
        end_order(account, instruments, orders, records, slot, CANCELED, UNFILLED)


@njit(**INNER)
def _is_once(orders: IntArray, slot: int) -> bool:
    """Return whether an order may fill only at the price that it meets now."""
    kind, tif = working_type(orders, slot), orders[slot, TIME_IN_FORCE]
    return tif in (IOC, FOK) and kind in (MARKET, LIMIT)


@njit(**INNER)
def _end_if_once(
    account: IntArray,
    instruments: IntArray,
    orders: IntArray,
    records: IntArray,
    slot: int,
    order_id: int,
) -> None:
    if orders[slot, ORDER_ID] == order_id and _is_once(orders, slot):
        end_order(account, instruments, orders, records, slot, CANCELED, UNFILLED)
