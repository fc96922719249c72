"""The results as one JSON file, and as Markdown made from nothing but that."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.budgets import Verdict, is_exact
from benchmarks.chart import chart
from benchmarks.contests import TASKS, Finding
from benchmarks.entrants import ENTRANTS, Role
from benchmarks.reference import SAME_CLOSE
from benchmarks.rows import Row, Status, machine_memory

ROLES = {entrant.name: entrant.role for entrant in ENTRANTS}

INTRODUCTION = """# Benchmarks

Made by `make bench`; do not edit. One rule, the same seeded one-minute bars for everybody: the
mean of 20 closes above the mean of 100 is long ten units, below is flat, from bar 99 on; market
orders filled at the next open; 0.1 % fee; cash 1,000,000. Fills are compared one by one (bar,
units, price) with an exact reference in whole numbers, the final equity to the cent.

A run goes from NumPy columns to fills, equity curve and statistics; *trading alone* leaves out
turning the columns into what the engine eats. Runs follow one another at once; *after a pause* is
the speed of runs that each begin after 60 ms of other work, in which the processor's caches fill
with other things (told where a run takes less than a second). Medians; one process a row, on one
core; *on core* is the share of the time the process really had it: below 0.95 compare CPU seconds
instead.

The machine may be faster at one moment than at another, and rows are measured minutes apart. So the
ratios of the budgets are those of two engines that took turns, a process each; the tables have what
each row came to when it was measured.
"""


def write(
    folder: Path,
    rows: Sequence[Row],
    footprint: dict[str, Any],
    verdicts: Sequence[Verdict],
    contests: Sequence[Finding] = (),
) -> None:
    """Write bench.json, bench.md and bench.svg into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    described = machine()
    results = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": described,
        "rows": [asdict(row) for row in rows],
        "contests": [asdict(finding) for finding in contests],
        "footprint": footprint,
        "budgets": [asdict(verdict) for verdict in verdicts],
    }
    (folder / "bench.json").write_text(json.dumps(results, indent=1) + "\n")
    (folder / "bench.md").write_text(markdown(rows, verdicts, described, contests))
    (folder / "bench.svg").write_text(_chart(rows))


