"""Counts, times and names every request, so that each log line can be traced to who caused it."""

import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from barque.service.errors import INTERNAL
from barque.telemetry import Log, Metrics, request_id

KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET_ROUTES = frozenset({"/health/live", "/health/ready", "/metrics"})


class Observe:
    """Measures requests, gives each an `X-Request-ID`, and logs it when it is over."""

    def __init__(self, app: ASGIApp, metrics: Metrics, log: Log) -> None:
        self._app = app
        self._metrics = metrics
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        trace_id = request_id(Headers(scope=scope).get("x-request-id"))
        with structlog.contextvars.bound_contextvars(trace_id=trace_id):
            if scope["type"] == "http":
                await self._answer(scope, receive, send, trace_id)
            else:
                await self._converse(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, trace_id: str) -> None:
        status = INTERNAL
        began = time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = trace_id
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._note(scope, status, time.perf_counter() - began)

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._metrics.ws_connections.inc()
        try:
            await self._app(scope, receive, send)
        finally:
            self._metrics.ws_connections.dec()

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route, method = _route(scope), _method(scope)
        self._metrics.http_requests.labels(route, method, str(status)).inc()
        self._metrics.http_request_seconds.labels(route).observe(seconds)
        write = self._log.debug if route in QUIET_ROUTES else self._log.info
        write("request", route=route, method=method, status=status, seconds=round(seconds, 6))


def _route(scope: Scope) -> str:
    """Return the route's pattern; what visitors invent is one name, so labels stay bounded."""
    path = getattr(scope.get("route"), "path", None)
    return path or "unknown"


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in KNOWN_METHODS else "other"
