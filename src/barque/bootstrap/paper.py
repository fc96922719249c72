"""How the paper account stands, read from the store and the market log alone."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from barque.bootstrap.home import Home
from barque.domain.errors import NotReady
from barque.kernels.layout import TS
from barque.storage.market_log import MarketLog
from barque.storage.sqlite import SqliteReader
from barque.storage.store import (
    Account,
    Consumed,
    EquityPoint,
    Fill,
    Order,
    Position,
    Signal,
    StoreReader,
)

PAGE = 10_000

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Feed:
    """How far a market log reaches, and how far the account has come in it. Times in ns UTC."""

    name: str
    events: int
    consumed: int
    last_ts: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperStatus:
    """Everything about one account; the lists are complete, oldest first."""

    account: Account
    consumed: Consumed
    equity: EquityPoint | None
    positions: Sequence[Position]
    orders: Sequence[Order]
    fills: Sequence[Fill]
    signals: Sequence[Signal]
    feed: Feed | None


def read_paper_status(home: Home, name: str | None) -> PaperStatus:
    """Return how an account stands; without a name, the account that was opened last."""
    if not home.store.exists():
        raise NotReady(f"There is no paper account in {home.root} yet. `barque up` starts one.")
    return asyncio.run(_read(home, name))


async def _read(home: Home, name: str | None) -> PaperStatus:
    async with SqliteReader(home.store) as store:
        account = await _account(store, name)
        consumed = await store.consumed(account.id)
        return PaperStatus(
            account=account,
            consumed=consumed,
            equity=await _last_equity(store, account.id),
            positions=await store.positions(account.id),
            orders=await _every_order(store, account.id),
            fills=await _every_fill(store, account.id),
            signals=await store.signals(account.id),
            feed=_feed(home, account, consumed),
        )


async def _account(store: StoreReader, name: str | None) -> Account:
    if name is not None:
        return await store.account(name)
    accounts = await store.accounts()
    if not accounts:
        raise NotReady("No paper account was opened yet. `barque up` starts one.")
    return accounts[-1]


async def _every_order(store: StoreReader, account_id: int) -> list[Order]:
    found: list[Order] = []
    while page := await store.orders(
        account_id, limit=PAGE, before=found[-1].order_id if found else None
    ):
        found += page
    return found[::-1]


async def _every_fill(store: StoreReader, account_id: int) -> list[Fill]:
    return await _pages(
        lambda after: store.fills(account_id, limit=PAGE, after_seq=after), lambda fill: fill.seq
    )


async def _last_equity(store: StoreReader, account_id: int) -> EquityPoint | None:
    points = await _pages(
        lambda after: store.equity(account_id, after=after, limit=PAGE), lambda point: point.ts
    )
    return points[-1] if points else None


async def _pages(
    ask: Callable[[int], Awaitable[Sequence[Row]]], key: Callable[[Row], int]
) -> list[Row]:
    """Return all rows of something that is read on from a key, oldest first."""
    found: list[Row] = []
    while page := await ask(key(found[-1]) if found else 0):
        found += page
    return found


def _feed(home: Home, account: Account, consumed: Consumed) -> Feed | None:
    """Return how far the account's feed has come; None if the account names none."""
    name = account.spec.get("feed")
    if name is None:
        return None
    log = MarketLog(home.market_log(name))
    length = log.length
    last = next(iter(log.read(length - 1, length)), None) if length else None
    return Feed(name, length, consumed.market_position, None if last is None else int(last[-1, TS]))