def machine() -> dict[str, Any]:
    """Describe this machine without naming it."""
    information = Path("/proc/cpuinfo").read_text()
    model = next(
        (li for li in information.splitlines() if li.startswith("model name")), ": unknown"
    )
    return {
        "cpu": model.split(":", 1)[1].strip(),
        "cores": os.cpu_count(),
        "memory_gb": round(machine_memory() / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def markdown(
    rows: Sequence[Row],
    verdicts: Sequence[Verdict],
    machine: dict[str, Any],
    contests: Sequence[Finding] = (),
) -> str:
    """Return the whole report."""
    sizes = sorted({row.bars for row in rows})
    described = (
        f"Machine: {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB, "
        f"{machine['system']}, Python {machine['python']}.\n"
    )
    parts = [INTRODUCTION, described, "![Bars a second](bench.svg)\n", _budgets(verdicts)]
    parts += [_size(bars, [row for row in rows if row.bars == bars]) for bars in sizes]
    parts += [_contest(task, contests) for task in TASKS if contests]
    parts += [_starts(rows), _notes()]
    return "\n".join(parts)


def _budgets(verdicts: Iterable[Verdict]) -> str:
    words = {True: "met", False: "**not met**", None: "not measured"}
    body = [(verdict.promise, verdict.found, words[verdict.met]) for verdict in verdicts]
    return "## Budgets\n\n" + _table(("budget", "found", "verdict"), body)


def _size(bars: int, rows: Sequence[Row]) -> str:
    head = (
        "engine",
        "version",
        "bars/s",
        "of the fastest peer",
        "trading alone",
        "after a pause",
        "CPU s",
        "runs",
        "peak MB",
        "on core",
        "fills",
        "final equity",
        "equal to the reference",
    )
    measured = sorted(
        (row for row in rows if row.status == Status.MEASURED),
        key=lambda row: -row.figures["bars_per_s"],
    )
    peers = [r.figures["bars_per_s"] for r in measured if ROLES.get(r.entrant) == Role.PEER]
    fastest = max(peers, default=None)
    body = [_measured_cells(row, fastest) for row in measured]
    body += [
        (row.entrant, "", f"{row.status} {row.reason}".strip(), *[""] * 10)
        for row in rows
        if row.status != Status.MEASURED
    ]
    return f"## {bars:,} bars\n\n" + _table(head, body)


def _measured_cells(row: Row, fastest: float | None) -> tuple[str, ...]:
    figures = row.figures
    ratio = f"{figures['bars_per_s'] / fastest:,.3g}" if fastest else ""
    name = f"**{row.entrant}**" if ROLES.get(row.entrant) == Role.BARQUE else row.entrant
    return (
        name,
        figures["version"],
        f"{figures['bars_per_s']:,.0f}",
        ratio,
        f"{figures['trade_bars_per_s']:,.0f}",
        f"{figures['paused_bars_per_s']:,.0f}" if "paused_bars_per_s" in figures else "",
        f"{figures['cpu_s']:.4g}",
        str(figures["runs"]),
        f"{figures['peak_mb']:,.0f}",
        f"{figures['on_core']:.2f}",
        f"{figures['fills']:,}",
        f"{figures['equity']:,.4f}",
        _equality(row),
    )


def _equality(row: Row) -> str:
    if is_exact(row):
        return "yes"
    if is_exact(row, SAME_CLOSE):
        return "yes, at the same close"
    off = f"equity off by {row.figures['equity_error']:+,.2f}"
    if row.figures["fills_are"] is None:
        return f"**no**: {row.figures['expected_fills']:,} fills expected; {off}"
    return f"**no**: {off}"


def _contest(task: str, contests: Sequence[Finding]) -> str:
    """Return one contest as a table, the fastest first."""
    own = [one for one in contests if one.task == task]
    found = sorted((o for o in own if o.figures), key=lambda o: float(o.figures["seconds"]))
    body = [_contest_cells(one) for one in found]
    body += [(one.name, "", one.reason, *[""] * 5) for one in own if not one.figures]
    head = ("engine", "version", "ms", "CPU ms", "runs", "on core", "fills", "parts, ms")
    return f"## {task.capitalize()}\n\n{TASKS[task]}.\n\n" + _table(head, body)


def _contest_cells(one: Finding) -> tuple[str, ...]:
    figures = one.figures
    whole = figures.get("whole_s", figures["seconds"])
    share = whole / figures["seconds"]
    parts = [
        f"{name.removesuffix('_s').replace('_', ' ')} {figures[name] * 1e3:,.1f}"
        for name in ("merge_s", "trading_alone_s")
        if name in figures
    ]
    return (
        f"**{one.name}**" if one.name == "Barque" else one.name,
        figures["version"],
        f"{whole * 1e3:,.1f}",
        f"{figures['cpu_s'] * share * 1e3:,.1f}",
        str(figures["runs"]),
        f"{figures['on_core']:.2f}",
        f"{figures['fills']:,.0f}" if figures["fills"] else "",
        ", ".join(parts),
    )


def _starts(rows: Sequence[Row]) -> str:
    head = ("engine", "import s", "first call ever s", "first call, warm disk cache s")
    first = {row.entrant: row.figures for row in reversed(rows) if row.figures}
    body = [
        (name, f"{f['import_s']:.2f}", f"{f['first_call_s']:.3f}", f"{f['warm_call_s']:.3f}")
        for name, f in sorted(first.items(), key=lambda item: item[1]["import_s"])
    ]
    return "## Before the first answer\n\nThe first call is a run over 2,000 bars.\n\n" + _table(
        head, body
    )


def _notes() -> str:
    notes = [f"- {e.name}: {e.note}" for e in ENTRANTS if e.note]
    return "## What to know about them\n\n" + "\n".join(notes) + "\n"


def _chart(rows: Sequence[Row]) -> str:
    """Draw the size at which most engines were measured, the largest such."""
    measured = [row for row in rows if row.status == Status.MEASURED]
    counts = {
        bars: sum(row.bars == bars for row in measured) for bars in {r.bars for r in measured}
    }
    shown = max(counts, key=lambda bars: (counts[bars], bars), default=0)
    speeds = {row.entrant: row.figures["bars_per_s"] for row in measured if row.bars == shown}
    return chart(f"Bars a second over {shown:,} bars, one core", speeds, ROLES)


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)
