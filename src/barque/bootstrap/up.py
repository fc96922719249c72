"""From nothing to a trading paper account on a page: import, learn, test, trade, serve."""

import asyncio
import signal
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from barque import __version__
from barque.bootstrap.account import engine_of, epoch_of, specification
from barque.bootstrap.demonstration import DEMONSTRATION, Demonstration
from barque.bootstrap.home import Home
from barque.bootstrap.market import LoggedMarket
from barque.bootstrap.prepare import Market, import_market, learn, test_learned
from barque.bootstrap.watch import Telemetry
from barque.domain.errors import CannotContinue
from barque.research.result import Result
from barque.runtime.feed import ReplayFeed
from barque.runtime.paper import PaperAccount
from barque.service.app import create_app
from barque.service.server import Server
from barque.storage.journal_writer import JournalWriter
from barque.storage.market_log import MarketLogWriter
from barque.storage.sqlite import SqliteStore
from barque.storage.store import Account, RunRecord, Store
from barque.telemetry import Log, Metrics, watch_loop

DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `barque up` may be told. `pace` is slices (trading days) a second, 0 without waiting."""

    sample: Path
    port: int = 8000
    pace: float = 2.0
    address: str = "127.0.0.1"


class Report(Protocol):
    """Who is told how the start goes."""

    def progress(self, stage: str, done: int, total: int) -> None: ...

    def tested(self, result: Result, trials: int) -> None:
        """Hear what the learned strategy did out of sample, and how often these data were tried."""

    def serving(self, url: str, account: Account, position: int) -> None:
        """Hear where the page is, and how far the account had come."""


async def up(
    home: Home,
    options: Options,
    report: Report,
    log: Log,
    demo: Demonstration = DEMONSTRATION,
) -> None:
    """Bring everything up and keep it running until it is asked to stop (SIGINT, SIGTERM)."""
    stop = _stop_on_signals()
    with home.held():
        prepare = asyncio.to_thread(import_market, home, options.sample, demo, report.progress)
        market = await prepare
        store = SqliteStore(home.store)
        try:
            await _teach_and_test(home, market, store, report)
            await _trade(home, options, market, store, report, log, stop)
        finally:
            await store.close()


async def _teach_and_test(home: Home, market: Market, store: Store, report: Report) -> None:
    """Learn unless learned; test out of sample unless these data, code and model were tested."""
    schedule = await asyncio.to_thread(learn, home, market, report.progress)
    result = await asyncio.to_thread(test_learned, market, schedule, report.progress)
    await store.save_run(
        RunRecord(
            kind="backtest",
            spec={"strategy": result.strategy, "started_by": "up"},
            result=result.summary(),
            data_hash=result.data_hash,
            code_version=__version__,
            created_ts=time.time_ns(),
        )
    )
    report.tested(result, await store.trials(result.data_hash))


async def _trade(
    home: Home,
    options: Options,
    market: Market,
    store: SqliteStore,
    report: Report,
    log: Log,
    stop: asyncio.Event,
) -> None:
    """Recover the account, then let feed, account and page run until `stop`."""
    replay, metrics = market.replay(), Metrics()
    account = await _account(store, market, replay.content_hash)
    history = int(account.spec["history"])
    async with AsyncExitStack() as stack:
        market_log = stack.enter_context(MarketLogWriter(home.market_log(market.demo.feed)))
        journal = await stack.enter_async_context(JournalWriter(store))
        engine = await asyncio.to_thread(engine_of, home, account)
        feed = ReplayFeed(replay, market_log, history=history, pace=options.pace)
        paper = PaperAccount(
            account, engine, log=market_log, store=store, journal=journal,
            watch=Telemetry(metrics, log, account.name, market_log),
        )  # fmt: skip
        seen = LoggedMarket(
            account.instruments, market_log, feed, paper,
            period=(replay.start, replay.end), bar_seconds=DAY_SECONDS,
        )  # fmt: skip
        server = Server(create_app(store, seen, metrics, log), options.port, options.address)
        await feed.tell_history()
        await paper.recover(epoch_of(home, account, engine), history)
        report.serving(server.url, account, paper.position)
        await _run_until(
            stop, feed.run(), paper.run(feed.state.grew), server.run(), watch_loop(metrics)
        )


async def _account(store: Store, market: Market, data_hash: str) -> Account:
    """Return the demonstration's account; open it if there is none."""
    name = market.demo.account
    known = {account.name: account for account in await store.accounts()}
    if name not in known:
        return await store.create_account(
            name=name,
            strategy="learned",
            currency=market.instruments[0].currency,
            instruments=market.instruments,
            created_ts=time.time_ns(),
            spec=specification(market.demo, history=market.history().rows, data_hash=data_hash),
        )
    if known[name].spec["data_hash"] != data_hash:
        raise CannotContinue(
            f"Account {name} was opened on other market data than the catalog holds now. "
            "Restore the catalog, or begin anew in another home with BARQUE_HOME."
        )
    return known[name]


async def _run_until(stop: asyncio.Event, *work: "asyncio._CoroutineLike[None]") -> None:
    """Run everything until `stop` is set; an error in any of it ends it all."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one) for one in work]
        await stop.wait()
        for task in tasks:
            task.cancel()


def _stop_on_signals() -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    return stop
