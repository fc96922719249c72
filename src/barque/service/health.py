"""Is the process alive, and is it ready to be believed? For people, Docker and load balancers.

The service has these routes among its own; a trader, which serves nothing else, has them alone.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection

from fastapi import APIRouter
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from barque.domain.errors import BarqueError
from barque.service.answers import answer
from barque.service.desk import Desk, TheDesk
from barque.service.errors import OK, UNAVAILABLE
from barque.service.guard import HostGuard
from barque.service.market import FeedPhase, FeedState
from barque.telemetry import Metrics

STORE_SECONDS = 2.0
LEAVING = "service: it was asked to stop"

router = APIRouter()


@router.get("/health/live")
async def live() -> Response:
    """Say that the process answers."""
    return answer({"status": "live"})


@router.get("/health/ready")
async def ready(desk: TheDesk) -> Response:
    """Say whether everything the page shows can be believed, and if not, what is missing."""
    if desk.leave.announced:
        return readiness([LEAVING])
    return readiness([reason async for reason in _missing(desk)])


@router.get("/metrics")
async def metrics(desk: TheDesk) -> Response:
    """Return every meter in the Prometheus text format."""
    return _rendered(desk.metrics)


def create_health_app(
    metrics: Metrics, missing: Callable[[], list[str]], hosts: Collection[str] = ()
) -> Starlette:
    """Return the three routes alone. `missing` says why the process is not ready, if it is not."""

    async def is_live(_: Request) -> Response:
        return await live()

    async def is_ready(_: Request) -> Response:
        return readiness(missing())

    async def meters(_: Request) -> Response:
        return _rendered(metrics)

    routes = {"/health/live": is_live, "/health/ready": is_ready, "/metrics": meters}
    return Starlette(
        routes=[Route(path, endpoint) for path, endpoint in routes.items()],
        middleware=[Middleware(HostGuard, hosts)],
    )


def readiness(missing: list[str]) -> Response:
    """Answer whether something is ready, from what it misses."""
    status = "not ready" if missing else "ready"
    return answer({"status": status, "missing": missing}, UNAVAILABLE if missing else OK)


def feed_is_missing(feed: FeedState, now: int, stale_after: float) -> list[str]:
    """Say why a feed cannot be believed, in words; nothing when it can. `now` is ns UTC."""
    match feed.phase:
        case FeedPhase.PREPARING:
            return [f"feed: it is being prepared: {feed.detail}"]
        case FeedPhase.RECOVERING:
            return ["account: it is still being recovered"]
        case FeedPhase.STOPPED:
            return [f"feed: it was stopped: {feed.detail or 'start it again with `barque up`'}"]
    silent = (now - feed.alive_ts) / 1e9
    if silent > stale_after:
        return [f"feed: silent for {silent:.0f} s; at most {stale_after:.0f} s are allowed"]
    return []


def _rendered(metrics: Metrics) -> Response:
    return Response(metrics.render(), media_type=metrics.content_type)


async def _missing(desk: Desk) -> AsyncIterator[str]:
    try:
        async with asyncio.timeout(STORE_SECONDS):
            accounts = await desk.store.accounts()
    except (BarqueError, OSError) as error:  # a TimeoutError is an OSError
        yield f"store: it cannot be read: {error or f'no answer in {STORE_SECONDS} s'}"
    else:
        if not accounts:
            yield "account: there is none yet; `barque up` opens one"
    for reason in feed_is_missing(desk.market.feed(), desk.now(), desk.stale_after):
        yield reason
