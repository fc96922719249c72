"""Run the benchmarks: `make bench`, or `python -m benchmarks --help`."""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import budgets, contests, footprint, market, reference, report, turns
from benchmarks.entrants import ENTRANTS
from benchmarks.environments import BENCHMARKS, REPOSITORY
from benchmarks.rows import LONGEST_RUN, Bench
from benchmarks.tasks import SWEEP_BARS

DATA = BENCHMARKS / ".data"
KEPT = BENCHMARKS / ".results"
SIZES = (100_000, 1_000_000, 10_000_000)


def main() -> None:
    """Lay out the market, measure every entrant, judge the budgets, write the report."""
    arguments = _arguments()
    bench = Bench(DATA, KEPT, arguments.patience)
    named = [e for e in ENTRANTS if arguments.only.lower() in e.name.lower()]
    if arguments.fresh or arguments.only:
        bench.forget(named)
    _lay_out(arguments.sizes)
    measured = bench.measure_all(ENTRANTS, arguments.sizes, _say, named)
    contests_found = contests.hold(DATA, KEPT, arguments.only, arguments.fresh, _say)
    costs = _footprint(arguments.only)
    matches = turns.hold(bench, lambda one: contests.measure(one, DATA, KEPT), arguments.only, _say)
    judged = budgets.verdicts(measured, costs, matches)
    judged += budgets.contest_verdicts(contests_found, matches)
    report.write(arguments.output, measured, costs, judged, contests_found)
    _conclude(judged, costs["problems"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="measure again what is kept")
    parser.add_argument("--sizes", type=_sizes, default=SIZES, help="bars, as 20000,100000")
    parser.add_argument(
        "--patience", type=float, default=LONGEST_RUN, help="seconds of a run not to put off"
    )
    parser.add_argument(
        "--only",
        default="",
        help="measure anew those whose name contains this (sweep, portfolio and turns too), "
        "and report them with all that was kept",
    )
    parser.add_argument(
        "--output", type=Path, default=REPOSITORY / "docs" / "proof", help="folder of the report"
    )
    return parser.parse_args()


def _footprint(only: str) -> dict[str, Any]:
    """Measure the product's memory, start and size; with --only, what was found of them last."""
    kept = KEPT / "footprint.json"
    if only and kept.exists():
        found: dict[str, Any] = json.loads(kept.read_text())
        return found
    _say("memory, start and size of the product")
    found = footprint.footprint(DATA, KEPT)
    kept.write_text(json.dumps(found))
    return found


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(size) for size in text.split(","))


def _lay_out(sizes: Sequence[int]) -> None:
    """Write the market and its exact answers, unless they are there and made by these sources."""
    made_by = DATA / "made-by"
    sources = [BENCHMARKS / name for name in ("rule.py", "market.py", "reference.py")]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    if not made_by.exists() or made_by.read_text() != digest:
        shutil.rmtree(DATA, ignore_errors=True)
    bars = max(*sizes, footprint.GROWTH_BARS, SWEEP_BARS)
    if market.saved_count(DATA) < bars:
        _say(f"{bars:>12,}  bars are made")
        _module("benchmarks.market", bars)
    for size in sizes:
        if not reference.is_saved(size, DATA):
            _module("benchmarks.reference", size)
    made_by.write_text(digest)


def _module(name: str, bars: int) -> None:
    # In a process of its own: millions of bars are given back to the machine at its end.
    subprocess.run([sys.executable, "-m", name, str(bars), str(DATA)], cwd=REPOSITORY, check=True)


def _conclude(verdicts: Iterable[budgets.Verdict], problems: Iterable[str]) -> None:
    words = {True: "met", False: "NOT MET", None: "not measured"}
    for verdict in verdicts:
        _say(f"{words[verdict.met]:>12}  {verdict.promise}: {verdict.found}")
    for problem in problems:
        _say(f"{'problem':>12}  {problem}")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
