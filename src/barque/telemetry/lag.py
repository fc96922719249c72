"""How late the event loop wakes: the first sign that something blocks it."""

import asyncio
import time

from barque.telemetry.metrics import Metrics


async def watch_loop(metrics: Metrics, every: float = 0.5) -> None:
    """Measure until cancelled how many seconds late a sleep of `every` seconds ends."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(every)
        metrics.loop_lag_seconds.observe(max(0.0, time.perf_counter() - before - every))
