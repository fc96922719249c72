"""Compiles the trading engine in a process of its own while the market is imported and learned.

That takes most of a minute of one processor, once for each new version; importing and learning
need neither the engine nor that processor.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import numpy as np

from barque.bootstrap.demonstration import DEMONSTRATION
from barque.bootstrap.imports import USUAL
from barque.domain.events import EventFlag, EventKind
from barque.domain.instruments import InstrumentKind
from barque.engine.engine import Engine
from barque.kernels.arrays import IntArray
from barque.kernels.compile import cache_directory
from barque.kernels.layout import EVENT_WIDTH, FLAGS, KIND
from barque.models.provenance import Provenance
from barque.models.schedule import ModelSchedule
from barque.models.trees import LEAF, Link, Missing, Trees
from barque.strategies.learned import Learned
from barque.strategies.strategy import Strategy


@asynccontextmanager
async def compiling_ahead() -> AsyncIterator["asyncio.subprocess.Process | None"]:
    """Compile what the demonstration trades with, unless something is compiled already.

    Gives the process that does it, to wait for, or None. It ends with the block.
    """
    if any(cache_directory().rglob("*.nbi")):
        yield None
        return
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def compile_all() -> None:
    """Let the demonstration's strategy see one event, and recall it."""
    nothing_learned = ModelSchedule(usable_from=(0,), trees=(_leaf(),))

    def learned() -> Learned:
        return Learned().taught(DEMONSTRATION.features, nothing_learned)

    records = see_one_event(learned())
    _engine(learned()).recall(_one_event(), records)


def see_one_event(strategy: Strategy) -> IntArray:
    """Compile what it takes to trade with a strategy; return what it did, as records."""
    return _engine(strategy).process(_one_event()).records


def _engine(strategy: Strategy) -> Engine:
    return Engine(strategy, [USUAL[InstrumentKind.EQUITY]], cash=Decimal(1))


def _one_event() -> IntArray:
    events = np.zeros((1, EVENT_WIDTH), np.int64)
    events[0, [KIND, FLAGS]] = EventKind.BAR, EventFlag.ENDS_SLICE
    return events


def _leaf() -> Trees:
    """Return a model that says the same of everything."""
    features = DEMONSTRATION.features
    return Trees(
        roots=np.array([0]),
        feature=np.array([LEAF]),
        number=np.array([0.0]),
        left=np.array([LEAF]),
        right=np.array([LEAF]),
        missing=np.array([int(Missing.NAN_LEFT)]),
        link=Link.LOGISTIC,
        provenance=Provenance(
            feature_names=features.names,
            feature_fingerprint=features.fingerprint,
            objective="none",
            label_horizon=0,
            train_start=0,
            train_end=0,
            last_label_visible=0,
            rows=0,
            data_hash="",
            seed=0,
            params={},
            versions={},
        ),
    )


if __name__ == "__main__":
    compile_all()
