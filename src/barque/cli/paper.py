"""`barque paper`: see how the paper account stands."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from barque.cli.console import date_time, print_facts, print_json, print_table
from barque.cli.options import Json

if TYPE_CHECKING:
    from decimal import Decimal

    from barque.bootstrap.paper import Feed, PaperStatus
    from barque.storage.store import Fill, Order, Position

LAST_FILLS = 10

POSITION_COLUMNS = ("instrument", "quantity", "last", "value", "realized")
ORDER_COLUMNS = ("id", "instrument", "type", "side", "quantity", "price")
FILL_COLUMNS = ("time (UTC)", "id", "instrument", "side", "quantity", "price", "fee")


def status(
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="NAME", help="Which; the newest if left out."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show an account: equity, positions, open orders, fills, and how far the market was told.

    With --json the lists of orders and fills are complete, and all numbers exact.
    """
    from barque.bootstrap.paper import read_paper_status
    from barque.cli.run import home

    found = read_paper_status(home(), account)
    if as_json:
        print_json(_document(found))
    else:
        _show(found)


def _document(found: "PaperStatus") -> dict[str, Any]:
    return {
        "account": {
            "id": found.account.id,
            "name": found.account.name,
            "strategy": found.account.strategy,
            "currency": found.account.currency,
            "created_ts": found.account.created_ts,
            "instruments": [instrument.id for instrument in found.account.instruments],
        },
        "equity": found.equity and _exact(found.equity),
        "positions": [_exact(position) for position in found.positions],
        "open_orders": [_exact(order) for order in found.orders if order.state in _working()],
        "orders": [_exact(order) for order in found.orders],
        "client_order_ids": [order.client_order_id for order in found.orders],
        "fills": [_exact(fill) for fill in found.fills],
        "signals": [_exact(signal) for signal in found.signals],
        "journal_records": found.consumed.next_seq - 1,
        "market_position": found.consumed.market_position,
        "feed": found.feed,
    }


def _exact(row: Any) -> dict[str, Any]:
    """Return a row with exact numbers as text and words for enumerations."""
    from dataclasses import asdict

    return {name: _value(value) for name, value in asdict(row).items()}


def _value(value: Any) -> Any:
    from decimal import Decimal
    from enum import Enum

    if isinstance(value, Enum):
        return value.name
    return format(value, "f") if isinstance(value, Decimal) else value


def _working() -> frozenset[Any]:
    from barque.domain.orders import OPEN

    return OPEN


def _show(found: "PaperStatus") -> None:
    equity, account = found.equity, found.account
    worth = f"{equity.equity:,.2f}" if equity else "unknown: no slice was traded yet"
    facts = [
        ("account", f"{account.name} ({account.strategy}, {account.currency})"),
        ("equity", worth),
        ("cash", f"{equity.cash:,.2f}" if equity else "unknown"),
        ("as of (UTC)", date_time(equity.ts) if equity else ""),
        ("journal", f"{found.consumed.next_seq - 1:,} records"),
    ]
    if found.feed is not None:
        facts.append((f"feed {found.feed.name}", _feed(found.feed)))
    print_facts(facts)
    held = [position for position in found.positions if position.quantity]
    working = [order for order in found.orders if order.state in _working()]
    _table("Positions", POSITION_COLUMNS, map(_position, held), numbers=4)
    _table("Open orders", ORDER_COLUMNS, map(_order, working), numbers=2)
    fills = found.fills[-LAST_FILLS:]
    title = f"Fills, the last {len(fills)} of {len(found.fills)}"
    _table(title, FILL_COLUMNS, map(_fill, fills), numbers=3)


def _feed(feed: "Feed") -> str:
    return f"{feed.consumed:,} of {feed.events:,} events traded, up to {date_time(feed.last_ts)}"


def _table(
    title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]], numbers: int
) -> None:
    shown = list(rows)
    print(f"\n{title}" if shown else f"\n{title}: none")
    if shown:
        print_table(columns, shown, numbers)


def _position(one: "Position") -> tuple[str, ...]:
    return (
        one.instrument, _short(one.quantity), _short(one.last), f"{one.value:,.2f}",
        f"{one.realized:,.2f}",
    )  # fmt: skip


def _order(one: "Order") -> tuple[str, ...]:
    words = (one.type.name if one.type else "", one.side.name if one.side else "")
    price = "market" if one.price is None else _short(one.price)
    return (one.client_order_id, one.instrument, *words, _short(one.leaves), price)


def _fill(one: "Fill") -> tuple[str, ...]:
    return (
        date_time(one.ts), one.client_order_id, one.instrument, one.side.name,
        _short(one.quantity), _short(one.price), f"{one.fee:,.2f}",
    )  # fmt: skip


def _short(number: "Decimal") -> str:
    """Return a number without zeros at its end."""
    return f"{number.normalize():f}"
