import httpx
import pytest

from barque.service import FeedPhase, FeedState
from tests.service.conftest import Desk

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND


def feed(phase: FeedPhase, silent: int = 0, detail: str = "") -> FeedState:
    return FeedState(phase=phase, ts=1, alive_ts=NOW - silent * SECOND, detail=detail)


def with_feed(desk: Desk, state: FeedState) -> None:
    desk.market.feed = lambda: state
    object.__setattr__(desk.app.state.desk, "now", lambda: NOW)


READY = [feed(FeedPhase.RUNNING), feed(FeedPhase.RUNNING, 29), feed(FeedPhase.FINISHED, 29)]
NOT_READY = [
    (feed(FeedPhase.RECOVERING), "account: it is still being recovered"),
    (feed(FeedPhase.PREPARING, 0, "Learn, 1 of 9"), "feed: it is being prepared: Learn, 1 of 9"),
    (feed(FeedPhase.FINISHED, 31), "feed: silent for 31 s; at most 30 s are allowed"),
    (feed(FeedPhase.RUNNING, 31), "feed: silent for 31 s; at most 30 s are allowed"),
    (feed(FeedPhase.STOPPED, 0, "the log is damaged"), "feed: it was stopped: the log is damaged"),
]


@pytest.mark.parametrize("state", READY)
def test_a_fresh_or_finished_feed_is_ready(at_the_desk, state: FeedState) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        with_feed(desk, state)

        found = await client.get("/health/ready")

        assert (found.status_code, found.json()) == (200, {"status": "ready", "missing": []})

    at_the_desk(session, slices=1)


@pytest.mark.parametrize(("state", "missing"), NOT_READY)
def test_what_is_missing_is_said(at_the_desk, state: FeedState, missing: str) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        with_feed(desk, state)

        found = await client.get("/health/ready")

        assert found.status_code == 503
        assert found.json() == {"status": "not ready", "missing": [missing]}

    at_the_desk(session, slices=1)


def test_a_store_that_cannot_be_read_is_not_ready_but_alive(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        desk.store.path.rename(desk.store.path.with_suffix(".gone"))
        desk.store._reads.dispose()  # it would keep the renamed file open

        ready = await client.get("/health/ready")
        live = await client.get("/health/live")

        assert ready.status_code == 503
        assert ready.json()["missing"][0].startswith("store: it cannot be read")
        assert live.status_code == 200

    at_the_desk(session, slices=1)


def test_requests_are_counted_by_route_never_by_what_visitors_invent(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        await client.get("/api/v1/accounts/demo")
        await client.get("/api/v1/accounts/other")
        await client.get("/invented/1")
        await client.get("/invented/2")
        await client.request("BREW", "/api/v1/accounts")

        text = (await client.get("/metrics")).text

        counted = 'barque_http_requests_total{code="%s",method="%s",route="%s"} %s'
        assert counted % (200, "GET", "/api/v1/accounts/{name}", 1.0) in text
        assert counted % (404, "GET", "/api/v1/accounts/{name}", 1.0) in text
        assert counted % (404, "GET", "unknown", 2.0) in text
        assert "invented" not in text
        assert "BREW" not in text

    at_the_desk(session, slices=1)


def test_an_answer_and_its_log_line_carry_the_same_id(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        offered = await client.get("/api/v1/accounts", headers={"x-request-id": "desk-0000017"})
        own = await client.get("/api/v1/accounts")

        assert offered.headers["x-request-id"] == "desk-0000017"
        assert '"trace_id":"desk-0000017"' in desk.lines.getvalue()
        assert f'"trace_id":"{own.headers["x-request-id"]}"' in desk.lines.getvalue()

    at_the_desk(session, slices=0)
