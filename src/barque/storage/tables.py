"""The tables of the store, in SQLAlchemy Core: the same for SQLite and for PostgreSQL.

`account`, `journal`, `journal_note`, `run`, `sweep`, `trial`
and `sweep_answer` are the truth; `feed_sign` says what goes on now. The
rest are projections of the journal and can be derived again. Numbers are integers in the units of
the account's currency and instruments; `ts` is ns UTC; an instrument is written by its id.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.schema import SchemaItem

SCHEMA_VERSION = 3
"""Raise it with every change below. Migrations (Alembic) come with PostgreSQL."""

ADDED_TO = {1: 3, 2: 3}
"""Versions that differ from a later one by tables that were added alone: `create_all` adds them."""

metadata = MetaData()

_CLUSTERED = {
    "sqlite_with_rowid": False
}  # rows lie in the order of their key, without a second index


def _serial() -> Column[int]:
    # Only INTEGER counts up in SQLite.
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _of_account(name: str, *items: SchemaItem) -> Table:
    """Return a table keyed by account first, whose rows lie in the order of their key."""
    owner = Column("account_id", BigInteger, ForeignKey("account.id"), primary_key=True)
    return Table(name, metadata, owner, *items, sqlite_with_rowid=False)


def _key(name: str) -> Column[int]:
    return Column(name, BigInteger, primary_key=True)


def _instrument(primary_key: bool = False) -> Column[str]:
    return Column("instrument", String(64), primary_key=primary_key, nullable=False)


def _numbers(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, **options)


schema_version = Table("schema_version", metadata, *_numbers("version"))

account = Table(
    "account",
    metadata,
    _serial(),
    _text("name", unique=True),
    _text("strategy"),
    _text("currency"),
    _text("instruments"),  # JSON, in the order of their index in the run
    _text("spec"),  # JSON
    *_numbers("created_ts"),
    sqlite_autoincrement=True,
)

journal = _of_account(
    "journal",
    _key("seq"),
    Column("body", LargeBinary(128), nullable=False),
)

journal_note = _of_account("journal_note", _key("seq"), _text("text"))

consumed = _of_account("consumed", *_numbers("next_seq", "market_position"))

order_intent = _of_account(
    "order_intent",
    _key("order_id"),
    Column("client_order_id", String(36), nullable=False),
    _instrument(),
    *_numbers("type", "side", "quantity", "price", "time_in_force"),
    *_numbers("state", "reason", "placed_ts", "leaves", "seq"),
    UniqueConstraint("account_id", "client_order_id"),
    Index("order_intent_by_state", "account_id", "state"),
)

fill = _of_account(
    "fill",
    _key("seq"),
    Column("client_order_id", String(36), nullable=False),
    _instrument(),
    *_numbers("side", "quantity", "price", "notional", "fee", "ts", "realized"),
)

position = _of_account(
    "position",
    _instrument(primary_key=True),
    *_numbers("quantity", "cost", "last", "value", "realized", "fees"),
)

equity = _of_account("equity", _key("ts"), *_numbers("equity", "cash"))

signal = _of_account(
    "signal",
    _instrument(primary_key=True),
    *_numbers("ts"),
    Column("prediction", Double, nullable=True),
    Column("exposure", Double, nullable=False),
)

account_event = _of_account(
    "account_event",
    _key("seq"),
    *_numbers("ts"),
    _text("type"),
    _text("payload"),  # JSON
)

run = Table(
    "run",
    metadata,
    _serial(),
    _text("kind"),
    _text("spec"),  # JSON
    _text("result"),  # JSON
    _text("data_hash", index=True),
    _text("code_version"),
    *_numbers("created_ts"),
    sqlite_autoincrement=True,
)

sweep = Table(
    "sweep",
    metadata,
    _serial(),
    _text("name", unique=True),  # a hash of what was asked: the same question is the same sweep
    _text("spec"),  # JSON
    *_numbers("points"),
    _text("data_hash", index=True),
    _text("code_version"),
    *_numbers("created_ts"),
    sqlite_autoincrement=True,
)

trial = Table(
    "trial",
    metadata,
    Column("sweep_id", BigInteger, ForeignKey("sweep.id"), primary_key=True),
    _key("number"),
    *_numbers("counts"),  # 1 if the data were looked at, else 0
    _text("result"),  # JSON
    sqlite_with_rowid=False,
)

sweep_answer = Table(
    "sweep_answer",
    metadata,
    Column("sweep_id", BigInteger, ForeignKey("sweep.id"), primary_key=True),
    _text("result"),  # JSON: which point was chosen, and what came of it
    sqlite_with_rowid=False,
)

feed_sign = Table(
    "feed_sign",
    metadata,
    Column("feed", String(64), primary_key=True),
    _text("phase"),
    *_numbers("alive_ts"),
    Column("speed", Double, nullable=False),
    *(Column(name, BigInteger, nullable=True) for name in ("first_ts", "last_ts")),
    _text("detail"),
)

PROJECTIONS = (order_intent, fill, position, equity, signal, account_event)
"""What `rebuild` derives again."""
