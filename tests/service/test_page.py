"""The page in a real browser, over a service on a real socket. Needs Debian's chromium."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.service.conftest import Serving, desk_of
from tests.service.made_up import INSTRUMENTS

pytestmark = pytest.mark.system

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TABLES = ("#positions", "#orders", "#fills", "#signals", "#journal")
FIGURES = ("#equity", "#day", "#total", "#drawdown", "#cash", "#market-time")


class Watched:
    """A browser whose complaints and requests are remembered."""

    def __init__(self, browser: Browser, serving: Serving) -> None:
        self.browser, self.serving = browser, serving
        self.complaints: list[str] = []
        self.requests: list[str] = []

    async def open(self, **options) -> Page:
        page = await self.browser.new_page(**options)
        page.on("console", lambda message: self.complaints.append(f"{message.type} {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        await page.goto(self.serving.server.url)
        await expect(page.locator("#connection")).to_have_text("Connected")
        return page


Visit = Callable[[Watched], Awaitable[None]]


def browse(folder: Path, visit: Visit, slices: int = 200) -> None:
    async def main() -> None:
        async with (
            desk_of(folder, slices) as desk,
            Serving(desk) as serving,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            watched = Watched(browser, serving)
            await visit(watched)
            await browser.close()
            assert watched.complaints == []
            elsewhere = [url for url in watched.requests if not url.startswith(serving.server.url)]
            assert elsewhere == []

    asyncio.run(main())


async def shown(page: Page) -> dict[str, str]:
    return {part: await page.inner_text(part) for part in TABLES + FIGURES}


def test_the_page_shows_candles_fills_and_all_that_is_kept(tmp_path: Path) -> None:
    async def visit(watched: Watched) -> None:
        page = await watched.open()

        candles = page.locator("#candles")
        await expect(candles).to_have_attribute("data-fills", re.compile("^[1-9]"))
        await expect(candles.locator("canvas").first).to_be_visible()
        for table in TABLES:
            await expect(page.locator(f"{table} > *").first).to_be_visible()
        assert re.search(r"Bought .* at .*, fee", await page.inner_text("#journal"))
        assert re.fullmatch(r"[\d,]+\.\d\d USD", await page.inner_text("#equity"))
        assert await drawn_colours(page, "#candles") > 4
        assert await drawn_colours(page, "#curve") > 4

    browse(tmp_path, visit)


async def drawn_colours(page: Page, chart: str) -> int:
    """Count the colours in a chart's largest canvas: an empty one has few."""
    return await page.evaluate(
        """(chart) => {
            const area = (canvas) => canvas.width * canvas.height;
            const all = [...document.querySelectorAll(`${chart} canvas`)];
            const canvas = all.sort((a, b) => area(b) - area(a)).at(0);
            const lower = all.filter((one) => area(one) === area(canvas));
            const colours = new Set();
            for (const one of lower) {
                const pixels = one.getContext("2d").getImageData(0, 0, one.width, one.height).data;
                for (let k = 0; k < pixels.length; k += 4) {
                    colours.add(`${pixels[k] >> 4},${pixels[k + 1] >> 4},${pixels[k + 2] >> 4}`);
                }
            }
            return colours.size;
        }""",
        chart,
    )


def test_a_page_that_followed_shows_what_a_fresh_one_reads(tmp_path: Path) -> None:
    async def visit(watched: Watched) -> None:
        trader = watched.serving.desk.trader
        following = await watched.open()
        for _ in range(60):
            await trader.advance()
            await asyncio.sleep(0.01)
        fresh = await watched.open()
        for page in (following, fresh):
            await page.select_option("#instrument", "MSFT.XNAS")

        now = (await shown(fresh))["#market-time"]
        await expect(following.locator("#market-time")).to_have_text(now)
        await following.wait_for_timeout(600)
        one, other = await shown(following), await shown(fresh)
        for journal in (one, other):  # a fresh page reads less far back
            journal["#journal"] = journal["#journal"][:400]
        assert one == other
        legend = await fresh.locator("#legend").text_content()
        assert await following.locator("#legend").text_content() == legend

    browse(tmp_path, visit, slices=60)


def test_an_instrument_in_a_table_shows_its_candles_by_keyboard(tmp_path: Path) -> None:
    async def visit(watched: Watched) -> None:
        page = await watched.open()
        for instrument in INSTRUMENTS:
            button = page.locator(f'#signals button[data-instrument="{instrument.id}"]')
            await button.focus()
            await page.keyboard.press("Enter")

            await expect(page.locator("#candles")).to_have_attribute(
                "aria-label", re.compile(f"^Candles of {re.escape(instrument.id)}:")
            )
            await expect(page.locator("#instrument")).to_have_value(instrument.id)
            await expect(button).to_have_attribute("aria-current", "true")

    browse(tmp_path, visit, slices=60)


@pytest.mark.parametrize("width", [390, 768, 1440])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_nothing_sticks_out_sideways(tmp_path: Path, width: int, scheme: str) -> None:
    async def visit(watched: Watched) -> None:
        size = {"width": width, "height": 900}
        page = await watched.open(viewport=size, color_scheme=scheme)

        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert await page.evaluate(
            "[...document.querySelectorAll('.bar *, .panel > header *')].every((e) => "
            "e.getBoundingClientRect().right <= innerWidth)"
        )

    browse(tmp_path, visit)


def test_an_account_that_has_not_begun_says_so_in_words(tmp_path: Path) -> None:
    async def visit(watched: Watched) -> None:
        page = await watched.open()

        for part in ("candles", "curve", "positions", "orders", "fills", "signals", "journal"):
            await expect(page.locator(f"#{part}-empty")).to_be_visible()
        await watched.serving.desk.trader.advance(30)
        for part in ("candles", "curve", "positions", "signals", "journal"):
            await expect(page.locator(f"#{part}-empty")).to_be_hidden()

    browse(tmp_path, visit, slices=0)


def test_the_end_of_the_replay_and_the_loss_of_the_line_are_said(tmp_path: Path) -> None:
    async def visit(watched: Watched) -> None:
        page = await watched.open()

        watched.serving.desk.market.finished = True
        await expect(page.locator("#feed")).to_have_text("Replay finished")
        watched.serving.server.stop()
        await expect(page.locator("#connection")).to_have_text(re.compile("^Reconnecting"))
        watched.complaints.clear()  # the browser itself writes that the line broke

    browse(tmp_path, visit, slices=5)
