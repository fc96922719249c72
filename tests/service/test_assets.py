"""What of the page may be kept: its files for ever, itself never unasked, an answer never."""

import re
import shutil
from pathlib import Path

import httpx
import pytest

from barque.service.assets import ASK_AGAIN, FOR_EVER, NEVER, PAGE, PLACEHOLDER, Assets
from tests.service.conftest import Desk

NAMED = re.compile(r'(?:href|src)="(assets/[^"]+)"')


def test_every_file_that_the_page_names_may_be_kept_for_ever(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        page = await client.get("/")

        named = NAMED.findall(page.text)
        assert {name.rpartition("/")[2] for name in named} == {"icon.svg", "page.css", "page.js"}
        for name in [*named, f"{Assets().address}api.js", f"{Assets().address}vendor/README.md"]:
            found = await client.get(f"/{name}")
            assert (found.status_code, found.headers["cache-control"]) == (200, FOR_EVER)

    at_the_desk(session, slices=0)


def test_the_page_is_asked_for_again_and_is_sent_only_if_it_changed(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        first = await client.get("/")
        second = await client.get("/", headers={"if-none-match": f"W/{first.headers['etag']}"})
        changed = await client.get("/", headers={"if-none-match": '"another"'})

        assert first.headers["cache-control"] == ASK_AGAIN
        assert (second.status_code, second.content) == (304, b"")
        assert (changed.status_code, changed.content) == (200, first.content)
        assert PLACEHOLDER not in first.text

    at_the_desk(session, slices=0)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/accounts",
        "/api/v1/accounts/nobody",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/nowhere",
        "/page.js",
        "/assets/000000000000/page.js",
        f"/{Assets().address}nothing.js",
        f"/{Assets().address}../../app.py",
    ],
)
def test_nobody_may_keep_any_other_answer(at_the_desk, path: str) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        found = await client.get(path)

        assert found.headers["cache-control"] == NEVER

    at_the_desk(session, slices=0)


def test_a_stranger_who_is_turned_away_is_not_remembered(at_the_desk) -> None:
    async def session(desk: Desk, client: httpx.AsyncClient) -> None:
        found = await client.get("/", headers={"host": "evil.example"})

        assert (found.status_code, found.headers["cache-control"]) == (421, NEVER)

    at_the_desk(session, slices=0)


def test_the_address_changes_with_what_is_in_any_file_or_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "page"
    shutil.copytree(PAGE, folder)
    before = Assets(folder).address

    (folder / "words.js").write_text((folder / "words.js").read_text() + "\n")
    changed = Assets(folder).address
    (folder / "words.js").rename(folder / "wordz.js")
    renamed = Assets(folder).address

    assert len({before, changed, renamed}) == 3
    assert Assets(PAGE).address == before
