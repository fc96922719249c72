"""Serves the application on this machine alone, on the first free port."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from barque.domain.errors import CannotContinue

LOOPBACK = "127.0.0.1"
FIRST_PORT = 8000
PORTS_TRIED = 100
LARGEST_MESSAGE = 4_096
"""Bytes of a message to us: nobody has a reason to send any."""

GRACE_SECONDS = 3


class Server:
    """A server that listens from the moment it is made, and answers once it runs.

    Signals are left to whoever runs it: call `stop` and `run` returns, after open sockets were
    told 1012 (service restart). An image, which has a network of its own, passes `address`; who is
    looked for under one port alone passes `tried=1`. What is being answered has `grace` seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        port: int = FIRST_PORT,
        address: str = LOOPBACK,
        *,
        tried: int | None = None,
        grace: int = GRACE_SECONDS,
    ) -> None:
        self._socket = _listen(address, port, PORTS_TRIED if tried is None else tried)
        self.address, self.port = self._socket.getsockname()
        self._server = _QuietServer(_configuration(app, grace))

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/"

    async def run(self) -> None:
        """Serve until `stop` or until cancelled; either way what is open is closed in order."""
        serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            self.stop()
            await serving
            raise

    @property
    def ready(self) -> bool:
        """Whether requests are answered."""
        return self._server.started

    def close(self) -> None:
        """Give the port back without ever having run."""
        self._socket.close()

    def stop(self) -> None:
        """Ask `run` to return when what is being answered was answered."""
        self._server.should_exit = True


async def serve(
    app: ASGIApp, port: int = FIRST_PORT, *, announce: Callable[[str], Any] | None = None
) -> None:
    """Serve on the next free port from `port` until cancelled; tell `announce` the address."""
    server = Server(app, port)
    if announce is not None:
        announce(server.url)
    await server.run()


class _QuietServer(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _configuration(app: ASGIApp, grace: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=grace,
        ws="websockets-sansio",
        ws_max_size=LARGEST_MESSAGE,
    )


def _listen(address: str, first: int, tried: int) -> socket.socket:
    """Bind the first free port. Listening at once, so that no other start takes it too."""
    for port in range(first, min(first + tried, 65_536)):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
            listener.listen()
            return listener
        except OSError:
            listener.close()
    raise CannotContinue(
        f"Ports {first} to {first + tried - 1} of {address} are all taken. "
        "Stop what listens there, or choose another port with --port."
    )
