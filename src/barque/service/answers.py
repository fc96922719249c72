"""Answers as JSON: encoded once, by msgspec, and sent as they are.

Amounts are decimal strings, without exponent or trailing zeros; times are ns UTC; words of a
table (side, type, state) are written by name.
"""

import dataclasses
from decimal import Decimal
from enum import IntEnum
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from starlette.responses import Response

from barque.domain.instruments import Instrument
from barque.domain.orders import REASONS
from barque.kernels import layout
from barque.storage.announcements import plain
from barque.storage.store import Account, AccountEvent, Consumed, JournalEntry, Order

Facts = dict[str, Any]

_JSON = msgspec.json.Encoder()


def encode(facts: object) -> bytes:
    """Return facts as JSON."""
    return _JSON.encode(facts)


def answer(facts: object, status_code: int = 200) -> Response:
    """Return facts as a response that nobody looks at again."""
    return Response(encode(facts), status_code, media_type="application/json")


def facts_of(row: Any) -> Facts:
    """Return the fields of a row of the store, as the API writes them."""
    return {field.name: _written(getattr(row, field.name)) for field in dataclasses.fields(row)}


def account_facts(account: Account) -> Facts:
    """Return an account, its instruments by id."""
    ids = [instrument.id for instrument in account.instruments]
    return facts_of(account) | {"instruments": ids}


def order_facts(order: Order) -> Facts:
    """Return an order, and in words why it was refused or ended."""
    return facts_of(order) | {"why": REASONS[order.reason]}


def progress_facts(consumed: Consumed) -> Facts:
    """Return how far an account has come. `seq` is the cursor to follow its events from."""
    return {"seq": consumed.next_seq - 1, "market_position": consumed.market_position}


def event_facts(event: AccountEvent) -> Facts:
    """Return an event as the stream sends it."""
    return facts_of(event) | {"payload": msgspec.Raw(event.payload.encode())}


def entry_facts(entry: JournalEntry) -> Facts:
    """Return a journal entry, its payload as JSON."""
    return facts_of(entry) | {"payload": msgspec.Raw(entry.payload.encode())}


def instrument_facts(instrument: Instrument) -> Facts:
    """Return an instrument, with the decimals its orders are priced and sized in."""
    return facts_of(instrument) | {
        "symbol": instrument.symbol,
        "venue": instrument.venue,
        "price_decimals": _decimals(instrument.tick),
        "quantity_decimals": _decimals(instrument.lot),
    }


def bar_facts(rows: NDArray[np.int64], instrument: Instrument) -> list[Facts]:
    """Return bars in money, oldest first."""
    return [_bar(row, instrument) for row in rows.tolist()]


def _bar(row: list[int], instrument: Instrument) -> Facts:
    return {
        "ts": row[layout.TS],
        "start": row[layout.START],
        "open": plain(instrument.price(row[layout.OPEN])),
        "high": plain(instrument.price(row[layout.HIGH])),
        "low": plain(instrument.price(row[layout.LOW])),
        "close": plain(instrument.price(row[layout.CLOSE])),
        "volume": plain(instrument.quantity(row[layout.VOLUME])),
    }


def _written(value: object) -> object:
    match value:
        case Decimal():
            return plain(value)
        case IntEnum():
            return value.name
        case float() if not np.isfinite(value):
            return None
        case _:
            return value


def _decimals(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "a tick or lot is finite"
    return max(0, -exponent)
