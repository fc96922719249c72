"""The questions the API answers. All of them read; none can change anything."""

import asyncio

from fastapi import APIRouter
from starlette.responses import Response

from barque.service.answers import (
    account_facts,
    answer,
    bar_facts,
    entry_facts,
    facts_of,
    instrument_facts,
    order_facts,
    progress_facts,
)
from barque.service.curve import read_curve, thin
from barque.service.desk import (
    Cursor,
    Kinds,
    Limit,
    MaybeCursor,
    Name,
    Points,
    RunId,
    TheAccount,
    TheDesk,
)

router = APIRouter(prefix="/api/v1")


@router.get("/accounts")
async def list_accounts(desk: TheDesk) -> Response:
    """List the accounts."""
    return answer([account_facts(account) for account in await desk.store.accounts()])


@router.get("/accounts/{name}")
async def read_account(account: TheAccount, desk: TheDesk) -> Response:
    """Return an account, and the cursor `seq` from which `/stream` goes on.

    Ask for it before the lists: an event that is in a list and comes again changes nothing.
    """
    progress = progress_facts(await desk.store.consumed(account.id))
    return answer(account_facts(account) | progress)


@router.get("/accounts/{name}/orders")
async def list_orders(
    account: TheAccount,
    desk: TheDesk,
    working: bool = False,
    limit: Limit = 200,
    before: MaybeCursor = None,
) -> Response:
    """List orders, newest first; `before` is the order id to go on below."""
    orders = await desk.store.orders(account.id, working, limit, before)
    return answer([order_facts(order) for order in orders])


@router.get("/accounts/{name}/fills")
async def list_fills(
    account: TheAccount, desk: TheDesk, limit: Limit = 200, after: MaybeCursor = None
) -> Response:
    """List fills, oldest first: those after the seq `after`, or the newest without it."""
    fills = await desk.store.fills(account.id, limit, after)
    return answer([facts_of(fill) for fill in fills])


@router.get("/accounts/{name}/positions")
async def list_positions(account: TheAccount, desk: TheDesk) -> Response:
    """List what is held, and what was."""
    return answer([facts_of(position) for position in await desk.store.positions(account.id)])


@router.get("/accounts/{name}/equity")
async def read_equity(
    account: TheAccount, desk: TheDesk, after: Cursor = 0, points: Points = 2_000
) -> Response:
    """Return the equity curve after a time, thinned to about `points` that keep its extremes."""
    curve = thin(await read_curve(desk.store, account.id, after), points)
    return answer([facts_of(point) for point in curve])


@router.get("/accounts/{name}/signals")
async def list_signals(account: TheAccount, desk: TheDesk) -> Response:
    """List the latest opinion on each instrument."""
    return answer([facts_of(signal) for signal in await desk.store.signals(account.id)])


@router.get("/accounts/{name}/journal")
async def read_journal(
    account: TheAccount,
    desk: TheDesk,
    types: Kinds,
    limit: Limit = 200,
    after: MaybeCursor = None,
) -> Response:
    """Return the journal, oldest first: entries after the seq `after`, or the newest without it.

    With `types`, as `filled,refused`, entries of other types are left out.
    """
    entries = await desk.store.journal(account.id, after, limit, types)
    return answer([entry_facts(entry) for entry in entries])


@router.get("/instruments")
async def list_instruments(desk: TheDesk) -> Response:
    """List what the market tells of."""
    return answer([instrument_facts(instrument) for instrument in desk.market.instruments])


@router.get("/bars")
async def list_bars(
    instrument: Name, desk: TheDesk, limit: Limit = 500, before: MaybeCursor = None
) -> Response:
    """List the last bars that closed before a time, oldest first."""
    index = desk.instrument(instrument)
    rows = await asyncio.to_thread(desk.market.recent_bars, index, limit, before)
    return answer(bar_facts(rows, desk.market.instruments[index]))


@router.get("/feed")
async def read_feed(desk: TheDesk) -> Response:
    """Return what the feed is doing."""
    return answer(facts_of(desk.market.feed()))


@router.get("/runs")
async def list_runs(desk: TheDesk, limit: Limit = 100) -> Response:
    """List finished runs, newest first, without their results."""
    runs = [facts_of(run) for run in await desk.store.runs(limit)]
    return answer([{k: v for k, v in run.items() if k != "result"} for run in runs])


@router.get("/runs/{id}")
async def read_run(id: RunId, desk: TheDesk) -> Response:
    """Return a finished run and its result."""
    return answer(facts_of(await desk.store.run(id)))
