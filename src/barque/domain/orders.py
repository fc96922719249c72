"""An order, and its life as a table."""

from enum import IntEnum, IntFlag


class Side(IntEnum):
    """Which way an order trades."""

    BUY = 1
    SELL = -1


class OrderType(IntEnum):
    """At what price an order is willing to trade."""

    MARKET = 1
    """At the next price there is."""
    LIMIT = 2
    """At its price or better."""
    STOP = 3
    """At the market, once the market has moved against its side as far as its trigger."""
    STOP_LIMIT = 4
    """As a limit order, once the market has moved against its side as far as its trigger."""
    TRAILING_STOP = 5
    """A stop whose trigger follows the best price since it works, and never goes back."""
    MARKET_ON_OPEN = 6
    """At the first price of the next session."""
    MARKET_ON_CLOSE = 7
    """At the last price of a session."""
    LIMIT_IF_TOUCHED = 8
    """As a limit order, once the market has moved in favour of its side as far as its trigger."""
    MARKET_IF_TOUCHED = 9
    """At the market, once the market has moved in favour of its side as far as its trigger."""


class TimeInForce(IntEnum):
    """How long an order works."""

    GTC = 1
    """Till it is canceled."""
    DAY = 2
    """Till its session ends."""
    GTD = 3
    """Till a given time."""
    IOC = 4
    """Only at the first price it meets: an open, a quote, a trade, or the price that triggers it.
    What is left is canceled."""
    FOK = 5
    """Only at the first price it meets, and only whole."""


class OrderFlag(IntFlag):
    """What else binds an order."""

    POST_ONLY = 1
    """It never takes: the venue rejects it where it would fill at once."""
    REDUCE_ONLY = 2
    """It never opens or turns a position; its quantity shrinks with the position."""
    WAITS = 4
    """It works only once the order that leads its group is filled whole; a reduce-only one from
    the leader's first fill on, since what is held must be protected."""
    ONE_CANCELS_OTHERS = 8
    """A fill of it takes as much from the others of its group that have this flag, and from the
    leader unless it waits for that; what is empty then is canceled."""
    TRAILS_BY_RATE = 16
    """Its trail is a fraction of the price, not a distance."""
    FORCED = 32
    """The engine's own order, which closes a position out for want of margin."""


class FillTime(IntEnum):
    """When a market order that was decided at a bar's close meets the market."""

    NEXT_OPEN = 0
    SAME_CLOSE = 1
    NEXT_QUOTE = 2


class OrderState(IntEnum):
    """Where an order is in its life."""

    INITIALIZED = 0
    REFUSED = 1
    """By our own risk gate; it never reached a venue."""
    ACCEPTED = 2
    PARTIALLY_FILLED = 3
    FILLED = 4
    CANCELED = 5
    EXPIRED = 6
    REJECTED = 7
    """By the venue."""
    TRIGGERED = 8
    """Its trigger was met: it works as a limit order now."""
    WAITING = 9
    """For the order that leads its group."""


class Trigger(IntEnum):
    """What moves an order from one state to the next."""

    REFUSE = 0
    ACCEPT = 1
    FILL_PART = 2
    FILL_REST = 3
    CANCEL = 4
    EXPIRE = 5
    REJECT = 6
    TRIGGER = 7
    HOLD = 8
    RELEASE = 9
    AMEND = 10


