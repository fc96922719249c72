"""The kinds of market data: what columns each has, and in what units its numbers are kept.

Every column is int64, times in nanoseconds UTC. A `bar` is one of trades, a `quote_bar` one of
the best bid and ask. Ticks, `trade` and `quote`, may share a ts and then keep their order; of
every other kind an instrument has at most one a ts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from barque.domain.events import EventKind
from barque.domain.instruments import RATE_SCALE, Instrument, cash_digits

PRICES = ("open", "high", "low", "close")
BID_PRICES = tuple(f"bid_{name}" for name in PRICES)
ASK_PRICES = tuple(f"ask_{name}" for name in PRICES)

EVENT = "event"
"""The period of the kinds that have none."""

TICK = "tick"
"""The period of trades and quotes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of market data. `optional` columns may be missing; their value then is given.

    `event` is the place of its events among those of one ts; `rows_each` is how many events one
    row of columns makes. `has_bars` tells whether it comes in periods such as 1m.
    """

    name: str
    event: EventKind
    columns: tuple[str, ...]
    optional: Mapping[str, int] = field(default_factory=dict)
    rows_each: int = 1
    may_tie: bool = False
    has_bars: bool = False

    @property
    def every_column(self) -> tuple[str, ...]:
        return (*self.columns, *self.optional)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("split", EventKind.SPLIT, ("ts", "new", "old")),
        Kind("dividend", EventKind.DIVIDEND, ("ts", "amount")),
        Kind("symbol_change", EventKind.SYMBOL_CHANGE, ("ts",)),
        Kind("trade", EventKind.TRADE, ("ts", "price", "size"), {"side": 0}, may_tie=True),
        Kind(
            "quote",
            EventKind.QUOTE,
            ("ts", "bid", "ask", "bid_size", "ask_size"),
            may_tie=True,
        ),
        Kind("bar", EventKind.BAR, ("ts", "start", *PRICES, "volume"), has_bars=True),
        Kind(
            "quote_bar",
            EventKind.BID_BAR,
            ("ts", "start", *BID_PRICES, *ASK_PRICES),
            {"bid_size": 0, "ask_size": 0},
            rows_each=2,
            has_bars=True,
        ),
        Kind("funding", EventKind.FUNDING, ("ts", "rate"), {"mark": 0}),
        Kind("interest", EventKind.INTEREST, ("ts", "credit", "debit", "borrow")),
        Kind("expiry", EventKind.EXPIRY, ("ts", "price")),
        Kind("delisting", EventKind.DELISTING, ("ts", "price")),
    )
}
"""By name, in the order in which their events are told.

A split gives `new` units for `old` ones; a dividend's `amount` is in cash units for one whole unit
of quantity. A trade's `side` is 1 where a buyer took, -1 where a seller did, 0 where nobody knows.
A side of a quote that is not there has price and size 0. Funding is `rate` of the notional at
`mark`, or at the last price where that is 0. Interest is `credit` on positive cash, `debit` on
negative cash and `borrow` on short positions, each for the time since the last. An instrument ends
at `price`, or at its last price where that is 0. Rates are in 10^-12.
"""

ACTIONS = tuple(kind.name for kind in KINDS.values() if not kind.has_bars and not kind.may_tie)
"""What happens to an instrument beside its trading: told with whatever market data is chosen."""

MARKET = ("trade", "quote", "bar", "quote_bar")
"""What a market shows; a run chooses among them."""

_PRICE = {*PRICES, *BID_PRICES, *ASK_PRICES, "price", "bid", "ask", "mark"}
_QUANTITY = {"volume", "size", "bid_size", "ask_size"}
_RATE = {"rate", "credit", "debit", "borrow"}


def decimals(instrument: Instrument, column: str) -> int:
    """Return how many decimal digits a column's unit has: 8 for units of 10^-8."""
    if column in _PRICE:
        return instrument.price_digits
    if column in _QUANTITY:
        return instrument.quantity_digits
    if column == "amount":
        return cash_digits(instrument.currency)
    return len(str(RATE_SCALE)) - 1 if column in _RATE else 0
