"""A service over a made-up market and a real store, and how tests speak to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

import httpx
import pytest

from barque.service import Server, create_app
from barque.storage.sqlite import SqliteStore
from barque.telemetry import Metrics, open_log
from tests.service.made_up import MadeUpMarket, MadeUpTrader, open_desk

URL = "http://127.0.0.1:8000"


class Desk:
    """The service, and everything behind it."""

    def __init__(self, store: SqliteStore, market: MadeUpMarket, trader: MadeUpTrader) -> None:
        self.store, self.market, self.trader = store, market, trader
        self.metrics = Metrics()
        self.lines = StringIO()
        self.app = create_app(store, market, self.metrics, open_log(self.lines))

    def client(self, url: str = URL) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=url)


@asynccontextmanager
async def desk_of(folder: Path, slices: int) -> AsyncIterator[Desk]:
    store, market, trader = await open_desk(folder)
    try:
        await trader.advance(slices)
        yield Desk(store, market, trader)
    finally:
        await store.close()


class Serving:
    """A desk served on a real socket of this machine."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.server = Server(desk.app, port=18_000)

    async def __aenter__(self) -> "Serving":
        self.task = asyncio.create_task(self.server.run())
        while not self.server.ready:
            await asyncio.sleep(0.01)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.stop()
        await self.task


Session = Callable[[Desk, httpx.AsyncClient], Awaitable[None]]


@pytest.fixture
def at_the_desk(tmp_path: Path) -> Callable[..., None]:
    """Run a session at a desk that has seen some slices of the market."""

    def run(session: Session, slices: int = 40) -> None:
        async def main() -> None:
            async with desk_of(tmp_path, slices) as desk, desk.client() as client:
                await session(desk, client)

        asyncio.run(main())

    return run
