import asyncio
import time

from barque.telemetry import Metrics, watch_loop


def test_a_blocked_loop_is_seen_as_lag() -> None:
    metrics = Metrics()

    async def block() -> None:
        watching = asyncio.create_task(watch_loop(metrics, every=0.01))
        await asyncio.sleep(0)
        time.sleep(0.12)  # the fault
        await asyncio.sleep(0.03)
        watching.cancel()

    asyncio.run(block())

    late = metrics.registry.get_sample_value("barque_loop_lag_seconds_bucket", {"le": "0.1"})
    seen = metrics.registry.get_sample_value("barque_loop_lag_seconds_count")
    assert seen is not None
    assert late is not None
    assert seen - late >= 1
