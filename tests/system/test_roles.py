"""The page and the trader as two processes: either comes first, and either may die."""

import asyncio
import json
import signal
import socket
import time
from decimal import Decimal
from pathlib import Path
from urllib.request import urlopen

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.system.runs import RUN_SECONDS, START_SECONDS, barque, decided, started, status, traded

pytestmark = pytest.mark.system

GRACE_SECONDS = 20


def free_port() -> str:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return str(door.getsockname()[1])


def api(home: Path, **settings: str):
    return started(home, "run", "api", "--port", free_port(), **settings)


def trader(home: Path, pace: float, **settings: str):
    words = ("run", "trader", "--port", free_port(), "--pace", str(pace))
    return started(home, *words, **settings)


def fills(page) -> list[dict]:
    found = page.ask("api/v1/accounts/paper/fills?limit=1000")
    return found[1] if found[0] == 200 else []


def test_a_page_that_came_first_waits_in_words_and_makes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with api(home) as page:
        page.wait(lambda: page.ask("health/live")[0] == 200, START_SECONDS)

        assert "does not exist yet" in page.missing()
        assert "barque run trader" in page.missing()
        assert page.ask("api/v1/accounts")[0] == 503
        assert page.ask("api/v1/feed")[1]["phase"] == "preparing"
        assert not home.exists()
        assert page.stop(signal.SIGTERM) == 0


def test_either_dies_and_nothing_is_lost_or_doubled(undisturbed: Path, prepared: Path) -> None:
    home = prepared
    with api(home) as page:
        page.wait(lambda: page.ask("health/live")[0] == 200, START_SECONDS)
        with trader(home, pace=40) as first:
            page.wait(page.is_ready, START_SECONDS)
            page.wait(lambda: len(fills(page)) > 60, RUN_SECONDS)
            first.kill()
        seen = fills(page)

        assert len(seen) > 60
        assert fills(page) == seen  # the page goes on without a trader

        with trader(home, pace=40) as second:
            page.wait(lambda: len(fills(page)) > len(seen) + 60, START_SECONDS)
            page.kill()
            before = traded(home)
            second.wait(lambda: traded(home) > before, RUN_SECONDS)  # and a trader without it
            assert second.stop(signal.SIGTERM) == 0

    with api(home) as page, trader(home, pace=0) as last:
        last.wait(lambda: page.ask("api/v1/feed")[1]["phase"] == "finished", START_SECONDS)
        end = page.feed()["last_ts"]
        last.wait(lambda: status(home)["equity"]["ts"] >= end, RUN_SECONDS)

        assert page.is_ready()

    after = status(home)
    assert [exact(one) for one in after["fills"][: len(seen)]] == [exact(one) for one in seen]
    assert decided(after) == decided(status(undisturbed))
    assert barque(home, "verify", "parity").returncode == 0


def exact(fill: dict) -> tuple:
    """A fill, however its numbers are written."""
    amounts = [Decimal(fill[name]) for name in ("quantity", "price", "notional", "fee")]
    return fill["seq"], fill["client_order_id"], fill["ts"], *amounts


def test_a_second_trader_is_refused_and_the_first_goes_on(prepared: Path) -> None:
    with trader(prepared, pace=20) as first:
        first.wait(first.is_ready, START_SECONDS)

        second = barque(prepared, "run", "trader", "--port", free_port())
        everything = barque(prepared, "up")

        assert second.returncode == everything.returncode == 4
        assert "`barque run trader` trades from" in second.stderr
        assert first.is_ready()


def test_a_page_that_is_stopped_says_so_dismisses_its_readers_and_ends(prepared: Path) -> None:
    async def listen(address: str) -> tuple[list[dict], int | None]:
        words: list[dict] = []
        async with connect(f"{address}api/v1/stream?account=paper", max_queue=None) as line:
            words.append(json.loads(await line.recv()))
            page.process.send_signal(signal.SIGTERM)
            try:
                async for word in line:
                    words.append(json.loads(word))
            except ConnectionClosed:
                pass
            return words, line.close_code

    with trader(prepared, pace=5), api(prepared, BARQUE_DRAIN="2") as page:
        page.wait(page.is_ready, START_SECONDS)
        began = time.monotonic()

        async def both() -> tuple[list[dict], int | None]:
            listening = asyncio.create_task(listen(page.url().replace("http", "ws")))
            await asyncio.sleep(1)
            code, answer = await asyncio.to_thread(page.ask, "health/ready")
            assert (code, answer["missing"]) == (503, ["service: it was asked to stop"])
            assert (await asyncio.to_thread(page.ask, "api/v1/accounts"))[0] == 200
            return await listening

        words, code = asyncio.run(both())

        assert words[-1]["type"] == "reconnect"
        assert code == 1012
        assert page.process.wait(GRACE_SECONDS) == 0
        assert time.monotonic() - began < GRACE_SECONDS


def test_a_trader_that_is_stopped_says_so_and_lets_go_of_the_home(prepared: Path) -> None:
    with api(prepared) as page:
        with trader(prepared, pace=5) as first:
            page.wait(page.is_ready, START_SECONDS)
            assert first.stop(signal.SIGTERM) == 0
        page.wait(lambda: page.feed()["phase"] == "stopped", RUN_SECONDS)

        assert "`barque run trader` starts it again" in page.missing()

        with trader(prepared, pace=5):
            page.wait(page.is_ready, START_SECONDS)


def test_a_trader_can_be_stopped_while_it_learns(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with trader(home, pace=5) as one:
        one.wait(lambda: "Learn" in one.said(), START_SECONDS)

        assert one.stop(signal.SIGTERM) == 0

    assert not list(home.glob("models/*.safetensors"))


def test_a_role_has_the_meters_of_what_it_does(prepared: Path) -> None:
    def names(process) -> set[str]:
        with urlopen(f"{process.url()}metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return {line.split()[2] for line in lines if line.startswith("# TYPE")}

    with trader(prepared, pace=20) as one, api(prepared) as page:
        one.wait(one.is_ready, START_SECONDS)
        page.wait(page.is_ready, START_SECONDS)
        of_trader, of_page = names(one), names(page)

    of_trading = {"barque_fills_total", "barque_journal_commit_seconds"}
    of_pages = {"barque_http_requests_total", "barque_ws_connections"}
    assert of_trading <= of_trader
    assert not of_trading & of_page
    assert of_pages <= of_page
    assert not of_pages & of_trader
    assert "barque_loop_lag_seconds" in of_trader & of_page


def test_a_planned_role_is_not_ready(tmp_path: Path) -> None:
    answer = barque(tmp_path / "home", "run", "research")

    assert answer.returncode == 3
    assert "planned" in answer.stderr
