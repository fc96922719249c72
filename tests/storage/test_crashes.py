import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from barque.storage.market_log import MarketLog
from barque.storage.records import decode_journal
from barque.storage.sqlite import SqliteReader

from . import crashing

ROOT = Path(__file__).resolve().parents[2]
KILLS = 20
DEAF_SECONDS = 15.0


@contextmanager
def nursery(folder: Path) -> Iterator[subprocess.Popen[str]]:
    traders = subprocess.Popen(
        [sys.executable, "-m", crashing.__name__, str(folder)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with traders:
        yield traders


def killed(traders: subprocess.Popen[str], after_seconds: float) -> dict[str, int]:
    """Let a trader work, kill it, and return what it had said was safe."""
    assert traders.stdin is not None
    assert traders.stdout is not None
    traders.stdin.write("live\n")
    traders.stdin.flush()
    said = {}
    for line in traders.stdout:
        what, number = line.split()
        said[what] = int(number)
        if what == "born":  # a fork may be born deaf: it holds a lock of a thread it has not got
            deaf = threading.Timer(DEAF_SECONDS, os.kill, (said["born"], signal.SIGKILL))
            deaf.start()
        if len(said) == 2 and "born" in said:  # it is alive and did something
            time.sleep(after_seconds)
            os.kill(said["born"], signal.SIGKILL)
        if what == "died":
            deaf.cancel()
            return said
    raise AssertionError("the traders are gone")


def deaths(folder: Path) -> Iterator[dict[str, int]]:
    """Kill a trader at a random moment, again and again, and tell what each had said was safe."""
    moments = random.Random(20)
    with nursery(folder) as traders:
        for _ in range(KILLS):
            yield killed(traders, moments.uniform(0, 0.06))


async def journalled(folder: Path) -> tuple[int, list[list[int]]]:
    async with SqliteReader(folder / "store.sqlite") as store:
        consumed = await store.consumed(1)
        fills = await store.fills(1, limit=10**6, after_seq=0)
        assert len(fills) == consumed.market_position
        rows = decode_journal(await store.records(1, limit=10**6))
        return consumed.market_position, rows.tolist()


def test_what_was_acknowledged_survives_kill_9_and_nothing_is_there_twice(tmp_path: Path) -> None:
    for safe in deaths(tmp_path):
        events = np.concatenate(list(MarketLog(tmp_path / "log").read()))
        position, rows = asyncio.run(journalled(tmp_path))

        assert len(events) >= safe.get("log", 0)
        assert position >= safe.get("journal", 0)
        assert position <= len(events)
        assert events[:, 0].tolist() == list(range(len(events)))
        kept = [crashing.decisions(k) for k in range(1, position + 1)]
        assert rows == [row.tolist()[0] for decision in kept for row in decision]

    assert position > crashing.SEGMENT_EVENTS, "too short to have sealed a segment"
