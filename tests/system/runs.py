"""Barque as its user runs it: processes of their own, and what they left in a home."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

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


def barque(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "barque.cli", *arguments],
        env=environment(home) | settings,
        capture_output=True, text=True, timeout=RUN_SECONDS, check=False,
    )  # fmt: skip


def environment(home: Path) -> dict[str, str]:
    """A home that is named from where one stands, as `.barque` is."""
    return os.environ | {"BARQUE_HOME": os.path.relpath(home)}


class Process:
    """A running `barque ...`: what it has said so far, and the address it listens on."""

    def __init__(self, home: Path, *words: str, **settings: str) -> None:
        self.home = home
        self._said = home.parent / f"{home.name}.{'-'.join(words[:2])}.out"
        with self._said.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "barque.cli", *words],
                env=environment(home) | settings, stdout=said, stderr=said,
            )  # fmt: skip

    def said(self) -> str:
        return self._said.read_text()

    def url(self) -> str:
        self.wait(lambda: "http://" in self.said(), START_SECONDS)
        return re.search(r"http://\S+/", self.said())[0]

    def ask(self, path: str) -> tuple[int, Any]:
        """The status and the JSON of an answer; 0 and nothing when nobody answers."""
        try:
            with urlopen(f"{self.url()}{path}", timeout=5) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, None

    def feed(self) -> dict:
        return self.ask("api/v1/feed")[1]

    def is_ready(self) -> bool:
        return self.ask("health/ready")[0] == 200

    def missing(self) -> str:
        """What is missing until it is ready, in its own words."""
        return " ".join(self.ask("health/ready")[1]["missing"])

    def wait(self, done, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            assert self.process.poll() is None, f"it ended: {self.said()}"
            assert time.monotonic() < deadline, f"too slow: {self.said()}"
            time.sleep(0.1)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, how: int = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.process.wait(30)


@contextmanager
def started(home: Path, *words: str, **settings: str) -> Iterator[Process]:
    """Start `barque WORDS`, and see to it that it has ended."""
    one = Process(home, *words, **settings)
    try:
        yield one
    finally:
        one.process.kill()
        one.process.wait()


def running(home: Path, pace: float):
    return started(home, "up", "--pace", str(pace))


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
