"""Three real pages behind a real NGINX: killed, drained, warmed up and tried on a few visitors."""

import asyncio
import json
import os
import shutil
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from barque.deployment.edge.balancer import Balancer, is_ready, upstream
from barque.deployment.edge.load_balancing import RULES, Phase, Targets
from barque.deployment.edge.nginx import Nginx, running
from barque.service.assets import ASK_AGAIN, FOR_EVER, Assets
from tests.system.deployment.origins import ask, free_port
from tests.system.runs import START_SECONDS, Process, started

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[3]
AT_ONCE = 8
QUICK = replace(RULES, interval=0.5, timeout=3, slow_start=0, drain=10)
"""The rules with a shorter breath: the proportions are the same, the test is not minutes long."""

PATHS = ("/health/live", "/api/v1/feed", "/", "/api/v1/accounts", f"/{Assets().address}page.js")


class Site:
    """A trader, pages that show what it does, and NGINX before them."""

    def __init__(self, home: Path, nginx: Nginx, open_things: ExitStack) -> None:
        self.home, self.nginx, self._open_things = home, nginx, open_things
        self.pages: dict[str, Process] = {}

    @property
    def port(self) -> int:
        return self.nginx.port

    def start(self, many: int) -> list[str]:
        """See to it that so many pages are ready, and return their addresses."""
        for address, page in list(self.pages.items()):
            if page.process.poll() is not None or not is_ready(address, QUICK):
                page.process.kill()
                del self.pages[address]
        while len(self.pages) < many:
            port = free_port()
            words = ("run", "api", "--port", str(port))
            page = self._open_things.enter_context(started(self.home, *words, BARQUE_DRAIN="4"))
            self.pages[f"127.0.0.1:{port}"] = page
        for page in self.pages.values():
            page.wait(page.is_ready, START_SECONDS)
        return list(self.pages)[:many]

    @asynccontextmanager
    async def balanced(
        self, addresses: list[str], rules=QUICK, canary_weight: int = 0, canaries: int = 0
    ) -> AsyncIterator[Balancer]:
        """Balance over pages, of which the last so many are canaries, until the end."""
        balancer = Balancer(Targets(canary_weight=canary_weight, rules=rules), self.nginx.tell)
        for place, address in enumerate(addresses):
            balancer.join(address, canary=place >= len(addresses) - canaries)
        keeping = asyncio.create_task(balancer.keep())
        try:
            async with asyncio.timeout(60):
                while not all(well(balancer, address) for address in addresses):
                    await asyncio.sleep(0.05)
            await asyncio.sleep(0.5)
            yield balancer
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    def served(self, since: int) -> Counter[str]:
        """Which page answered how often, by NGINX's log from a line on; the last one if many."""
        lines = self.nginx.access_log.read_text().splitlines()[since:]
        parsed = [json.loads(line) for line in lines]
        pages = [one["page"] for one in parsed if one["part"] == "balancer"]
        return Counter(page.split(", ")[-1] for page in pages if page)

    def lines(self) -> int:
        return len(self.nginx.access_log.read_text().splitlines())


def well(balancer: Balancer, address: str) -> bool:
    return balancer.targets.targets[address].phase is Phase.HEALTHY


