import httpx
import pytest

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
PATHS = ["/", "/api/v1/accounts", "/metrics", "/health/live", "/page.js"]


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
