"""The port to what is kept of accounts and runs, and the words it answers in.

Amounts are Decimals in quote currency or instrument quantity; times are ns UTC.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from barque.domain.errors import CannotContinue
from barque.domain.instruments import Instrument
from barque.domain.orders import OrderState, OrderType, Reason, Side, TimeInForce
from barque.storage.records import JournalKind, Records


class OutOfTurn(CannotContinue):
    """A batch that does not follow what the account has kept: somebody else writes for it."""

    code = "out_of_turn"

    def __init__(self, account_id: int, seen: str, allowed: str) -> None:
        super().__init__(
            f"Account {account_id}: {seen} cannot be kept, since {allowed}. Another process "
            "writes for this account: stop one of them, then start the other again."
        )
        self.account_id = account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account: its name, what it trades and in which units its numbers are counted.

    `instruments` are in the order of their index in the run; `spec` is what it was started with.
    """

    id: int
    name: str
    strategy: str
    currency: str
    created_ts: int
    instruments: tuple[Instrument, ...]
    spec: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one account decided and wants kept at once: records of `records.encode_journal`.

    Its SLICE records say how much of the market was consumed. `notes` are texts beside a record,
    by seq.
    """

    records: Records
    notes: Mapping[int, str] = field(default_factory=dict)

    @property
    def account_id(self) -> int:
        return int(self.records["account"][0])

    @property
    def first_seq(self) -> int:
        return int(self.records["seq"][0])


@dataclass(frozen=True, slots=True)
class Consumed:
    """How far an account has come: the seq of its next record, and its market-log position."""

    next_seq: int
    market_position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as it stands. `quantity` and `price` are as placed, `price` None for a market order.

    A split adjusts `leaves` and `price`, not `quantity`. What a refused order asked for may not
    exist: then `instrument` is "" with quantities in units, and `type`, `side` or `time_in_force`
    is None.
    """

    order_id: int
    client_order_id: str
    instrument: str
    type: OrderType | None
    side: Side | None
    quantity: Decimal
    price: Decimal | None
    time_in_force: TimeInForce | None
    state: OrderState
    reason: Reason
    placed_ts: int
    leaves: Decimal
    seq: int
    """Of the last record that changed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One fill. `notional` is positive for a purchase; `fee` is a positive cost."""

    seq: int
    client_order_id: str
    instrument: str
    side: Side
    quantity: Decimal
    price: Decimal
    notional: Decimal
    fee: Decimal
    ts: int
    realized: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What is held of an instrument, and what it cost and is worth, as the ledger last said."""

    instrument: str
    quantity: Decimal
    cost: Decimal
    last: Decimal
    value: Decimal
    realized: Decimal
    fees: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EquityPoint:
    """What the account was worth at the end of a slice."""

    ts: int
    equity: Decimal
    cash: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """The latest opinion on an instrument: wanted exposure from -1 to +1."""

    instrument: str
    ts: int
    prediction: float | None
    exposure: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEvent:
    """Something that happened to an account, for whoever watches. `payload` is JSON."""

    seq: int
    ts: int
    type: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One journal record in words and money. `payload` is JSON; `note` is "" when there is none."""

    seq: int
    ts: int
    receive_ts: int
    type: str
    payload: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One finished run: what was asked of which data with which code, and the answer."""

    kind: str
    spec: Mapping[str, Any]
    result: Mapping[str, Any]
    data_hash: str
    code_version: str
    created_ts: int
    id: int = 0
    """Given when it is saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRecord:
    """One strategy to be tried with many parameters on one past; `name` tells questions apart.

    `done` is how many of its `points` are over; `answer` what was chosen among them, once all are.
    """

    name: str
    spec: Mapping[str, Any]
    points: int
    data_hash: str
    code_version: str
    created_ts: int
    id: int = 0
    """Given when it is saved."""
    done: int = 0
    answer: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """What became of one point of a sweep. `counts` if the data were looked at."""

    number: int
    result: Mapping[str, Any]
    counts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSign:
    """The last that a trader said of a feed: what it does with it, and when it was seen alive.

    `phase` is one of the words of `service.market.FeedPhase`, `alive_ts` the clock, ns UTC; `speed`
    is market seconds in a second; `first_ts` and `last_ts` are the ends of a replayed period.
    """

    feed: str
    phase: str
    alive_ts: int
    speed: float = 1.0
    first_ts: int | None = None
    last_ts: int | None = None
    detail: str = ""


