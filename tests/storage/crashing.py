"""Traders that are going to be killed: they log events, keep decisions, and say what is safe.

Each is a process of its own that imports little, so that twenty deaths take seconds.
"""

import asyncio
import sys
from pathlib import Path

import numpy as np

from barque.domain.orders import OrderType, Side
from barque.kernels import layout
from barque.storage.journal_writer import JournalWriter
from barque.storage.market_log import MarketLogWriter
from barque.storage.records import JournalKind, Rows
from barque.storage.store import Account

from .accounts import NOW, batch, open_account, opened, row, slice_of

SEGMENT_EVENTS = 16


def event(position: int) -> Rows:
    return np.full((1, layout.EVENT_WIDTH), position, np.int64)


def decisions(position: int) -> list[Rows]:
    """Three records for the event at a position: an order, its fill, and the end of the slice."""
    numbers = (position, Side.BUY, 1, 10**8, 10**8, 0, NOW, 0, 0, 10**8)
    return [
        row(JournalKind.ACCEPTED, position, OrderType.MARKET, Side.BUY, 1, 0, 1, at=position),
        row(JournalKind.FILLED, *numbers, at=position),
        slice_of(position),
    ]


async def trade(folder: Path) -> None:
    with MarketLogWriter(folder / "log", SEGMENT_EVENTS) as log:
        async with opened(folder) as store, JournalWriter(store) as writer:
            account = next(iter(await store.accounts()), None) or await open_account(store)
            position = (await store.consumed(account.id)).market_position
            while True:
                if position == log.length:
                    print("log", log.append(event(position), NOW), flush=True)
                position += 1
                await decide(writer, account, position)


async def decide(writer: JournalWriter, account: Account, position: int) -> None:
    await writer.submit(batch(account, decisions(position), first_seq=3 * position - 2))
    print("journal", position, flush=True)


if __name__ == "__main__":
    asyncio.run(trade(Path(sys.argv[1])))
