"""Measure one engine in this process, and print what was measured as one JSON line.

An engine is a module with
  VERSION           of the engine
  prepare(bars)     NumPy columns to whatever the engine eats
  STYLES            name -> function that trades what was prepared and returns the engine's own
                    result, with its fills, equity curve and statistics computed
  outcome(result)   the fills and the final equity in that result, to compare with the reference
"""

import argparse
import gc
import importlib
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # NumPy counts as a part of what an engine's import costs
    from numpy.typing import ArrayLike

    from benchmarks.market import Bars

FIRST_CALL_BARS = 2_000
MOST_RUNS = 25  # one of 3 ms is a tenth longer or shorter than the next
RUN_BUDGET = 20.0  # seconds, after which no further run begins
PAUSE = 0.06  # seconds of other work before a run that is measured apart
LONGEST_AFTER_A_PAUSE = 1.0  # seconds of a run: longer ones do not notice a pause


class Outcome(NamedTuple):
    """What an engine did: rows of (bar, signed units, price), and the equity at the last close."""

    fills: "ArrayLike"
    equity: float


class Run(NamedTuple):
    """Seconds of one run: from columns to prepared, from prepared to result, and on the core."""

    prepare: float
    trade: float
    cpu: float

    @property
    def whole(self) -> float:
        return self.prepare + self.trade


def main() -> None:
    """Import the engine, call it once on a few bars, then run it on all of them."""
    arguments = _arguments()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    started = time.perf_counter()
    engine = importlib.import_module(arguments.module)
    import_seconds = time.perf_counter() - started
    measured = {"version": engine.VERSION, "import_s": import_seconds}
    measured |= _measure(engine, arguments)
    print(json.dumps(measured), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module")
    parser.add_argument("--style", required=True)
    parser.add_argument("--bars", type=int, default=0, help="0: the first call only")
    parser.add_argument("--data", type=Path, required=True, help="folder of the saved market")
    return parser.parse_args()


def _measure(engine: Any, arguments: argparse.Namespace) -> dict[str, Any]:
    from benchmarks import market

    count, trade = arguments.bars, engine.STYLES[arguments.style]
    bars = market.load(max(count, FIRST_CALL_BARS), arguments.data)
    first, _ = _run(engine.prepare, trade, bars.head(FIRST_CALL_BARS))
    if not count:
        return {"first_call_s": first.whole}
    set_imports_aside()
    runs, result = _repeat(lambda: _run(engine.prepare, trade, bars))
    figures = {"first_call_s": first.whole, **_summary(runs, count)}
    figures |= _compare(engine.outcome(result), count, arguments.data)
    if figures["whole_s"] < LONGEST_AFTER_A_PAUSE:
        runs, _ = _repeat(lambda: _run(engine.prepare, trade, bars, PAUSE))
        figures["paused_bars_per_s"] = count / statistics.median(run.whole for run in runs)
    return figures


def set_imports_aside() -> None:
    """Let collecting garbage pass over what is there now: modules, and what a first call made.

    Garbage is collected before each run. Looking at all that was imported takes 60 ms where an
    engine imports much and 4 where it imports little, and in such a time the processor's caches
    fill with other things: engines would begin their runs from different states.
    """
    gc.collect()
    gc.freeze()


def _run(
    prepare: Callable[["Bars"], Any], trade: Callable[[Any], Any], bars: "Bars", pause: float = 0.0
) -> Any:
    gc.collect()
    until = time.perf_counter() + pause
    while time.perf_counter() < until:
        pass
    started, cpu = time.perf_counter(), time.process_time()
    prepared = prepare(bars)
    ready = time.perf_counter()
    result = trade(prepared)
    ended = time.perf_counter()
    return Run(ready - started, ended - ready, time.process_time() - cpu), result


def _repeat(run: Callable[[], tuple[Run, Any]]) -> tuple[list[Run], Any]:
    """Run up to MOST_RUNS times within the budget, once at least; keep only the last result."""
    runs: list[Run] = []
    while not runs or (
        len(runs) < MOST_RUNS and sum(r.whole for r in runs) + runs[-1].whole < RUN_BUDGET
    ):
        result = None  # the previous result must not count in this run's memory
        measured, result = run()
        runs.append(measured)
    return runs, result


def _summary(runs: list[Run], count: int) -> dict[str, Any]:
    seconds = statistics.median(run.whole for run in runs)
    trade_seconds = statistics.median(run.trade for run in runs)
    return {
        "runs": len(runs),
        "whole_s": seconds,
        "trade_s": trade_seconds,
        "cpu_s": statistics.median(run.cpu for run in runs),
        "on_core": sum(run.cpu for run in runs) / sum(run.whole for run in runs),
        "bars_per_s": count / seconds,
        "trade_bars_per_s": count / trade_seconds,
        "peak_mb": peak_memory() / 1e6,
    }


def peak_memory() -> int:
    """Return the largest resident memory this process ever had, in bytes."""
    return _memory("VmHWM")


def memory() -> int:
    """Return the resident memory of this process now, in bytes."""
    return _memory("VmRSS")


def _memory(field: str) -> int:
    # Not getrusage: its peak survives fork and exec, and so contains that of the parent.
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{field}:")[1].split()[0]) * 1024


def _compare(outcome: Outcome, count: int, data: Path) -> dict[str, Any]:
    """Say which of the exact answers these fills are, if any, and how far off the equity is."""
    import numpy as np

    from benchmarks import reference
    from benchmarks.rule import PRICE_SCALE

    answers = {timing: reference.load(count, timing, data) for timing in reference.TIMINGS}
    fills = np.asarray(outcome.fills, np.float64).reshape(-1, 3)
    fills = np.rint(fills * (1, 1, PRICE_SCALE)).astype(np.int64)
    same = [timing for timing in answers if np.array_equal(fills, answers[timing].fills)]
    timing = same[0] if same else reference.NEXT_OPEN
    expected = answers[timing].equity / reference.MONEY_SCALE
    return {
        "fills": len(fills),
        "expected_fills": len(answers[timing].fills),
        "fills_are": same[0] if same else None,
        "equity": outcome.equity,
        "equity_error": outcome.equity - expected,
    }


if __name__ == "__main__":
    main()
