"""Which kind of market data a file holds, told by the names of its columns.

What has no names, or is of another program's shape, holds bars.
"""

from barque.data.importing.shapes import named
from barque.data.importing.shapes.raw import Raw
from barque.data.importing.shapes.reading import Fact, Said
from barque.domain.errors import BadInput, UnknownName

BARS, QUOTE_BARS, QUOTES, TRADES = "bars", "quote_bars", "quotes", "trades"
FUNDING, INTEREST, DELISTINGS = "funding", "interest", "delistings"
ACTIONS, FACTORS = "actions", "factors"

SIGNS = (
    (BARS, ("open", "close")),
    (QUOTE_BARS, ("bid_open", "ask_open")),
    (FACTORS, ("price_factor", "split_factor")),
    (QUOTES, ("bid", "ask")),
    (TRADES, ("price", "size")),
    (FUNDING, ("rate",)),
    (INTEREST, ("credit",)),
    (INTEREST, ("debit",)),
    (INTEREST, ("borrow",)),
    (DELISTINGS, ("delisting",)),
    (ACTIONS, ("dividend",)),
    (ACTIONS, ("split",)),
)
"""What a file holds, and the columns that only it has; the first that fits is it."""

HOLDINGS = tuple(dict.fromkeys(name for name, _ in SIGNS))

OTHER_NAMES = {
    "rate": ("funding_rate", "fundingrate"),
    "mark": ("mark_price", "markprice"),
    "size": ("qty", "quantity"),
    "bid": ("bid_price", "bidprice"),
    "ask": ("ask_price", "askprice"),
    "bid_size": ("bid_qty", "bidqty"),
    "ask_size": ("ask_qty", "askqty"),
    "dividend": ("dividends", "amount"),
    "split": ("splits", "ratio"),
}
"""What our columns are called elsewhere."""

NOT_YET = ("is_snapshot", "action", "bid_1")
"""Columns of an order book: every change of a level or of an order."""


def recognised(raw: Raw, said: Said) -> Fact:
    """Return what a file holds, and why; BadInput if that cannot be kept."""
    if said.holds is not None:
        if said.holds not in HOLDINGS:
            raise UnknownName("kind of data", said.holds, HOLDINGS, "barque data import --help")
        return Fact("holds", said.holds, "you say so")
    if not raw.has_header or said.shape not in (None, named.SHAPE.name):
        return Fact("holds", BARS, "its shape has nothing else")
    names = column_names(raw, said)
    there = {*raw.names, *names}
    book = [name for name in NOT_YET if name in there]
    if book and "open" not in there:
        raise BadInput(
            f"{raw.path.name} has the column {book[0]}, as an order book does, which cannot be "
            "imported; say --holds quotes or --holds trades if it is one of them."
        )
    for holds, signs in SIGNS:
        if there.issuperset(signs):
            return Fact(
                "holds",
                holds,
                f"it has the column{'s' * (len(signs) > 1)} "
                f"{' and '.join(names.get(sign, sign) for sign in signs)}",
            )
    return Fact("holds", BARS, "nothing else is recognised")


def column_names(raw: Raw, said: Said) -> dict[str, str]:
    """Return our names for columns that are called otherwise in the file."""
    found = {
        ours: theirs
        for ours, others in OTHER_NAMES.items()
        if ours not in raw.names
        for theirs in others
        if theirs in raw.names
    }
    return {**found, **said.names}
