"""The role `trader`: prepares a home, then trades its account on the replayed market.

It holds the home, so that nobody else trades from it. What it does it writes to the store and the
market log, where a service in another process reads it.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from barque import __version__
from barque.bootstrap.account import engine_of, epoch_of, has_terms, specification
from barque.bootstrap.ahead import compiling_ahead
from barque.bootstrap.compiled import forget_old_kernels
from barque.bootstrap.demonstration import DEMONSTRATION, Demonstration
from barque.bootstrap.home import Home
from barque.bootstrap.prepare import Market, import_market, learn, test_learned
from barque.bootstrap.signs import Signs
from barque.bootstrap.together import ended, together
from barque.bootstrap.watch import Telemetry
from barque.domain.errors import BarqueError, CannotContinue
from barque.models.schedule import ModelSchedule
from barque.research.result import Result
from barque.runtime.feed import ReplayFeed
from barque.runtime.paper import PaperAccount
from barque.service.market import FeedPhase, FeedState
from barque.storage.journal_writer import JournalWriter
from barque.storage.market_log import MarketLogWriter
from barque.storage.snapshots import Snapshots
from barque.storage.sqlite import SqliteStore
from barque.storage.store import Account, FeedSign, RunRecord, Store
from barque.telemetry import Log, Metrics

DAY_SECONDS = 86_400.0


class Report(Protocol):
    """Who is told how the start goes."""

    def progress(self, stage: str, done: int, total: int) -> None: ...

    def tested(self, result: Result, trials: int) -> None:
        """Hear what the learned strategy did out of sample, and how often these data were tried."""

    def trading(self, account: Account, position: int) -> None:
        """Hear that the account trades, and how far it had come."""


class _AskedToStop(Exception):
    """Ends a preparation between two of its steps."""


@dataclass(slots=True)
class Trader:
    """The trader of a home. `pace` is slices (trading days) a second, 0 without waiting."""

    home: Home
    sample: Path
    pace: float
    report: Report
    metrics: Metrics
    log: Log
    demo: Demonstration = DEMONSTRATION
    _signs: Signs | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Trade until `stop` is set, then finish the slice and let go of the home."""
        with self.home.held():
            async with SqliteStore(self.home.store) as store:
                sign = FeedSign(
                    feed=self.demo.feed, phase=FeedPhase.PREPARING, alive_ts=0, detail="it starts"
                )
                self._signs = signs = Signs(sign, store, self.metrics)
                beating = asyncio.create_task(signs.beat())
                last_words = "`barque run trader` starts it again"
                try:
                    await self._prepare_and_trade(store, signs, stop)
                except _AskedToStop:
                    pass
                except BarqueError as error:
                    last_words = str(error)
                    raise
                finally:
                    await ended(beating)
                    await signs.tell(FeedPhase.STOPPED, last_words)

    def seen(self) -> FeedState:
        """Return what the trader does now."""
        if self._signs is None:
            return FeedState(phase=FeedPhase.PREPARING, ts=0, alive_ts=0, detail="it starts")
        return self._signs.seen()

    async def _prepare_and_trade(
        self, store: SqliteStore, signs: Signs, stop: asyncio.Event
    ) -> None:
        await asyncio.to_thread(forget_old_kernels)
        progress = self._progress(signs, stop)
        async with compiling_ahead() as compiling:
            market = await asyncio.to_thread(
                import_market, self.home, self.sample, self.demo, progress
            )
            schedule = await asyncio.to_thread(learn, self.home, market, progress)
            await _wait_for(compiling, progress)
        await self._test(market, schedule, store, progress)
        if not stop.is_set():
            await self._trade(market, store, signs, stop)

    def _progress(self, signs: Signs, stop: asyncio.Event) -> Callable[[str, int, int], None]:
        """Return who hears how a preparation goes: called in its thread, it may end it."""

        def told(stage: str, done: int, total: int) -> None:
            if stop.is_set():
                raise _AskedToStop
            signs.hint(FeedPhase.PREPARING, f"{stage}, {done} of {total}")
            self.report.progress(stage, done, total)

        return told

    async def _test(
        self,
        market: Market,
        schedule: ModelSchedule,
        store: Store,
        progress: Callable[[str, int, int], None],
    ) -> None:
        """Test what was learned out of sample, and keep what came of it."""
        result = await asyncio.to_thread(test_learned, market, schedule, progress)
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
        self.report.tested(result, await store.trials(result.data_hash))

    async def _trade(
        self, market: Market, store: SqliteStore, signs: Signs, stop: asyncio.Event
    ) -> None:
        """Recover the account, then let feed and account run until `stop`."""
        replay = market.replay()
        account = await account_of(store, market, replay.content_hash)
        history = int(account.spec["history"])
        signs.sign = FeedSign(
            feed=self.demo.feed, phase=FeedPhase.RECOVERING, alive_ts=time.time_ns(),
            speed=self.pace * DAY_SECONDS, first_ts=replay.start, last_ts=replay.end,
        )  # fmt: skip
        await signs.tell(FeedPhase.RECOVERING)
        async with AsyncExitStack() as stack:
            log = stack.enter_context(MarketLogWriter(self.home.market_log(self.demo.feed)))
            journal = await stack.enter_async_context(JournalWriter(store))
            engine = await asyncio.to_thread(engine_of, self.home, account)
            feed = ReplayFeed(replay, log, history=history, pace=self.pace)
            paper = PaperAccount(
                account, engine, log=log, store=store, journal=journal,
                snapshots=Snapshots(self.home.snapshots),
                watch=Telemetry(self.metrics, self.log, account.name, log),
            )  # fmt: skip
            signs.turning = feed.state
            await feed.tell_history()
            await paper.recover(epoch_of(self.home, account, engine), history)
            self._measure(paper, log)
            await signs.tell(FeedPhase.RUNNING)
            self.report.trading(account, paper.position)
            await _follow(feed, paper, stop)

    def _measure(self, paper: PaperAccount, log: MarketLogWriter) -> None:
        """Let each scrape see how far the market was told, and how far it was decided on."""
        told = self.metrics.market_log_events.labels(feed=self.demo.feed)
        decided = self.metrics.account_position.labels(book=paper.account.name)
        told.set_function(lambda: log.length)
        decided.set_function(lambda: paper.position)


