"""Is the process alive, and is it ready to be believed? For people, Docker and load balancers."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.responses import Response

from barque.domain.errors import BarqueError
from barque.service.answers import answer
from barque.service.desk import Desk, TheDesk
from barque.service.errors import OK, UNAVAILABLE
from barque.service.market import FeedPhase, FeedState

STORE_SECONDS = 2.0

router = APIRouter()


@router.get("/health/live")
async def live() -> Response:
    """Say that the process answers."""
    return answer({"status": "live"})


@router.get("/health/ready")
async def ready(desk: TheDesk) -> Response:
    """Say whether everything the page shows can be believed, and if not, what is missing."""
    missing = [reason async for reason in _missing(desk)]
    status = "not ready" if missing else "ready"
    return answer({"status": status, "missing": missing}, UNAVAILABLE if missing else OK)


@router.get("/metrics")
async def metrics(desk: TheDesk) -> Response:
    """Return every meter in the Prometheus text format."""
    return Response(desk.metrics.render(), media_type=desk.metrics.content_type)


async def _missing(desk: Desk) -> AsyncIterator[str]:
    try:
        async with asyncio.timeout(STORE_SECONDS):
            accounts = await desk.store.accounts()
    except (BarqueError, OSError) as error:  # a TimeoutError is an OSError
        yield f"store: it cannot be read: {error or f'no answer in {STORE_SECONDS} s'}"
    else:
        if not accounts:
            yield "account: there is none yet; `barque up` opens one"
    for reason in _feed_is_missing(desk.market.feed(), desk):
        yield reason


def _feed_is_missing(feed: FeedState, desk: Desk) -> list[str]:
    if feed.phase is FeedPhase.RECOVERING:
        return ["account: it is still being recovered"]
    if feed.phase is FeedPhase.STOPPED:
        return [f"feed: it was stopped: {feed.detail or 'start it again with `barque up`'}"]
    silent = (desk.now() - feed.alive_ts) / 1e9
    if feed.phase is FeedPhase.RUNNING and silent > desk.stale_after:
        return [f"feed: silent for {silent:.0f} s; at most {desk.stale_after:.0f} s are allowed"]
    return []
