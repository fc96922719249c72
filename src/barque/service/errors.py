"""Every way a request can fail, and its status code. The only file that knows status codes.

The one shape: `{"code": "...", "detail": "..."}`; `code` is for programs, `detail` for people.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

import structlog
from fastapi import FastAPI, Request, WebSocket
from fastapi.exceptions import (
    RequestValidationError,
    ValidationException,
    WebSocketRequestValidationError,
)
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from barque.domain.errors import BadInput, BarqueError, CannotContinue, NotReady, UnknownName
from barque.service.answers import answer
from barque.telemetry import Log

OK = 200
BAD_REQUEST = 400
FORBIDDEN = 403
NOT_FOUND = 404
MISDIRECTED = 421
UNPROCESSABLE = 422
INTERNAL = 500
UNAVAILABLE = 503

STATUS: Mapping[type[BarqueError], int] = {
    UnknownName: NOT_FOUND,
    BadInput: BAD_REQUEST,
    NotReady: UNAVAILABLE,
    CannotContinue: UNAVAILABLE,
}
"""The status of each kind of error; of the nearest ancestor for one that is not here."""


def status_of(error: BarqueError) -> int:
    """Return the status code an error is answered with."""
    return next((STATUS[kind] for kind in type(error).mro() if kind in STATUS), INTERNAL)


def refusal(code: str, detail: str, status_code: int) -> Response:
    """Return an error in the one shape."""
    return answer({"code": code, "detail": detail}, status_code)


class AnswerFailures:
    """Answers a failure of our own in the one shape, and writes what it was to the log alone."""

    def __init__(self, app: ASGIApp, log: Log) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = False

        async def noted(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            self._log.error("request failed", path=scope["path"], exc_info=error)
            if began or scope["type"] != "http":
                raise
            await _failure()(scope, receive, send)


def handle_errors(app: FastAPI) -> None:
    """Answer every error of `app` in the one shape."""
    app.add_exception_handler(BarqueError, _barque_error)
    app.add_exception_handler(RequestValidationError, _unusable_request)
    app.add_exception_handler(WebSocketRequestValidationError, _unusable_stream)
    app.add_exception_handler(HTTPException, _http_error)


async def _barque_error(request: Request, error: Exception) -> Response:
    known = cast(BarqueError, error)
    return refusal(known.code, str(known), status_of(known))


async def _unusable_request(request: Request, error: Exception) -> Response:
    return _unusable(cast(RequestValidationError, error))


async def _unusable_stream(socket: WebSocket, error: Exception) -> None:
    response = _unusable(cast(WebSocketRequestValidationError, error))
    await socket.send_denial_response(response)


def _unusable(error: ValidationException) -> Response:
    found = error.errors()
    detail = "; ".join(f"{problem['loc'][-1]}: {problem['msg']}" for problem in found)
    return refusal("bad_input", detail, UNPROCESSABLE)


async def _http_error(request: Request, error: Exception) -> Response:
    known = cast(HTTPException, error)
    phrase = HTTPStatus(known.status_code).phrase
    detail = f"{phrase}: {request.method} {request.url.path}. The API is under /api/v1/."
    return refusal(phrase.lower().replace(" ", "_"), detail, known.status_code)


def _failure() -> Response:
    trace_id = structlog.contextvars.get_contextvars().get("trace_id")
    detail = f"The service failed. Its log says why, under the id {trace_id}."
    return refusal("internal", detail, INTERNAL)