async def _wait_for(
    compiling: asyncio.subprocess.Process | None, progress: Callable[[str, int, int], None]
) -> None:
    """Wait until the engine is compiled, and let whoever looks on end it before."""
    while compiling is not None and compiling.returncode is None:
        progress("Compile the engine", 0, 0)
        with suppress(TimeoutError):
            await asyncio.wait_for(compiling.wait(), timeout=0.5)


async def _follow(feed: ReplayFeed, paper: PaperAccount, stop: asyncio.Event) -> None:
    """Let the feed tell and the account decide; when asked to stop, finish the slice."""

    async def wake_when_told() -> None:
        await feed.run(stop)
        await stop.wait()
        feed.state.grew.set()

    await together(wake_when_told(), paper.run(feed.state.grew, stop))


async def account_of(store: Store, market: Market, data_hash: str) -> Account:
    """Return the demonstration's account; open it if there is none."""
    name = market.demo.account
    known = {account.name: account for account in await store.accounts()}
    if name not in known:
        return await store.create_account(
            name=name,
            strategy="learned",
            currency=market.demo.terms.currency or market.instruments[0].currency,
            instruments=market.instruments,
            created_ts=time.time_ns(),
            spec=specification(market.demo, history=market.history().rows, data_hash=data_hash),
        )
    if known[name].spec["data_hash"] != data_hash:
        raise CannotContinue(
            f"Account {name} was opened on other market data than the catalog holds now. "
            "Restore the catalog, or begin anew in another home with BARQUE_HOME."
        )
    if market.demo is not DEMONSTRATION and not has_terms(known[name], market.demo.terms):
        raise CannotContinue(
            f"Account {name} was opened on other terms than these, and keeps them. Leave them out, "
            "or begin anew in another home with BARQUE_HOME."
        )
    return known[name]
