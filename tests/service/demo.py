"""Serves the page over a made-up, moving market, for looking at it while working on it.

PYTHONPATH=src python -m tests.service.demo [slices a second]
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from barque.service import Server, create_app
from barque.telemetry import Metrics, open_log
from tests.service.made_up import open_desk

SECONDS = 3_600  # then it ends by itself


async def main(pace: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, market, trader = await open_desk(Path(folder))
        await trader.advance(300)
        server = Server(create_app(store, market, Metrics(), open_log(sys.stderr, "warning")))
        print(server.url, flush=True)
        serving = asyncio.create_task(server.run())
        for _ in range(round(SECONDS * max(pace, 1))):
            await trader.advance(1 if pace else 0)
            await asyncio.sleep(1 / max(pace, 1))
        server.stop()
        await serving
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0))
