import asyncio
import json
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.service.conftest import Serving, desk_of


def stream_of(serving: Serving, query: str, **options) -> connect:
    address = serving.server.url.replace("http", "ws")
    # No limit on what waits unread: closing with a full queue would wait for ten seconds.
    return connect(f"{address}api/v1/stream?{query}", max_queue=None, **options)


async def read_until(socket: ClientConnection, seq: int) -> list[dict]:
    events = []
    async with asyncio.timeout(10):
        while not events or events[-1]["seq"] < seq:
            message = json.loads(await socket.recv())
            if message["type"] != "feed":
                events.append(message)
    return events


async def read_until_closed(socket: ClientConnection) -> int | None:
    async with asyncio.timeout(5):
        with suppress(ConnectionClosed):
            while await socket.recv():
                pass
    return socket.close_code


def serve(folder: Path, session, slices: int = 15) -> None:
    async def main() -> None:
        async with desk_of(folder, slices) as desk, Serving(desk) as serving:
            await session(serving)

    asyncio.run(main())


def test_every_event_comes_once_in_order_old_ones_first_then_new(tmp_path: Path) -> None:
    async def session(serving: Serving) -> None:
        trader = serving.desk.trader
        async with stream_of(serving, "account=demo&after=0") as socket:
            past = await read_until(socket, trader.seq - 1)
            await trader.advance(5)
            present = await read_until(socket, trader.seq - 1)

        told = [event["seq"] for event in past + present]
        assert told == list(range(1, trader.seq))
        assert set(past[0]) == {"seq", "ts", "type", "payload"}
        assert {"signal", "slice"} <= {event["type"] for event in present}

    serve(tmp_path, session)


def test_a_reader_that_comes_back_misses_nothing(tmp_path: Path) -> None:
    async def session(serving: Serving) -> None:
        trader = serving.desk.trader
        seen: list[int] = []
        for _ in range(4):
            after = seen[-1] if seen else 0
            async with stream_of(serving, f"account=demo&after={after}") as socket:
                events = await read_until(socket, after + 20)
                seen += [event["seq"] for event in events[:25]]
            await trader.advance(2)

        assert seen == list(range(1, len(seen) + 1))

    serve(tmp_path, session)


def test_what_the_feed_does_is_told_with_the_cursor_between_events(tmp_path: Path) -> None:
    async def session(serving: Serving) -> None:
        last = serving.desk.trader.seq - 1
        async with stream_of(serving, f"account=demo&after={last}") as socket:
            now = json.loads(await socket.recv())
            serving.desk.market.finished = True
            later = json.loads(await socket.recv())

        assert (now["type"], now["seq"], now["payload"]["phase"]) == ("feed", last, "running")
        assert later["payload"]["phase"] == "finished"

    serve(tmp_path, session)


def test_an_unknown_account_is_refused_in_the_one_shape(tmp_path: Path) -> None:
    async def session(serving: Serving) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await stream_of(serving, "account=nobody")

        response = refused.value.response
        assert response.status_code == 404
        assert json.loads(response.body)["code"] == "unknown_name"

    serve(tmp_path, session)


@pytest.mark.parametrize("query", ["", "account=", "account=demo&after=-1", "account=demo&after=x"])
def test_a_question_that_makes_no_sense_gets_no_socket(tmp_path: Path, query: str) -> None:
    async def session(serving: Serving) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await stream_of(serving, query)

        assert refused.value.response.status_code == 422
        assert json.loads(refused.value.response.body)["code"] == "bad_input"

    serve(tmp_path, session, slices=0)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_another_origin_gets_no_socket(tmp_path: Path, origin: str) -> None:
    async def session(serving: Serving) -> None:
        with pytest.raises(InvalidStatus) as refused:
            await stream_of(serving, "account=demo", origin=origin)

        assert refused.value.response.status_code == 403

    serve(tmp_path, session, slices=0)


def test_who_listens_when_the_service_stops_is_told_to_come_back(tmp_path: Path) -> None:
    async def session(serving: Serving) -> None:
        async with stream_of(serving, "account=demo") as socket:
            await socket.recv()
            serving.server.stop()

            assert await read_until_closed(socket) == 1012

    serve(tmp_path, session)


def test_the_last_word_of_a_service_that_stops_is_when_to_come_back(tmp_path: Path) -> None:
    async def session(serving: Serving) -> None:
        async with stream_of(serving, "account=demo") as socket:
            await read_until(socket, serving.desk.trader.seq - 1)
            serving.desk.app.state.desk.leave.close_sockets()
            words = []
            async with asyncio.timeout(5):
                with suppress(ConnectionClosed):
                    while True:
                        words.append(json.loads(await socket.recv()))

        assert words[-1]["type"] == "reconnect"
        assert 0 <= words[-1]["payload"]["after"] <= 0.02
        assert socket.close_code == 1012

    serve(tmp_path, session)


def test_open_sockets_are_counted_and_forgotten(tmp_path: Path) -> None:
    async def session(serving: Serving) -> None:
        def count() -> float | None:
            return serving.desk.metrics.registry.get_sample_value("barque_ws_connections")

        async with stream_of(serving, "account=demo") as socket:
            await socket.recv()
            during = count()
        async with asyncio.timeout(5):
            while count():
                await asyncio.sleep(0.02)

        assert during == 1

    serve(tmp_path, session)


def test_a_large_message_to_us_ends_the_conversation(tmp_path: Path) -> None:
    async def session(serving: Serving) -> None:
        async with stream_of(serving, "account=demo") as socket:
            await socket.send("x" * 100_000)

            assert await read_until_closed(socket) == 1009

    serve(tmp_path, session)
