"""`barque up` as its user meets it: killed at any moment it loses nothing and doubles nothing."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import sync_playwright

pytestmark = pytest.mark.system

START_SECONDS = 240
RUN_SECONDS = 180
CHROMIUM = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
KILLS = ("in the import", "in training", "early in trading", "in trading", "late in trading")


def barque(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "barque.cli", *arguments],
        env=environment(home), capture_output=True, text=True, timeout=RUN_SECONDS, check=False,
    )  # fmt: skip


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"BARQUE_HOME": str(home)}


class Up:
    """A running `barque up`: what it has said so far, and the address of its page."""

    def __init__(self, home: Path, pace: float) -> None:
        self.home = home
        self._said = home.parent / f"{home.name}.out"
        with self._said.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "barque.cli", "up", "--pace", str(pace)],
                env=environment(home), stdout=said, stderr=said,
            )  # fmt: skip

    def said(self) -> str:
        return self._said.read_text()

    def url(self) -> str:
        self.wait(lambda: "http://" in self.said(), START_SECONDS)
        return re.search(r"http://\S+/", self.said())[0]

    def feed(self) -> dict:
        with urlopen(f"{self.url()}api/v1/feed", timeout=5) as answer:
            return json.load(answer)

    def wait(self, done, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            assert self.process.poll() is None, f"it ended: {self.said()}"
            assert time.monotonic() < deadline, f"too slow: {self.said()}"
            time.sleep(0.1)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@contextmanager
def running(home: Path, pace: float):
    up = Up(home, pace)
    try:
        yield up
    finally:
        up.process.kill()
        up.process.wait()


def status(home: Path) -> dict:
    answer = barque(home, "paper", "status", "--json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def traded(home: Path) -> int:
    try:
        return len(status(home)["fills"])
    except AssertionError:
        return 0  # there is no account yet


def finish(home: Path) -> dict:
    """Let the replay run to its end, and return what `paper status` says then."""
    with running(home, pace=0) as up:
        up.wait(lambda: up.feed()["phase"] == "finished", START_SECONDS)
        last = up.feed()["last_ts"]
        up.wait(lambda: status(home)["equity"]["ts"] >= last, RUN_SECONDS)
        assert up.stop() == 0
    return status(home)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which `barque up` ran from nothing to the end of the replay, never disturbed."""
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    finish(home)
    return home


def decided(answer: dict) -> dict:
    """What must be the same however often it was killed: numbered records may differ by epochs."""
    fills = [{k: v for k, v in fill.items() if k != "seq"} for fill in answer["fills"]]
    orders = [{k: v for k, v in order.items() if k != "seq"} for order in answer["orders"]]
    return {
        "fills": fills,
        "orders": orders,
        "ids": answer["client_order_ids"],
        "equity": answer["equity"],
        "positions": answer["positions"],
    }


def test_killed_at_five_moments_it_loses_nothing_and_doubles_nothing(
    undisturbed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, seen = tmp_path / "home", []
    for moment in KILLS:
        with running(home, pace=60) as up:
            if moment == "in the import":
                up.wait((home / "catalog").exists, START_SECONDS)
            elif moment == "in training":
                up.wait(lambda up=up: "Learn" in up.said() or "http" in up.said(), START_SECONDS)
            else:
                more = traded(home) + 40
                up.wait(lambda more=more: traded(home) >= more, START_SECONDS)
            up.kill()
        before = status(home)["fills"] if "trading" in moment else []
        seen.append((moment, before))

    after = finish(home)

    for moment, before in seen:
        assert after["fills"][: len(before)] == before, moment
    ids = after["client_order_ids"]
    assert len(set(ids)) == len(ids)
    assert decided(after) == decided(status(undisturbed))
    assert barque(home, "verify", "parity").returncode == 0
    with capsys.disabled():
        counts = [f"{moment}: {len(before)} fills" for moment, before in seen]
        print(f"\nkilled {'; '.join(counts)}; at the end {len(after['fills'])} fills, equal")


def test_a_second_up_in_the_same_home_is_refused(undisturbed: Path, tmp_path: Path) -> None:
    home = shutil.copytree(undisturbed, tmp_path / "home")
    with running(home, pace=2) as up:
        up.url()

        second = barque(home, "up")

        assert second.returncode == 4
        assert "Another `barque up`" in second.stderr


def test_the_page_shows_candles_and_fills_and_asks_nobody_else(
    undisturbed: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(undisturbed, tmp_path / "home")
    with running(home, pace=2) as up, sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        page, asked, wrong = browser.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))

        page.goto(up.url())
        page.get_by_role("row").filter(has_text="Buy").first.wait_for(timeout=20_000)

        assert page.locator("canvas").count() >= 2
        assert page.get_by_text("Bought").first.is_visible()
        assert not wrong
        assert all(url.startswith((up.url(), up.url().replace("http", "ws"))) for url in asked)
        browser.close()
        assert up.stop() == 0
