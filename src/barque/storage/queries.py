"""The questions asked of the tables, and the answers in words and money.

Every function works on a connection of its caller, so that one transaction can answer several.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from enum import IntEnum
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
import numpy as np
from sqlalchemy import Connection, Row, Select, Table, func, inspect, select

from barque.domain.errors import UnknownName
from barque.domain.instruments import Instrument, cash
from barque.domain.orders import OPEN, OrderState, OrderType, Reason, Side, TimeInForce
from barque.storage import tables
from barque.storage.announcements import announce, type_of
from barque.storage.records import (
    RECORD,
    RECORD_SIZE,
    JournalKind,
    Records,
    decode_journal,
    from_bytes,
    verify,
    verify_each,
)
from barque.storage.store import (
    Account,
    AccountEvent,
    Consumed,
    EquityPoint,
    FeedSign,
    Fill,
    JournalEntry,
    Order,
    Position,
    RunRecord,
    Signal,
    SweepRecord,
    TrialRecord,
)

AnyRow = Row[Any]
E = TypeVar("E", bound=IntEnum)


def encode_instruments(instruments: Sequence[Instrument]) -> str:
    """Write instruments as JSON."""
    return msgspec.json.encode(instruments).decode()


@lru_cache(maxsize=1_024)
def decode_instruments(text: str) -> tuple[Instrument, ...]:
    """Read instruments from JSON."""
    return msgspec.json.decode(text, type=tuple[Instrument, ...])


def accounts(connection: Connection) -> list[Account]:
    """Return every account, oldest first."""
    return [_account(row) for row in connection.execute(_every_account)]


def account(connection: Connection, name: str) -> Account:
    """Return the account of a name, or raise UnknownName."""
    row = connection.execute(_every_account.where(tables.account.c.name == name)).first()
    return _account(_known(connection, row, name))


def account_by_id(connection: Connection, account_id: int) -> Account:
    """Return the account of an id, or raise UnknownName."""
    row = connection.execute(_every_account.where(tables.account.c.id == account_id)).first()
    return _account(_known(connection, row, f"#{account_id}"))


def consumed(connection: Connection, account_id: int) -> Consumed:
    """Return how far an account has come."""
    row = connection.execute(_of(tables.consumed, account_id)).first()
    row = _known(connection, row, f"#{account_id}")
    return Consumed(row.next_seq, row.market_position)


def records(connection: Connection, account_id: int, after_seq: int, limit: int) -> Records:
    """Return journal records as they were committed, or raise CannotContinue if one is damaged."""
    rows = connection.execute(_after(tables.journal, account_id, after_seq, limit))
    body = b"".join(row.body for row in rows)
    found = from_bytes(body) if body else np.empty(0, RECORD)
    verify(found, after_seq + 1, f"Journal of account {account_id}")
    return found


def notes(connection: Connection, account_id: int, after_seq: int, limit: int) -> dict[int, str]:
    """Return the texts beside the `limit` journal records after `after_seq`, by seq."""
    table = tables.journal_note
    wanted = _of(table, account_id).where(table.c.seq.between(after_seq + 1, after_seq + limit))
    return {row.seq: row.text for row in connection.execute(wanted)}


def journal(
    connection: Connection,
    account_id: int,
    after_seq: int | None,
    limit: int,
    kinds: Collection[JournalKind],
) -> list[JournalEntry]:
    """Return journal records in words, oldest first; of some kinds only, if any are given."""
    owner = account_by_id(connection, account_id)
    wanted = _of(tables.account_event, account_id)
    if kinds:
        wanted = wanted.where(tables.account_event.c.type.in_([type_of(kind) for kind in kinds]))
    seqs = [row.seq for row in _oldest_first(connection, wanted, after_seq, limit)]
    found = _records_of(connection, account_id, seqs)
    texts = _by_seq(connection, tables.journal_note, account_id, seqs)
    rows = decode_journal(found).tolist()
    return [
        _entry(record, row, owner, texts.get(seq))
        for seq, record, row in zip(seqs, found, rows, strict=True)
    ]


def orders(
    connection: Connection, account_id: int, working_only: bool, limit: int, before: int | None
) -> list[Order]:
    """Return an account's orders, newest first."""
    table = tables.order_intent
    wanted = _of(table, account_id).order_by(table.c.order_id.desc()).limit(limit)
    if working_only:
        wanted = wanted.where(table.c.state.in_([int(state) for state in OPEN]))
    if before is not None:
        wanted = wanted.where(table.c.order_id < before)
    instruments = _instruments(account_by_id(connection, account_id))
    return [_order(row, instruments.get(row.instrument)) for row in connection.execute(wanted)]


def fills(connection: Connection, account_id: int, limit: int, after_seq: int | None) -> list[Fill]:
    """Return an account's fills, oldest first."""
    owner = account_by_id(connection, account_id)
    instruments = _instruments(owner)
    rows = _oldest_first(connection, _of(tables.fill, account_id), after_seq, limit)
    return [_fill(row, instruments[row.instrument], owner.currency) for row in rows]


