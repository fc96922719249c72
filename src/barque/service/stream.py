"""What happens to an account, told as it happens: `{seq, ts, type, payload}`, in order.

A reader that comes back says `after=` the last seq it saw and misses nothing: events are read from
the store by that cursor, so a slow reader falls behind, and neither loses nor delays others.
Between events comes `{seq, ts, type: "feed", payload}`, what the feed is doing, with the seq of
the last event. What a reader sends is not listened to. The last word of a service that stops is
`{type: "reconnect", payload: {after}}`: in how many seconds to come back.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from barque.domain.errors import BarqueError
from barque.service.answers import Facts, encode, event_facts, facts_of
from barque.service.desk import Cursor, Desk, Name, TheDesk
from barque.service.errors import refusal, status_of

POLL_SECONDS = 0.2
"""How often the store is asked: the longest an event waits to be told."""

CHUNK = 500
GOING_AWAY_TO_RESTART = 1012

router = APIRouter()


@router.websocket("/api/v1/stream")
async def stream(socket: WebSocket, desk: TheDesk, account: Name, after: Cursor = 0) -> None:
    """Tell an account's events from the cursor `after` on."""
    try:
        account_id = (await desk.store.account(account)).id
    except BarqueError as error:
        await socket.send_denial_response(refusal(error.code, str(error), status_of(error)))
        return
    await socket.accept()
    await _until_either_ends(
        _tell(socket, desk, account_id, after), _listen(socket), _dismiss(socket, desk)
    )


async def happenings(desk: Desk, account_id: int, after: int) -> AsyncIterator[Facts]:
    """Yield what happened after a cursor, and what happens from now on, without end."""
    told = None
    while True:
        events = await desk.store.account_events(account_id, after, CHUNK)
        for event in events:
            yield event_facts(event)
            after = event.seq
        feed = replace(desk.market.feed(), alive_ts=0)  # that it lives is no news
        if feed != told:
            yield {"seq": after, "ts": feed.ts, "type": "feed", "payload": facts_of(feed)}
            told = feed
        if len(events) < CHUNK:
            await asyncio.sleep(POLL_SECONDS)


async def _tell(socket: WebSocket, desk: Desk, account_id: int, after: int) -> None:
    async for fact in happenings(desk, account_id, after):
        await socket.send_text(encode(fact).decode())


async def _dismiss(socket: WebSocket, desk: Desk) -> None:
    """Tell a reader when to come back, once the service stops."""
    after = await desk.leave.closing()
    word = {"seq": 0, "ts": 0, "type": "reconnect", "payload": {"after": round(after, 3)}}
    await socket.send_text(encode(word).decode())
    await socket.close(GOING_AWAY_TO_RESTART)


async def _listen(socket: WebSocket) -> None:
    """Return when the reader has gone, or the server closes."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _until_either_ends(*parts: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect):
            raise result
