"""Checks that an account's journal holds what its market makes its engine decide."""

from barque.bootstrap.account import engine_of
from barque.bootstrap.home import Home
from barque.domain.errors import NotReady
from barque.runtime.paper import read_journal
from barque.runtime.parity import Parity, compare
from barque.storage.market_log import MarketLog
from barque.storage.records import decisions, decode_journal
from barque.storage.sqlite import SqliteReader


async def verify_parity(home: Home, account_name: str) -> Parity:
    """Decide an account's whole life again, from the market log alone, and compare.

    Promised equal while one build, strategy and model decided: a journal with several epochs
    differs where they do.
    """
    if not home.store.exists():
        raise NotReady(f"There is no paper account in {home.root} yet. `barque up` starts one.")
    store = SqliteReader(home.store)
    try:
        account = await store.account(account_name)
        records = await read_journal(store, account.id)
        reached = (await store.consumed(account.id)).market_position
    finally:
        await store.close()
    journal = decisions(decode_journal(records))
    log = MarketLog(home.market_log(account.spec["feed"]))
    begin = int(account.spec["history"])
    return compare(engine_of(home, account), log, journal, begin=begin, end=max(begin, reached))
