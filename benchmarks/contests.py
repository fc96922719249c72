"""Two rows of another kind: a sweep over 200 pairs of means, and a portfolio of 500 instruments.

Each entrant runs in a process of its own on one core, like the rows of one run, and is kept under
all that it depends on. `python -m benchmarks.contests MODULE FUNCTION DATA` measures one: it calls
the function with the market's folder, which returns what is to be timed.
"""

import argparse
import gc
import hashlib
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import environments
from benchmarks.entrants import Role
from benchmarks.environments import BENCHMARKS, REPOSITORY
from benchmarks.measure import set_imports_aside

SHARED = ("rule.py", "market.py", "contests.py", "tasks.py", "measure.py")
MOST_RUNS = 7
RUN_BUDGET = 40.0  # seconds
LONGEST = 600.0  # seconds of a process


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """One engine at one task."""

    task: str
    name: str
    role: Role
    module: str
    environment: str | None = None
    note: str = ""


SWEEP, PORTFOLIO = "sweep", "portfolio"
TASKS = {
    SWEEP: "200 pairs of means over 100,000 bars, from columns to the statistics of every pair",
    PORTFOLIO: "500 instruments by 2,500 days, evened out monthly, from columns to statistics",
}

CONTESTANTS = (
    Contestant(
        task=SWEEP, name="hand-written loop", role=Role.LIMIT, module="benchmarks.numba_loop"
    ),
    Contestant(task=SWEEP, name="Barque", role=Role.BARQUE, module="benchmarks.barque_many"),
    Contestant(
        task=SWEEP, name="raptorbt", role=Role.PEER, module="benchmarks.peers.raptorbt_many",
        environment="raptorbt", note="Its batch returns metrics; sizes are shares of equity.",
    ),
    Contestant(task=PORTFOLIO, name="Barque", role=Role.BARQUE, module="benchmarks.barque_many"),
    Contestant(
        task=PORTFOLIO, name="raptorbt", role=Role.PEER, module="benchmarks.peers.raptorbt_many",
        environment="raptorbt",
        note="Fractional shares, no orders and no instruments: matrices of closes and weights.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a contestant did; without figures, `reason` says why there are none."""

    task: str
    name: str
    figures: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


def hold(
    data: Path, kept: Path, only: str, fresh: bool, say: Callable[[str], None]
) -> list[Finding]:
    """Return what every contestant did: measured anew if it is named, else what was kept.

    Without `only` all are named, and what is kept is measured again only if `fresh`.
    """
    found = []
    for one in CONTESTANTS:
        file = kept / f"contest-{one.task}-{one.name.replace(' ', '-')}-{_fingerprint(one)}.json"
        is_named = is_meant(one, only)
        if file.exists() and not (is_named and (fresh or only)):
            finding = Finding(**json.loads(file.read_text()))
        elif is_named:
            finding = measure(one, data, kept)
            if finding.figures:
                kept.mkdir(parents=True, exist_ok=True)
                file.write_text(json.dumps(asdict(finding), indent=1))
        else:
            finding = Finding(task=one.task, name=one.name, reason="not measured this time")
        say(f"{one.task:>12}  {one.name:26} {_in_short(finding)}")
        found.append(finding)
    return found


def is_meant(one: Contestant, only: str) -> bool:
    """Say whether a contestant is named by the words after --only."""
    return only.lower() in f"{one.task}, {one.name}".lower()


def measure(one: Contestant, data: Path, kept: Path) -> Finding:
    """Measure a contestant in a process of its own; what went wrong is its reason."""
    try:
        python = environments.python_of(one.environment)
        done = subprocess.run(
            [str(python), "-m", "benchmarks.contests", one.module, one.task, str(data)],
            cwd=REPOSITORY,
            env=environments.variables(kept / f"contest-{one.name}.cache", one.environment),
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=True,
        )
    except (environments.EnvironmentFailedError, subprocess.SubprocessError) as error:
        reason = getattr(error, "stderr", None) or str(error)
        return Finding(task=one.task, name=one.name, reason=reason.strip().splitlines()[-1])
    return Finding(task=one.task, name=one.name, figures=json.loads(done.stdout.splitlines()[-1]))


def _in_short(finding: Finding) -> str:
    if not finding.figures:
        return finding.reason
    return f"{finding.figures['seconds'] * 1e3:>14,.1f} ms"


def _fingerprint(one: Contestant) -> str:
    script = REPOSITORY / (one.module.replace(".", "/") + ".py")
    digest = hashlib.sha256(sys.version.encode())
    for source in (script, *(BENCHMARKS / name for name in SHARED)):
        digest.update(source.read_bytes())
    if one.environment is None:
        digest.update(environments.product_sources())
    else:
        digest.update(environments.pins_of(one.environment).read_bytes())
    return digest.hexdigest()[:16]


def figures_of(trade: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Time a task: once to warm up, then up to MOST_RUNS times; medians, and its own figures."""
    trade()
    set_imports_aside()
    walls: list[float] = []
    cpus: list[float] = []
    told: list[dict[str, Any]] = []
    while not walls or (len(walls) < MOST_RUNS and sum(walls) + walls[-1] < RUN_BUDGET):
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        told.append(trade())
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    numbers = {name: statistics.median(one[name] for one in told) for name in told[0]}
    return {
        "seconds": statistics.median(walls),
        "cpu_s": statistics.median(cpus),
        "runs": len(walls),
        "on_core": sum(cpus) / sum(walls),
        **numbers,
    }


def main(words: Sequence[str] | None = None) -> None:
    """Measure one contestant in this process, and print it as one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("module", "task"):
        parser.add_argument(name)
    parser.add_argument("data", type=Path)
    asked = parser.parse_args(words)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    module = importlib.import_module(asked.module)
    trade = getattr(module, asked.task)(asked.data)
    print(json.dumps({"version": module.VERSION, **figures_of(trade)}), flush=True)


if __name__ == "__main__":
    main()
