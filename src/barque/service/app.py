"""The service as one ASGI application: the API, the stream, the health checks and the page."""

import time
from collections.abc import Callable, Collection

from fastapi import FastAPI
from starlette.middleware import Middleware

from barque import __version__
from barque.service import health, routes, stream
from barque.service.assets import Assets
from barque.service.desk import Desk
from barque.service.errors import AnswerFailures, handle_errors
from barque.service.guard import HostGuard
from barque.service.leave import Leave
from barque.service.market import Market
from barque.service.observe import Observe
from barque.storage.store import StoreReader
from barque.telemetry import Log, Metrics


def create_app(
    store: StoreReader,
    market: Market,
    metrics: Metrics,
    log: Log,
    *,
    hosts: Collection[str] = (),
    leave: Leave | None = None,
    stale_after: float = 30.0,
    now: Callable[[], int] = time.time_ns,
) -> FastAPI:
    """Return the service over a store and a market. It reads them and can change neither.

    A feed that was silent for `stale_after` seconds makes the service not ready. `hosts` are names
    it may be asked under besides this machine's own; `leave` is how it is told to go.
    """
    app = FastAPI(
        title="Barque",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # a path is right or wrong
        middleware=[
            Middleware(Observe, metrics, log),
            Middleware(HostGuard, hosts),
            Middleware(AnswerFailures, log),
        ],
    )
    app.state.desk = Desk(
        store=store,
        market=market,
        metrics=metrics,
        log=log,
        now=now,
        stale_after=stale_after,
        leave=leave or Leave(),
    )
    handle_errors(app)
    for room in (routes, stream, health):
        app.include_router(room.router)
    Assets().mount(app)
    return app
