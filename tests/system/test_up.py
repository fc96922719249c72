"""`barque up` as its user meets it: killed at any moment it loses nothing and doubles nothing."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.system.runs import (
    CHROMIUM,
    START_SECONDS,
    barque,
    decided,
    finish,
    running,
    status,
    traded,
)

pytestmark = pytest.mark.system

KILLS = ("in the import", "in training", "early in trading", "in trading", "late in trading")


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
