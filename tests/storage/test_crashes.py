import asyncio
import os
import random
import subprocess
import sys
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
START_SECONDS = 60.0


def environment(folder: Path) -> dict[str, str]:
    """This process's, with bytecode for all but the first trader, wherever it may be written."""
    path = os.pathsep.join(p for p in sys.path if p)
    bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    return os.environ | bytecode | {"PYTHONPATH": path}


@contextmanager
def trading(folder: Path, out: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A trader that says in the file `out` what is safe, until it is killed."""
    with out.open("w") as file:
        trader = subprocess.Popen(
            [sys.executable, "-m", crashing.__name__, str(folder)],
            cwd=ROOT,
            env=environment(folder),
            stdout=file,
        )
    try:
        yield trader
    finally:
        trader.kill()
        trader.wait()


def killed(folder: Path, after_seconds: float) -> dict[str, int]:
    """Let a trader work, kill it, and return what it had said was safe."""
    out = folder / "said"
    with trading(folder, out) as trader:
        deadline = time.monotonic() + START_SECONDS
        while not said(out):
            assert trader.poll() is None, "the trader ended by itself"
            assert time.monotonic() < deadline, f"the trader said nothing for {START_SECONDS} s"
            time.sleep(0.002)
        time.sleep(after_seconds)
    return said(out)


def said(out: Path) -> dict[str, int]:
    """The newest number of each log that was called safe; a line half written says nothing."""
    whole, _, _ = out.read_text().rpartition("\n")
    return {what: int(number) for what, number in map(str.split, whole.splitlines())}


def deaths(folder: Path) -> Iterator[dict[str, int]]:
    """Kill a trader at a random moment, again and again, and tell what each had said was safe."""
    moments = random.Random(20)
    for _ in range(KILLS):
        yield killed(folder, moments.uniform(0, 0.06))


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