def positions(connection: Connection, account_id: int) -> list[Position]:
    """Return what an account holds or held, by instrument."""
    owner = account_by_id(connection, account_id)
    instruments = _instruments(owner)
    rows = connection.execute(_of(tables.position, account_id).order_by("instrument"))
    return [_position(row, instruments[row.instrument], owner.currency) for row in rows]


def equity(connection: Connection, account_id: int, after: int, limit: int) -> list[EquityPoint]:
    """Return what an account was worth at each slice after a time."""
    currency = account_by_id(connection, account_id).currency
    table = tables.equity
    wanted = _of(table, account_id).where(table.c.ts > after).order_by(table.c.ts).limit(limit)
    return [
        EquityPoint(ts=row.ts, equity=cash(row.equity, currency), cash=cash(row.cash, currency))
        for row in connection.execute(wanted)
    ]


def signals(connection: Connection, account_id: int) -> list[Signal]:
    """Return the latest opinion on each instrument."""
    rows = connection.execute(_of(tables.signal, account_id).order_by("instrument"))
    return [
        Signal(
            instrument=row.instrument,
            ts=row.ts,
            prediction=row.prediction,
            exposure=row.exposure,
        )
        for row in rows
    ]


def account_events(
    connection: Connection, account_id: int, after_seq: int | None, limit: int
) -> list[AccountEvent]:
    """Return what happened to an account, oldest first."""
    rows = _oldest_first(connection, _of(tables.account_event, account_id), after_seq, limit)
    return [
        AccountEvent(seq=row.seq, ts=row.ts, type=row.type, payload=row.payload) for row in rows
    ]


def feed_signs(connection: Connection) -> list[FeedSign]:
    """Return the last sign of every feed, the newest first."""
    rows = connection.execute(_every_sign)
    return [FeedSign(**row._mapping) for row in rows]


def runs(connection: Connection, limit: int) -> list[RunRecord]:
    """Return finished runs, newest first."""
    wanted = select(tables.run).order_by(tables.run.c.id.desc()).limit(limit)
    return [_run(row) for row in connection.execute(wanted)]


def run(connection: Connection, id: int) -> RunRecord:
    """Return one finished run, or raise UnknownName."""
    row = connection.execute(select(tables.run).where(tables.run.c.id == id)).first()
    if row is None:
        known = connection.execute(select(tables.run.c.id)).scalars()
        raise UnknownName("run", str(id), map(str, known), "barque backtest show")
    return _run(row)


def sweeps(connection: Connection, limit: int) -> list[SweepRecord]:
    """Return sweeps, newest first."""
    if not has_sweeps(connection):
        return []
    wanted = select(tables.sweep).order_by(tables.sweep.c.id.desc()).limit(limit)
    return [_sweep(connection, row) for row in connection.execute(wanted)]


def sweep(connection: Connection, id: int) -> SweepRecord:
    """Return one sweep, or raise UnknownName."""
    row = None
    known: list[str] = []
    if has_sweeps(connection):
        row = connection.execute(select(tables.sweep).where(tables.sweep.c.id == id)).first()
        known = [str(one) for one in connection.execute(select(tables.sweep.c.id)).scalars()]
    if row is None:
        raise UnknownName("sweep", str(id), known, "barque sweep show")
    return _sweep(connection, row)


def sweep_trials(
    connection: Connection, sweep_id: int, after: int, limit: int
) -> list[TrialRecord]:
    """Return trials of a sweep by number."""
    trial = tables.trial
    wanted = (
        select(trial)
        .where(trial.c.sweep_id == sweep_id, trial.c.number > after)
        .order_by(trial.c.number)
        .limit(limit)
    )
    return [
        TrialRecord(
            number=row.number, result=msgspec.json.decode(row.result), counts=bool(row.counts)
        )
        for row in connection.execute(wanted)
    ]


def has_sweeps(connection: Connection) -> bool:
    """Return whether the store is of a Barque that knows sweeps: who only reads adds no tables."""
    return inspect(connection).has_table(tables.sweep_answer.name)


def trials(connection: Connection, data_hash: str) -> int:
    """Count how often the same data were looked at: by runs, and by points of sweeps."""
    looks = _runs_on(connection, data_hash)
    if has_sweeps(connection):
        wanted = (
            select(func.coalesce(func.sum(tables.trial.c.counts), 0))
            .join(tables.sweep, tables.sweep.c.id == tables.trial.c.sweep_id)
            .where(tables.sweep.c.data_hash == data_hash)
        )
        looks += int(connection.execute(wanted).scalar_one())
    return looks


def _runs_on(connection: Connection, data_hash: str) -> int:
    wanted = select(func.count()).where(tables.run.c.data_hash == data_hash)
    return connection.execute(wanted).scalar_one()


_every_account = select(tables.account).order_by(tables.account.c.id)
_every_sign = select(tables.feed_sign).order_by(tables.feed_sign.c.alive_ts.desc())


