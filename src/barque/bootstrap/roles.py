"""The roles as processes of their own: what `barque run ROLE` starts.

Which roles there are is said once, in the design (`deployment.barque_on_aws`); a role that is
planned there is not started here. A role imports what it needs when it starts: the page needs no
engine, and an image of it need not carry the libraries for learning.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from barque.bootstrap.home import Home
from barque.bootstrap.serving import serve_page, server_of
from barque.bootstrap.together import ended, stop_on_signals, together, watch_until
from barque.deployment.barque_on_aws import BARQUE
from barque.deployment.cloud_architecture import Role, Status
from barque.domain.errors import NotReady, UnknownName
from barque.service.health import create_health_app, feed_is_missing
from barque.telemetry import Family, Log, Metrics

if TYPE_CHECKING:
    from barque.bootstrap.options import Options
    from barque.bootstrap.trading import Report

STALE_AFTER = 30.0
ANSWER_SECONDS = 20
"""What is being answered when the api is asked to stop has this long."""

Announce = Callable[[str], None]


async def run_api(
    home: Home, options: "Options", report: "Report", announce: Announce, log: Log
) -> None:
    """Serve the page until asked to stop. The trader may come later, and go."""
    stop, metrics = stop_on_signals(), Metrics([Family.SERVICE])
    doors = replace(options.doors, tried=1, grace=ANSWER_SECONDS)
    page = serve_page(home, doors, metrics, log, stop, announce)
    await together(page, watch_until(stop, metrics, home))


async def run_trader(
    home: Home, options: "Options", report: "Report", announce: Announce, log: Log
) -> None:
    """Prepare and trade until asked to stop; serve the health checks and the meters alone."""
    from barque.bootstrap.trading import Trader

    stop, metrics = stop_on_signals(), Metrics([Family.TRADING])
    trader = Trader(home, options.sample, options.pace, report, metrics, log)

    def missing() -> list[str]:
        return feed_is_missing(trader.seen(), time.time_ns(), STALE_AFTER)

    app = create_health_app(metrics, missing, options.doors.hosts)
    server = server_of(app, replace(options.doors, tried=1))
    announce(server.url)
    serving = asyncio.create_task(server.run())
    try:
        await together(trader.run(stop), watch_until(stop, metrics, home))
    finally:
        await ended(serving)


STARTERS: Mapping[str, Callable[..., Coroutine[Any, Any, None]]] = {
    "api": run_api,
    "trader": run_trader,
}
"""How each role that is built is started."""


def role_of(name: str) -> Role:
    """Return a role that can be started; NotReady for one that is planned."""
    known = {role.name: role for role in BARQUE.roles}
    if name not in known:
        raise UnknownName("role", name, known, "barque run --help")
    if known[name].status is Status.PLANNED:
        built = " and ".join(STARTERS)
        raise NotReady(
            f"The role {name} ({known[name].words}) is planned and not built yet. "
            f"What can be started today: {built}."
        )
    return known[name]
