"""What is written in one transaction. Every function works inside one that its caller began."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Insert,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from barque.storage import tables
from barque.storage.projections import Changes, TableRow, project
from barque.storage.records import RECORD_SIZE, JournalKind, Records, verify
from barque.storage.store import Account, Batch, Consumed, FeedSign, OutOfTurn

# Statements are built once: building one costs more than running it.
_lock = (
    select(tables.consumed)
    .where(tables.consumed.c.account_id.in_(bindparam("ids", expanding=True)))
    .with_for_update()
)

_advance = (
    update(tables.consumed)
    .where(tables.consumed.c.account_id == bindparam("of_account"))
    .values(next_seq=bindparam("next_seq"), market_position=bindparam("market_position"))
)


def _unless_none(column: Column[int]) -> Any:
    return func.coalesce(bindparam(f"new_{column.name}", type_=BigInteger), column)


_change_order = (
    update(tables.order_intent)
    .where(
        tables.order_intent.c.account_id == bindparam("of_account"),
        tables.order_intent.c.order_id == bindparam("of_order"),
    )
    .values(
        state=_unless_none(tables.order_intent.c.state),
        reason=_unless_none(tables.order_intent.c.reason),
        leaves=_unless_none(tables.order_intent.c.leaves),
        price=_unless_none(tables.order_intent.c.price),
        seq=bindparam("new_seq"),
    )
)


def commit_batches(
    connection: Connection, batches: Sequence[Batch], accounts: Mapping[int, Account]
) -> None:
    """Keep batches that follow their accounts' last records, and what is derived from them."""
    _advance_accounts(connection, batches)
    _insert(connection, tables.journal, [row for batch in batches for row in _journal_rows(batch)])
    _insert(connection, tables.journal_note, [row for batch in batches for row in _notes(batch)])
    journals = ((accounts[batch.account_id], batch.records) for batch in batches)
    apply_changes(connection, project(journals))


def apply_changes(connection: Connection, changes: Changes) -> None:
    """Bring the projections up to date."""
    _insert(connection, tables.order_intent, list(changes.orders.values()))
    if changes.order_changes:
        connection.execute(_change_order, _order_changes(changes))
    _insert(connection, tables.fill, changes.fills)
    _upsert(connection, tables.position, list(changes.positions.values()))
    _upsert(connection, tables.equity, list(changes.equity.values()))
    _upsert(connection, tables.signal, list(changes.signals.values()))
    _insert(connection, tables.account_event, changes.account_events)


def keep_sign(connection: Connection, sign: FeedSign) -> None:
    """Put a sign in place of the last one of its feed."""
    _upsert(connection, tables.feed_sign, [asdict(sign)])


def clear_projections(connection: Connection, account_id: int) -> None:
    """Forget what was derived from an account's journal."""
    for table in tables.PROJECTIONS:
        connection.execute(delete(table).where(table.c.account_id == account_id))


def _advance_accounts(connection: Connection, batches: Sequence[Batch]) -> None:
    reached = _lock_accounts(connection, {batch.account_id for batch in batches})
    for batch in batches:
        reached[batch.account_id] = _after(batch, reached[batch.account_id])
    rows = [
        {"of_account": id, "next_seq": c.next_seq, "market_position": c.market_position}
        for id, c in reached.items()
    ]
    connection.execute(_advance, rows)


def _lock_accounts(connection: Connection, ids: set[int]) -> dict[int, Consumed]:
    return {
        row.account_id: Consumed(row.next_seq, row.market_position)
        for row in connection.execute(_lock, {"ids": list(ids)})
    }


def _after(batch: Batch, reached: Consumed) -> Consumed:
    """Return how far an account is after a batch, or refuse the batch."""
    if batch.first_seq != reached.next_seq:
        raise OutOfTurn(
            batch.account_id, f"record {batch.first_seq}", f"record {reached.next_seq} is next"
        )
    verify(batch.records, batch.first_seq, f"account {batch.account_id}")
    assert (batch.records["account"] == batch.account_id).all(), "a batch is of one account"
    position = reached.market_position
    for later in _slices(batch.records):
        if later < position:
            raise OutOfTurn(
                batch.account_id, f"market position {later}", f"it has consumed {position}"
            )
        position = later
    return Consumed(batch.first_seq + len(batch.records), position)


def _slices(records: Records) -> list[int]:
    positions: list[int] = records["a"][records["kind"] == JournalKind.SLICE, 0].tolist()
    return positions


def _journal_rows(batch: Batch) -> list[TableRow]:
    body = batch.records.tobytes()
    return [
        {
            "account_id": batch.account_id,
            "seq": batch.first_seq + k,
            "body": body[k * RECORD_SIZE : (k + 1) * RECORD_SIZE],
        }
        for k in range(len(batch.records))
    ]


def _notes(batch: Batch) -> list[TableRow]:
    return [
        {"account_id": batch.account_id, "seq": seq, "text": text}
        for seq, text in batch.notes.items()
    ]


def _order_changes(changes: Changes) -> list[TableRow]:
    return [
        {"of_account": account_id, "of_order": order_id}
        | {f"new_{name}": value for name, value in change.items()}
        for (account_id, order_id), change in changes.order_changes.items()
    ]


def _insert(connection: Connection, table: Table, rows: list[TableRow]) -> None:
    if rows:
        connection.execute(_insert_into(table), rows)


def _upsert(connection: Connection, table: Table, rows: list[TableRow]) -> None:
    if rows:
        connection.execute(_upsert_into(table, connection.dialect.name), rows)


@cache
def _insert_into(table: Table) -> Insert:
    return insert(table)


@cache
def _upsert_into(table: Table, dialect: str) -> Any:
    # Imported by name: nobody waits for the dialect of another database.
    statement = import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
    new = {column.name: statement.excluded[column.name] for column in table.c}
    keys = [column.name for column in table.primary_key]
    values = {name: value for name, value in new.items() if name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)
