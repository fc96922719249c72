"""Several things that are done at once and end together."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

from barque import __version__
from barque.bootstrap.home import Home
from barque.domain.errors import BarqueError
from barque.telemetry import Metrics, watch_loop


async def together(*work: Coroutine[Any, Any, None]) -> None:
    """Do everything at once; the first error ends it all, and is raised as it was."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except BaseExceptionGroup as errors:
        ours = errors.subgroup(BarqueError)
        raise first(ours if ours is not None else errors) from errors


def first(error: BaseException) -> BaseException:
    """Return the first error of a group, however deep it lies."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def ended(task: "asyncio.Task[None]") -> None:
    """Cancel a task that would go on for ever, and wait until it has ended."""
    task.cancel()
    await asyncio.wait([task])


def stop_on_signals() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    return stop


async def watch_until(stop: asyncio.Event, metrics: Metrics, home: Home) -> None:
    """Measure until `stop` what every process is measured by: its version, disk and event loop."""
    metrics.name_build(__version__)
    metrics.watch_disk(home.root)
    watching = asyncio.create_task(watch_loop(metrics))
    try:
        await stop.wait()
    finally:
        await ended(watching)
