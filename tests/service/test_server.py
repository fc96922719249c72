import asyncio
import socket

import httpx
import pytest

from barque.domain.errors import CannotContinue
from barque.service import Server
from barque.service import server as module


async def hello(scope, receive, send) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})


def test_a_second_server_takes_the_next_free_port() -> None:
    first = Server(hello, 18_200)
    second = Server(hello, first.port)
    try:
        assert second.port > first.port
        assert second.url == f"http://127.0.0.1:{second.port}/"
    finally:
        first.close()
        second.close()


def test_only_this_machine_is_listened_to() -> None:
    server = Server(hello, 18_210)
    try:
        address = server.address
    finally:
        server.close()

    assert address == "127.0.0.1"


def test_when_every_port_is_taken_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PORTS_TRIED", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(CannotContinue, match="all taken"):
            Server(hello, taken.getsockname()[1])


def test_it_answers_until_it_is_stopped_and_frees_its_port() -> None:
    async def main() -> int:
        server = Server(hello, 18_220)
        running = asyncio.create_task(server.run())
        async with httpx.AsyncClient() as client:
            assert (await client.get(server.url)).text == "hello"
        server.stop()
        await asyncio.wait_for(running, 5)
        return server.port

    port = asyncio.run(main())

    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


def test_cancelling_it_closes_in_order_too() -> None:
    async def main() -> None:
        server = Server(hello, 18_230)
        running = asyncio.create_task(server.run())
        async with httpx.AsyncClient() as client:
            await client.get(server.url)
        running.cancel()

        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(running, 5)

    asyncio.run(main())
