import asyncio

import httpx
import pytest

from barque.domain.errors import BadInput
from barque.service import create_health_app
from barque.service.guard import host_names
from barque.telemetry import Metrics
from tests.service.conftest import Desk

GOOD_HOSTS = ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "LOCALHOST:8000", "127.0.0.1"]
GOOD_HOSTS += ["127.0.0.1:32768"]  # a port that a container publishes
BAD_HOSTS = [
    "evil.example:8000",
    "evil.example",
    "127.0.0.1:port",
    "127.0.0.1:",
    "localhost.evil.example:8000",
    "127.0.0.1.nip.io:8000",
    "127.0.0.1:8000@evil.example",
    "0.0.0.0:8000",
    "",
]
PATHS = ["/", "/api/v1/accounts", "/metrics", "/health/live", "/assets/x/page.js"]


@pytest.mark.parametrize("host", GOOD_HOSTS)
def test_this_machine_by_any_of_its_names_is_answered(at_the_desk, host: str) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        found = await client.get("/api/v1/accounts", headers={"host": host})

        assert found.status_code == 200

    at_the_desk(session, slices=0)


@pytest.mark.parametrize("host", BAD_HOSTS)
def test_a_name_bound_to_this_address_by_a_stranger_is_turned_away(at_the_desk, host: str) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        for path in PATHS:
            found = await client.get(path, headers={"host": host})

            assert found.status_code == 421
            assert found.json()["code"] == "wrong_host"

    at_the_desk(session, slices=0)


def test_two_hosts_are_none(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        twice = [("host", "127.0.0.1:8000"), ("host", "evil.example")]

        found = await client.get("/api/v1/accounts", headers=twice)

        assert found.status_code == 421

    at_the_desk(session, slices=0)


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://127.0.0.1:8000", "http://127.0.0.1:8001", "file://"],
)
def test_a_page_of_another_origin_may_not_send(at_the_desk, origin: str) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        found = await client.post("/api/v1/accounts", headers={"origin": origin})

        assert (found.status_code, found.json()["code"]) == (403, "wrong_origin")

    at_the_desk(session, slices=0)


def test_the_own_page_and_programs_pass_the_guard(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        own = await client.post("/api/v1/accounts", headers={"origin": "http://127.0.0.1:8000"})
        program = await client.post("/api/v1/accounts")

        assert own.status_code == program.status_code == 405  # passed, and nothing can be sent

    at_the_desk(session, slices=0)


def test_every_answer_forbids_foreign_scripts_frames_and_guessing(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        for path in [*PATHS, "/nowhere"]:
            headers = (await client.get(path)).headers

            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert "access-control-allow-origin" not in headers

    at_the_desk(session, slices=0)


def behind_a_proxy(path: str, **headers: str) -> int:
    """The status that a service which may also be asked as barque.example answers with."""
    app = create_health_app(Metrics(), list, host_names("barque.example, API"))

    async def ask() -> int:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            method = "POST" if "origin" in headers else "GET"
            return (await client.request(method, path, headers=headers)).status_code

    return asyncio.run(ask())


@pytest.mark.parametrize("host", ["barque.example", "Barque.Example:443", "api:8000", "localhost"])
def test_a_proxy_asks_under_the_names_that_were_set(host: str) -> None:
    assert behind_a_proxy("/nowhere", host=host) == 404


@pytest.mark.parametrize("host", ["evil.example", "barque.example.evil.example", "xbarque.example"])
def test_behind_a_proxy_other_names_are_turned_away_still(host: str) -> None:
    assert behind_a_proxy("/metrics", host=host) == 421


@pytest.mark.parametrize("host", ["10.0.3.17:8000", "172.18.0.4", "[fd00::17]:8000"])
def test_who_watches_may_know_the_address_alone(host: str) -> None:
    assert behind_a_proxy("/health/live", host=host) == 200
    assert behind_a_proxy("/metrics", host=host) == 200
    assert behind_a_proxy("/nowhere", host=host) == 421


def test_on_a_laptop_no_other_address_is_answered(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        found = await client.get("/health/live", headers={"host": "10.0.3.17:8000"})

        assert found.status_code == 421

    at_the_desk(session, slices=0)


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://barque.example", 405),
        ("http://barque.example", 405),
        ("https://evil.example", 403),
        ("https://barque.example.evil.example", 403),
    ],
)
def test_the_page_behind_a_proxy_may_be_secure(origin: str, status: int) -> None:
    assert behind_a_proxy("/health/live", host="barque.example", origin=origin) == status


@pytest.mark.parametrize("text", ["*", "*.example", "http://a.example", "a.example:80", "a b", "-"])
def test_what_is_no_name_of_a_host_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="BARQUE_HOSTS"):
        host_names(text)


def test_names_are_separated_by_commas() -> None:
    assert host_names(" barque.example,api ,") == ("barque.example", "api")
    assert host_names("") == ()
