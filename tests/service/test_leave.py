"""A service that stops is not ready at once, and spreads the return of its readers."""

import asyncio

import httpx

from barque.service.leave import LONGEST_SPREAD, SOCKETS_A_SECOND, Leave
from tests.service.conftest import Desk


def returns(readers: int) -> list[float]:
    """In how many seconds each of many readers may come back."""

    async def main() -> list[float]:
        leave = Leave()
        tasks = [asyncio.create_task(leave.closing()) for _ in range(readers)]
        await asyncio.sleep(0)
        leave.close_sockets()
        return await asyncio.gather(*tasks)

    return asyncio.run(main())


def test_a_single_reader_comes_back_at_once() -> None:
    assert returns(1)[0] <= 1 / SOCKETS_A_SECOND


def test_many_readers_come_back_a_few_a_second_and_none_too_late() -> None:
    some, many = returns(200), returns(5_000)

    assert max(some) <= 200 / SOCKETS_A_SECOND
    assert max(some) > 2.0
    assert LONGEST_SPREAD * 0.9 < max(many) <= LONGEST_SPREAD


def test_readers_that_went_away_do_not_count() -> None:
    async def main() -> float:
        leave = Leave()
        gone = [asyncio.create_task(leave.closing()) for _ in range(1_000)]
        await asyncio.sleep(0)
        for task in gone:
            task.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        left = asyncio.create_task(leave.closing())
        await asyncio.sleep(0)
        leave.close_sockets()
        return await left

    assert asyncio.run(main()) <= 1 / SOCKETS_A_SECOND


def test_who_was_asked_to_stop_still_answers_and_says_it_is_not_ready(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        desk.app.state.desk.leave.announce()

        ready = await client.get("/health/ready")
        answered = await client.get("/api/v1/accounts")

        assert ready.status_code == 503
        assert ready.json()["missing"] == ["service: it was asked to stop"]
        assert answered.status_code == 200

    at_the_desk(session, slices=1)