@pytest.fixture(scope="module")
def site(undisturbed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("behind-nginx") / "home"
    for folder in ("catalog", "models"):
        shutil.copytree(undisturbed / folder, home / folder)
    shutil.copy(undisturbed / "sample-imported", home)
    with ExitStack() as things:
        nginx = things.enter_context(running(ROOT, free_port(), upstream({"127.0.0.1:1": 1})))
        words = ("run", "trader", "--port", str(free_port()), "--pace", "1")
        trader = things.enter_context(started(home, *words))
        trader.wait(trader.is_ready, START_SECONDS)
        yield Site(home, nginx, things)


async def load(site: Site, requests: int, paths: tuple[str, ...] = PATHS) -> list[int]:
    """Ask so many times, each time on a new connection and for another visitor."""
    waiting = iter(range(requests))
    found: list[int] = []

    async def visitor() -> None:
        for number in waiting:
            path = paths[number % len(paths)]
            client = f"198.51.{number // 250 % 250}.{number % 250}"
            found.append(await status_of(site.port, path, client))

    await asyncio.gather(*(visitor() for _ in range(AT_ONCE)))
    return found


async def status_of(port: int, path: str, client: str) -> int:
    """Return the status of a whole answer; 0 for one that was cut off or never came."""
    try:
        async with asyncio.timeout(30):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(
                f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nx-forwarded-for: {client}\r\n"
                "connection: close\r\n\r\n".encode()
            )
            answer = await reader.read()
            writer.close()
    except (OSError, TimeoutError):
        return 0
    head, _, body = answer.partition(b"\r\n\r\n")
    length = next(
        (
            int(one.split(b":")[1])
            for one in head.split(b"\r\n")
            if one.lower().startswith(b"content-length")
        ),
        None,
    )
    whole = body.endswith(b"0\r\n\r\n") if length is None else len(body) == length
    return int(head.split()[1]) if whole and head else 0


def test_a_page_that_is_killed_under_load_costs_nobody_an_answer(site: Site) -> None:
    addresses = site.start(3)

    async def main() -> tuple[list[int], Balancer]:
        async with site.balanced(addresses) as balancer:
            loading = asyncio.create_task(load(site, 2_000))
            await asyncio.sleep(2)
            assert not loading.done()
            site.pages[addresses[0]].process.send_signal(signal.SIGKILL)
            found = await loading
            async with asyncio.timeout(20):
                while well(balancer, addresses[0]):
                    await asyncio.sleep(0.05)
            return found, balancer

    since = site.lines()
    found, balancer = asyncio.run(main())

    assert Counter(found) == {200: 2_000}
    assert balancer.targets.weights(0)[addresses[0]] == 0
    served = site.served(since)
    assert served[addresses[1]] > served[addresses[0]]
    assert served[addresses[2]] > served[addresses[0]]


class Reader:
    """A page's reader: what it was told, and how often it had to come back."""

    def __init__(self, site: Site) -> None:
        self._url = f"ws://127.0.0.1:{site.port}/api/v1/stream?account=paper"
        self.sequence: list[int] = []
        self.words: list[str] = []
        self.codes: list[int | None] = []

    async def read(self) -> None:
        """Follow the account for ever, coming back after the last event seen."""
        while True:
            after = self.sequence[-1] if self.sequence else 0
            try:
                async with connect(f"{self._url}&after={after}", max_queue=None) as line:
                    await self._listen(line)
                    self.codes.append(line.close_code)
            except (OSError, WebSocketException):
                await asyncio.sleep(0.1)

    async def _listen(self, line) -> None:
        try:
            async for text in line:
                word = json.loads(text)
                if word["type"] not in ("feed", "reconnect"):
                    self.sequence.append(word["seq"])
                self.words.append(word["type"])
        except ConnectionClosed:
            pass


def test_a_page_that_is_drained_fails_nobody_and_its_readers_miss_nothing(site: Site) -> None:
    addresses = site.start(3)

    async def main() -> tuple[list[int], list[Reader], int | None]:
        async with site.balanced(addresses) as balancer:
            readers = [Reader(site) for _ in range(6)]
            tasks = [asyncio.create_task(one.read()) for one in readers]
            async with asyncio.timeout(60):
                while not all(one.sequence for one in readers):
                    await asyncio.sleep(0.1)
            leaving = site.pages[addresses[0]].process
            loading = asyncio.create_task(load(site, 1_000))
            await asyncio.sleep(1)
            balancer.drain(addresses[0])
            leaving.send_signal(signal.SIGTERM)
            found = await loading
            code = await asyncio.to_thread(leaving.wait, 60)
            last = max(one.sequence[-1] for one in readers)
            async with asyncio.timeout(60):
                while min(one.sequence[-1] for one in readers) <= last:
                    await asyncio.sleep(0.1)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            return found, readers, code

    found, readers, code = asyncio.run(main())

    assert Counter(found) == {200: 1_000}
    assert code == 0
    sent_away = [one for one in readers if "reconnect" in one.words]
    assert 1 <= len(sent_away) < len(readers)
    assert all(one.codes[0] == 1012 for one in sent_away)
    shared = min(one.sequence[-1] for one in readers)
    told = {tuple(seq for seq in one.sequence if seq <= shared) for one in readers}
    assert len(told) == 1  # those who stayed and those who came back heard the same, once


def test_a_page_that_says_it_leaves_is_left_alone_before_anybody_told_the_balancer(
    site: Site,
) -> None:
    addresses = site.start(3)

    async def main() -> list[int]:
        async with site.balanced(addresses) as balancer:
            loading = asyncio.create_task(load(site, 600))
            await asyncio.sleep(0.5)
            leaving = site.pages[addresses[1]].process
            leaving.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                while well(balancer, addresses[1]):
                    await asyncio.sleep(0.05)
            assert leaving.poll() is None  # it was out before it was gone
            return await loading

    assert Counter(asyncio.run(main())) == {200: 600}


def test_a_socket_whose_page_dies_goes_on_elsewhere_after_the_last_event(site: Site) -> None:
    addresses = site.start(2)

    async def main() -> Reader:
        async with site.balanced(addresses):
            reader = Reader(site)
            reading = asyncio.create_task(reader.read())
            async with asyncio.timeout(60):
                while not reader.sequence:
                    await asyncio.sleep(0.1)
            for address in addresses:  # whichever it is at
                before = reader.sequence[-1]
                os.kill(site.pages[address].process.pid, signal.SIGKILL)
                if address == addresses[0]:
                    async with asyncio.timeout(60):
                        while reader.sequence[-1] <= before:
                            await asyncio.sleep(0.1)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            return reader

    reader = asyncio.run(main())

    assert reader.sequence == sorted(set(reader.sequence))
    addresses = site.start(1)
    whole = asyncio.run(all_events(addresses[0], reader.sequence[-1]))
    assert reader.sequence == whole


async def all_events(address: str, last: int) -> list[int]:
    """Every event up to the last, told by a page at once."""
    sequence: list[int] = []
    async with asyncio.timeout(60):
        async with connect(f"ws://{address}/api/v1/stream?account=paper", max_queue=None) as line:
            while not sequence or sequence[-1] < last:
                word = json.loads(await line.recv())
                if word["type"] != "feed":
                    sequence.append(word["seq"])
    return [seq for seq in sequence if seq <= last]


def test_a_new_page_gets_its_visitors_slowly(site: Site) -> None:
    addresses = site.start(3)
    slow = replace(QUICK, slow_start=8)
    live = ("/health/live",)

    async def main() -> list[Counter[str]]:
        shares = []
        async with site.balanced(addresses[:2], slow) as balancer:
            balancer.join(addresses[2])
            async with asyncio.timeout(20):
                while not well(balancer, addresses[2]):
                    await asyncio.sleep(0.02)
            began = asyncio.get_running_loop().time()
            await asyncio.sleep(0.3)
            for moment in (0.3, 9.5):
                await asyncio.sleep(max(0, began + moment - asyncio.get_running_loop().time()))
                since = site.lines()
                assert Counter(await load(site, 150, live)) == {200: 150}
                await asyncio.sleep(0.3)
                shares.append(site.served(since))
        return shares

    cold, warm = asyncio.run(main())

    assert cold[addresses[2]] / cold.total() < 0.2
    assert warm[addresses[2]] / warm.total() == pytest.approx(1 / 3, abs=0.03)


def test_a_canary_gets_a_tenth_of_the_visitors(site: Site) -> None:
    addresses = site.start(3)

    async def main() -> Counter[str]:
        async with site.balanced(addresses, canary_weight=10, canaries=1):
            since = site.lines()
            assert Counter(await load(site, 500, ("/health/live",))) == {200: 500}
            await asyncio.sleep(0.5)
            return site.served(since)

    served = asyncio.run(main())

    assert served[addresses[2]] / served.total() == pytest.approx(0.1, abs=0.015)
    assert served[addresses[0]] == pytest.approx(served[addresses[1]], rel=0.05)


def test_files_are_kept_the_page_is_asked_for_again_and_answers_never_are(site: Site) -> None:
    addresses = site.start(2)
    file = f"/{Assets().address}words.js"

    async def main() -> dict[str, list]:
        async with site.balanced(addresses):
            asked = {path: [] for path in (file, "/", "/api/v1/accounts", "/health/ready")}
            for path, found in asked.items():
                for _ in range(3):
                    found.append(await asyncio.to_thread(ask, site.port, path))
                    await asyncio.sleep(0.1)  # NGINX answers first, and keeps afterwards
            return asked

    found = asyncio.run(main())

    kept = {path: [one.kept for one in three] for path, three in found.items()}
    said = {path: three[-1].headers["cache-control"] for path, three in found.items()}
    assert kept == {
        file: ["MISS", "HIT", "HIT"],
        "/": ["MISS"] * 3,
        "/api/v1/accounts": [""] * 3,
        "/health/ready": [""] * 3,
    }
    assert said == {
        file: FOR_EVER,
        "/": ASK_AGAIN,
        "/api/v1/accounts": "no-store",
        "/health/ready": "no-store",
    }
    for three in found.values():
        assert all(
            one.headers["content-security-policy"].count("default-src") == 1 for one in three
        )
