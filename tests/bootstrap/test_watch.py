"""What an account does is measured as it is."""

import time
from decimal import Decimal
from io import StringIO
from pathlib import Path

import numpy as np

from barque.bootstrap.watch import Telemetry
from barque.engine.engine import Engine
from barque.kernels import layout as at
from barque.storage.journal_rows import signal_rows, slice_row
from barque.storage.market_log import MarketLogWriter
from barque.telemetry import Metrics, open_log
from tests.engine.histories import history
from tests.engine.test_recovery import Restless

SECOND = 1_000_000_000


def observed(metrics: Metrics, what: str) -> float | None:
    return metrics.registry.get_sample_value(f"barque_signal_age_seconds_{what}")


def slice_rows(ts: int, position: int, formed: list[int]):
    opinions = np.full(len(formed), 0.6), np.full(len(formed), 1.0)
    signals = signal_rows(ts, position, np.array(formed, np.intp), *opinions)
    return np.concatenate([signals, slice_row(ts, position, equity=1, cash=1)])


def test_a_signal_is_as_old_as_the_telling_of_its_bar(tmp_path: Path) -> None:
    past, metrics = history(11, 3, 25), Metrics()
    engine = Engine(Restless(), past.instruments, cash=Decimal(1))
    end = int(np.flatnonzero(past.events[:, at.FLAGS] & 1)[0]) + 1
    ts = int(past.events[end - 1, at.TS])
    with MarketLogWriter(tmp_path / "market") as market:
        market.append(past.events[:end], time.time_ns() - 5 * SECOND)
        market.append(past.events[end:], time.time_ns())
        watch = Telemetry(metrics, open_log(StringIO()), "paper", market)

        watch.slice_done(slice_rows(ts, end, [0, 2]), engine, 0.001)
        watch.slice_done(slice_rows(ts, end, []), engine, 0.001)

    assert observed(metrics, "count") == 2
    assert 10 <= observed(metrics, "sum") < 30
