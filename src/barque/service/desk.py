"""What every route is given: the store, the market, the meters, and the words of a query."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.requests import HTTPConnection

from barque.domain.errors import BadInput, UnknownName
from barque.service.leave import Leave
from barque.service.market import Market
from barque.storage.announcements import type_of
from barque.storage.records import JournalKind
from barque.storage.store import Account, StoreReader
from barque.telemetry import Log, Metrics

LARGEST = 2**63 - 1
LONGEST_NAME = 64
LONGEST_LIST = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything the service looks at. `now` is the clock, ns UTC."""

    store: StoreReader
    market: Market
    metrics: Metrics
    log: Log
    now: Callable[[], int]
    stale_after: float
    leave: Leave

    def instrument(self, id: str) -> int:
        """Return the index of an instrument in the market log."""
        ids = [instrument.id for instrument in self.market.instruments]
        if id not in ids:
            raise UnknownName("instrument", id, ids, "barque data list")
        return ids.index(id)


def _desk(connection: HTTPConnection) -> Desk:
    desk: Desk = connection.app.state.desk
    return desk


TheDesk = Annotated[Desk, Depends(_desk)]


async def _account(name: Annotated[str, Path(max_length=LONGEST_NAME)], desk: TheDesk) -> Account:
    return await desk.store.account(name)


def _kinds(
    types: Annotated[str, Query(max_length=LONGEST_LIST, description="As `filled,refused`.")] = "",
) -> Sequence[JournalKind]:
    known = {type_of(kind): kind for kind in JournalKind}
    wanted = types.split(",") if types else []
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise BadInput(f"The journal has no type {unknown[0]!r}. It has: {', '.join(known)}.")
    return [known[name] for name in wanted]


TheAccount = Annotated[Account, Depends(_account)]
Kinds = Annotated[Sequence[JournalKind], Depends(_kinds)]
Limit = Annotated[int, Query(ge=1, le=1_000)]
Cursor = Annotated[int, Query(ge=0, le=LARGEST)]
MaybeCursor = Annotated[int | None, Query(ge=0, le=LARGEST)]
Points = Annotated[int, Query(ge=10, le=20_000)]
Name = Annotated[str, Query(min_length=1, max_length=LONGEST_NAME)]
RunId = Annotated[int, Path(ge=0, le=LARGEST)]
