"""What the product costs besides time: memory that grows, its start, and its size on disk.

`python -m benchmarks.footprint DATA` prints in one JSON line what repeated backtests add.
"""

import gc
import json
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import environments, measure
from benchmarks.environments import REPOSITORY

WARM_UP_RUNS = 10
MORE_RUNS = 500
GROWTH_BARS = 20_000
STARTS = 9
LONGEST = 600.0  # seconds


def footprint(data: Path, kept: Path) -> dict[str, Any]:
    """Measure all three. What could not be measured is missing, and `problems` says why."""
    found: dict[str, Any] = {"problems": []}
    for measurement in (partial(_growth, data, kept), _size, _help):
        try:
            found |= measurement()
        except (environments.EnvironmentFailedError, subprocess.SubprocessError) as error:
            reason = getattr(error, "stderr", None) or str(error)
            found["problems"].append(reason.strip().splitlines()[-1])
    return found


def _growth(data: Path, kept: Path) -> dict[str, Any]:
    """Let another process run backtests over and over."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.footprint", str(data)],
        cwd=REPOSITORY,
        env=environments.variables(kept / "growth.cache", None),
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=True,
    )
    grown: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return grown


def _size() -> dict[str, Any]:
    """Install the product without extras and weigh it."""
    [packages] = environments.core().parents[1].glob("lib/python*/site-packages")
    # As it was installed, before Python compiled any of it.
    files = (file for file in packages.rglob("*") if "__pycache__" not in file.parts)
    return {"core_mb": sum(file.stat().st_size for file in files if file.is_file()) / 1e6}


def _help() -> dict[str, Any]:
    """Ask the installed product for help; the first time compiles its modules and is left out."""
    command = [str(environments.core().parent / "barque"), "--help"]
    seconds = [_seconds(command) for _ in range(1 + STARTS)]
    return {"help_s": statistics.median(seconds[1:])}


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return time.perf_counter() - started


def growth(data: Path) -> dict[str, float]:
    """Run one backtest WARM_UP_RUNS times, then MORE_RUNS times, and compare the memory."""
    from benchmarks import barque_engine, market

    bars = market.load(GROWTH_BARS, data)
    trade = barque_engine.STYLES["compiled"]
    before = 0
    for run in range(WARM_UP_RUNS + MORE_RUNS):
        if run == WARM_UP_RUNS:
            gc.collect()
            before = measure.memory()
        trade(barque_engine.prepare(bars))
    gc.collect()
    return {"growth_mb": (measure.memory() - before) / 1e6}


if __name__ == "__main__":
    print(json.dumps(growth(Path(sys.argv[1]))))
