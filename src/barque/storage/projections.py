"""What an account's journal means: its orders, fills, positions, equity and signals.

One pure function. A commit applies it to the records it keeps, a rebuild to the whole journal,
and both give the same tables, wherever the journal is cut into batches.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from barque.domain.orders import OrderFlag, OrderState, Reason, client_order_id
from barque.kernels import layout
from barque.storage.announcements import (
    Row,
    announce,
    exposure_of,
    instrument_id,
    prediction_of,
)
from barque.storage.records import JournalKind, Records, decode_journal
from barque.storage.store import Account

TableRow = dict[str, Any]


@dataclass(slots=True)
class Changes:
    """Rows for the tables of `tables`. The last word on a key replaces what was said before."""

    orders: dict[tuple[int, int], TableRow] = field(default_factory=dict)
    order_changes: dict[tuple[int, int], TableRow] = field(default_factory=dict)
    """New values for orders placed by earlier records; None means it stays."""
    fills: list[TableRow] = field(default_factory=list)
    positions: dict[tuple[int, str], TableRow] = field(default_factory=dict)
    equity: dict[tuple[int, int], TableRow] = field(default_factory=dict)
    signals: dict[tuple[int, str], TableRow] = field(default_factory=dict)
    account_events: list[TableRow] = field(default_factory=list)


def project(journals: Iterable[tuple[Account, Records]]) -> Changes:
    """Return what the records of some accounts, in order, change in the tables."""
    changes = Changes()
    for account, records in journals:
        rows = decode_journal(records).tolist()
        for seq, row in zip(records["seq"].tolist(), rows, strict=True):
            _project_record(changes, account, seq, row)
    return changes


def _project_record(changes: Changes, account: Account, seq: int, row: Row) -> None:
    match row[layout.RECORD_KIND]:
        case JournalKind.ACCEPTED:
            waits = row[layout.A5] // 256 & OrderFlag.WAITS
            state = OrderState.WAITING if waits else OrderState.ACCEPTED
            _place(changes, account, seq, row, state, Reason.NONE)
        case JournalKind.REFUSED:
            _place(changes, account, seq, row, OrderState.REFUSED, row[layout.A6])
        case JournalKind.FILLED:
            _fill(changes, account, seq, row)
        case JournalKind.CANCELED:
            _end(changes, account, seq, row, OrderState.CANCELED)
        case JournalKind.EXPIRED:
            _end(changes, account, seq, row, OrderState.EXPIRED)
        case JournalKind.REJECTED:
            _end(changes, account, seq, row, OrderState.REJECTED)
        case JournalKind.RELEASED:
            price = {"price": row[layout.A1]} if row[layout.A1] else {}
            released = {"state": int(OrderState.ACCEPTED), **price}
            _change_order(changes, account, seq, row, released)
        case JournalKind.TRIGGERED:
            triggered = {"state": int(OrderState.TRIGGERED), "price": row[layout.A1]}
            _change_order(changes, account, seq, row, triggered)
        case JournalKind.ORDER_ADJUSTED | JournalKind.AMENDED:
            adjusted = {"leaves": row[layout.A1], "price": row[layout.A2]}
            _change_order(changes, account, seq, row, adjusted)
        case JournalKind.SLICE:
            _mark(changes, account, row)
        case JournalKind.POSITION:
            _hold(changes, account, row)
        case JournalKind.SIGNAL:
            _opine(changes, account, row)
    _announce(changes, account, seq, row)


def _place(
    changes: Changes, account: Account, seq: int, row: Row, state: OrderState, reason: int
) -> None:
    order_id = row[layout.A0]
    changes.orders[account.id, order_id] = {
        "account_id": account.id,
        "order_id": order_id,
        "client_order_id": client_order_id(account.id, order_id),
        "instrument": instrument_id(row, account),
        "type": row[layout.A1],
        "side": row[layout.A2],
        "quantity": row[layout.A3],
        "price": row[layout.A4],
        "time_in_force": row[layout.A5] % 256,
        "state": int(state),
        "reason": int(reason),
        "placed_ts": row[layout.RECORD_TS],
        "leaves": row[layout.A3],
        "seq": seq,
    }


def _fill(changes: Changes, account: Account, seq: int, row: Row) -> None:
    leaves = row[layout.A7]
    state = OrderState.PARTIALLY_FILLED if leaves else OrderState.FILLED
    _change_order(changes, account, seq, row, {"leaves": leaves, "state": int(state)})
    changes.fills.append(
        {
            "account_id": account.id,
            "seq": seq,
            "client_order_id": client_order_id(account.id, row[layout.A0]),
            "instrument": instrument_id(row, account),
            "side": row[layout.A1],
            "quantity": row[layout.A2],
            "price": row[layout.A3],
            "notional": row[layout.A4],
            "fee": row[layout.A5],
            "ts": row[layout.A6],
            "realized": row[layout.A8],
        }
    )


def _end(changes: Changes, account: Account, seq: int, row: Row, state: OrderState) -> None:
    ended = {"state": int(state), "reason": row[layout.A1], "leaves": row[layout.A2]}
    _change_order(changes, account, seq, row, ended)


def _change_order(
    changes: Changes, account: Account, seq: int, row: Row, new: dict[str, int]
) -> None:
    key = (account.id, row[layout.A0])
    order = changes.orders.get(key)
    if order is None:
        unchanged = dict.fromkeys(("state", "reason", "leaves", "price"))
        order = changes.order_changes.setdefault(key, unchanged)
    order |= new | {"seq": seq}


def _mark(changes: Changes, account: Account, row: Row) -> None:
    ts = row[layout.RECORD_TS]
    worth = {"equity": row[layout.A1], "cash": row[layout.A2]}
    changes.equity[account.id, ts] = {"account_id": account.id, "ts": ts, **worth}


def _hold(changes: Changes, account: Account, row: Row) -> None:
    instrument = instrument_id(row, account)
    changes.positions[account.id, instrument] = {
        "account_id": account.id,
        "instrument": instrument,
        "quantity": row[layout.A0],
        "cost": row[layout.A1],
        "last": row[layout.A2],
        "value": row[layout.A3],
        "realized": row[layout.A4],
        "fees": row[layout.A5],
    }


def _opine(changes: Changes, account: Account, row: Row) -> None:
    instrument = instrument_id(row, account)
    changes.signals[account.id, instrument] = {
        "account_id": account.id,
        "instrument": instrument,
        "ts": row[layout.RECORD_TS],
        "prediction": prediction_of(row),
        "exposure": exposure_of(row),
    }


def _announce(changes: Changes, account: Account, seq: int, row: Row) -> None:
    type_, payload = announce(row, account)
    event = {"seq": seq, "ts": row[layout.RECORD_TS], "type": type_, "payload": payload}
    changes.account_events.append({"account_id": account.id, **event})
