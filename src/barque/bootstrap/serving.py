"""The role `api`: the page, its API and its streams over what somebody else trades.

It reads the store and the market log of a home, waits for them if it comes first, and makes
nothing there.
"""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp

from barque.bootstrap.home import Home
from barque.bootstrap.market import FollowedMarket
from barque.bootstrap.options import Doors
from barque.bootstrap.together import ended
from barque.service import Leave, Server, create_app
from barque.storage.sqlite import SqliteReader
from barque.telemetry import Log, Metrics

SOCKET_SECONDS = 2.0
"""How long readers of streams may take to go."""


async def serve_page(
    home: Home,
    doors: Doors,
    metrics: Metrics,
    log: Log,
    stop: asyncio.Event,
    announce: Callable[[str], None],
) -> None:
    """Serve the page of a home until `stop`; tell `announce` its address."""
    leave = Leave()
    async with SqliteReader(home.store) as store:
        market = FollowedMarket(home, store, metrics)
        app = create_app(store, market, metrics, log, hosts=doors.hosts, leave=leave)
        server = server_of(app, doors)
        announce(server.url)
        following = asyncio.create_task(market.follow())
        try:
            async with asyncio.TaskGroup() as group:
                serving = group.create_task(server.run())
                group.create_task(_leave_when(stop, leave, doors.drain, metrics, server))
                await serving
        finally:
            await ended(following)


def server_of(app: ASGIApp, doors: Doors) -> Server:
    """Return a server of `app` that listens at once."""
    return Server(app, doors.port, doors.address, tried=doors.tried, grace=doors.grace)


async def _leave_when(
    stop: asyncio.Event, leave: Leave, drain: float, metrics: Metrics, server: Server
) -> None:
    """Take leave in order: not ready at once, then the streams, then everybody."""
    await stop.wait()
    leave.announce()
    await asyncio.sleep(drain)
    leave.close_sockets()
    deadline = asyncio.get_running_loop().time() + SOCKET_SECONDS
    while _open_sockets(metrics) and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.02)
    server.stop()


def _open_sockets(metrics: Metrics) -> bool:
    return bool(metrics.registry.get_sample_value("barque_ws_connections"))