class StoreReader(Protocol):
    """What is kept, to be looked at. Nothing can be changed through it.

    Lists of orders and runs are newest first. Fills, events and journal entries are oldest first:
    those after `after_seq`, or the newest when it is None. An unknown account is an UnknownName.
    """

    async def accounts(self) -> Sequence[Account]: ...

    async def account(self, name: str) -> Account: ...

    async def consumed(self, account_id: int) -> Consumed: ...

    async def records(self, account_id: int, after_seq: int = 0, limit: int = 65_536) -> Records:
        """Return journal records as they were committed, verified: what recovery feeds on."""
        ...

    async def notes(
        self, account_id: int, after_seq: int = 0, limit: int = 65_536
    ) -> Mapping[int, str]: ...

    async def journal(
        self,
        account_id: int,
        after_seq: int | None = None,
        limit: int = 200,
        kinds: Collection[JournalKind] = (),
    ) -> Sequence[JournalEntry]:
        """Return journal entries; of some kinds only, if any are given."""
        ...

    async def orders(
        self,
        account_id: int,
        working_only: bool = False,
        limit: int = 200,
        before: int | None = None,
    ) -> Sequence[Order]:
        """Return the newest orders, with ids below `before` if it is given."""
        ...

    async def fills(
        self, account_id: int, limit: int = 200, after_seq: int | None = None
    ) -> Sequence[Fill]: ...

    async def positions(self, account_id: int) -> Sequence[Position]: ...

    async def equity(
        self, account_id: int, after: int = 0, limit: int = 100_000
    ) -> Sequence[EquityPoint]: ...

    async def signals(self, account_id: int) -> Sequence[Signal]: ...

    async def account_events(
        self, account_id: int, after_seq: int | None = None, limit: int = 200
    ) -> Sequence[AccountEvent]: ...

    async def feed_signs(self) -> Sequence[FeedSign]:
        """Return the last sign of every feed, the newest first."""
        ...

    async def runs(self, limit: int = 100) -> Sequence[RunRecord]: ...

    async def run(self, id: int) -> RunRecord: ...

    async def trials(self, data_hash: str) -> int:
        """Count how often these data were looked at: runs, and trials of sweeps."""
        ...

    async def sweeps(self, limit: int = 100) -> Sequence[SweepRecord]:
        """Return the newest sweeps, newest first."""
        ...

    async def sweep(self, id: int) -> SweepRecord: ...

    async def sweep_trials(
        self, sweep_id: int, after: int = -1, limit: int = 10_000
    ) -> Sequence[TrialRecord]:
        """Return trials of a sweep with a number above `after`, in order."""
        ...


class Store(StoreReader, Protocol):
    """What is kept, to be added to. Nothing is ever changed or removed but by what is added."""

    async def create_account(
        self,
        *,
        name: str,
        strategy: str,
        currency: str,
        instruments: Sequence[Instrument],
        created_ts: int,
        spec: Mapping[str, Any],
    ) -> Account:
        """Open an account. Raises BadInput when the name is taken."""
        ...

    async def commit(self, batches: Sequence[Batch]) -> None:
        """Keep the batches, all or none, with everything derived from them; return when safe.

        Raises OutOfTurn when a batch does not follow its account's last record, or takes its
        market position backwards: somebody else writes for this account.
        """
        ...

    async def rebuild(self, account_id: int) -> None:
        """Derive an account's tables from its journal again."""
        ...

    async def save_feed_sign(self, sign: FeedSign) -> None:
        """Keep a sign in place of the last one of its feed."""
        ...

    async def save_run(self, run: RunRecord) -> RunRecord: ...

    async def save_sweep(self, sweep: SweepRecord) -> SweepRecord:
        """Begin a sweep, or return the one of that name."""
        ...

    async def save_trials(self, sweep_id: int, trials: Sequence[TrialRecord]) -> None:
        """Keep trials, all or none; return when safe. Those that are kept already stay."""
        ...

    async def save_sweep_answer(self, sweep_id: int, answer: Mapping[str, Any]) -> None:
        """Keep what was chosen, unless that is kept already."""
        ...