LIFE: dict[tuple[OrderState, Trigger], OrderState] = {
    (OrderState.INITIALIZED, Trigger.REFUSE): OrderState.REFUSED,
    (OrderState.INITIALIZED, Trigger.ACCEPT): OrderState.ACCEPTED,
    (OrderState.INITIALIZED, Trigger.HOLD): OrderState.WAITING,
    (OrderState.WAITING, Trigger.RELEASE): OrderState.ACCEPTED,
    (OrderState.WAITING, Trigger.AMEND): OrderState.WAITING,
    (OrderState.WAITING, Trigger.CANCEL): OrderState.CANCELED,
    (OrderState.WAITING, Trigger.EXPIRE): OrderState.EXPIRED,
    (OrderState.ACCEPTED, Trigger.REJECT): OrderState.REJECTED,
    (OrderState.ACCEPTED, Trigger.TRIGGER): OrderState.TRIGGERED,
    (OrderState.ACCEPTED, Trigger.AMEND): OrderState.ACCEPTED,
    (OrderState.ACCEPTED, Trigger.FILL_PART): OrderState.PARTIALLY_FILLED,
    (OrderState.ACCEPTED, Trigger.FILL_REST): OrderState.FILLED,
    (OrderState.ACCEPTED, Trigger.CANCEL): OrderState.CANCELED,
    (OrderState.ACCEPTED, Trigger.EXPIRE): OrderState.EXPIRED,
    (OrderState.TRIGGERED, Trigger.AMEND): OrderState.TRIGGERED,
    (OrderState.TRIGGERED, Trigger.FILL_PART): OrderState.PARTIALLY_FILLED,
    (OrderState.TRIGGERED, Trigger.FILL_REST): OrderState.FILLED,
    (OrderState.TRIGGERED, Trigger.CANCEL): OrderState.CANCELED,
    (OrderState.TRIGGERED, Trigger.EXPIRE): OrderState.EXPIRED,
    (OrderState.PARTIALLY_FILLED, Trigger.AMEND): OrderState.PARTIALLY_FILLED,
    (OrderState.PARTIALLY_FILLED, Trigger.FILL_PART): OrderState.PARTIALLY_FILLED,
    (OrderState.PARTIALLY_FILLED, Trigger.FILL_REST): OrderState.FILLED,
    (OrderState.PARTIALLY_FILLED, Trigger.CANCEL): OrderState.CANCELED,
    (OrderState.PARTIALLY_FILLED, Trigger.EXPIRE): OrderState.EXPIRED,
}
"""Every move an order can make. A pair that is not here is a bug, and says so.

A stop that fills whole at the price that triggers it goes from accepted to filled at once. A venue
rejects what the gate has let pass, so a rejected order was accepted first. A triggered order that
is filled in part is partially filled, and still triggered.
"""

WORKING = frozenset({OrderState.ACCEPTED, OrderState.TRIGGERED, OrderState.PARTIALLY_FILLED})
"""The states in which an order can be filled."""

OPEN = WORKING | {OrderState.WAITING}
"""The states in which an order has not ended."""


def after(state: OrderState, trigger: Trigger) -> OrderState:
    """Return the state an order in `state` reaches by `trigger`."""
    assert (state, trigger) in LIFE, f"an order that is {state.name} cannot {trigger.name}"
    return LIFE[state, trigger]


class Reason(IntEnum):
    """Why an order was refused, or ended without a fill."""

    NONE = 0
    OFF_LOT = 1
    OFF_TICK = 2
    NOT_POSITIVE = 3
    TOO_LARGE = 4
    NO_PRICE = 5
    HALTED = 6
    POSITION_LIMIT = 7
    NOTIONAL_LIMIT = 8
    PRICE_BAND = 9
    TOO_MANY_ORDERS = 10
    TOO_MANY_REQUESTS = 11
    UNKNOWN_INSTRUMENT = 12
    UNKNOWN_ORDER = 13
    BY_REQUEST = 14
    SESSION_END = 15
    REVERSE_SPLIT = 16
    TOO_SMALL = 17
    NOT_AN_ORDER = 18
    NO_LEADER = 19
    NOTHING_TO_REDUCE = 20
    WOULD_TAKE = 21
    TIME_OVER = 22
    UNFILLED = 23
    GROUP_FILLED = 24
    LEADER_ENDED = 25
    MEMBER_REFUSED = 26
    NOTHING_TO_CHANGE = 27
    GROSS_LIMIT = 28
    NET_LIMIT = 29
    LEVERAGE_LIMIT = 30
    CONCENTRATION_LIMIT = 31
    ORDER_RATE = 32
    NO_MARGIN = 33
    NO_CASH = 34
    SHORT_SALE = 35
    LIQUIDATION = 36
    ENDED = 37