def _of(table: Table, account_id: int) -> Select[Any]:
    return select(table).where(table.c.account_id == account_id)


def _after(table: Table, account_id: int, after_seq: int, limit: int) -> Select[Any]:
    wanted = _of(table, account_id).where(table.c.seq > after_seq)
    return wanted.order_by(table.c.seq).limit(limit)


def _oldest_first(
    connection: Connection, wanted: Select[Any], after_seq: int | None, limit: int
) -> Sequence[AnyRow]:
    seq = wanted.selected_columns.seq
    if after_seq is not None:
        later = wanted.where(seq > after_seq).order_by(seq).limit(limit)
        return connection.execute(later).all()
    return connection.execute(wanted.order_by(seq.desc()).limit(limit)).all()[::-1]


def _records_of(connection: Connection, account_id: int, seqs: Sequence[int]) -> Records:
    """Return the journal records of these numbers, or raise CannotContinue if one is not sound."""
    rows = _by_seq(connection, tables.journal, account_id, seqs)
    missing = bytes(RECORD_SIZE)
    found = from_bytes(b"".join(rows[seq].body if seq in rows else missing for seq in seqs))
    verify_each(found, seqs, f"Journal of account {account_id}")
    return found


def _by_seq(
    connection: Connection, table: Table, account_id: int, seqs: Sequence[int]
) -> dict[int, AnyRow]:
    wanted = _of(table, account_id).where(table.c.seq.in_(seqs))
    return {row.seq: row for row in connection.execute(wanted)}


def _known(connection: Connection, row: AnyRow | None, name: str) -> AnyRow:
    if row is None:
        names = connection.execute(select(tables.account.c.name)).scalars()
        raise UnknownName("account", name, names, "barque paper status")
    return row


def _account(row: AnyRow) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        strategy=row.strategy,
        currency=row.currency,
        created_ts=row.created_ts,
        instruments=decode_instruments(row.instruments),
        spec=json.loads(row.spec),
    )


def _instruments(owner: Account) -> Mapping[str, Instrument]:
    return {instrument.id: instrument for instrument in owner.instruments}


def _entry(record: np.void, row: list[int], owner: Account, note: AnyRow | None) -> JournalEntry:
    type_, payload = announce(row, owner)
    return JournalEntry(
        seq=int(record["seq"]),
        ts=int(record["ts"]),
        receive_ts=int(record["receive_ts"]),
        type=type_,
        payload=payload,
        note=note.text if note else "",
    )


def _order(row: AnyRow, instrument: Instrument | None) -> Order:
    return Order(
        order_id=row.order_id,
        client_order_id=row.client_order_id,
        instrument=row.instrument,
        type=_member(OrderType, row.type),
        side=_member(Side, row.side),
        quantity=instrument.quantity(row.quantity) if instrument else Decimal(row.quantity),
        price=instrument.price(row.price) if instrument and row.price else None,
        time_in_force=_member(TimeInForce, row.time_in_force),
        state=OrderState(row.state),
        reason=Reason(row.reason),
        placed_ts=row.placed_ts,
        leaves=instrument.quantity(row.leaves) if instrument else Decimal(row.leaves),
        seq=row.seq,
    )


def _member(words: type[E], value: int) -> E | None:
    return words(value) if value in words._value2member_map_ else None


def _fill(row: AnyRow, instrument: Instrument, currency: str) -> Fill:
    return Fill(
        seq=row.seq,
        client_order_id=row.client_order_id,
        instrument=row.instrument,
        side=Side(row.side),
        quantity=instrument.quantity(row.quantity),
        price=instrument.price(row.price),
        notional=cash(row.notional, currency),
        fee=cash(row.fee, currency),
        ts=row.ts,
        realized=cash(row.realized, currency),
    )


def _position(row: AnyRow, instrument: Instrument, currency: str) -> Position:
    return Position(
        instrument=row.instrument,
        quantity=instrument.quantity(row.quantity),
        cost=cash(row.cost, currency),
        last=instrument.price(row.last),
        value=cash(row.value, currency),
        realized=cash(row.realized, currency),
        fees=cash(row.fees, currency),
    )


def _run(row: AnyRow) -> RunRecord:
    return RunRecord(
        id=row.id,
        kind=row.kind,
        spec=json.loads(row.spec),
        result=json.loads(row.result),
        data_hash=row.data_hash,
        code_version=row.code_version,
        created_ts=row.created_ts,
    )


def _sweep(connection: Connection, row: AnyRow) -> SweepRecord:
    answer = tables.sweep_answer
    done = select(func.count()).where(tables.trial.c.sweep_id == row.id)
    said = connection.execute(select(answer.c.result).where(answer.c.sweep_id == row.id)).scalar()
    return SweepRecord(
        id=row.id,
        name=row.name,
        spec=msgspec.json.decode(row.spec),
        points=row.points,
        data_hash=row.data_hash,
        code_version=row.code_version,
        created_ts=row.created_ts,
        done=connection.execute(done).scalar_one(),
        answer=None if said is None else msgspec.json.decode(said),
    )
