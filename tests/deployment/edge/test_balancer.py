"""The balancer asks real pages how they are, and writes down who gets how many visitors."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from barque.deployment.edge.balancer import Balancer, is_ready, upstream
from barque.deployment.edge.load_balancing import RULES, Targets

QUICK = replace(RULES, interval=0.05, timeout=1, slow_start=0, drain=0.2)


@contextmanager
def page(status: list[int]) -> Iterator[str]:
    """A page on a real socket that answers its health check with what is in `status`."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status[0] if self.path == "/health/ready" else 500)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(("status", "ready"), [(200, True), (204, False), (503, False)])
def test_ready_is_who_answers_two_hundred(status: int, ready: bool) -> None:
    with page([status]) as address:
        assert is_ready(address, QUICK) is ready


def test_who_does_not_answer_is_not_ready() -> None:
    with page([200]) as address:
        pass

    assert not is_ready(address, QUICK)


def test_pages_come_fall_ill_recover_and_leave() -> None:
    lists: list[str] = []

    async def until(words: str) -> None:
        async with asyncio.timeout(10):
            while words not in lists[-1]:
                await asyncio.sleep(0.01)

    async def main(one: str, other: str, status: list[int]) -> None:
        balancer = Balancer(Targets(rules=QUICK), lists.append)
        balancer.join(one)
        balancer.join(other)
        balancer.publish()
        keeping = asyncio.create_task(balancer.keep())
        await until(f"{other} weight=1 ")
        status[0] = 503
        await until(f"{other} down;")
        status[0] = 200
        await until(f"{other} weight=1 ")
        balancer.drain(other)
        await until(f"{other} down;")
        async with asyncio.timeout(10):
            while other in lists[-1]:
                await asyncio.sleep(0.01)
        keeping.cancel()
        assert one in lists[-1]

    status = [200]
    with page([200]) as one, page(status) as other:
        asyncio.run(main(one, other, status))


def test_nginx_is_told_only_what_is_new() -> None:
    lists: list[str] = []
    balancer = Balancer(Targets(rules=QUICK), lists.append)
    balancer.join("127.0.0.1:1")

    balancer.publish()
    balancer.publish()

    assert len(lists) == 1


def test_weights_are_written_small_and_nobody_is_forgotten() -> None:
    text = upstream({"a:1": 4_500, "b:1": 4_500, "c:1": 1_000, "d:1": 1, "e:1": 0})

    assert "a:1 weight=100 " in text
    assert "c:1 weight=22 " in text
    assert "d:1 weight=1 " in text
    assert "e:1 down;" in text


def test_equal_weights_are_written_as_one() -> None:
    assert "a:1 weight=1 " in upstream({"a:1": 5_000, "b:1": 5_000})