REASONS: dict[Reason, str] = {
    Reason.NONE: "",
    Reason.OFF_LOT: "the quantity is not a multiple of the lot",
    Reason.OFF_TICK: "the price is not a multiple of the tick",
    Reason.NOT_POSITIVE: "quantity and price must be positive",
    Reason.TOO_LARGE: "the quantity, price or notional is beyond the largest number allowed",
    Reason.NO_PRICE: "the instrument has no price yet",
    Reason.HALTED: "the account is halted",
    Reason.POSITION_LIMIT: "the position would exceed its limit",
    Reason.NOTIONAL_LIMIT: "the order's notional exceeds its limit",
    Reason.PRICE_BAND: "the price is too far from the last price",
    Reason.TOO_MANY_ORDERS: "too many orders are working",
    Reason.TOO_MANY_REQUESTS: "too many requests in one event",
    Reason.UNKNOWN_INSTRUMENT: "no such instrument in this run",
    Reason.UNKNOWN_ORDER: "no such working order",
    Reason.BY_REQUEST: "canceled by request",
    Reason.SESSION_END: "the session ended",
    Reason.REVERSE_SPLIT: "canceled by a reverse split",
    Reason.TOO_SMALL: "nothing tradable is left of it after a split",
    Reason.NOT_AN_ORDER: "its type, side, time in force, trail and flags do not go together",
    Reason.NO_LEADER: "the order that leads its group does not work in this instrument",
    Reason.NOTHING_TO_REDUCE: "it may only reduce, and there is less or nothing to reduce",
    Reason.WOULD_TAKE: "it must not take, and would have at the last price",
    Reason.TIME_OVER: "its time is over",
    Reason.UNFILLED: "what could not be filled at once was canceled",
    Reason.GROUP_FILLED: "another order of its group was filled",
    Reason.LEADER_ENDED: "the order it waited for ended",
    Reason.MEMBER_REFUSED: "an order that was to wait for it was refused",
    Reason.NOTHING_TO_CHANGE: "the order has no such price, or nothing would be left of it",
    Reason.GROSS_LIMIT: "gross exposure would exceed its limit",
    Reason.NET_LIMIT: "net exposure would exceed its limit",
    Reason.LEVERAGE_LIMIT: "gross exposure would be too many times the equity",
    Reason.CONCENTRATION_LIMIT: "one instrument would be too large a share of the equity",
    Reason.ORDER_RATE: "too many orders in so short a time",
    Reason.NO_MARGIN: "the equity does not cover the initial margin",
    Reason.NO_CASH: "a cash account has not enough cash for it",
    Reason.SHORT_SALE: "a cash account cannot sell what it does not own",
    Reason.LIQUIDATION: "the account is being closed out for want of margin",
    Reason.ENDED: "the instrument has expired or was delisted",
}


class Halt(IntEnum):
    """Why an account was halted."""

    NOT = 0
    BY_COMMAND = 1
    NUMBER_RANGE = 2
    """An amount did not fit into the ledger's range."""
    DAILY_LOSS = 3
    """More was lost in one UTC day than allowed. Over with the first slice of the next day."""
    DRAWDOWN = 4
    """Equity fell further below its peak than allowed."""


HALTS: dict[Halt, str] = {
    Halt.NOT: "no longer halted",
    Halt.BY_COMMAND: "halted by command",
    Halt.NUMBER_RANGE: "an amount did not fit into the ledger's range",
    Halt.DAILY_LOSS: "more was lost in one day than allowed",
    Halt.DRAWDOWN: "equity fell further below its peak than allowed",
}


def client_order_id(account: int, order_id: int) -> str:
    """Return the id by which a venue knows an order: the same for the same order, for ever.

    At most 34 of the characters A-Z, 0-9 and -, so that every venue takes it.
    """
    assert 0 <= account < 10**15, f"account {account} is outside 0 to 10^15"
    assert 0 <= order_id < 10**15, f"order id {order_id} is outside 0 to 10^15"
    return f"BQ-{account}-{order_id}"
